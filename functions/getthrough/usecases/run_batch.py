"""Make the next dispatches of a batch: one for each recipient, whatever is retried, late or doubled, and each in its
turn."""

from contextlib import suppress
from typing import NamedTuple

from getthrough.domain import batch as batches_of
from getthrough.domain.batch import Batch, dispatch_of, stride
from getthrough.domain.errors import VersionConflictError
from getthrough.domain.mailing_request import request_for
from getthrough.domain.ports import Batches, Clock, Dispatches, Due, RecipientLists, Throughput, Timers
from getthrough.usecases.change_dispatch import CONFLICTS


class Progressed(NamedTuple):
    """The batch as it is now, and how many dispatches were made."""

    batch: Batch
    made: int


def run_batch(
    due: Due,
    *,
    batches: Batches,
    lists: RecipientLists,
    dispatches: Dispatches,
    throughput: Throughput,
    timers: Timers,
    clock: Clock,
) -> Progressed | None:
    """Carry out what a timer of a batch asks for; None if there is no such batch.

    The batch goes on only when all those dispatches are stored, and their ids follow from batch and recipient: whoever
    comes second makes none. Harmless for a batch that is over, cancelled or not due.
    """
    for _ in range(CONFLICTS):
        batch = batches.get(due.uuid)
        if batch is None:
            return None
        now = clock()
        numbers = stride(batch, now)
        if not numbers:
            # A timer of an earlier moment may die, since whoever brought the batch forward armed a new one: it would
            # else come back at each of the next moments, and every tick would leave one more.
            wake_at = batches_of.wake_at(batch)
            if wake_at is not None and wake_at <= due.at:
                timers.arm([Due(due.uuid, wake_at)])
            return Progressed(batch, 0)
        recipients = lists.some(batch.mailing.list_id, numbers)
        first_turn = max(throughput.queue(len(numbers), now), batches_of.earliest_turn(batch, now))
        turn_at = first_turn
        made = []
        for number, recipient in zip(numbers, recipients, strict=True):
            request = request_for(batch.mailing.message, recipient)
            made.append(dispatch_of(batch, number, request, turn_at, now))
            turn_at += batch.mailing.spacing
        for dispatch in made:
            with suppress(VersionConflictError):  # it was made before
                dispatches.save(dispatch)
        timers.arm([Due(dispatch.dispatch_uuid, dispatch.turn_at or now) for dispatch in made])
        try:
            saved = batches.save(batches_of.made(batch, numbers, first_turn))
        except VersionConflictError:
            continue
        wake_at = batches_of.wake_at(saved)
        timers.arm([Due(due.uuid, wake_at)] if wake_at else [])
        return Progressed(saved, len(made))
    raise VersionConflictError("the batch kept changing")
