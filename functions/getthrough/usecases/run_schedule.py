"""Make what a schedule's times have come for, dispatches or batches: each exactly once, even if timers come again, late
or twice."""

from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from getthrough.domain.ports import RecipientLists, Timer
from getthrough.domain.schedule import schedule as schedules_of
from getthrough.domain.schedule.schedule import Schedule
from getthrough.domain.values.errors import UnavailableError, VersionConflictError
from getthrough.usecases.advance_dispatch import LONGEST_INVOCATION
from getthrough.usecases.ports import RunningSchedules
from getthrough.usecases.retrying import starts_over_on_conflict


class Ran(NamedTuple):
    """The schedule as it is now, and the ids of the dispatches, or batches, that it made."""

    schedule: Schedule
    made: list[str]


@starts_over_on_conflict
def run_schedule(ports: RunningSchedules, timer: Timer) -> Ran | None:
    """Carry out what a timer of a schedule asks for; None if there is no such schedule.

    The id of a dispatch, or batch, follows from schedule and occurrence, so that a second one cannot be made. The
    schedule goes on to its next occurrence only when all those before it have been made. Harmless for one that is over,
    paused or not due. UnavailableError: also if its recipients were deleted.
    """
    schedule = ports.schedules.get(timer.uuid)
    if schedule is None:
        return None
    now = ports.clock()
    times, advanced = schedules_of.due(schedule, now)
    if times and not keep_recipients(ports.lists, advanced, now):
        raise UnavailableError("the recipients of a schedule are not there")
    made = [_make(ports, schedule, at, now) for at in times]
    ports.timers.arm([Timer(uuid, now) for uuid in made])
    wake_at = schedules_of.wake_at(advanced)
    if advanced == schedule:
        # As for a dispatch: a timer of another moment may end, since the change that moved it armed a new one.
        if wake_at is not None and wake_at <= timer.at + LONGEST_INVOCATION:
            ports.timers.arm([Timer(timer.uuid, wake_at)])
        return Ran(schedule, [])
    saved = ports.schedules.save(advanced)
    # Only the run that brought the schedule forward leaves a timer. Otherwise two that fire at once would both leave
    # one for the next time, and more each time. If we die before this, the tick arms it.
    ports.timers.arm([Timer(timer.uuid, wake_at)] if wake_at else [])
    return Ran(saved, made)


def keep_recipients(lists: RecipientLists, schedule: Schedule, now: datetime) -> bool:
    """See that the recipients of a schedule are kept until its next occurrence has made its batch, or the last one has.
    To be called before the schedule is stored. False if they are gone."""
    mailing, next_at = schedule.mailing, schedule.next_at or now
    return mailing is None or lists.keep(mailing.list_id, mailing.total, mailing.needed_until(max(next_at, now)))


def _make(ports: RunningSchedules, schedule: Schedule, at: datetime, now: datetime) -> str:
    """The id of what an occurrence becomes; it is made now unless it was there before."""
    if schedule.mailing is not None:
        batch = schedules_of.batch(schedule, schedule.mailing, at, now)
        with suppress(VersionConflictError):
            ports.batches.save(batch)
        return batch.batch_uuid
    dispatch = schedules_of.occurrence(schedule, at, now)
    with suppress(VersionConflictError):
        ports.dispatches.save(dispatch)
    return dispatch.dispatch_uuid
