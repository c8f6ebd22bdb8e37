"""Create the dispatches or batches of a schedule, each exactly once. Timers may repeat or be late."""

from contextlib import suppress
from dataclasses import replace
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
    """The schedule as it is now, and the ids of the dispatches or batches that this call created."""

    schedule: Schedule
    made: list[str]


@starts_over_on_conflict
def run_schedule(ports: RunningSchedules, timer: Timer) -> Ran | None:
    """Act on a schedule's timer. Returns None if the schedule doesn't exist.

    The id of a dispatch or batch is derived from schedule and occurrence, so it can't be created twice. The schedule
    advances only after all earlier occurrences are stored. A call for a schedule that has ended, is paused or isn't due
    does no harm. Raises UnavailableError also if its recipients were deleted.
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
        # As for a dispatch, a timer for another moment may end: the change that moved the moment armed a new one.
        if wake_at is not None and wake_at <= timer.at + LONGEST_INVOCATION:
            ports.timers.arm([Timer(timer.uuid, wake_at)])
        return Ran(schedule, [])
    saved = ports.schedules.save(advanced)
    # Only the run that advanced the schedule arms a timer. Otherwise two timers that fire together would both arm the
    # next one, and their number would grow. If the function dies before this line, the tick arms it.
    ports.timers.arm([Timer(timer.uuid, wake_at)] if wake_at else [])
    return Ran(saved, made)


def keep_recipients(lists: RecipientLists, schedule: Schedule, now: datetime) -> bool:
    """Keep a schedule's recipients until its next occurrence, or the last one, has created its batch. Call this before
    the schedule is stored. Returns False if the recipients are gone."""
    mailing, next_at = schedule.mailing, schedule.next_at or now
    return mailing is None or lists.keep(mailing.list_id, mailing.total, mailing.needed_until(max(next_at, now)))


def _make(ports: RunningSchedules, schedule: Schedule, at: datetime, now: datetime) -> str:
    """Create the dispatch or batch of an occurrence, unless it exists, and return its id."""
    if schedule.mailing is not None:
        batch = schedules_of.batch(schedule, schedule.mailing, at, now)
        with suppress(VersionConflictError):
            ports.batches.save(batch)
        return batch.batch_uuid
    test = ports.client_limits(schedule.client_name).is_test
    dispatch = replace(schedules_of.occurrence(schedule, at, now), test=test)
    with suppress(VersionConflictError):
        ports.dispatches.save(dispatch)
    return dispatch.dispatch_uuid
