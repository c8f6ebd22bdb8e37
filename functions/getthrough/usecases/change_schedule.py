"""Create, change, pause, resume and cancel a schedule."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from getthrough.domain.batch.batch import Recipient
from getthrough.domain.dispatch.request import sha256_if_object, sha256_of
from getthrough.domain.limit.limits import NO_LIMITS
from getthrough.domain.ports import Clock, Timer
from getthrough.domain.schedule import schedule as schedules_of
from getthrough.domain.schedule.schedule import Schedule, State
from getthrough.domain.schedule.schedule_request import parse_schedule_request, revised
from getthrough.domain.values import identifiers
from getthrough.domain.values.errors import CancelledError, ForbiddenError, InvalidRequestError, Violation, found
from getthrough.usecases.change_batch import list_id
from getthrough.usecases.ports import Scheduling
from getthrough.usecases.retrying import Existing, Origin, create_once, refuse_copy, starts_over_on_conflict
from getthrough.usecases.run_schedule import keep_recipients
from getthrough.usecases.send_step import POST_TIME


class Created(NamedTuple):
    """A schedule, and whether an earlier copy of the request created it."""

    schedule: Schedule
    replayed: bool


def create_schedule(ports: Scheduling, body: object, origin: Origin) -> Created:
    """Create a schedule from a request body and store it with its recipients. Its id is derived from client and key.

    Raises IdempotencyConflictError if the key was used for another request, and InvalidRequestError with every
    violation in the body. A copy of an accepted request gets the same answer, even after its times have passed.
    """
    schedule_uuid = identifiers.schedule_uuid_from(origin.derive(ports.new_id, "schedule"))
    stored = partial(ports.schedules.get, schedule_uuid)

    def create() -> Schedule:
        parsed = parse_schedule_request(
            body, origin.client_name, ports.clock(), ports.messages_per_second, ports.defaults
        )
        schedule = replace(parsed.schedule, schedule_uuid=schedule_uuid)
        refuse_copy(origin, stored)
        schedule = _with_recipients(ports, schedule, body, parsed.recipients)
        _arm(ports, schedule)
        return ports.schedules.save(schedule)

    done = create_once(create, stored, partial(sha256_if_object, body))
    if isinstance(done, Existing):
        return Created(done.created, replayed=origin.idempotency_key is not None)
    return Created(done, replayed=False)


@starts_over_on_conflict
def change_schedule(ports: Scheduling, schedule_uuid: str, change: Callable[[Schedule], Schedule]) -> Schedule:
    """Apply a change and return the schedule. Raises NotFoundError if the schedule doesn't exist."""
    schedule = found(ports.schedules.get(schedule_uuid) if identifiers.is_schedule_uuid(schedule_uuid) else None)
    changed = change(schedule)
    if changed == schedule:
        return schedule
    if not keep_recipients(ports.lists, changed, ports.clock()) and schedules_of.wake_at(changed) is not None:
        raise InvalidRequestError(
            Violation("recipients", "were not needed for so long that they were deleted; give new ones.")
        )
    _arm(ports, changed)
    return ports.schedules.save(changed)


def revise(ports: Scheduling, schedule: Schedule, change: object, client_name: str) -> Schedule:
    """The schedule with a client's changes. Stores new recipients.

    Raises CancelledError if it was cancelled. Raises ForbiddenError if a client with limits or guests of its own does
    more than pause another client's schedule: what is sent then is bound by those of the schedule's client.
    """
    others = client_name != schedule.client_name
    if others and change != {"paused": True} and ports.client_limits(client_name) != NO_LIMITS:
        raise ForbiddenError(
            "A client with limits or guests of its own may only pause or cancel the schedule of another client."
        )
    if schedule.state is State.CANCELLED:
        raise CancelledError
    parsed = revised(schedule, change, ports.clock(), ports.messages_per_second, ports.defaults)
    changed = _with_recipients(ports, parsed.schedule, change, parsed.recipients)
    match change:
        case {"paused": True}:
            return pause(changed)
        case {"paused": False}:
            return resume(changed, ports.clock)
        case _:
            return changed


def pause(schedule: Schedule) -> Schedule:
    return replace(schedule, paused=True) if schedule.state is State.ACTIVE else schedule


def resume(schedule: Schedule, clock: Clock) -> Schedule:
    """Resume at the next occurrence. Occurrences during the pause are not made up for."""
    if schedule.state is not State.PAUSED:
        return schedule
    next_at = next(schedules_of.upcoming(schedule, clock()), None)
    return replace(schedule, paused=False, next_at=next_at)


def cancel(schedule: Schedule, clock: Clock) -> Schedule:
    over = schedule.state in (State.CANCELLED, State.FINISHED)
    return schedule if over else replace(schedule, cancelled_at=clock())


def _with_recipients(ports: Scheduling, schedule: Schedule, body: object, recipients: Sequence[Recipient]) -> Schedule:
    """Store the new recipients, if there are any, and return the schedule with them.

    A list that a copy of the request has stored is kept as it is: who was erased from it since stays erased.
    """
    if schedule.mailing is None or not recipients or not isinstance(body, Mapping):
        return schedule
    mailing = replace(schedule.mailing, list_id=list_id(schedule.schedule_uuid, sha256_of(body)))
    needed_until = mailing.needed_until(schedule.next_at or schedule.created_at)
    if not ports.lists.keep(mailing.list_id, mailing.total, needed_until):
        ports.lists.put(mailing.list_id, recipients, needed_until)
    return replace(schedule, mailing=mailing)


def _arm(ports: Scheduling, schedule: Schedule) -> None:
    """Arm a timer before the schedule is stored. It fires later than the write, because a timer that finds nothing
    ends."""
    wake_at = schedules_of.wake_at(schedule)
    ports.timers.arm([Timer(schedule.schedule_uuid, max(wake_at, ports.clock() + POST_TIME))] if wake_at else [])
