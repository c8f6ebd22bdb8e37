"""Times as clients write them: with an offset, or local to a time zone."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

LONGEST_AHEAD = timedelta(days=366)
PAST = timedelta(seconds=60)
"""How far `send_at` may lie in the past. Clocks differ, and a request takes time."""


@cache
def zones() -> frozenset[str]:
    """The names of the tz database, without the two that are no place: the computer's own zone, and a placeholder."""
    return frozenset(available_timezones() - {"localtime", "Factory"})


def resolve(local: datetime, time_zone: str) -> datetime:
    """A local time of a time zone, in UTC.

    When clocks go back, a local time that occurs twice means the first of the two. When clocks go forward, a local time
    that is skipped moves by the length of the gap: if 03:00 follows 01:59, then 02:30 means 03:30 (RFC 5545, section
    3.3.5).
    """
    return local.replace(tzinfo=ZoneInfo(time_zone), fold=0).astimezone(UTC)


def parse_moment(text: object, time_zone: str | None) -> datetime | str:
    """The time in UTC, or the reason why the text is invalid: a sentence that starts with the field's name."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) and "T" in text else None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)
        if moment is not None and time_zone is not None:
            return resolve(moment, time_zone)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        return "must be a time such as 2026-12-24T09:00:00+01:00, or 2026-12-24T09:00:00 with a time_zone."
    return "has no offset. Add an offset or a time_zone."


def violation_of(send_at: datetime, now: datetime) -> str | None:
    """The reason why a `send_at` is invalid, or None."""
    if send_at < now - PAST:
        return "is in the past."
    return "is more than a year ahead." if send_at > now + LONGEST_AHEAD else None
