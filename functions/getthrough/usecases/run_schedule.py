"""Make what a schedule's times have come for, dispatches or batches: each exactly once, whatever is retried, late or
doubled."""

from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from getthrough.domain.ports import Batches, Clock, Dispatches, RecipientLists, Schedules, Timer, Timers
from getthrough.domain.schedule import schedule as schedules_of
from getthrough.domain.schedule.schedule import Schedule
from getthrough.domain.values.errors import UnavailableError, VersionConflictError
from getthrough.usecases.advance_dispatch import LONGEST_INVOCATION
from getthrough.usecases.change_dispatch import CONFLICTS


class Ran(NamedTuple):
    """The schedule as it is now, and the ids of the dispatches, or batches, that it made."""

    schedule: Schedule
    made: list[str]


def run_schedule(
    due: Timer,
    *,
    schedules: Schedules,
    dispatches: Dispatches,
    batches: Batches,
    lists: RecipientLists,
    timers: Timers,
    clock: Clock,
) -> Ran | None:
    """Carry out what a timer of a schedule asks for; None if there is no such schedule.

    The id of a dispatch, or batch, follows from schedule and occurrence, so that a second one cannot be made. The
    schedule goes on to its next occurrence only when all those before it have been made. Harmless for one that is over,
    paused or not due. UnavailableError: also if those it is for were deleted.
    """
    for _ in range(CONFLICTS):
        schedule = schedules.get(due.uuid)
        if schedule is None:
            return None
        now = clock()
        times, advanced = schedules_of.due(schedule, now)
        if times and not keep_recipients(advanced, lists, now):
            raise UnavailableError("the recipients of a schedule are not there")
        made = [_make(schedule, at, now, dispatches, batches) for at in times]
        timers.arm([Timer(uuid, now) for uuid in made])
        wake_at = schedules_of.wake_at(advanced)
        if advanced == schedule:
            # As for a dispatch: a timer of another moment may die, since whoever changed the schedule armed a new one.
            if wake_at is not None and wake_at <= due.at + LONGEST_INVOCATION:
                timers.arm([Timer(due.uuid, wake_at)])
            return Ran(schedule, [])
        try:
            saved = schedules.save(advanced)
        except VersionConflictError:
            continue
        # Only whoever brought the schedule forward: of two that ring at once, both would else leave a timer for the
        # next time, and more each time. If we die before this, the tick sees to it.
        timers.arm([Timer(due.uuid, wake_at)] if wake_at else [])
        return Ran(saved, made)
    raise VersionConflictError("the schedule kept changing")


def keep_recipients(schedule: Schedule, lists: RecipientLists, now: datetime) -> bool:
    """See that the recipients of a schedule are kept until its next occurrence has made its batch, or the last one has.
    To be called before the schedule is stored. False if they are gone."""
    mailing, next_at = schedule.mailing, schedule.next_at or now
    return mailing is None or lists.keep(mailing.list_id, mailing.total, mailing.needed_until(max(next_at, now)))


def _make(schedule: Schedule, at: datetime, now: datetime, dispatches: Dispatches, batches: Batches) -> str:
    """The id of what an occurrence has become; unless it was there before, it is made now."""
    if schedule.mailing is not None:
        batch = schedules_of.batch(schedule, schedule.mailing, at, now)
        with suppress(VersionConflictError):
            batches.save(batch)
        return batch.batch_uuid
    dispatch = schedules_of.occurrence(schedule, at, now)
    with suppress(VersionConflictError):
        dispatches.save(dispatch)
    return dispatch.dispatch_uuid
