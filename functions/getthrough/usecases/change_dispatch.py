"""Change a dispatch that others may be changing too, and set off what follows."""

from collections.abc import Callable
from typing import NamedTuple

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.dispatch.failover import WaitUntil
from getthrough.domain.ports import Clock, Dispatches, Timer, Timers
from getthrough.domain.values.errors import VersionConflictError

CONFLICTS = 10
"""How often a change is tried again on a newer version: one dispatch gets few webhooks at a time."""


class Changed(NamedTuple):
    before: Dispatch
    after: Dispatch


def change_dispatch(
    dispatch_uuid: str,
    change: Callable[[Dispatch], Dispatch],
    *,
    dispatches: Dispatches,
    timers: Timers,
    clock: Clock,
) -> Changed | None:
    """The dispatch before and after the change; None if there is none.

    A change that changes nothing sets off again what is due: whoever made it first may have died before it came to
    that. VersionConflictError or UnavailableError: do it again.
    """
    for _ in range(CONFLICTS):
        before = dispatches.get(dispatch_uuid)
        if before is None:
            return None
        after = change(before)
        now = clock()
        decision = failover.decide(after, now)
        try:
            if after != before:
                if isinstance(decision, WaitUntil) and decision.at != failover.wake_at(before):
                    # A sign of life ends the wait for another try: somebody has to wake up at the window's end.
                    timers.arm([Timer(dispatch_uuid, decision.at)])
                after = dispatches.save(after)
        except VersionConflictError:
            continue
        if after.outcome is None and not isinstance(decision, WaitUntil):
            timers.arm([Timer(dispatch_uuid, now)])
        return Changed(before, after)
    raise VersionConflictError("the dispatch kept changing")
