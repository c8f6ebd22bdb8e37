"""Which automatic answer a message gets, and its dispatch. Only the function that reads messages loads this."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from getthrough.domain.contact.contact import Contact
from getthrough.domain.contact.opt_out_words import asks_for_help, opts_out
from getthrough.domain.dispatch.automatic import HELP, IN_TIME, STARTED, STOPPED
from getthrough.domain.dispatch.dispatch import Dispatch, Step
from getthrough.domain.event.webhook import InboundMessage, credible
from getthrough.domain.message.channels import CHANNELS
from getthrough.domain.message.status import Condition
from getthrough.domain.values import identifiers


class Answers(NamedTuple):
    """The stack's automatic answers, by their client's name. `hash_of` names a contact in the ids of answers: an id
    must not tell whom it is for."""

    texts: Mapping[str, str]
    hash_of: Callable[[Contact], str]


def texts(stopped: str, started: str, help_: str) -> Mapping[str, str]:
    """The texts that are given. One that is a STOP, START or HELP itself is left out: two stacks that have it would
    answer each other."""
    given = {STOPPED: stopped, STARTED: started, HELP: help_}
    return {name: text for name, text in given.items() if text.strip() and not _is_command(text)}


def _is_command(text: str) -> bool:
    return opts_out(text) is not None or asks_for_help(text)


def answer_to(message: InboundMessage, opted_out: bool | None, answers: Answers, customer: Contact) -> Dispatch | None:
    """The dispatch that answers a message. None for a message that gets no answer.

    A message that is automatic itself gets none. An out-of-office note, or a text of ours that comes back, is no STOP,
    START or HELP: those have nothing else in them. Nor does what comes from a name, a short number or our own address,
    or what the channel says itself (`InboundMessage.is_answer`).

    A customer's answers of one kind on one day (UTC) have one id, so the first of them is the only one.
    """
    name = _name(message, opted_out)
    late = message.received_at - message.happened_at > IN_TIME
    if name not in answers.texts or late or message.ours is None or not _is_of_a_person(message):
        return None
    day = (credible(message.timestamp, message.received_at) or message.received_at).date()
    step = Step(
        message={
            "channel": message.address.channel,
            "message_type": "text",
            "to": message.address.address,
            "from": message.ours.address,
            "text": answers.texts[name],
        },
        expiry_time=int(IN_TIME.total_seconds()),
        condition_status=Condition.DELIVERED,
    )
    return Dispatch(
        dispatch_uuid=identifiers.dispatch_uuid_from(identifiers.derived(name, answers.hash_of(customer), f"{day}")),
        client_name=name,
        created_at=message.received_at,
        steps=(step,),
    )


def _name(message: InboundMessage, opted_out: bool | None) -> str:
    """Of the answer's client: what the message asks for. Empty for any other message."""
    if opted_out is not None:
        return STOPPED if opted_out else STARTED
    return HELP if message.is_answer and not message.tapped and asks_for_help(message.text) else ""


def _is_of_a_person(message: InboundMessage) -> bool:
    """True if the channel can send a plain text to the address that wrote, and that is not ours."""
    channel = CHANNELS.get(message.address.channel)
    if channel is None or channel.required or "text" not in channel.types or message.ours == message.address:
        return False
    return re.search(channel.to["pattern"], message.address.address) is not None
