"""Stop what has not been sent yet."""

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Dispatch, Outcome
from getthrough.domain.ports import Clock, Dispatches, Timers
from getthrough.domain.values.errors import NotFoundError
from getthrough.domain.values.identifiers import is_dispatch_uuid
from getthrough.usecases.change_dispatch import change_dispatch


def cancel_dispatch(dispatch_uuid: str, *, dispatches: Dispatches, timers: Timers, clock: Clock) -> Dispatch:
    """The dispatch, closed if it was under way: no step is claimed after this returns. NotFoundError if there is none.

    What was claimed before is out and cannot be called back; if it arrives all the same, the dispatch has succeeded.
    """
    if not is_dispatch_uuid(dispatch_uuid):
        raise NotFoundError

    def cancel(dispatch: Dispatch) -> Dispatch:
        return failover.finish(dispatch, Outcome.CANCELLED, clock())

    changed = change_dispatch(dispatch_uuid, cancel, dispatches=dispatches, timers=timers, clock=clock)
    if changed is None:
        raise NotFoundError
    return changed.after
