"""Take a verified inbound message: keep it, and do what it says (stop, start), or what was waiting for an answer."""

from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Contact
from getthrough.domain.contact.opt_out_words import opts_out, tap_opts_out
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.event.webhook import InboundMessage
from getthrough.domain.ports import Clock, Conversations, Dispatches, OptOuts, Seen, Timers
from getthrough.domain.values.identifiers import parse_message_uuid
from getthrough.usecases.change_dispatch import Changed, change_dispatch
from getthrough.usecases.change_opt_out import LONGEST_WAIT, change_opt_out

_FRACTION = timedelta(milliseconds=999)
_WHOLE_SECONDS = timedelta(seconds=1)
"""Vonage cuts the fractions off its times: an answer may seem to be a little older than what it answers."""


class Received(NamedTuple):
    """What was known of the message; whether the contact opted out (True), in again (False), or neither (None); and the
    dispatches that it answers, before and after."""

    seen: Seen
    opted_out: bool | None = None
    answered: tuple[Changed, ...] = ()


def receive_inbound(
    message: InboundMessage,
    *,
    dispatches: Dispatches,
    conversations: Conversations,
    opt_outs: OptOuts,
    timers: Timers,
    clock: Clock,
) -> Received:
    """When this returns the message is durably stored and what follows from it is under way: after a stop no step is
    claimed any more for its contact, and whatever waited for an answer has one.

    A copy of a message that is not settled is obeyed again, since the first one may have died before it came to that.
    """
    answers = dispatches.resolve(message.quotes) if message.quotes else None
    seen = conversations.add(message, answers)
    if seen.completed:
        return Received(seen)
    at = message.happened_at
    opted_out = _opts_out(message)
    answered: tuple[Changed, ...] = ()
    if opted_out is not None:
        why = f"{message.contact.channel} message {message.vonage_message_uuid}"
        # A whole second may be any moment in it: of a stop and something else in one second, the stop counts.
        latest = min(at + _FRACTION, message.received_at) if opted_out and at.microsecond == 0 else at
        said = OptOut(contact=message.contact, opted_out=opted_out, changed_at=latest, why=why, by="customer")
        change_opt_out(
            said,
            opt_outs=opt_outs,
            conversations=conversations,
            dispatches=dispatches,
            timers=timers,
            clock=clock,
        )
    else:
        change = partial(change_dispatch, dispatches=dispatches, timers=timers, clock=clock)
        changes = (
            change(dispatch_uuid, partial(_answered, step=step, contact=message.contact, at=at))
            for dispatch_uuid, step in _awaited(message, answers, at, conversations)
        )
        answered = tuple(changed for changed in changes if changed is not None and changed.before != changed.after)
    conversations.complete(message)
    return Received(seen, opted_out, answered)


def _opts_out(message: InboundMessage) -> bool | None:
    if message.tapped:
        return True if tap_opts_out(message.text, message.payload) else None
    return opts_out(message.text)


def _awaited(
    message: InboundMessage, answers: str | None, at: datetime, conversations: Conversations
) -> list[tuple[str, int]]:
    """The steps that may wait for it: the one that is quoted, else all that the contact was sent before."""
    if answers is not None:
        quoted = parse_message_uuid(answers)
        return [quoted] if quoted else []
    sent = conversations.sent(message.contact, at - LONGEST_WAIT, awaiting_reply=True)
    addresses = (parse_message_uuid(step.message_uuid) for step in sent if step.at <= at + _WHOLE_SECONDS)
    return [address for address in addresses if address]


def _answered(dispatch: Dispatch, step: int, contact: Contact, at: datetime) -> Dispatch:
    """The dispatch with the answer, if its step was for whoever gave it."""
    theirs = step < len(dispatch.attempts) and dispatch.steps[step].contact == contact
    return failover.reply(dispatch, step, at) if theirs else dispatch
