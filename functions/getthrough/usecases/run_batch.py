"""Make the next dispatches of a batch: one for each recipient, whatever is retried, late or doubled, and each in its
turn."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from getthrough.domain.batch import batch as batches_of
from getthrough.domain.batch.batch import CHUNK, Batch, Note, Recipient, dispatch_of, next_round
from getthrough.domain.batch.mailing_request import InFieldError, request_for
from getthrough.domain.dispatch.dispatch import Dispatch, Outcome
from getthrough.domain.ports import Batches, Clock, Dispatches, RecipientLists, Tallies, Throughput, Timer, Timers
from getthrough.domain.values.errors import InvalidRequestError, VersionConflictError
from getthrough.usecases.change_dispatch import CONFLICTS

ROUNDS = 4
"""At most so many in one invocation: 200 dispatches take AWS about two seconds to store."""


class Progressed(NamedTuple):
    """The batch as it is now, how many recipients it has gone on by, and the numbers of those among them for whom no
    dispatch could be made."""

    batch: Batch
    made: int
    unsendable: list[int]


def run_batch(
    due: Timer,
    *,
    batches: Batches,
    lists: RecipientLists,
    dispatches: Dispatches,
    tallies: Tallies,
    throughput: Throughput,
    timers: Timers,
    clock: Clock,
) -> Progressed | None:
    """Carry out what a timer of a batch asks for; None if there is no such batch.

    The batch goes on only when all those dispatches are stored, and their ids follow from batch and recipient: whoever
    comes second makes none. Harmless for a batch that is over, cancelled or not due.
    """
    for _ in range(CONFLICTS):
        stored = batches.get(due.uuid)
        if stored is None:
            return None
        batch, unsendable = stored, list[int]()
        try:
            for _ in range(ROUNDS):
                now = clock()
                numbers = next_round(batch, now)
                if not numbers:
                    break
                first_slot = max(throughput.queue(len(numbers), now), batches_of.earliest_slot(batch, now))
                new = _dispatches(batch, numbers, lists.some(batch.mailing.list_id, numbers), first_slot, now)
                if not new:
                    _check_release(batch, lists)
                for dispatch in new.values():
                    with suppress(VersionConflictError):  # it was made before
                        dispatches.save(dispatch)
                lost = [number for number in numbers if number not in new]
                tallies.note([Note(due.uuid, number, now, False, Outcome.CANCELLED, ()) for number in lost])
                unsendable += lost
                timers.arm([Timer(dispatch.dispatch_uuid, dispatch.slot_at or now) for dispatch in new.values()])
                batch = batches.save(batches_of.made(batch, numbers, first_slot))
        except VersionConflictError:
            continue
        wake_at = batches_of.wake_at(batch)
        # Only whoever brought the batch forward leaves a timer, or whoever came for this moment too early: timers of
        # earlier ones would else come back at each of the next ones, and every tick leave one more.
        if wake_at is not None and (batch != stored or wake_at <= due.at):
            timers.arm([Timer(due.uuid, wake_at)])
        return Progressed(batch, batch.made - stored.made, unsendable)
    raise VersionConflictError("the batch kept changing")


def _dispatches(
    batch: Batch, numbers: range, recipients: Sequence[Recipient], first_slot: datetime, now: datetime
) -> dict[int, Dispatch]:
    """The dispatches of those recipients, by number. Those are left out whose message, which was right when the batch
    was accepted, is not any more: a release since then may check more. Nobody else shall wait for them."""
    made: dict[int, Dispatch] = {}
    for number, recipient in zip(numbers, recipients, strict=True):
        slot_at = first_slot + (number - numbers.start) * batch.mailing.spacing
        with suppress(InvalidRequestError, InFieldError):
            request = request_for(batch.mailing.message, recipient)
            made[number] = dispatch_of(batch, number, request, slot_at, now)
    return made


def _check_release(batch: Batch, lists: RecipientLists) -> None:
    """Raise if no message of the batch's first recipients is right any more: it is the release that is wrong then, and
    the batch goes on when another one has mended it."""
    error: Exception | None = None
    for recipient in lists.some(batch.mailing.list_id, range(min(CHUNK, batch.mailing.total))):
        try:
            request_for(batch.mailing.message, recipient)
        except (InvalidRequestError, InFieldError) as wrong:
            error = wrong
        else:
            return
    if error is not None:
        raise error
