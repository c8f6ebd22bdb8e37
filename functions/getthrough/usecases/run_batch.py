"""Make the next dispatches of a batch: one for each recipient, even if timers come again, late or twice, and each in
its slot."""

from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from getthrough.domain.batch import batch as batches_of
from getthrough.domain.batch.batch import CHUNK, Batch, Note, Recipient, dispatch_of, next_round
from getthrough.domain.batch.mailing_request import InFieldError, request_for
from getthrough.domain.dispatch.dispatch import Dispatch, Outcome
from getthrough.domain.dispatch.request import Request
from getthrough.domain.ports import Timer
from getthrough.domain.values.errors import InvalidRequestError, VersionConflictError
from getthrough.usecases.ports import RunningBatches
from getthrough.usecases.retrying import starts_over_on_conflict

ROUNDS = 4
"""At most so many in one invocation: 200 dispatches take AWS about two seconds to store."""


class Progressed(NamedTuple):
    """The batch as it is now, how many recipients it has gone on by, and the numbers of those among them for whom no
    dispatch could be made."""

    batch: Batch
    made: int
    unsendable: list[int]


@starts_over_on_conflict
def run_batch(ports: RunningBatches, timer: Timer) -> Progressed | None:
    """Carry out what a timer of a batch asks for; None if there is no such batch.

    The batch goes on only when all those dispatches are stored, and their ids follow from batch and recipient: a second
    run makes none. Harmless for a batch that is over, cancelled or not due.
    """
    stored = ports.batches.get(timer.uuid)
    if stored is None:
        return None
    batch, unsendable = stored, list[int]()
    for _ in range(ROUNDS):
        now = ports.clock()
        numbers = next_round(batch, now)
        if not numbers:
            break
        first_slot = max(ports.throughput.queue(len(numbers), now), batches_of.earliest_slot(batch, now))
        recipients = ports.lists.some(batch.mailing.list_id, numbers)
        requests = _requests(batch, zip(numbers, recipients, strict=True))
        if not requests:
            _check_release(ports, batch)
        new = list[Dispatch]()
        for number, request in requests.items():
            slot_at = first_slot + (number - numbers.start) * batch.mailing.spacing
            new.append(dispatch_of(batch, number, request, slot_at, now))
        for dispatch in new:
            with suppress(VersionConflictError):  # it was made before
                ports.dispatches.save(dispatch)
        lost = [number for number in numbers if number not in requests]
        ports.tallies.note([Note(timer.uuid, number, now, False, Outcome.CANCELLED, ()) for number in lost])
        unsendable += lost
        ports.timers.arm([Timer(dispatch.dispatch_uuid, dispatch.slot_at or now) for dispatch in new])
        batch = ports.batches.save(batches_of.made(batch, numbers, first_slot))
    wake_at = batches_of.wake_at(batch)
    # A run leaves a timer only if it brought the batch forward, or came too early for this moment. Otherwise timers of
    # earlier moments would come back at each later one, and every tick would leave one more.
    if wake_at is not None and (batch != stored or wake_at <= timer.at):
        ports.timers.arm([Timer(timer.uuid, wake_at)])
    return Progressed(batch, batch.made - stored.made, unsendable)


def _requests(batch: Batch, recipients: Iterable[tuple[int, Recipient]]) -> dict[int, Request]:
    """What each recipient is sent, by number. Recipients are left out whose message was right when the batch was
    accepted and is not any more, since a newer release may check more. The others do not wait for them."""
    requests: dict[int, Request] = {}
    for number, recipient in recipients:
        with suppress(InvalidRequestError, InFieldError):
            requests[number] = request_for(batch.mailing.message, recipient)
    return requests


def _check_release(ports: RunningBatches, batch: Batch) -> None:
    """Raise if the message is not right any more for any of the batch's first recipients. It is the release that is
    wrong then, and the batch goes on when another release has fixed it."""
    error: Exception | None = None
    for recipient in ports.lists.some(batch.mailing.list_id, range(min(CHUNK, batch.mailing.total))):
        try:
            request_for(batch.mailing.message, recipient)
        except (InvalidRequestError, InFieldError) as wrong:
            error = wrong
        else:
            return
    if error is not None:
        raise error
