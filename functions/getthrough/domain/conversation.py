"""What passed between us and a contact, and whether the contact wants to hear from us."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from getthrough.domain.dispatch import Contact
from getthrough.domain.rfc3339 import to_text
from getthrough.domain.webhook import InboundMessage

LONGEST_LINE = 500
"""Characters of a message in a list."""


class Sent(NamedTuple):
    """A step that was claimed for a contact. `first` is True for the dispatch's first one to this contact."""

    message_uuid: str
    at: datetime
    first: bool
    awaits_reply: bool


class Received(NamedTuple):
    """A message from a contact: what came, and the message_uuid of ours that it quotes, if it does."""

    digest: str
    at: datetime
    body: Mapping[str, Any]
    answers: str | None


class Thread(NamedTuple):
    """Some of a conversation, newest first, and the cursor of what is older (None at the beginning)."""

    entries: list[Sent | Received]
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """What is known of a contact's wish. `why` is for people; `by` is `customer`, `vonage` or a client's name."""

    contact: Contact
    opted_out: bool
    changed_at: datetime
    why: str
    by: str


class OptOutPage(NamedTuple):
    """Some contacts that have opted out, the newest first, and the cursor of the next page (None at the end)."""

    opt_outs: list[OptOut]
    cursor: str | None


def describe_inbound(message: InboundMessage) -> Mapping[str, Any]:
    """A message in one line of a list: what it says is cut where it is long."""
    return {
        "channel": message.contact.channel,
        "address": message.contact.address,
        "received_at": to_text(message.received_at),
        "message_type": message.message_type,
        "text": message.text and message.text[:LONGEST_LINE],
    }


def describe_opt_out(opt_out: OptOut) -> Mapping[str, Any]:
    """A contact's wish, as clients read it."""
    return {
        "channel": opt_out.contact.channel,
        "address": opt_out.contact.address,
        "opted_out": opt_out.opted_out,
        "changed_at": to_text(opt_out.changed_at),
        "why": opt_out.why,
        "by": opt_out.by,
    }
