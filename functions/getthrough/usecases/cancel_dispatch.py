"""Stop what has not been sent yet."""

from getthrough.domain import failover
from getthrough.domain.dispatch import Dispatch, Outcome
from getthrough.domain.errors import NotFoundError, VersionConflictError
from getthrough.domain.identifiers import is_dispatch_uuid
from getthrough.domain.ports import Clock, Dispatches
from getthrough.usecases.send_step import CONFLICTS


def cancel_dispatch(dispatch_uuid: str, *, dispatches: Dispatches, clock: Clock) -> Dispatch:
    """The dispatch, closed if it was under way: no step is claimed after this returns. NotFoundError if there is none.

    What was claimed before is out and cannot be called back; if it arrives all the same, the dispatch has succeeded.
    """
    for _ in range(CONFLICTS):
        dispatch = dispatches.get(dispatch_uuid) if is_dispatch_uuid(dispatch_uuid) else None
        if dispatch is None:
            raise NotFoundError
        cancelled = failover.finish(dispatch, Outcome.CANCELLED, clock())
        try:
            return dispatch if cancelled == dispatch else dispatches.save(cancelled)
        except VersionConflictError:
            continue
    raise VersionConflictError("the dispatch kept changing")
