"""Create a batch, list its dispatches, cancel it."""

import hashlib
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from getthrough.domain.batch.batch import Batch, State, dispatch_uuid
from getthrough.domain.batch.batch_request import parse_batch_request
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.dispatch.request import sha256_if_object
from getthrough.domain.ports import Timer
from getthrough.domain.values import identifiers
from getthrough.domain.values.errors import InvalidRequestError, Violation, found
from getthrough.domain.values.page import Page, PageRequest
from getthrough.usecases.ports import Batching
from getthrough.usecases.retrying import Existing, Origin, create_once, refuse_copy, starts_over_on_conflict
from getthrough.usecases.send_step import POST_TIME

_CURSOR = "recipient"
"""The kind of cursor that the list of a batch's dispatches uses. It follows the number of the next page's first
recipient."""


class Accepted(NamedTuple):
    """A batch, and whether an earlier copy of the request created it."""

    batch: Batch
    replayed: bool


def create_batch(ports: Batching, body: object, origin: Origin) -> Accepted:
    """Create a batch from a request body and store it with all its recipients. Its id is derived from client and key.

    Raises IdempotencyConflictError if the key was used for another request, and InvalidRequestError with every
    violation in the body. An invalid request stores nothing.
    """
    batch_uuid = identifiers.batch_uuid_from(origin.derive(ports.new_id, "batch"))
    stored = partial(ports.batches.get, batch_uuid)

    def create() -> Batch:
        batch, recipients = parse_batch_request(
            body, origin.client_name, ports.clock(), ports.messages_per_second, ports.defaults
        )
        mailing = replace(batch.mailing, list_id=list_id(batch_uuid, batch.request_sha256))
        batch = replace(batch, batch_uuid=batch_uuid, mailing=mailing)
        refuse_copy(origin, stored)
        ports.lists.put(mailing.list_id, recipients, mailing.needed_until(batch.next_at))
        ports.timers.arm([Timer(batch_uuid, max(batch.next_at, ports.clock() + POST_TIME))])
        return ports.batches.save(batch)

    done = create_once(create, stored, partial(sha256_if_object, body))
    if isinstance(done, Existing):
        return Accepted(done.created, replayed=origin.idempotency_key is not None)
    return Accepted(done, replayed=False)


def list_id(owner: str, request_sha256: str | None) -> str:
    """The id of a request's list of recipients. A copy of the request gets the same id, no other does."""
    return hashlib.sha256(f"{owner}\0{request_sha256}".encode()).hexdigest()[:32]


def list_dispatches(ports: Batching, batch_uuid: str, page: PageRequest) -> Page[Dispatch]:
    """The dispatches of a batch, in the order of its recipients. Raises NotFoundError if the batch doesn't exist."""
    batch = found(ports.batches.get(batch_uuid) if identifiers.is_batch_uuid(batch_uuid) else None)
    first = _first(page.cursor) if page.cursor else 0
    until = min(first + page.limit, batch.made)
    wanted = [dispatch_uuid(batch_uuid, number) for number in range(first, until)]
    stored = ports.dispatches.get_many(wanted) if wanted else {}
    in_order = [stored[identifier] for identifier in wanted if identifier in stored]
    return Page(in_order, f"{until:04}#{_CURSOR}" if until < batch.made else None)


@starts_over_on_conflict
def cancel_batch(ports: Batching, batch_uuid: str) -> Batch:
    """Cancel a batch and return it. No more recipients get a dispatch, and open dispatches send no further step.

    A batch whose messages are all sent can still be cancelled; that stops its fallbacks. Raises NotFoundError if the
    batch doesn't exist.
    """
    batch = found(ports.batches.get(batch_uuid) if identifiers.is_batch_uuid(batch_uuid) else None)
    if batch.state is State.CANCELLED:
        return batch
    return ports.batches.save(replace(batch, cancelled_at=ports.clock()))


def _first(cursor: str) -> int:
    number, _, kind = cursor.partition("#")
    if kind != _CURSOR or not number.isdecimal():
        raise InvalidRequestError(Violation("cursor", "must be the cursor of another page."))
    return int(number)
