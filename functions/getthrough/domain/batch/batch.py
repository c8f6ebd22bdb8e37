"""A batch: one message to many recipients at a limited rate. Each recipient gets its own dispatch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from getthrough.domain.dispatch.dispatch import Dispatch, InBatch, Outcome, new_dispatch
from getthrough.domain.values import identifiers

if TYPE_CHECKING:  # so that a function that reads batches does not load the validator
    from getthrough.domain.dispatch.request import Request

CHUNK = 50
"""Recipients that are stored and read together."""

LONGEST_ROUND = timedelta(seconds=2)
"""At most so much of a batch is created at a time, so that other batches get slots in between."""

LEAD = timedelta(seconds=10)
"""How long before the last slot the next dispatches are created: a function can take seconds to start."""


ROOM_FOR_FAILURES = timedelta(days=14)
"""So much longer than planned a batch may take without losing its recipients. SQS keeps dead letters for as long."""


class Recipient(NamedTuple):
    """One recipient: `to` for steps without their own, the variables of the texts, and the time zone of the quiet
    hours. `reaches` are the addresses of the steps that none of these shows, such as that of a number without its
    country: an erasure finds the recipient by them."""

    to: str | None
    variables: Mapping[str, str | int | float | bool]
    time_zone: str | None
    reaches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """A message with its fallbacks, as the client wrote it, for `total` recipients that are stored under `list_id`. At
    most `rate` messages per second."""

    message: Mapping[str, Any]
    list_id: str
    total: int
    rate: int

    @property
    def spacing(self) -> timedelta:
        """The time between two slots."""
        return timedelta(seconds=1) / self.rate

    def needed_until(self, begins_at: datetime) -> datetime:
        """When every recipient has a dispatch: after twice the time that it takes, and time for failures."""
        return begins_at + 2 * self.total * self.spacing + ROOM_FOR_FAILURES


class State(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The first `made` recipients have a dispatch. The next ones get theirs at `next_at`."""

    batch_uuid: str
    client_name: str
    created_at: datetime
    mailing: Mailing
    next_at: datetime
    send_at: datetime | None = None
    schedule_uuid: str | None = None
    made: int = 0
    cancelled_at: datetime | None = None
    request_sha256: str | None = None
    version: int = 0

    @property
    def state(self) -> State:
        """SENT once every recipient has a dispatch, even if some of these still wait for their slot."""
        if self.cancelled_at is not None:
            return State.CANCELLED
        if self.made == self.mailing.total:
            return State.SENT
        return State.SENDING if self.made else State.WAITING


def wake_at(batch: Batch) -> datetime | None:
    """When the batch must be examined. None if nothing is left to do."""
    return batch.next_at if batch.state in (State.WAITING, State.SENDING) else None


def next_round(batch: Batch, now: datetime) -> range:
    """The numbers of the recipients whose dispatches are created now. All of them are in one chunk."""
    at = wake_at(batch)
    if at is None or now < at:
        return range(0)
    left_of_chunk = CHUNK - batch.made % CHUNK
    at_once = ceil(batch.mailing.rate * LONGEST_ROUND.total_seconds())
    return range(batch.made, min(batch.made + min(left_of_chunk, at_once), batch.mailing.total))


def earliest_slot(batch: Batch, now: datetime) -> datetime:
    """The earliest slot of the next recipient: after the previous slot, at the rate of the batch."""
    return max(now, batch.next_at + LEAD if batch.made else batch.next_at)


def made(batch: Batch, numbers: range, first_slot: datetime) -> Batch:
    """The batch after these recipients got their dispatches. `first_slot` is the slot of the first one."""
    return replace(batch, made=numbers.stop, next_at=first_slot + len(numbers) * batch.mailing.spacing - LEAD)


def dispatch_of(batch: Batch, number: int, request: Request, slot_at: datetime, now: datetime) -> Dispatch:
    """The dispatch of a recipient. Creating it again gives the same dispatch."""
    dispatch = new_dispatch(request, dispatch_uuid(batch.batch_uuid, number), batch.client_name, now)
    return replace(dispatch, batch=InBatch(batch.batch_uuid, number), slot_at=slot_at)


def dispatch_uuid(batch_uuid: str, number: int) -> str:
    """The id of the dispatch of recipient `number` (from 0)."""
    return identifiers.dispatch_uuid_from(identifiers.derived(batch_uuid, str(number)))


def chunks(total: int) -> int:
    return ceil(total / CHUNK)


class Note(NamedTuple):
    """The state of one recipient's dispatch."""

    batch_uuid: str
    number: int
    created_at: datetime
    sent: bool
    outcome: Outcome | None
    costs: Sequence[tuple[str, Decimal]]


class Tally(NamedTuple):
    """How many recipients were processed (something was sent, or the dispatch ended before), how many were sent a
    message, how many dispatches succeeded, how many ended without success, and the cost in each currency."""

    begun: int
    sent: int
    delivered: int
    failed: int
    cost: Mapping[str, Decimal]


def note_of(dispatch: Dispatch) -> Note | None:
    """None for a dispatch that is in no batch."""
    if dispatch.batch is None:
        return None
    return Note(*dispatch.batch, dispatch.created_at, _sent(dispatch), dispatch.outcome, dispatch.costs)


def _sent(dispatch: Dispatch) -> bool:
    """A step that was just claimed may turn out to be for someone who has opted out. A note is never taken back."""
    over, last = dispatch.outcome is not None, len(dispatch.attempts) - 1
    return any(
        attempt.posted and (over or step < last or attempt.answer is not None or attempt.status is not None)
        for step, attempt in enumerate(dispatch.attempts)
    )


def estimated_end(batch: Batch, now: datetime) -> datetime | None:
    """The slot of the last recipient, if no other batch is sent meanwhile. None once nothing is left to do."""
    left = batch.mailing.total - batch.made
    return earliest_slot(batch, now) + left * batch.mailing.spacing if wake_at(batch) else None


def recipients_in_chunks(recipients: Sequence[Recipient]) -> Iterator[Sequence[Recipient]]:
    for start in range(0, len(recipients), CHUNK):
        yield recipients[start : start + CHUNK]
