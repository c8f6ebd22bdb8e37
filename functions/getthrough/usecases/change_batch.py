"""Accept a batch, store it, cancel it."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from getthrough.domain.batch.batch import Batch, State
from getthrough.domain.batch.batch_request import parse_batch_request
from getthrough.domain.dispatch.request import sha256_of
from getthrough.domain.ports import Batches, Clock, NewId, RecipientLists, Timer, Timers
from getthrough.domain.values import identifiers
from getthrough.domain.values.errors import (
    IdempotencyConflictError,
    InvalidRequestError,
    NotFoundError,
    VersionConflictError,
)
from getthrough.usecases.change_dispatch import CONFLICTS
from getthrough.usecases.send_step import POST_TIME


class Accepted(NamedTuple):
    """A batch, and whether the same request has made it before."""

    batch: Batch
    replayed: bool


def create_batch(
    body: object,
    client_name: str,
    idempotency_key: str | None = None,
    *,
    most_a_second: int,
    batches: Batches,
    lists: RecipientLists,
    timers: Timers,
    clock: Clock,
    new_id: NewId,
) -> Accepted:
    """Store the batch that a body asks for, and everybody it is for, under ids that follow from client and key: when
    this returns, all of it is stored. IdempotencyConflictError: the key was used before for another request;
    InvalidRequestError: with the faults in the body, of which nothing was stored then.
    """
    batch_uuid = identifiers.batch_uuid_from(_uuid(client_name, idempotency_key, new_id))
    try:
        batch, recipients = parse_batch_request(body, client_name, clock(), most_a_second)
        mailing = replace(batch.mailing, list_id=list_id(batch_uuid, batch.request_sha256))
        batch = replace(batch, batch_uuid=batch_uuid, mailing=mailing)
        lists.put(mailing.list_id, recipients, mailing.needed_until(batch.next_at))
        timers.arm([Timer(batch_uuid, max(batch.next_at, clock() + POST_TIME))])
        return Accepted(batches.save(batch), replayed=False)
    except (InvalidRequestError, VersionConflictError):
        existing = batches.get(batch_uuid)
        if existing is None:
            raise
    if not isinstance(body, Mapping) or existing.request_sha256 != sha256_of(body):
        raise IdempotencyConflictError
    return Accepted(existing, replayed=idempotency_key is not None)


def list_id(owner: str, request_sha256: str | None) -> str:
    """Of the recipients in a request: the same again for the same request, another for another one with its key."""
    return hashlib.sha256(f"{owner}\0{request_sha256}".encode()).hexdigest()[:32]


def cancel_batch(batch_uuid: str, *, batches: Batches, clock: Clock) -> Batch:
    """The batch, cancelled: nobody gets a dispatch any more, and what is under way sends nothing more. One that was
    sent altogether can be cancelled all the same, for its fallbacks. NotFoundError if there is none."""
    for _ in range(CONFLICTS):
        batch = batches.get(batch_uuid) if identifiers.is_batch_uuid(batch_uuid) else None
        if batch is None:
            raise NotFoundError
        if batch.state is State.CANCELLED:
            return batch
        try:
            return batches.save(replace(batch, cancelled_at=clock()))
        except VersionConflictError:
            continue
    raise VersionConflictError("the batch kept changing")


def _uuid(client_name: str, idempotency_key: str | None, new_id: NewId) -> UUID:
    if idempotency_key is None:
        return UUID(new_id())
    return identifiers.derived(client_name, "batch", idempotency_key)
