"""A day, by the clocks of a place: what was sent on it, what became of that, how long it took and what it cost."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal
from typing import Any, NamedTuple

from getthrough.domain.dispatch.dispatch import Attempt, Dispatch, Outcome
from getthrough.domain.values.local_time import resolve
from getthrough.domain.values.rfc3339 import to_text

MEDIAN, P95 = 50, 95

_EXACT = Context(prec=100)
"""The usual one rounds large sums."""


class Day(NamedTuple):
    """From the moment at which a date begins in a zone to that at which the next one does: usually 24 hours."""

    date: date
    time_zone: str
    since: datetime
    before: datetime


def day_of(text: str, time_zone: str) -> Day | None:
    """The day of a date such as 2026-11-23, by the clocks of a zone that exists; None if that is no date."""
    try:
        today = date.fromisoformat(text)
        since, before = (resolve(datetime.combine(at, time()), time_zone) for at in (today, today + timedelta(days=1)))
    except (ValueError, OverflowError):
        return None
    return Day(today, time_zone, since, before) if text == today.isoformat() else None


def describe_day(day: Day, dispatches: Sequence[Dispatch], *, complete: bool) -> Mapping[str, Any]:
    """The picture of a day, from the dispatches that were made on it; `complete` tells whether these are all."""
    outcomes = [dispatch.outcome for dispatch in dispatches]
    channels = _by_channel(dispatches)
    return {
        "date": day.date.isoformat(),
        "time_zone": day.time_zone,
        "from": to_text(day.since),
        "until": to_text(day.before),
        "complete": complete,
        "dispatches": len(dispatches),
        **{outcome.value: outcomes.count(outcome) for outcome in Outcome},
        "open": outcomes.count(None),
        "messages_sent": sum(map(len, channels.values())),
        "failed_over": sum(any(attempt.posted for attempt in dispatch.attempts[1:]) for dispatch in dispatches),
        "late": sum(any(map(dispatch.late, range(len(dispatch.attempts)))) for dispatch in dispatches),
        "cost": _cost(dispatches),
        "channels": [_describe_channel(name, attempts) for name, attempts in sorted(channels.items())],
    }


def _by_channel(dispatches: Sequence[Dispatch]) -> Mapping[str, list[Attempt]]:
    """What was sent."""
    channels = defaultdict[str, list[Attempt]](list)
    for dispatch in dispatches:
        for step, attempt in zip(dispatch.steps, dispatch.attempts, strict=False):
            if attempt.posted:
                channels[step.contact.channel].append(attempt)
    return channels


def _describe_channel(name: str, attempts: Sequence[Attempt]) -> Mapping[str, Any]:
    seconds = sorted(_seconds(attempt.claimed_at, attempt.arrived_at) for attempt in attempts if attempt.arrived_at)
    return {
        "channel": name,
        "sent": len(attempts),
        "delivered": sum(attempt.arrived for attempt in attempts),
        "failed": sum(attempt.failed and not attempt.arrived for attempt in attempts),
        "median_seconds": percentile(seconds, MEDIAN),
        "p95_seconds": percentile(seconds, P95),
    }


def percentile(sorted_values: Sequence[float], percent: int) -> float | None:
    """The smallest value that is not below so many percent of all (nearest rank); None of nothing. It is one of them:
    an average of two is a time that nobody waited."""
    if not sorted_values:
        return None
    rank = -(-len(sorted_values) * percent // 100)
    return sorted_values[rank - 1]


def _seconds(sent_at: datetime, arrived_at: datetime) -> float:
    """From the first try on. Never below 0, since the provider may cut off the fractions of its times, or have another
    clock."""
    return round(max(arrived_at - sent_at, timedelta()).total_seconds(), 3)


def _cost(dispatches: Sequence[Dispatch]) -> list[Mapping[str, str]]:
    sums: dict[str, Decimal] = {}
    for dispatch in dispatches:
        for currency, price in dispatch.costs:
            sums[currency] = _EXACT.add(sums.get(currency, Decimal(0)), price)
    return [{"currency": currency, "price": f"{price:f}"} for currency, price in sorted(sums.items())]
