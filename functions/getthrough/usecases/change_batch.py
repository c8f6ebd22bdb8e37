"""Accept a batch, list its dispatches, cancel it."""

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
from getthrough.usecases.retrying import Existing, Origin, create_once, starts_over_on_conflict
from getthrough.usecases.send_step import POST_TIME

_CURSOR = "recipient"
"""In a cursor of a batch's dispatches this follows the number of the recipient with whom the next page begins."""


class Accepted(NamedTuple):
    """A batch, and whether an earlier copy of the request created it."""

    batch: Batch
    replayed: bool


def create_batch(ports: Batching, body: object, origin: Origin) -> Accepted:
    """Store the batch that a body asks for, with all its recipients, under ids that follow from client and key: when
    this returns, all of it is stored.

    IdempotencyConflictError: the key was used before for another request. InvalidRequestError: with every violation in
    the body, of which nothing is stored then.
    """
    batch_uuid = identifiers.batch_uuid_from(origin.derive(ports.new_id, "batch"))

    def create() -> Batch:
        batch, recipients = parse_batch_request(
            body, origin.client_name, ports.clock(), ports.messages_per_second, ports.defaults
        )
        mailing = replace(batch.mailing, list_id=list_id(batch_uuid, batch.request_sha256))
        batch = replace(batch, batch_uuid=batch_uuid, mailing=mailing)
        ports.lists.put(mailing.list_id, recipients, mailing.needed_until(batch.next_at))
        ports.timers.arm([Timer(batch_uuid, max(batch.next_at, ports.clock() + POST_TIME))])
        return ports.batches.save(batch)

    done = create_once(create, partial(ports.batches.get, batch_uuid), partial(sha256_if_object, body))
    if isinstance(done, Existing):
        return Accepted(done.created, replayed=origin.idempotency_key is not None)
    return Accepted(done, replayed=False)


def list_id(owner: str, request_sha256: str | None) -> str:
    """Of the recipients in a request: the same again for the same request, another for another one with its key."""
    return hashlib.sha256(f"{owner}\0{request_sha256}".encode()).hexdigest()[:32]


def list_dispatches(ports: Batching, batch_uuid: str, page: PageRequest) -> Page[Dispatch]:
    """The dispatches of a batch in the order of its recipients. NotFoundError if there is no such batch."""
    batch = found(ports.batches.get(batch_uuid) if identifiers.is_batch_uuid(batch_uuid) else None)
    first = _first(page.cursor) if page.cursor else 0
    until = min(first + page.limit, batch.made)
    wanted = [dispatch_uuid(batch_uuid, number) for number in range(first, until)]
    stored = ports.dispatches.get_many(wanted) if wanted else {}
    in_order = [stored[identifier] for identifier in wanted if identifier in stored]
    return Page(in_order, f"{until:04}#{_CURSOR}" if until < batch.made else None)


@starts_over_on_conflict
def cancel_batch(ports: Batching, batch_uuid: str) -> Batch:
    """The batch, cancelled: no recipient gets a dispatch any more, and dispatches under way send nothing more. A batch
    whose messages are all sent can be cancelled too, for its fallbacks. NotFoundError if there is none."""
    batch = found(ports.batches.get(batch_uuid) if identifiers.is_batch_uuid(batch_uuid) else None)
    if batch.state is State.CANCELLED:
        return batch
    return ports.batches.save(replace(batch, cancelled_at=ports.clock()))


def _first(cursor: str) -> int:
    number, _, kind = cursor.partition("#")
    if kind != _CURSOR or not number.isdecimal():
        raise InvalidRequestError(Violation("cursor", "must be the cursor of another page."))
    return int(number)
