"""Moments as clients give them: with an offset, or as the clocks of a place show them."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

LONGEST_AHEAD = timedelta(days=366)
PAST = timedelta(seconds=60)
"""So late a request for `send_at` may come: clocks differ, and a request takes its time."""


@cache
def zones() -> frozenset[str]:
    """The names of the tz database, without the two that are no place: the computer's own zone, and a placeholder."""
    return frozenset(available_timezones() - {"localtime", "Factory"})


def resolve(local: datetime, time_zone: str) -> datetime:
    """The moment, in UTC, at which the clocks of a zone show a local time.

    A time that comes twice, when clocks are put back, means the first of the two; one that clocks jump over, as much
    later as they jump: 02:30 in a night in which 03:00 follows 01:59 is 03:30 (RFC 5545, section 3.3.5).
    """
    return local.replace(tzinfo=ZoneInfo(time_zone), fold=0).astimezone(UTC)


def parse_moment(text: object, time_zone: str | None) -> datetime | str:
    """The moment in UTC that a client means, or what is wrong with it, as a sentence after the field's name."""
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
    return "has no offset: add one, or a time_zone."


def violation_of(send_at: datetime, now: datetime) -> str | None:
    """What is wrong with a time to send at, as a sentence after the field's name."""
    if send_at < now - PAST:
        return "lies in the past."
    return "lies more than a year ahead." if send_at > now + LONGEST_AHEAD else None
