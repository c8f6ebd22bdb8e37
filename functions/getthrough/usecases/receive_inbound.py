"""Receive a verified inbound message: store it, apply an opt-out or opt-in, complete steps that await a reply, and
answer STOP, START and HELP if the stack does that.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import ERASED, Contact
from getthrough.domain.contact.opt_out_words import opts_out, tap_opts_out
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.automatic_answer import answer_to
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.event.webhook import InboundMessage
from getthrough.domain.ports import Seen, Timer
from getthrough.domain.values.errors import VersionConflictError
from getthrough.domain.values.identifiers import parse_message_uuid
from getthrough.usecases.change_dispatch import Changed, change_dispatch
from getthrough.usecases.change_opt_out import LONGEST_WAIT, change_opt_out
from getthrough.usecases.know_customer import know_customer
from getthrough.usecases.ports import Listening

IN_TIME = timedelta(minutes=1)
"""A message that is older when it arrives is late. Much less than the time between the searches of an erasure."""

_FRACTION = timedelta(milliseconds=999)
_WHOLE_SECONDS = _A_MOMENT = timedelta(seconds=1)
"""Vonage's times have whole seconds, so a reply may seem slightly older than the message it replies to."""


class Received(NamedTuple):
    """Whether the message was stored before; whether the contact opted out (True), opted in (False) or neither (None);
    and the dispatches that it replies to, before and after."""

    seen: Seen
    opted_out: bool | None = None
    answered: tuple[Changed, ...] = ()


class _Quoted(NamedTuple):
    """A step that was sent, as a message quotes it."""

    dispatch: Dispatch
    step: int


class _Sender(NamedTuple):
    """Who wrote a message: the customer, all the contacts of theirs that it shows, and the step that it quotes."""

    customer: Contact
    contacts: tuple[Contact, ...]
    quoted: _Quoted | None


def receive_inbound(ports: Listening, message: InboundMessage) -> Received:
    """When this returns the message is durably stored and what follows from it is under way: after a stop no step is
    claimed any more for its customer, and every step that it answers knows that.

    A message that quotes one of ours comes from the customer to whom that was sent, whatever its own address is. A copy
    of a message that is not completed is acted on again, since the first one may have died before that.
    """
    if _is_of_erased(ports, message):
        return _obey_erased(ports, message)
    answers = ports.dispatches.resolve(message.quotes) if message.quotes else None
    sender = _sender_of(ports, message, answers)
    seen = ports.conversations.add(message, answers, customer=sender.customer)
    if seen.completed:
        return Received(seen)
    if seen.erased:
        return _obey_erased(ports, message)
    opted_out = _opts_out(message, ports.stop_phrases) if message.is_answer else None
    answered: tuple[Changed, ...] = ()
    if opted_out is not None:
        _obey(ports, message, opted_out, sender)
    elif message.is_answer:
        note = partial(failover.reply, at=message.happened_at, quoted=sender.quoted is not None)
        changes = (
            change_dispatch(ports, dispatch_uuid, partial(note, step=step))
            for dispatch_uuid, step in _answered_steps(ports, message, sender)
        )
        answered = tuple(changed for changed in changes if changed is not None and changed.before != changed.after)
    if ports.answers and (answer := answer_to(message, opted_out, ports.answers, sender.customer)):
        _answer(ports, answer)
    ports.conversations.complete(message)
    return Received(seen, opted_out, answered)


def _is_of_erased(ports: Listening, message: InboundMessage) -> bool:
    """Whether a message is older than its customer's erasure. Only a late one can be: one that comes in time is stored
    before the last search for the customer begins. So only late ones cost a read."""
    if message.received_at - message.happened_at <= IN_TIME:
        return False
    erased_at = ports.marks.erased_at((message.contact, *message.aliases))
    return erased_at is not None and message.happened_at <= erased_at


def _obey_erased(ports: Listening, message: InboundMessage) -> Received:
    """Obey a stop or a start of a customer who was erased, without the address. Nothing else is stored. Nor is it of a
    message that an erasure took before it was obeyed."""
    opted_out = _opts_out(message, ports.stop_phrases) if message.is_answer else None
    if opted_out is None:
        return Received(Seen(new=True))
    said = _said(message, opted_out, message.contact, message.happened_at)
    address = message.address._replace(address=ERASED)
    change_opt_out(ports, replace(said, address=address, words=None), also=message.aliases)
    return Received(Seen(new=True), opted_out)


def _sender_of(ports: Listening, message: InboundMessage, answers: str | None) -> _Sender:
    ours = parse_message_uuid(answers)
    dispatch = ports.dispatches.get(ours[0]) if ours else None
    quoted = _Quoted(dispatch, ours[1]) if ours and dispatch and ours[1] < len(dispatch.attempts) else None
    recipient = _recipients(quoted) if quoted else ()
    contacts = tuple(dict.fromkeys((*recipient, message.contact, *message.aliases)))
    return _Sender(know_customer(ports, contacts), contacts, quoted)


def _recipients(quoted: _Quoted) -> tuple[Contact, ...]:
    """To whom the quoted message was sent. After their erasure that is not known any more."""
    dispatch, step = quoted
    return () if dispatch.erased_at is not None else (dispatch.contact(step), dispatch.steps[step].contact)


def _opts_out(message: InboundMessage, stop_phrases: frozenset[str]) -> bool | None:
    if message.tapped:
        return True if tap_opts_out(message.text, message.payload) else None
    return opts_out(message.text, stop_phrases)


def _obey(ports: Listening, message: InboundMessage, opted_out: bool, sender: _Sender) -> None:
    """Store a stop or a start. A stop first ends the dispatch that it quotes, which would go on elsewhere otherwise."""
    at = message.happened_at
    # A whole second may be any moment in it: of a stop and something else in one second, the stop counts.
    latest = min(at + _FRACTION, message.received_at) if opted_out and at.microsecond == 0 else at
    if opted_out and sender.quoted is not None:
        stop = partial(failover.stop_by_answer, step=sender.quoted.step, at=latest)
        change_dispatch(ports, sender.quoted.dispatch.dispatch_uuid, stop)
    said = _said(message, opted_out, sender.customer, latest)
    change_opt_out(ports, said, also=sender.contacts)


def _answer(ports: Listening, answer: Dispatch) -> None:
    """Store an automatic answer for the function that sends: this one has no key for that."""
    if ports.dispatches.get(answer.dispatch_uuid) is not None:
        return  # this customer has had that answer today; storing it would note it once more
    # The timer must not fire before the write: a timer that finds nothing has no effect.
    ports.timers.arm([Timer(answer.dispatch_uuid, ports.clock() + _A_MOMENT)])
    with suppress(VersionConflictError):  # another message asked for it at the same moment
        ports.dispatches.save(answer)


def _said(message: InboundMessage, opted_out: bool, contact: Contact, at: datetime) -> OptOut:
    return OptOut(
        contact=contact,
        address=message.address,
        opted_out=opted_out,
        changed_at=at,
        why=f"{message.address.channel} message {message.vonage_message_uuid}",
        by="customer",
        words=message.text,
    )


def _answered_steps(ports: Listening, message: InboundMessage, sender: _Sender) -> list[tuple[str, int]]:
    """The steps that a message answers: the one that it quotes, else all that wait for a reply of this customer's."""
    if sender.quoted is not None:
        return [(sender.quoted.dispatch.dispatch_uuid, sender.quoted.step)]
    at = message.happened_at
    sent = [
        step
        for contact in dict.fromkeys((sender.customer, *sender.contacts))
        for step in ports.conversations.sent(contact, at - LONGEST_WAIT, awaiting_reply=True)
    ]
    addresses = (parse_message_uuid(step.message_uuid) for step in sent if step.at <= at + _WHOLE_SECONDS)
    return [address for address in addresses if address]
