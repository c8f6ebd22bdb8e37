"""Bring one dispatch forward: what a timer, a failure webhook or the tick asks for."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from getthrough.domain.batch.batch import Batch
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import AnswerKind, Dispatch, Outcome
from getthrough.domain.dispatch.failover import Finish, Hold, Send, Skip, WaitUntil
from getthrough.domain.ports import (
    Batches,
    Clock,
    Dispatches,
    Gateway,
    NewId,
    StatusEvents,
    Throughput,
    Timer,
    Timers,
)
from getthrough.domain.values.errors import VersionConflictError
from getthrough.usecases.change_dispatch import CONFLICTS
from getthrough.usecases.match_pending import match_pending
from getthrough.usecases.send_step import Sent, pass_over, send_step

LONGEST_INVOCATION = timedelta(seconds=30)
"""No function lives longer than that, from arming a timer before its claim to arming one after the answer."""


class Finished(NamedTuple):
    """A dispatch that came to its end just now, without a step being tried."""

    dispatch: Dispatch


def advance_dispatch(
    due: Timer,
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

    A dispatch of a batch learns here that the batch was cancelled, and waits here until it is its turn: each POST takes
    one of the tokens that all batches share.
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
                dispatch = match_pending(
                    dispatch, last, dispatches=dispatches, events=events, timers=timers, clock=clock
                )
            decision = failover.decide(dispatch, now)
            acts = isinstance(decision, Send | Hold)
            batch = batches.get(dispatch.batch.batch_uuid) if dispatch.batch and acts else None
            match decision:
                case Send() if batch is not None and batch.cancelled_at is not None:
                    return Finished(dispatches.save(failover.finish(dispatch, Outcome.CANCELLED, now)))
                case Send() if batch is not None and (slot_at := throughput.take(batch, now)) is not None:
                    waiting = dispatches.save(replace(dispatch, slot_at=slot_at))
                    timers.arm([Timer(due.uuid, failover.wake_at(waiting) or now)])  # if we die before: the tick
                    return waiting
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
                    waiting = _with_slot(failover.hold(dispatch, held), held.until, batch)
                    timers.arm([Timer(due.uuid, failover.wake_at(waiting) or held.until)])
                    return dispatches.save(waiting)
                case WaitUntil(at):
                    # A timer that was made for this moment, but before the provider's answer moved it a little, must
                    # not be the last. One that was made for another moment may die: whoever moved it armed a new one.
                    if at <= due.at + LONGEST_INVOCATION:
                        timers.arm([Timer(due.uuid, at)])
                    return dispatch
                case Finish(outcome):
                    finished = failover.finish(dispatch, outcome, now)
                    return dispatch if finished == dispatch else Finished(dispatches.save(finished))
        except VersionConflictError:
            continue
    raise VersionConflictError("the dispatch kept changing")


def _with_slot(waiting: Dispatch, until: datetime, batch: Batch | None) -> Dispatch:
    """What waits for the end of quiet hours, with a turn of its own after them if it is in a batch: else all of the
    batch came at once."""
    if batch is None or waiting.batch is None:
        return waiting
    return replace(waiting, slot_at=until + waiting.batch.number * batch.mailing.spacing)
