"""Advance one dispatch. A timer, a failure webhook or the tick asks for it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from getthrough.domain.batch.batch import Batch
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.automatic import is_automatic
from getthrough.domain.dispatch.dispatch import AnswerKind, Dispatch, Limited, Outcome
from getthrough.domain.dispatch.erased_dispatch import without_texts
from getthrough.domain.dispatch.failover import Finish, Hold, Send, Skip, WaitUntil
from getthrough.domain.limit.limits import CLIENT_GUESTS, LimitReachedError, WhenReached
from getthrough.domain.ports import Timer
from getthrough.usecases.ports import Advancing
from getthrough.usecases.record_status import match_pending
from getthrough.usecases.retrying import starts_over_on_conflict
from getthrough.usecases.send_step import Sent, pass_over, send_step

LONGEST_INVOCATION = timedelta(seconds=30)
"""The longest time that a function runs. It arms one timer before its claim and may arm another after the answer."""


class Finished(NamedTuple):
    """A dispatch that ended in this call without an attempt at a step."""

    dispatch: Dispatch


@starts_over_on_conflict
def advance_dispatch(ports: Advancing, timer: Timer) -> Sent | Finished | Dispatch | None:
    """Make the dispatch's next decision and carry it out.

    Returns Sent if it tried a step, Finished if it closed the dispatch, otherwise the dispatch as it is now. Returns
    None if the dispatch doesn't exist.

    A call for a dispatch that has ended or isn't due does no harm. So timers may fire twice, early, or without need.
    """
    dispatch = ports.dispatches.get(timer.uuid)
    if dispatch is None:
        return None
    now = ports.clock()
    if failover.silent(dispatch, now):
        # The function that sent the step may have died before it looked for statuses that had already arrived.
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
            # The provider's answer may have moved this moment a little after the timer was armed. Then the timer must
            # be armed again. A timer for any other moment may end: the function that moved the moment armed a new one.
            if at <= timer.at + LONGEST_INVOCATION:
                ports.timers.arm([Timer(timer.uuid, at)])
            return dispatch
        case Finish(outcome):
            finished = failover.finish(dispatch, outcome, now)
            if finished != dispatch:
                return Finished(ports.dispatches.save(finished))
            removes = dispatch.texts_until is not None and dispatch.texts_until <= now
            return ports.dispatches.save(without_texts(dispatch, now)) if removes else dispatch


def _send_if_batch_may(ports: Advancing, dispatch: Dispatch, send: Send, now: datetime) -> Sent | Finished | Dispatch:
    """Send a step. In a batch, this needs a token, and the batch must not be cancelled.

    All batches share the account's tokens. Without a token, the dispatch waits for its slot.
    """
    batch = _batch_of(ports, dispatch)
    if batch is not None and batch.cancelled_at is not None:
        return Finished(ports.dispatches.save(failover.finish(dispatch, Outcome.CANCELLED, now)))
    if batch is not None and (slot_at := ports.throughput.take(batch, now)) is not None:
        waiting = ports.dispatches.save(replace(dispatch, slot_at=slot_at))
        # If the function dies before this line, the tick finds the dispatch.
        ports.timers.arm([Timer(dispatch.dispatch_uuid, failover.wake_at(waiting) or now)])
        return waiting
    try:
        return send_step(ports, dispatch, send)
    except LimitReachedError as reached:
        return _wait_or_skip(ports, dispatch, send, reached)


def _wait_or_skip(ports: Advancing, dispatch: Dispatch, send: Send, reached: LimitReachedError) -> Finished | Dispatch:
    """Wait until a limit is free again, or pass the step over, as the stack has it. No country is free again, and no
    automatic answer waits: it would come when no one expects it any more."""
    waits = ports.limits.when_reached is WhenReached.WAIT and not is_automatic(dispatch)
    until = ports.counters.queue(reached.wanted) if waits and reached.wanted else None
    dispatch = replace(dispatch, test=dispatch.test or reached.limit == CLIENT_GUESTS)
    met = failover.limit(dispatch, Limited(send.step, reached.limit, reached.most, ports.clock(), until))
    if until is None:
        passed = pass_over(ports, met, send, AnswerKind.LIMITED)
        return Finished(passed) if passed.outcome else passed
    ports.timers.arm([Timer(dispatch.dispatch_uuid, failover.wake_at(met) or until)])
    return ports.dispatches.save(met)


def _batch_of(ports: Advancing, dispatch: Dispatch) -> Batch | None:
    return ports.batches.get(dispatch.batch.batch_uuid) if dispatch.batch else None


def _with_slot(waiting: Dispatch, until: datetime, batch: Batch | None) -> Dispatch:
    """Give a dispatch of a batch its own slot after quiet hours. Otherwise the whole batch would be sent at once."""
    if batch is None or waiting.batch is None:
        return waiting
    return replace(waiting, slot_at=until + waiting.batch.number * batch.mailing.spacing)
