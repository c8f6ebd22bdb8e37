"""When something recurs: a cron expression by the clocks of a place.

Five fields, as in crontab(5), with `L` and `#` for days. Where clocks change, it is as Debian's cron does it: a time
that they jump over comes right after the jump, one that comes twice comes once; what recurs within hours follows the
clock.
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
    """What is wrong with an expression, as a sentence after the field's name."""
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
    """Every occurrence that is not before a moment, in order."""
    before = (moment - _SECOND if moment.microsecond == 0 else moment).astimezone(ZoneInfo(recurrence.time_zone))
    seen = moment - _SECOND
    for occurrence in _occurrences(recurrence.cron, before):
        at = occurrence.astimezone(UTC)
        if at >= moment and at > seen:
            seen = at
            yield at


def latest_before(recurrence: Recurrence, moment: datetime) -> datetime | None:
    """The last occurrence before a moment, or None."""
    local = moment.astimezone(ZoneInfo(recurrence.time_zone))
    found = (occurrence.astimezone(UTC) for occurrence in _occurrences(recurrence.cron, local, reverse=True))
    return next((at for at in found if at < moment), None)


def _occurrences(cron: str, start: datetime, *, reverse: bool = False) -> Iterator[datetime]:
    """What the library makes of an expression. It takes SUN for 0, so that a range could not end with it."""
    return CronSim(_RANGE_TO_SUNDAY.sub("-7", cron), start, reverse=reverse)
