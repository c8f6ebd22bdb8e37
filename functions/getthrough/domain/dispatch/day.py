"""A day in a time zone: what was sent, with what result, how long it took and what it cost."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, NamedTuple, TypedDict

from getthrough.domain.dispatch.dispatch import Outcome
from getthrough.domain.dispatch.figures import Figure, Figures, Kind, middle
from getthrough.domain.values.local_time import resolve
from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.usage_view import UsageView, usage_view
from getthrough.domain.values.view_types import Count, Keywords, Time

MEDIAN, P95 = 50, 95


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
    """Median time from the first try to `arrived_at`, to within 2 %. Null if none arrived."""
    p95_seconds: _Seconds
    """95th percentile of the same times."""


_Since = TypedDict("_Since", {"from": Annotated[Time, Keywords(description="When the day starts in its time zone.")]})


class DayView(_Since):
    """The dispatches that were created on a day, and what happened to them since, as of a few seconds ago."""

    date: Annotated[str, Keywords(format="date")]
    time_zone: str
    until: Time
    """When the day ends."""
    dispatches: Count
    """Dispatches that were created on this day. All other numbers are about these dispatches, including what happened
    to them on later days."""
    succeeded: Count
    exhausted: Count
    cancelled: Count
    stopped: Count
    open: Count
    """Dispatches without an outcome yet."""
    planned: Count
    """Those of `open` whose time has not come, so that nothing was sent yet."""
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


def describe_day(day: Day, figures: Figures) -> DayView:
    """The picture of a day, from the figures of the dispatches that were created on it."""

    def count(kind: Kind, of: str = "") -> int:
        return max(0, int(figures.get(Figure(kind, of), 0)))  # less only if a part was lost

    outcomes = {outcome: count(Kind.OUTCOME, outcome) for outcome in Outcome}
    dispatches, channels = count(Kind.DISPATCHES), _of(figures, Kind.SENT)
    return {
        "date": day.date.isoformat(),
        "time_zone": day.time_zone,
        "from": to_text(day.since),
        "until": to_text(day.before),
        "dispatches": dispatches,
        "succeeded": outcomes[Outcome.SUCCEEDED],
        "exhausted": outcomes[Outcome.EXHAUSTED],
        "cancelled": outcomes[Outcome.CANCELLED],
        "stopped": outcomes[Outcome.STOPPED],
        "open": max(0, dispatches - sum(outcomes.values())),
        "planned": count(Kind.PLANNED),
        "messages_sent": sum(count(Kind.SENT, channel) for channel in channels),
        "failed_over": count(Kind.FAILED_OVER),
        "late": count(Kind.LATE),
        "cost": [usage_view(currency, figures[Figure(Kind.COST, currency)]) for currency in _of(figures, Kind.COST)],
        "channels": [
            {
                "channel": channel,
                "sent": count(Kind.SENT, channel),
                "delivered": count(Kind.DELIVERED, channel),
                "failed": count(Kind.FAILED, channel),
                "median_seconds": percentile(times := _times(figures, channel), MEDIAN),
                "p95_seconds": percentile(times, P95),
            }
            for channel in channels
        ],
    }


def _of(figures: Figures, kind: Kind) -> list[str]:
    """The channels or currencies that a kind of figure is there for."""
    return sorted(figure.of for figure, amount in figures.items() if figure.kind is kind)


def _times(figures: Figures, channel: str) -> dict[int, int]:
    """How many messages of a channel took the time of each bucket, the shortest first."""
    took = (figure for figure in figures if figure.kind is Kind.TOOK and figure.of == channel)
    return {figure.bucket: max(0, int(figures[figure])) for figure in sorted(took)}


def percentile(times: Mapping[int, int], percent: int) -> float | None:
    """The nearest-rank percentile, as the middle of its bucket; None if there are no times."""
    rank = -(-sum(times.values()) * percent // 100)
    for bucket, messages in times.items():
        rank -= messages
        if rank <= 0 and messages:
            return middle(bucket)
    return None
