"""Begin a dispatch: send its first step now, or store it for when its time has come."""

from typing import NamedTuple

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import AnswerKind, Dispatch
from getthrough.domain.dispatch.failover import Hold, Send, Skip
from getthrough.domain.ports import Clock, Dispatches, Gateway, NewId, StatusEvents, Timer, Timers
from getthrough.usecases.send_step import POST_TIME, Sent, pass_over, send_step


class Scheduled(NamedTuple):
    """A dispatch that was stored, of which nothing is sent yet: its time has not come, or these are quiet hours."""

    dispatch: Dispatch


def start_dispatch(
    dispatch: Dispatch,
    *,
    dispatches: Dispatches,
    events: StatusEvents,
    timers: Timers,
    gateway: Gateway,
    clock: Clock,
    new_id: NewId,
) -> Sent | Scheduled:
    """When this returns, the new dispatch is durably stored and will reach an outcome. VersionConflictError: there is
    one with this id already."""
    now = clock()
    match failover.decide(dispatch, now):
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
                dispatch, skip, AnswerKind.QUIET, dispatches=dispatches, timers=timers, clock=clock, new_id=new_id
            )
            return Scheduled(passed)
        case Hold() as held:
            dispatch = failover.hold(dispatch, held)
    # Not before it is stored: a timer that finds nothing dies.
    due_at = max(failover.wake_at(dispatch) or now, now + POST_TIME)
    timers.arm([Timer(dispatch.dispatch_uuid, due_at)])
    return Scheduled(dispatches.save(dispatch))
