"""Bring one dispatch forward: what a timer, a failure webhook or the tick asks for."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from getthrough.domain.batch.batch import Batch
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import AnswerKind, Dispatch, Outcome
from getthrough.domain.dispatch.failover import Finish, Hold, Send, Skip, WaitUntil
from getthrough.domain.ports import Timer
from getthrough.usecases.ports import Advancing
from getthrough.usecases.record_status import match_pending
from getthrough.usecases.retrying import starts_over_on_conflict
from getthrough.usecases.send_step import Sent, pass_over, send_step

LONGEST_INVOCATION = timedelta(seconds=30)
"""No function lives longer than that, from arming a timer before its claim to arming one after the answer."""


class Finished(NamedTuple):
    """A dispatch that came to its end just now, without a step being tried."""

    dispatch: Dispatch


@starts_over_on_conflict
def advance_dispatch(ports: Advancing, timer: Timer) -> Sent | Finished | Dispatch | None:
    """Carry out what the kernel decides when a timer fires: Sent if a step was tried, Finished if the dispatch was
    closed just now, else the dispatch as it is.

    None if there is no such dispatch.

    Harmless for a dispatch that is over or not due, so timers may fire twice, early or for nothing.
    """
    dispatch = ports.dispatches.get(timer.uuid)
    if dispatch is None:
        return None
    now = ports.clock()
    if failover.silent(dispatch, now):
        # The function that sent it may have died before it looked for what had been reported by then.
        dispatch = match_pending(ports, dispatch, len(dispatch.attempts) - 1)
    match failover.decide(dispatch, now):
        case Send() as send:
            return _send_if_batch_may(ports, dispatch, send, now)
        case Skip() as skip:
            passed = pass_over(ports, dispatch, skip, AnswerKind.QUIET)
            return Finished(passed) if passed.outcome else passed
        case Hold() as held:
            waiting = _with_slot(failover.hold(dispatch, held), held.until, _batch_of(ports, dispatch))
            ports.timers.arm([Timer(timer.uuid, failover.wake_at(waiting) or held.until)])
            return ports.dispatches.save(waiting)
        case WaitUntil(at):
            # A timer that was made for this moment, but before the provider's answer moved it a little, must not be
            # the last. One that was made for another moment may end: the function that moved it armed a new one.
            if at <= timer.at + LONGEST_INVOCATION:
                ports.timers.arm([Timer(timer.uuid, at)])
            return dispatch
        case Finish(outcome):
            finished = failover.finish(dispatch, outcome, now)
            return dispatch if finished == dispatch else Finished(ports.dispatches.save(finished))


def _send_if_batch_may(ports: Advancing, dispatch: Dispatch, send: Send, now: datetime) -> Sent | Finished | Dispatch:
    """Send a step; for a dispatch of a batch, only if the batch was not cancelled and there is a token for the POST.

    All batches share the account's tokens. Without one the dispatch waits for its slot.
    """
    batch = _batch_of(ports, dispatch)
    if batch is not None and batch.cancelled_at is not None:
        return Finished(ports.dispatches.save(failover.finish(dispatch, Outcome.CANCELLED, now)))
    if batch is not None and (slot_at := ports.throughput.take(batch, now)) is not None:
        waiting = ports.dispatches.save(replace(dispatch, slot_at=slot_at))
        # If we die before this, the tick finds it.
        ports.timers.arm([Timer(dispatch.dispatch_uuid, failover.wake_at(waiting) or now)])
        return waiting
    return send_step(ports, dispatch, send)


def _batch_of(ports: Advancing, dispatch: Dispatch) -> Batch | None:
    return ports.batches.get(dispatch.batch.batch_uuid) if dispatch.batch else None


def _with_slot(waiting: Dispatch, until: datetime, batch: Batch | None) -> Dispatch:
    """A dispatch that waits for the end of quiet hours, with a slot of its own after them if it is in a batch.
    Otherwise all of the batch would be sent at once."""
    if batch is None or waiting.batch is None:
        return waiting
    return replace(waiting, slot_at=until + waiting.batch.number * batch.mailing.spacing)
