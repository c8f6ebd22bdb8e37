"""Accept what a customer shall be told, and send its first step."""

from functools import partial
from typing import NamedTuple
from uuid import UUID

from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.dispatch.request import Request
from getthrough.domain.ports import Clock, Dispatches, Gateway, NewId, StatusEvents, Timers
from getthrough.domain.values import identifiers, local_time
from getthrough.domain.values.errors import (
    IdempotencyConflictError,
    InvalidRequestError,
    VersionConflictError,
    Violation,
)
from getthrough.usecases.send_step import Sent
from getthrough.usecases.start_dispatch import Scheduled, start_dispatch


class Replayed(NamedTuple):
    """The dispatch that the same request has made before."""

    dispatch: Dispatch


def send_dispatch(
    request: Request,
    client_name: str,
    idempotency_key: str | None = None,
    *,
    dispatches: Dispatches,
    events: StatusEvents,
    timers: Timers,
    gateway: Gateway,
    clock: Clock,
    new_id: NewId,
) -> Sent | Scheduled | Replayed:
    """Store the dispatch with its first step claimed, then send that step; or store it for later.

    When this returns, the dispatch is durably stored and will reach an outcome, whatever the provider's first answer
    was. UnavailableError: the client may try again; with the same key that can never make a second dispatch, since
    the id is derived from client and key, and only one can create the item. IdempotencyConflictError: the key was
    used for another request.
    """
    dispatch = Dispatch(
        dispatch_uuid=identifiers.dispatch_uuid_from(_uuid(client_name, idempotency_key, new_id)),
        client_name=client_name,
        created_at=clock(),
        steps=request.steps,
        on_unknown=request.on_unknown,
        send_at=request.send_at,
        quiet_hours=request.quiet_hours,
        request_sha256=request.sha256 if idempotency_key else None,
    )
    start = partial(
        start_dispatch,
        dispatches=dispatches,
        events=events,
        timers=timers,
        gateway=gateway,
        clock=clock,
        new_id=new_id,
    )
    violation = local_time.violation_of(request.send_at, dispatch.created_at) if request.send_at else None
    try:
        if violation is None:
            return start(dispatch)
    except VersionConflictError:
        pass
    existing = dispatches.get(dispatch.dispatch_uuid)
    if existing is None:
        raise (
            InvalidRequestError(Violation("send_at", violation))
            if violation
            else VersionConflictError("nobody wrote it")
        )
    if existing.request_sha256 != dispatch.request_sha256:
        raise IdempotencyConflictError
    return Replayed(existing) if idempotency_key else Scheduled(existing)  # without a key only we know the id


def _uuid(client_name: str, idempotency_key: str | None, new_id: NewId) -> UUID:
    if idempotency_key is None:
        return UUID(new_id())
    return identifiers.derived(client_name, idempotency_key)
