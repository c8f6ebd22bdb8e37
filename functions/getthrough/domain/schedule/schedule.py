"""A schedule: what to send, when, and which runs are due."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice, takewhile
from uuid import UUID

from getthrough.domain.batch.batch import Batch, Mailing
from getthrough.domain.dispatch.dispatch import Dispatch, OnUnknown, Step, new_dispatch
from getthrough.domain.schedule.recurrence import Recurrence, from_on, latest_before
from getthrough.domain.values import identifiers
from getthrough.domain.values.quiet_hours import QuietHours

GRACE = timedelta(minutes=10)
"""A run that is at most so late is not missed. A lost timer can delay a run by as much."""

RUNS_AT_ONCE = 50
"""The most runs of one schedule that are created at a time."""


class Missed(StrEnum):
    """What happens to runs that were missed in an outage."""

    SKIP = "skip"
    LATEST = "latest"
    ALL = "all"


class State(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`next_at` is the next run, None if there are no more. `last_at` is the last run, `runs` the number of runs so
    far. A schedule without a recurrence runs once. A schedule with a `mailing` has no steps: each run creates a
    batch."""

    schedule_uuid: str
    client_name: str
    created_at: datetime
    steps: tuple[Step, ...]
    next_at: datetime | None
    mailing: Mailing | None = None
    on_unknown: OnUnknown = OnUnknown.MOVE_ON
    quiet_hours: QuietHours | None = None
    recurrence: Recurrence | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    max_runs: int | None = None
    missed: Missed = Missed.LATEST
    runs: int = 0
    last_at: datetime | None = None
    paused: bool = False
    cancelled_at: datetime | None = None
    request_sha256: str | None = None
    version: int = 0

    @property
    def state(self) -> State:
        if self.cancelled_at is not None:
            return State.CANCELLED
        if self.next_at is None:
            return State.FINISHED
        return State.PAUSED if self.paused else State.ACTIVE


def wake_at(schedule: Schedule) -> datetime | None:
    """When the schedule must be examined. None while there is nothing to do."""
    return schedule.next_at if schedule.state is State.ACTIVE else None


def upcoming(schedule: Schedule, since: datetime) -> Iterator[datetime]:
    """The future runs at or after a time, if nothing changes."""
    if schedule.next_at is None:
        return iter(())
    first = max(since, schedule.next_at)
    once = iter([schedule.next_at] if schedule.next_at == first else [])
    times = from_on(schedule.recurrence, first) if schedule.recurrence else once
    before_end = takewhile(lambda at: schedule.ends_at is None or at < schedule.ends_at, times)
    return before_end if schedule.max_runs is None else islice(before_end, max(0, schedule.max_runs - schedule.runs))


def due(schedule: Schedule, now: datetime) -> tuple[list[datetime], Schedule]:
    """The runs that are due, at most RUNS_AT_ONCE of them, and the schedule after them. `missed` decides about runs
    that were missed in an outage."""
    if schedule.state is not State.ACTIVE or schedule.next_at is None or now < schedule.next_at:
        return [], schedule
    first = schedule.next_at
    if schedule.recurrence is not None and first < now - GRACE and schedule.missed is not Missed.ALL:
        first = max(first, _latest(schedule, schedule.recurrence, now) or now - GRACE)
    times = list(islice(upcoming(schedule, first), RUNS_AT_ONCE + 1))
    made = [at for at in times if at <= now][:RUNS_AT_ONCE]
    left = times[len(made) :]
    last_at = made[-1] if made else schedule.last_at
    next_at = left[0] if left else None
    return made, replace(schedule, next_at=next_at, runs=schedule.runs + len(made), last_at=last_at)


def _latest(schedule: Schedule, recurrence: Recurrence, now: datetime) -> datetime | None:
    """The one missed run that is still created if `missed` is LATEST."""
    over = now + timedelta(microseconds=1)
    before = over if schedule.ends_at is None else min(over, schedule.ends_at)
    return latest_before(recurrence, before) if schedule.missed is Missed.LATEST else None


def occurrence(schedule: Schedule, at: datetime, now: datetime) -> Dispatch:
    """The dispatch of one run. Creating it again gives the same dispatch."""
    dispatch_uuid = identifiers.dispatch_uuid_from(_uuid(schedule, at))
    return replace(new_dispatch(schedule, dispatch_uuid, schedule.client_name, now), send_at=at)


def batch(schedule: Schedule, mailing: Mailing, at: datetime, now: datetime) -> Batch:
    """The batch of one run of a schedule with this mailing. Creating it again gives the same batch."""
    return Batch(
        batch_uuid=identifiers.batch_uuid_from(_uuid(schedule, at)),
        client_name=schedule.client_name,
        created_at=now,
        mailing=mailing,
        next_at=at,
        send_at=at,
        schedule_uuid=schedule.schedule_uuid,
    )


def _uuid(schedule: Schedule, at: datetime) -> UUID:
    return identifiers.derived(schedule.schedule_uuid, at.isoformat())
