"""When a schedule recurs: a cron expression in a time zone.

Five fields, as in crontab(5), with `L` and `#` for days. Clock changes work as in Debian's cron: a local time that is
skipped runs right after the change, and one that occurs twice runs once. Expressions that recur within an hour follow
the clock.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from getthrough.domain.schedule.schedule_body import LONGEST_CRON

_SECOND = timedelta(seconds=1)
_RANGE_TO_SUNDAY = re.compile(r"-SUN\b", re.IGNORECASE)


class Recurrence(NamedTuple):
    cron: str
    time_zone: str


def violation_of(cron: str) -> str | None:
    """The reason why an expression is invalid, or None."""
    reason = "must be a cron expression of five fields, such as 0 9 * * MON-FRI"
    if len(cron) > LONGEST_CRON or len(cron.split()) != 5:
        return f"{reason}."
    try:
        next(_occurrences(cron, datetime(2000, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        return f"{reason}. {error}."
    except StopIteration:
        return f"{reason}. It never occurs."
    return None


def from_on(recurrence: Recurrence, moment: datetime) -> Iterator[datetime]:
    """Every run at or after a time, in order."""
    before = (moment - _SECOND if moment.microsecond == 0 else moment).astimezone(ZoneInfo(recurrence.time_zone))
    seen = moment - _SECOND
    for occurrence in _occurrences(recurrence.cron, before):
        at = occurrence.astimezone(UTC)
        if at >= moment and at > seen:
            seen = at
            yield at


def latest_before(recurrence: Recurrence, moment: datetime) -> datetime | None:
    """The last run before a time, or None."""
    local = moment.astimezone(ZoneInfo(recurrence.time_zone))
    found = (occurrence.astimezone(UTC) for occurrence in _occurrences(recurrence.cron, local, reverse=True))
    return next((at for at in found if at < moment), None)


def _occurrences(cron: str, start: datetime, *, reverse: bool = False) -> Iterator[datetime]:
    """The runs of an expression. The library reads SUN as 0, so a range that ends with SUN needs 7 instead."""
    return CronSim(_RANGE_TO_SUNDAY.sub("-7", cron), start, reverse=reverse)
