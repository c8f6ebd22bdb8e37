"""Set up a schedule, change it, pause and resume it, end it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from getthrough.domain.batch.batch import Recipient
from getthrough.domain.dispatch.request import sha256_of
from getthrough.domain.ports import Clock, NewId, RecipientLists, Schedules, Timer, Timers
from getthrough.domain.schedule import schedule as schedules_of
from getthrough.domain.schedule.schedule import Schedule, State
from getthrough.domain.schedule.schedule_request import parse_schedule_request, revised
from getthrough.domain.values import identifiers
from getthrough.domain.values.errors import (
    CancelledError,
    IdempotencyConflictError,
    InvalidRequestError,
    NotFoundError,
    VersionConflictError,
    Violation,
)
from getthrough.usecases.change_batch import list_id
from getthrough.usecases.change_dispatch import CONFLICTS
from getthrough.usecases.run_schedule import keep_recipients
from getthrough.usecases.send_step import POST_TIME


class Created(NamedTuple):
    """A schedule, and whether the same request has made it before."""

    schedule: Schedule
    replayed: bool


def create_schedule(
    body: object,
    client_name: str,
    idempotency_key: str | None = None,
    *,
    most_a_second: int,
    schedules: Schedules,
    lists: RecipientLists,
    timers: Timers,
    clock: Clock,
    new_id: NewId,
) -> Created:
    """Store the schedule that a body asks for, and its recipients, under ids that follow from client and key.
    IdempotencyConflictError: the key was used before for another request; InvalidRequestError: with every fault in the
    body.

    What was accepted once is answered again even when its times have passed meanwhile.
    """
    schedule_uuid = identifiers.schedule_uuid_from(_uuid(client_name, idempotency_key, new_id))
    try:
        parsed = parse_schedule_request(body, client_name, clock(), most_a_second)
        schedule = replace(parsed.schedule, schedule_uuid=schedule_uuid)
        schedule = _with_recipients(schedule, body, parsed.recipients, lists)
        _arm(schedule, timers, clock)
        return Created(schedules.save(schedule), replayed=False)
    except (InvalidRequestError, VersionConflictError):
        existing = schedules.get(schedule_uuid)
        if existing is None:
            raise
    if not isinstance(body, Mapping) or existing.request_sha256 != sha256_of(body):
        raise IdempotencyConflictError
    return Created(existing, replayed=idempotency_key is not None)


def change_schedule(
    schedule_uuid: str,
    change: Callable[[Schedule], Schedule],
    *,
    schedules: Schedules,
    lists: RecipientLists,
    timers: Timers,
    clock: Clock,
) -> Schedule:
    """The schedule, changed. NotFoundError if there is none."""
    for _ in range(CONFLICTS):
        schedule = schedules.get(schedule_uuid) if identifiers.is_schedule_uuid(schedule_uuid) else None
        if schedule is None:
            raise NotFoundError
        changed = change(schedule)
        if changed == schedule:
            return schedule
        if not keep_recipients(changed, lists, clock()) and schedules_of.wake_at(changed) is not None:
            raise InvalidRequestError(
                Violation("recipients", "were not needed for so long that they were deleted; give new ones.")
            )
        _arm(changed, timers, clock)
        try:
            return schedules.save(changed)
        except VersionConflictError:
            continue
    raise VersionConflictError("the schedule kept changing")


def revise(schedule: Schedule, change: object, *, most_a_second: int, lists: RecipientLists, clock: Clock) -> Schedule:
    """The schedule as a client wants it from now on, its new recipients stored. CancelledError: there is nothing to
    change any more."""
    if schedule.state is State.CANCELLED:
        raise CancelledError
    parsed = revised(schedule, change, clock(), most_a_second)
    changed = _with_recipients(parsed.schedule, change, parsed.recipients, lists)
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


def _with_recipients(
    schedule: Schedule, body: object, recipients: Sequence[Recipient], lists: RecipientLists
) -> Schedule:
    """The schedule, whose new recipients, if there are any, are stored."""
    if schedule.mailing is None or not recipients or not isinstance(body, Mapping):
        return schedule
    mailing = replace(schedule.mailing, list_id=list_id(schedule.schedule_uuid, sha256_of(body)))
    lists.put(mailing.list_id, recipients, mailing.needed_until(schedule.next_at or schedule.created_at))
    return replace(schedule, mailing=mailing)


def _arm(schedule: Schedule, timers: Timers, clock: Clock) -> None:
    """A timer for a schedule that is not stored yet: one that rings before it is would find nothing, and die."""
    wake_at = schedules_of.wake_at(schedule)
    timers.arm([Timer(schedule.schedule_uuid, max(wake_at, clock() + POST_TIME))] if wake_at else [])


def _uuid(client_name: str, idempotency_key: str | None, new_id: NewId) -> UUID:
    if idempotency_key is None:
        return UUID(new_id())
    return identifiers.derived(client_name, "schedule", idempotency_key)
