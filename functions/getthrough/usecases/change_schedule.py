"""Set up a schedule, change it, pause and resume it, end it."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from getthrough.domain import identifiers
from getthrough.domain import schedule as schedules_of
from getthrough.domain.errors import CancelledError, IdempotencyConflictError, NotFoundError, VersionConflictError
from getthrough.domain.ports import Clock, Due, NewId, Schedules, Timers
from getthrough.domain.schedule import Schedule, State
from getthrough.domain.schedule_request import revised
from getthrough.usecases.change_dispatch import CONFLICTS


class Created(NamedTuple):
    """A schedule, and whether the same request has made it before."""

    schedule: Schedule
    replayed: bool


def create_schedule(
    schedule: Schedule, idempotency_key: str | None, *, schedules: Schedules, timers: Timers, new_id: NewId
) -> Created:
    """Store a schedule under an id that follows from client and key. IdempotencyConflictError: the key was used before
    for another request."""
    identified = replace(
        schedule, schedule_uuid=identifiers.schedule_uuid_from(_uuid(schedule, idempotency_key, new_id))
    )
    wake_at = schedules_of.wake_at(identified)
    timers.arm([Due(identified.schedule_uuid, wake_at)] if wake_at else [])
    try:
        return Created(schedules.save(identified), replayed=False)
    except VersionConflictError:
        existing = schedules.get(identified.schedule_uuid)
        if existing is None:
            raise
        if existing.request_sha256 != identified.request_sha256:
            raise IdempotencyConflictError from None
        return Created(existing, replayed=idempotency_key is not None)


def change_schedule(
    schedule_uuid: str, change: Callable[[Schedule], Schedule], *, schedules: Schedules, timers: Timers
) -> Schedule:
    """The schedule, changed. NotFoundError if there is none."""
    for _ in range(CONFLICTS):
        schedule = schedules.get(schedule_uuid) if identifiers.is_schedule_uuid(schedule_uuid) else None
        if schedule is None:
            raise NotFoundError
        changed = change(schedule)
        if changed == schedule:
            return schedule
        wake_at = schedules_of.wake_at(changed)
        timers.arm([Due(schedule_uuid, wake_at)] if wake_at else [])
        try:
            return schedules.save(changed)
        except VersionConflictError:
            continue
    raise VersionConflictError("the schedule kept changing")


def revise(schedule: Schedule, change: object, clock: Clock) -> Schedule:
    """The schedule as a client wants it from now on. CancelledError: there is nothing to change any more."""
    if schedule.state is State.CANCELLED:
        raise CancelledError
    changed = revised(schedule, change, clock())
    match change:
        case {"paused": True}:
            return pause(changed)
        case {"paused": False}:
            return resume(changed, clock)
        case _:
            return changed


def pause(schedule: Schedule) -> Schedule:
    return replace(schedule, paused=True) if schedule.state is State.ACTIVE else schedule


def resume(schedule: Schedule, clock: Clock) -> Schedule:
    """Active again, from its next occurrence on: those in the pause are not made up for."""
    if schedule.state is not State.PAUSED:
        return schedule
    next_at = next(schedules_of.upcoming(schedule, clock()), None)
    return replace(schedule, paused=False, next_at=next_at)


def cancel(schedule: Schedule, clock: Clock) -> Schedule:
    over = schedule.state in (State.CANCELLED, State.FINISHED)
    return schedule if over else replace(schedule, cancelled_at=clock())


def _uuid(schedule: Schedule, idempotency_key: str | None, new_id: NewId) -> UUID:
    if idempotency_key is None:
        return UUID(new_id())
    digest = hashlib.sha256(f"{schedule.client_name}\0schedule\0{idempotency_key}".encode()).digest()
    return UUID(bytes=digest[:16])
