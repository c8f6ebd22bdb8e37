"""Create the next dispatches of a batch: one for each recipient, each in its slot. Timers may repeat or be late."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from getthrough.domain.batch import batch as batches_of
from getthrough.domain.batch.batch import CHUNK, Batch, Note, Recipient, dispatch_of, next_round
from getthrough.domain.batch.mailing_request import InFieldError, request_for
from getthrough.domain.contact.contact import ERASED
from getthrough.domain.dispatch.dispatch import Dispatch, Outcome
from getthrough.domain.dispatch.request import Request
from getthrough.domain.ports import Timer
from getthrough.domain.values.errors import InvalidRequestError, VersionConflictError
from getthrough.usecases.ports import RunningBatches
from getthrough.usecases.retrying import starts_over_on_conflict

ROUNDS = 4
"""Rounds in one invocation at most. AWS needs about two seconds to store 200 dispatches."""


class Progressed(NamedTuple):
    """The batch as it is now, how many recipients it processed in this call, and the numbers of the recipients for whom
    no dispatch could be made."""

    batch: Batch
    made: int
    unsendable: list[int]


@starts_over_on_conflict
def run_batch(ports: RunningBatches, timer: Timer) -> Progressed | None:
    """Act on a batch's timer. Returns None if the batch doesn't exist.

    The batch advances only after all its dispatches up to there are stored. Their ids are derived from batch and
    recipient, so a second run creates none. A call for a batch that has ended, was cancelled or isn't due does no harm.
    """
    stored = ports.batches.get(timer.uuid)
    if stored is None:
        return None
    batch, unsendable = stored, list[int]()
    test = ports.client_limits(batch.client_name).is_test
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
            new.append(replace(dispatch_of(batch, number, request, slot_at, now), test=test))
        for dispatch in new:
            with suppress(VersionConflictError):  # an earlier run created it
                ports.dispatches.save(dispatch)
        lost = [number for number in numbers if number not in requests]
        ports.tallies.note([Note(timer.uuid, number, now, False, Outcome.CANCELLED, ()) for number in lost])
        unsendable += lost
        ports.timers.arm([Timer(dispatch.dispatch_uuid, dispatch.slot_at or now) for dispatch in new])
        advanced = batches_of.made(batch, numbers, first_slot)
        if batches_of.wake_at(advanced) and advanced.next_at.date() > batch.next_at.date():
            # Other batches may have taken the rate for days. A batch that goes on tomorrow needs its list for longer.
            mailing = batch.mailing
            ports.lists.keep(mailing.list_id, mailing.total, mailing.needed_until(advanced.next_at))
        batch = ports.batches.save(advanced)
    wake_at = batches_of.wake_at(batch)
    # A run arms a timer only if it advanced the batch or came too early. Otherwise old timers would repeat at every
    # later moment, and every tick would add one more.
    if wake_at is not None and (batch != stored or wake_at <= timer.at):
        ports.timers.arm([Timer(timer.uuid, wake_at)])
    return Progressed(batch, batch.made - stored.made, unsendable)


def _requests(batch: Batch, recipients: Iterable[tuple[int, Recipient]]) -> dict[int, Request]:
    """Each recipient's request, by number, without recipients whose message is no longer valid. A newer release may
    check more than the one that accepted the batch. The other recipients don't wait for these."""
    requests: dict[int, Request] = {}
    for number, recipient in recipients:
        if recipient.to == ERASED:
            continue
        with suppress(InvalidRequestError, InFieldError):
            requests[number] = request_for(batch.mailing.message, recipient)
    return requests


def _check_release(ports: RunningBatches, batch: Batch) -> None:
    """Raise if the message is not valid for any of the batch's first recipients. In that case the release is probably
    wrong, and the batch continues when another release has fixed it."""
    error: Exception | None = None
    for recipient in ports.lists.some(batch.mailing.list_id, range(min(CHUNK, batch.mailing.total))):
        if recipient.to == ERASED:
            continue
        try:
            request_for(batch.mailing.message, recipient)
        except (InvalidRequestError, InFieldError) as wrong:
            error = wrong
        else:
            return
    if error is not None:
        raise error
