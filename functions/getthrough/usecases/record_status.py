"""Take a verified status webhook: keep it, fold it into its dispatch, and set off what it decides."""

from dataclasses import replace
from typing import NamedTuple

from getthrough.domain import failover, identifiers
from getthrough.domain.dispatch import Dispatch
from getthrough.domain.errors import VersionConflictError
from getthrough.domain.failover import WaitUntil
from getthrough.domain.ports import Clock, Dispatches, Due, StatusEvents, Timers
from getthrough.domain.webhook import StatusEvent
from getthrough.usecases.send_step import CONFLICTS


class Recorded(NamedTuple):
    """The event with its address, whether it was new, and its dispatch before and after (None if it has none)."""

    event: StatusEvent
    new: bool
    before: Dispatch | None
    after: Dispatch | None


def record_status(
    event: StatusEvent,
    *,
    dispatches: Dispatches,
    events: StatusEvents,
    timers: Timers,
    clock: Clock,
) -> Recorded:
    """When this returns the event is durably stored and what follows from it is under way.

    A copy of an event that is stored already is folded again: the first time may have died before it came to that,
    and folding twice changes nothing. UnavailableError: answer so that the webhook comes again.
    """
    event = _addressed(event, dispatches)
    new = events.add(event)
    if event.dispatch_uuid is None:
        return Recorded(event, new, None, None)
    for _ in range(CONFLICTS):
        before = dispatches.get(event.dispatch_uuid)
        if before is None:
            return Recorded(event, new, None, None)
        after = failover.apply(before, event)
        now = clock()
        decision = failover.decide(after, now)
        try:
            if after != before:
                if isinstance(decision, WaitUntil) and decision.at != failover.wake_at(before):
                    # A sign of life ends the wait for another try: somebody has to wake up at the window's end.
                    timers.arm([Due(after.dispatch_uuid, decision.at)])
                after = dispatches.save(after)
        except VersionConflictError:
            continue
        if after.outcome is None and not isinstance(decision, WaitUntil):
            timers.arm([Due(after.dispatch_uuid, now)])
        return Recorded(event, new, before, after)
    raise VersionConflictError("the dispatch kept changing")


def _addressed(event: StatusEvent, dispatches: Dispatches) -> StatusEvent:
    """The event with its dispatch and step: told by our id in `client_ref`, else looked up by the provider's."""
    if event.dispatch_uuid is not None:
        return event
    ours = identifiers.parse_message_uuid(dispatches.resolve(event.vonage_message_uuid))
    return replace(event, dispatch_uuid=ours[0], step=ours[1]) if ours else event
