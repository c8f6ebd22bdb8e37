"""What passed between us and a contact, and whether the contact wants to hear from us."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from getthrough.domain.event.webhook import InboundMessage
from getthrough.domain.values.rfc3339 import to_text

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


def describe_inbound(message: InboundMessage) -> Mapping[str, Any]:
    """A message in one line of a list: what it says is cut where it is long."""
    return {
        "channel": message.contact.channel,
        "address": message.contact.address,
        "received_at": to_text(message.received_at),
        "message_type": message.message_type,
        "text": message.text and message.text[:LONGEST_LINE],
    }
