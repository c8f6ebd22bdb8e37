"""Accept what a customer shall be told, and send its first step."""

import hashlib
from typing import NamedTuple
from uuid import UUID

from getthrough.domain import identifiers
from getthrough.domain.dispatch import Because, Dispatch
from getthrough.domain.errors import IdempotencyConflictError, VersionConflictError
from getthrough.domain.failover import Send
from getthrough.domain.message import Request
from getthrough.domain.ports import Clock, Dispatches, Gateway, NewId, StatusEvents, Timers
from getthrough.usecases.send_step import Sent, send_step


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
) -> Sent | Replayed:
    """Store the dispatch with its first step claimed, then send that step.

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
        request_sha256=request.sha256 if idempotency_key else None,
    )
    try:
        return send_step(
            dispatch,
            Send(0, Because.FIRST),
            dispatches=dispatches,
            events=events,
            timers=timers,
            gateway=gateway,
            clock=clock,
            new_id=new_id,
        )
    except VersionConflictError:
        existing = dispatches.get(dispatch.dispatch_uuid) if idempotency_key else None
        if existing is None:
            raise
        if existing.request_sha256 != request.sha256:
            raise IdempotencyConflictError from None
        return Replayed(existing)


def _uuid(client_name: str, idempotency_key: str | None, new_id: NewId) -> UUID:
    if idempotency_key is None:
        return UUID(new_id())
    return UUID(bytes=hashlib.sha256(f"{client_name}\0{idempotency_key}".encode()).digest()[:16])
