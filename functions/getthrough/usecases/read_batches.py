"""How far batches are, and what has become of each recipient."""

from collections.abc import Iterable
from typing import NamedTuple

from getthrough.domain.batch.batch import Batch, Tally, dispatch_uuid, note_of
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.ports import Batches, Dispatches, Page, Tallies
from getthrough.domain.values import identifiers
from getthrough.domain.values.errors import InvalidRequestError, NotFoundError, Violation

_CURSOR = "recipient"
"""What a cursor of a batch's dispatches has after the number of the recipient with whom the next page begins."""


class Counted(NamedTuple):
    batch: Batch
    tally: Tally


class CountedPage(NamedTuple):
    """Some batches, newest first, and the cursor of the next page (None at the end)."""

    batches: list[Counted]
    cursor: str | None


def read_batch(batch_uuid: str, *, batches: Batches, tallies: Tallies) -> Counted:
    """NotFoundError if there is no such batch."""
    batch = batches.get(batch_uuid) if identifiers.is_batch_uuid(batch_uuid) else None
    if batch is None:
        raise NotFoundError
    return Counted(batch, tallies.of(batch_uuid))


def list_batches(limit: int, cursor: str | None, *, batches: Batches, tallies: Tallies) -> CountedPage:
    page = batches.newest(limit, cursor)
    return CountedPage([Counted(batch, tallies.of(batch.batch_uuid)) for batch in page.batches], page.cursor)


def list_dispatches(
    batch_uuid: str, limit: int, cursor: str | None, *, batches: Batches, dispatches: Dispatches
) -> Page:
    """The dispatches of a batch in the order of its recipients. NotFoundError if there is no such batch."""
    batch = batches.get(batch_uuid) if identifiers.is_batch_uuid(batch_uuid) else None
    if batch is None:
        raise NotFoundError
    first = _first(cursor) if cursor else 0
    until = min(first + limit, batch.made)
    wanted = [dispatch_uuid(batch_uuid, number) for number in range(first, until)]
    found = dispatches.get_many(wanted) if wanted else {}
    in_order = [found[identifier] for identifier in wanted if identifier in found]
    return Page(in_order, f"{until:04}#{_CURSOR}" if until < batch.made else None)


def _first(cursor: str) -> int:
    number, _, kind = cursor.partition("#")
    if kind != _CURSOR or not number.isdecimal():
        raise InvalidRequestError(Violation("cursor", "must be the cursor of another page."))
    return int(number)


def tally_dispatches(changed: Iterable[Dispatch], *, tallies: Tallies) -> int:
    """Note what has become of dispatches that changed; how many of them are in batches."""
    notes = [note for dispatch in changed if (note := note_of(dispatch)) is not None]
    tallies.note(notes)
    return len(notes)
