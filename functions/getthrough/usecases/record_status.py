"""Record a status webhook: store it, apply it to its dispatch, and arm timers for what is due.

A webhook may arrive before its message's reference is stored. It is then a pending match, until the function that sent
the message looks for it.
"""

from dataclasses import replace
from functools import partial, reduce
from typing import NamedTuple

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Contact
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.event.erased_event import without_customer
from getthrough.domain.event.webhook import StatusEvent
from getthrough.domain.ports import Seen
from getthrough.domain.values import identifiers
from getthrough.usecases.change_dispatch import change_dispatch, change_read
from getthrough.usecases.change_opt_out import change_opt_out
from getthrough.usecases.know_customer import know_customer
from getthrough.usecases.ports import Recording, Sending


class Recorded(NamedTuple):
    """The event with its address, whether it was stored before, and its dispatch before and after. Both are None if
    there is no dispatch or the event is a copy of a completed one. `opted_out`: the event opted its contact out."""

    event: StatusEvent
    seen: Seen
    before: Dispatch | None = None
    after: Dispatch | None = None
    opted_out: bool = False


def record_status(ports: Recording, event: StatusEvent) -> Recorded:
    """Store an event and apply it. When this returns, both are durable and the timers are armed.

    A copy of a stored event is applied again, because the first attempt may have been interrupted. The dispatch shows
    whether it was applied, and applying twice changes nothing. Only an event that opts its contact out is marked as
    completed, because an opt-out reaches further than its dispatch. An event of an unknown message stays a pending
    match, and the sender that stores the message's reference applies it. After UnavailableError, answer so that Vonage
    sends the webhook again.
    """
    event = named = _addressed(ports, event)
    dispatch = ports.dispatches.get(event.dispatch_uuid) if event.dispatch_uuid is not None else None
    if _is_erased(ports, event, dispatch):
        event = without_customer(event)
    seen = ports.events.add(event)
    if seen.completed:
        return Recorded(event, seen)
    if event.dispatch_uuid is None:
        # The sender may have stored the reference since the first lookup, and then found no pending event.
        event = _addressed(ports, event)
        if event.dispatch_uuid is None:
            return Recorded(event, seen)
        ports.events.add(event)
    apply = partial(failover.apply, event=event)
    changed = change_read(ports, dispatch, apply) if dispatch else change_dispatch(ports, event.dispatch_uuid, apply)
    if changed is None:
        return Recorded(event, seen)
    step = event.step or 0
    if event.aliases and step < len(changed.after.attempts):
        know_customer(ports, list(dict.fromkeys((changed.after.contact(step), *event.aliases))))
    opt_out = _opt_out(named, changed.after)
    if opt_out is not None:
        change_opt_out(ports, opt_out, also=_addressee(event, changed.after))
        ports.events.complete(event)
    return Recorded(event, seen, changed.before, changed.after, opted_out=opt_out is not None)


def match_pending(ports: Sending, dispatch: Dispatch, step: int) -> Dispatch:
    """Apply the statuses that arrived before the step's reference was stored.

    The reference is stored before this looks for pending events, so a webhook that arrives in between finds it. An
    opt-out in such an early event has no effect. Vonage then refuses the next message to the contact for the same
    reason, and that event opts the contact out.
    """
    attempt = dispatch.attempts[step]
    identifier = attempt.answer.vonage_message_uuid if attempt.answer else None
    if identifier is None:
        return dispatch
    ports.dispatches.refer(identifier, dispatch.message_uuid(step), attempt.answered_at or attempt.tried_at)
    pending = ports.events.pending(identifier)
    if not pending:
        return dispatch
    addressed = [replace(event, dispatch_uuid=dispatch.dispatch_uuid, step=step) for event in pending]
    for event in addressed:
        ports.events.add(event)
    changed = change_dispatch(ports, dispatch.dispatch_uuid, lambda stored: reduce(failover.apply, addressed, stored))
    return changed.after if changed else dispatch


def _is_erased(ports: Recording, event: StatusEvent, dispatch: Dispatch | None) -> bool:
    """Whether the event's customer was erased. Its dispatch says so; if it is not known, that costs a read."""
    if dispatch is not None:
        return dispatch.erased_at is not None
    contacts = [*([event.contact] if event.contact else []), *event.aliases]
    return bool(contacts) and ports.marks.erased_at(contacts) is not None


def _opt_out(event: StatusEvent, dispatch: Dispatch) -> OptOut | None:
    """The opt-out in an error that means "never contact this number again"."""
    known = event.step is not None and event.step < len(dispatch.attempts)
    if not known or event.error is None or not event.opted_out:
        return None
    step = event.step or 0
    contact = event.contact if dispatch.erased_at is not None else dispatch.contact(step)
    if contact is None:
        return None
    return OptOut(
        contact=contact,
        address=dispatch.steps[step].address,
        opted_out=True,
        changed_at=event.happened_at,
        why=f"error {event.error.code}",
        by="vonage",
    )


def _addressee(event: StatusEvent, dispatch: Dispatch) -> tuple[Contact, ...]:
    """The address that the error is about. It may be another customer's by now than the one for whom it was claimed."""
    return () if dispatch.erased_at is not None else (dispatch.steps[event.step or 0].contact,)


def _addressed(ports: Recording, event: StatusEvent) -> StatusEvent:
    """The event with its dispatch and step: from our id in `client_ref`, or found by the provider's id."""
    if event.dispatch_uuid is not None:
        return event
    ours = identifiers.parse_message_uuid(ports.dispatches.resolve(event.vonage_message_uuid))
    return replace(event, dispatch_uuid=ours[0], step=ours[1]) if ours else event
