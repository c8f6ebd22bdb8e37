"""Bring one dispatch forward: what a timer, a failure webhook or the tick asks for."""

from typing import NamedTuple

from getthrough.domain import failover
from getthrough.domain.dispatch import Dispatch
from getthrough.domain.errors import VersionConflictError
from getthrough.domain.failover import Finish, Send, WaitUntil
from getthrough.domain.ports import Clock, Dispatches, Due, Gateway, NewId, Timers
from getthrough.usecases.send_step import CONFLICTS, Sent, send_step


class Finished(NamedTuple):
    """A dispatch that was closed just now."""

    dispatch: Dispatch


def advance_dispatch(
    dispatch_uuid: str,
    *,
    dispatches: Dispatches,
    timers: Timers,
    gateway: Gateway,
    clock: Clock,
    new_id: NewId,
) -> Sent | Finished | Dispatch | None:
    """Carry out what the kernel decides now: Sent if a step was tried, Finished if it was closed, else the dispatch.

    None if there is no such dispatch.

    Harmless for a dispatch that is over or not due, so timers may ring twice, early or for nothing.
    """
    for _ in range(CONFLICTS):
        dispatch = dispatches.get(dispatch_uuid)
        if dispatch is None:
            return None
        now = clock()
        try:
            match failover.decide(dispatch, now):
                case Send() as send:
                    return send_step(
                        dispatch,
                        send,
                        dispatches=dispatches,
                        timers=timers,
                        gateway=gateway,
                        clock=clock,
                        new_id=new_id,
                    )
                case WaitUntil(at):
                    # This timer is used up, and it may have been the only one. Where it was not, the dispatch has
                    # one more from now on: about one for each step that was sent, at most.
                    timers.arm([Due(dispatch_uuid, at)])
                    return dispatch
                case Finish(outcome):
                    finished = failover.finish(dispatch, outcome, now)
                    return dispatch if finished == dispatch else Finished(dispatches.save(finished))
        except VersionConflictError:
            continue
    raise VersionConflictError("the dispatch kept changing")
