"""Quiet hours: a daily period without messages, on some days, in the customer's time zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import TypedDict
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Then(StrEnum):
    """What happens to a step that is due in quiet hours."""

    WAIT = "wait"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From `starts` to `ends` in a time zone; over midnight if `ends` is not later than `starts`. `days` are the days
    on which they start, from Monday (0). They never cover the whole week."""

    time_zone: str
    starts: time
    ends: time
    days: frozenset[int] = frozenset(range(7))
    then: Then = Then.WAIT


_Starts = TypedDict("_Starts", {"from": str})


class StoredQuietHoursView(_Starts):
    """Quiet hours with all their defaults."""

    time_zone: str
    to: str
    days: list[str]
    then: Then


def describe_quiet_hours(quiet: QuietHours) -> StoredQuietHoursView:
    """Quiet hours as a client would write them."""
    return {
        "time_zone": quiet.time_zone,
        "from": quiet.starts.isoformat("minutes"),
        "to": quiet.ends.isoformat("minutes"),
        "days": [DAYS[day] for day in sorted(quiet.days)],
        "then": quiet.then,
    }


def quiet_until(quiet: QuietHours, now: datetime) -> datetime | None:
    """The end of the quiet hours at this time. None outside quiet hours.

    Local time decides. If clocks go back, an hour that occurs twice is quiet twice. If clocks skip the end, it moves by
    the length of the gap.
    """
    end = now
    for _ in range(2 * len(DAYS)):  # adjacent quiet hours count as one period
        after = _ends(quiet, end)
        if after is None:
            break
        end = after
    return None if end == now else end


def _ends(quiet: QuietHours, now: datetime) -> datetime | None:
    """The end of one period of quiet hours, without adjacent ones."""
    local = now.astimezone(ZoneInfo(quiet.time_zone))
    over_midnight = quiet.ends <= quiet.starts
    for began in (local.date(), local.date() - timedelta(days=1)):
        last_day = began + timedelta(days=1) if over_midnight else began
        starts, ends = datetime.combine(began, quiet.starts), datetime.combine(last_day, quiet.ends)
        if began.weekday() in quiet.days and starts <= local.replace(tzinfo=None, fold=0) < ends:
            end, again = (ends.replace(tzinfo=local.tzinfo, fold=fold).astimezone(UTC) for fold in (0, 1))
            return end if end > now else again
    return None
