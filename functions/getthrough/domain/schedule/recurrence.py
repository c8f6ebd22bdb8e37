"""When a schedule recurs: a cron expression in a time zone.

Five fields, as in crontab(5), with `L` and `#` for days. Clock changes work as in Debian's cron: a local time that is
skipped runs right after the change, and one that occurs twice runs once. Expressions that recur within an hour follow
the clock.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from getthrough.domain.schedule.schedule_body import LONGEST_CRON

_SECOND = timedelta(seconds=1)


class Recurrence(NamedTuple):
    cron: str
    time_zone: str


def violation_of(cron: str) -> str | None:
    """The reason why an expression is invalid, or None."""
    try:
        if len(cron) <= LONGEST_CRON and len(cron.split()) == 5:
            next(CronSim(cron, datetime(2000, 1, 1, tzinfo=UTC)))
            return None
    except (CronSimError, StopIteration):
        pass
    return "must be a cron expression of five fields that can occur, such as 0 9 * * MON-FRI."


def from_on(recurrence: Recurrence, moment: datetime) -> Iterator[datetime]:
    """Every run at or after a time, in order."""
    before = (moment - _SECOND if moment.microsecond == 0 else moment).astimezone(ZoneInfo(recurrence.time_zone))
    seen = moment - _SECOND
    for occurrence in CronSim(recurrence.cron, before):
        at = occurrence.astimezone(UTC)
        if at >= moment and at > seen:
            seen = at
            yield at


def latest_before(recurrence: Recurrence, moment: datetime) -> datetime | None:
    """The last run before a time, or None."""
    local = moment.astimezone(ZoneInfo(recurrence.time_zone))
    found = (occurrence.astimezone(UTC) for occurrence in CronSim(recurrence.cron, local, reverse=True))
    return next((at for at in found if at < moment), None)
