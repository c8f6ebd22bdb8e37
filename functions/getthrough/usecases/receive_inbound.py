"""Receive a verified inbound message: store it, apply an opt-out or opt-in, and complete steps that await a reply."""

from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Contact
from getthrough.domain.contact.opt_out_words import opts_out, tap_opts_out
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.event.webhook import InboundMessage
from getthrough.domain.ports import Seen
from getthrough.domain.values.identifiers import parse_message_uuid
from getthrough.usecases.change_dispatch import Changed, change_dispatch
from getthrough.usecases.change_opt_out import LONGEST_WAIT, change_opt_out
from getthrough.usecases.ports import Listening

_FRACTION = timedelta(milliseconds=999)
_WHOLE_SECONDS = timedelta(seconds=1)
"""Vonage's times have whole seconds, so a reply may seem slightly older than the message it replies to."""


class Received(NamedTuple):
    """Whether the message was stored before; whether the contact opted out (True), opted in (False) or neither (None);
    and the dispatches that it replies to, before and after."""

    seen: Seen
    opted_out: bool | None = None
    answered: tuple[Changed, ...] = ()


def receive_inbound(ports: Listening, message: InboundMessage) -> Received:
    """Store an inbound message and apply it. When this returns, the message is durably stored. After a stop, no more
    steps are claimed for its contact. Every step that awaited the reply has it.

    A copy of a message that isn't completed is processed again, because the first attempt may have been interrupted.
    """
    answers = ports.dispatches.resolve(message.quotes) if message.quotes else None
    seen = ports.conversations.add(message, answers)
    if seen.completed:
        return Received(seen)
    at = message.happened_at
    opted_out = _opts_out(message, ports.stop_phrases)
    answered: tuple[Changed, ...] = ()
    if opted_out is not None:
        why = f"{message.contact.channel} message {message.vonage_message_uuid}"
        # A time in whole seconds may be any moment in that second. If a stop and another message share it, the stop
        # counts.
        latest = min(at + _FRACTION, message.received_at) if opted_out and at.microsecond == 0 else at
        said = OptOut(contact=message.contact, opted_out=opted_out, changed_at=latest, why=why, by="customer")
        change_opt_out(ports, said)
    else:
        changes = (
            change_dispatch(ports, dispatch_uuid, partial(_answered, step=step, contact=message.contact, at=at))
            for dispatch_uuid, step in _awaited(ports, message, answers)
        )
        answered = tuple(changed for changed in changes if changed is not None and changed.before != changed.after)
    ports.conversations.complete(message)
    return Received(seen, opted_out, answered)


def _opts_out(message: InboundMessage, stop_phrases: frozenset[str]) -> bool | None:
    if message.tapped:
        return True if tap_opts_out(message.text, message.payload) else None
    return opts_out(message.text, stop_phrases)


def _awaited(ports: Listening, message: InboundMessage, answers: str | None) -> list[tuple[str, int]]:
    """The steps that may await this message: the one that it quotes, or else all that were sent to the contact
    before."""
    if answers is not None:
        quoted = parse_message_uuid(answers)
        return [quoted] if quoted else []
    at = message.happened_at
    sent = ports.conversations.sent(message.contact, at - LONGEST_WAIT, awaiting_reply=True)
    addresses = (parse_message_uuid(step.message_uuid) for step in sent if step.at <= at + _WHOLE_SECONDS)
    return [address for address in addresses if address]


def _answered(dispatch: Dispatch, step: int, contact: Contact, at: datetime) -> Dispatch:
    """The dispatch with the reply recorded, if its step went to the contact that replied."""
    theirs = step < len(dispatch.attempts) and dispatch.steps[step].contact == contact
    return failover.reply(dispatch, step, at) if theirs else dispatch
