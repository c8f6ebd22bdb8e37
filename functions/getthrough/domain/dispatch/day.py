"""A day in a time zone: what was sent, with what result, how long it took and what it cost."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal
from typing import Annotated, NamedTuple, TypedDict

from getthrough.domain.dispatch.dispatch import Attempt, Dispatch, Outcome
from getthrough.domain.values.local_time import resolve
from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.usage_view import UsageView, usage_view
from getthrough.domain.values.view_types import Count, Keywords, Time

MEDIAN, P95 = 50, 95

_EXACT = Context(prec=100)
"""Python's default context rounds large sums."""


class Day(NamedTuple):
    """The time from the start of a date in a zone to the start of the next date: usually 24 hours."""

    date: date
    time_zone: str
    since: datetime
    before: datetime


_Seconds = Annotated[float | None, Keywords(minimum=0)]


class ChannelOfDayView(TypedDict):
    """What was sent on one channel."""

    channel: str
    sent: Count
    delivered: Count
    """Messages that were delivered, read or answered."""
    failed: Count
    """Messages that were refused or rejected. The others have no final status yet."""
    median_seconds: _Seconds
    """Median time from the first try to `arrived_at` (nearest rank). Null if none arrived."""
    p95_seconds: _Seconds
    """95th percentile of the same times."""


_Since = TypedDict("_Since", {"from": Annotated[Time, Keywords(description="When the day starts in its time zone.")]})


class DayView(_Since):
    """The dispatches that were created on a day, and what happened to them since."""

    date: Annotated[str, Keywords(format="date")]
    time_zone: str
    until: Time
    """When the day ends."""
    complete: bool
    """False if the day had more dispatches than were counted. Then only the newest 1,000 are counted."""
    dispatches: Count
    """Dispatches that were created on this day. All other numbers are about these, whenever it happened."""
    succeeded: Count
    exhausted: Count
    cancelled: Count
    stopped: Count
    open: Count
    """Dispatches without an outcome yet."""
    messages_sent: Count
    """Messages of all steps."""
    failed_over: Count
    """Dispatches that sent a later step than the first."""
    late: Count
    """Dispatches with a step that met its condition late."""
    cost: list[UsageView]
    """The total cost in each currency."""
    channels: list[ChannelOfDayView]
    """The channels that were used."""


def day_of(text: str, time_zone: str) -> Day | None:
    """The day of a date such as 2026-11-23 in an existing time zone. None if the text is not a date."""
    try:
        today = date.fromisoformat(text)
        since, before = (resolve(datetime.combine(at, time()), time_zone) for at in (today, today + timedelta(days=1)))
    except (ValueError, OverflowError):
        return None
    return Day(today, time_zone, since, before) if text == today.isoformat() else None


def describe_day(day: Day, dispatches: Sequence[Dispatch], *, complete: bool) -> DayView:
    """The picture of a day, from the dispatches that were created on it. `complete` is true if these are all."""
    outcomes = [dispatch.outcome for dispatch in dispatches]
    channels = _by_channel(dispatches)
    return {
        "date": day.date.isoformat(),
        "time_zone": day.time_zone,
        "from": to_text(day.since),
        "until": to_text(day.before),
        "complete": complete,
        "dispatches": len(dispatches),
        "succeeded": outcomes.count(Outcome.SUCCEEDED),
        "exhausted": outcomes.count(Outcome.EXHAUSTED),
        "cancelled": outcomes.count(Outcome.CANCELLED),
        "stopped": outcomes.count(Outcome.STOPPED),
        "open": outcomes.count(None),
        "messages_sent": sum(map(len, channels.values())),
        "failed_over": sum(any(attempt.posted for attempt in dispatch.attempts[1:]) for dispatch in dispatches),
        "late": sum(any(map(dispatch.late, range(len(dispatch.attempts)))) for dispatch in dispatches),
        "cost": _cost(dispatches),
        "channels": [_describe_channel(name, attempts) for name, attempts in sorted(channels.items())],
    }


def _by_channel(dispatches: Sequence[Dispatch]) -> Mapping[str, list[Attempt]]:
    """The attempts that were sent, by channel."""
    channels = defaultdict[str, list[Attempt]](list)
    for dispatch in dispatches:
        for step, attempt in zip(dispatch.steps, dispatch.attempts, strict=False):
            if attempt.posted:
                channels[step.address.channel].append(attempt)
    return channels


def _describe_channel(name: str, attempts: Sequence[Attempt]) -> ChannelOfDayView:
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
    """The nearest-rank percentile; None if there are no values. It is always one of the values: an average of two would
    be a time that no customer waited."""
    if not sorted_values:
        return None
    rank = -(-len(sorted_values) * percent // 100)
    return sorted_values[rank - 1]


def _seconds(sent_at: datetime, arrived_at: datetime) -> float:
    """The time since the first try. Never negative: the provider may truncate its times, or its clock may differ."""
    return round(max(arrived_at - sent_at, timedelta()).total_seconds(), 3)


def _cost(dispatches: Sequence[Dispatch]) -> list[UsageView]:
    sums: dict[str, Decimal] = {}
    for dispatch in dispatches:
        for currency, price in dispatch.costs:
            sums[currency] = _EXACT.add(sums.get(currency, Decimal(0)), price)
    return [usage_view(currency, price) for currency, price in sorted(sums.items())]
