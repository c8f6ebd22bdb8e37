"""Take a verified status webhook: keep it, fold it into its dispatch, and set off what it decides."""

from dataclasses import replace
from functools import partial
from typing import NamedTuple

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.event.webhook import StatusEvent
from getthrough.domain.ports import Clock, Conversations, Dispatches, OptOuts, Seen, StatusEvents, Timers
from getthrough.domain.values import identifiers
from getthrough.usecases.change_dispatch import change_dispatch
from getthrough.usecases.change_opt_out import change_opt_out


class Recorded(NamedTuple):
    """The event with its address, what was known of it, and its dispatch before and after: both None if it has none,
    or if the event is a copy of one that is settled. `opted_out` tells that it made its contact opt out."""

    event: StatusEvent
    seen: Seen
    before: Dispatch | None = None
    after: Dispatch | None = None
    opted_out: bool = False


def record_status(
    event: StatusEvent,
    *,
    dispatches: Dispatches,
    events: StatusEvents,
    conversations: Conversations,
    opt_outs: OptOuts,
    timers: Timers,
    clock: Clock,
) -> Recorded:
    """When this returns the event is durably stored and what follows from it is under way.

    A copy of an event that is stored, but not settled, is folded again: the first time may have died before it came
    to that, and folding twice changes nothing. An event of a message that nobody knows yet is parked: whoever refers to
    its id later folds it. UnavailableError: answer so that the webhook comes again.
    """
    event = _addressed(event, dispatches)
    seen = events.add(event)
    if seen.completed:
        return Recorded(event, seen)
    if event.dispatch_uuid is None:
        # The reference may have been written since we looked, by a sender that then found nothing pending.
        event = _addressed(event, dispatches)
        if event.dispatch_uuid is None:
            return Recorded(event, seen)
        events.add(event)
    fold = partial(failover.apply, event=event)
    changed = change_dispatch(event.dispatch_uuid, fold, dispatches=dispatches, timers=timers, clock=clock)
    if changed is None:
        return Recorded(event, seen)
    opt_out = _opt_out(event, changed.after)
    if opt_out is not None:
        change_opt_out(
            opt_out,
            opt_outs=opt_outs,
            conversations=conversations,
            dispatches=dispatches,
            timers=timers,
            clock=clock,
        )
    events.complete(event)
    return Recorded(event, seen, changed.before, changed.after, opted_out=opt_out is not None)


def _opt_out(event: StatusEvent, dispatch: Dispatch) -> OptOut | None:
    """What an error says that means: never contact this number again."""
    known = event.step is not None and event.step < len(dispatch.attempts)
    if not known or event.error is None or not event.opted_out:
        return None
    return OptOut(
        contact=dispatch.steps[event.step or 0].contact,
        opted_out=True,
        changed_at=event.happened_at,
        why=f"error {event.error.code}",
        by="vonage",
    )


def _addressed(event: StatusEvent, dispatches: Dispatches) -> StatusEvent:
    """The event with its dispatch and step: told by our id in `client_ref`, else looked up by the provider's."""
    if event.dispatch_uuid is not None:
        return event
    ours = identifiers.parse_message_uuid(dispatches.resolve(event.vonage_message_uuid))
    return replace(event, dispatch_uuid=ours[0], step=ours[1]) if ours else event
