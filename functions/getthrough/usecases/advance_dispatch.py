"""Bring one dispatch forward: what a timer, a failure webhook or the tick asks for."""

from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from getthrough.domain import failover
from getthrough.domain.dispatch import AnswerKind, Dispatch, InBatch, Outcome
from getthrough.domain.errors import VersionConflictError
from getthrough.domain.failover import Finish, Hold, Send, Skip, WaitUntil
from getthrough.domain.ports import (
    Batches,
    Clock,
    Dispatches,
    Due,
    Gateway,
    NewId,
    StatusEvents,
    Throughput,
    Timers,
)
from getthrough.usecases.change_dispatch import CONFLICTS
from getthrough.usecases.match_parked import match_parked
from getthrough.usecases.send_step import Sent, pass_over, send_step

LONGEST_INVOCATION = timedelta(seconds=30)
"""No function lives longer than that, from arming a timer before its claim to arming one after the answer."""


class Finished(NamedTuple):
    """A dispatch that came to its end just now, without a step being tried."""

    dispatch: Dispatch


def advance_dispatch(
    due: Due,
    *,
    dispatches: Dispatches,
    events: StatusEvents,
    batches: Batches,
    throughput: Throughput,
    timers: Timers,
    gateway: Gateway,
    clock: Clock,
    new_id: NewId,
) -> Sent | Finished | Dispatch | None:
    """Carry out what the kernel decides when a timer rings: Sent if a step was tried, Finished if the dispatch was
    closed just now, else the dispatch as it is.

    None if there is no such dispatch.

    Harmless for a dispatch that is over or not due, so timers may ring twice, early or for nothing.
    """
    for _ in range(CONFLICTS):
        dispatch = dispatches.get(due.uuid)
        if dispatch is None:
            return None
        now = clock()
        try:
            if failover.silent(dispatch, now):
                # Whoever sent it may have died before it looked for what had been told by then.
                last = len(dispatch.attempts) - 1
                dispatch = match_parked(
                    dispatch, last, dispatches=dispatches, events=events, timers=timers, clock=clock
                )
            match failover.decide(dispatch, now):
                case Send() if dispatch.batch is not None and _is_cancelled(dispatch.batch, batches):
                    return Finished(dispatches.save(failover.finish(dispatch, Outcome.CANCELLED, now)))
                case Send() if dispatch.batch is not None and not throughput.take(now):
                    waiting = replace(dispatch, turn_at=throughput.queue(1, now))
                    timers.arm([Due(due.uuid, failover.wake_at(waiting) or now)])
                    return dispatches.save(waiting)
                case Send() as send:
                    return send_step(
                        dispatch,
                        send,
                        dispatches=dispatches,
                        events=events,
                        timers=timers,
                        gateway=gateway,
                        clock=clock,
                        new_id=new_id,
                    )
                case Skip() as skip:
                    passed = pass_over(
                        dispatch,
                        skip,
                        AnswerKind.QUIET,
                        dispatches=dispatches,
                        timers=timers,
                        clock=clock,
                        new_id=new_id,
                    )
                    return Finished(passed) if passed.outcome else passed
                case Hold() as held:
                    waiting = failover.hold(dispatch, held)
                    timers.arm([Due(due.uuid, failover.wake_at(waiting) or held.until)])
                    return dispatches.save(waiting)
                case WaitUntil(at):
                    # A timer that was made for this moment, but before the provider's answer moved it a little, must
                    # not be the last. One that was made for another moment may die: whoever moved it armed a new one.
                    if at <= due.at + LONGEST_INVOCATION:
                        timers.arm([Due(due.uuid, at)])
                    return dispatch
                case Finish(outcome):
                    finished = failover.finish(dispatch, outcome, now)
                    return dispatch if finished == dispatch else Finished(dispatches.save(finished))
        except VersionConflictError:
            continue
    raise VersionConflictError("the dispatch kept changing")


def _is_cancelled(member: InBatch, batches: Batches) -> bool:
    """What is in a batch learns that it was cancelled when it would be sent: nothing else has to be written."""
    batch = batches.get(member.batch_uuid)
    return batch is not None and batch.cancelled_at is not None
