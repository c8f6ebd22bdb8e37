"""Answer how a day went."""

from datetime import timedelta

from getthrough.domain.dispatch.day import Day, DayView, describe_day
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.ports import Clock, Dispatches

LOOKED_AT = 1_000
LONGEST = timedelta(seconds=7)
"""So much of a day is looked at, and so long: half the time that the function has."""


def read_day(day: Day, *, dispatches: Dispatches, clock: Clock) -> DayView:
    """The picture of a day, of its newest 1,000 dispatches at most; `complete` is false if there were more."""
    found: list[Dispatch] = []
    ends_at = clock() + LONGEST
    for dispatch in dispatches.created(day.since, day.before):
        if len(found) == LOOKED_AT or clock() >= ends_at:
            return describe_day(day, found, complete=False)
        found.append(dispatch)
    return describe_day(day, found, complete=True)
