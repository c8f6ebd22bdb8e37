"""Make the dispatches of a schedule whose times have come: each exactly once, whatever is retried, late or doubled."""

from contextlib import suppress
from typing import NamedTuple

from getthrough.domain import schedule as schedules_of
from getthrough.domain.dispatch import Dispatch
from getthrough.domain.errors import VersionConflictError
from getthrough.domain.ports import Clock, Dispatches, Due, Schedules, Timers
from getthrough.domain.schedule import Schedule
from getthrough.usecases.advance_dispatch import LONGEST_INVOCATION
from getthrough.usecases.change_dispatch import CONFLICTS


class Ran(NamedTuple):
    """The schedule as it is now, and the ids of the dispatches that it made."""

    schedule: Schedule
    dispatch_uuids: list[str]


def run_schedule(due: Due, *, schedules: Schedules, dispatches: Dispatches, timers: Timers, clock: Clock) -> Ran | None:
    """Carry out what a timer of a schedule asks for; None if there is no such schedule.

    The id of a dispatch follows from schedule and occurrence, so that a second one cannot be made. The schedule goes
    on to its next occurrence only when all those before it have been made. Harmless for one that is over, paused or
    not due.
    """
    for _ in range(CONFLICTS):
        schedule = schedules.get(due.uuid)
        if schedule is None:
            return None
        now = clock()
        times, advanced = schedules_of.due(schedule, now)
        made = [schedules_of.occurrence(schedule, at, now) for at in times]
        for dispatch in made:
            _make(dispatch, dispatches)
        timers.arm([Due(dispatch.dispatch_uuid, now) for dispatch in made])
        wake_at = schedules_of.wake_at(advanced)
        if advanced == schedule:
            # As for a dispatch: a timer of another moment may die, since whoever changed the schedule armed a new one.
            if wake_at is not None and wake_at <= due.at + LONGEST_INVOCATION:
                timers.arm([Due(due.uuid, wake_at)])
            return Ran(schedule, [])
        try:
            saved = schedules.save(advanced)
        except VersionConflictError:
            continue
        # Only whoever brought the schedule forward: of two that ring at once, both would else leave a timer for the
        # next time, and more each time. If we die before this, the tick sees to it.
        timers.arm([Due(due.uuid, wake_at)] if wake_at else [])
        return Ran(saved, [dispatch.dispatch_uuid for dispatch in made])
    raise VersionConflictError("the schedule kept changing")


def _make(dispatch: Dispatch, dispatches: Dispatches) -> None:
    with suppress(VersionConflictError):  # it was made before
        dispatches.save(dispatch)
