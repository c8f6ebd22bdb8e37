"""A conversation: the messages to and from a contact."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, NamedTuple, TypedDict

from getthrough.domain.event.webhook import InboundMessage
from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.view_types import Keywords, Time

LONGEST_LINE = 500
"""Characters of a message in a list."""


class Sent(NamedTuple):
    """A step that was claimed for a contact."""

    message_uuid: str
    at: datetime
    channel: str
    awaits_reply: bool


class Received(NamedTuple):
    """A message from a contact: the webhook's body, and the message_uuid of ours that it quotes, if any."""

    digest: str
    at: datetime
    channel: str
    body: Mapping[str, Any]
    answers: str | None


class InboundLineView(TypedDict):
    """A message from a contact in one line of a list."""

    channel: str
    address: str
    received_at: Time
    """When the webhook arrived."""
    message_type: str | None
    text: Annotated[str | None, Keywords(maxLength=LONGEST_LINE)]
    """The text, the caption, or the answer that was tapped. Long texts are cut."""


def describe_inbound(message: InboundMessage) -> InboundLineView:
    """A message in one line of a list. A long text is cut."""
    return {
        "channel": message.address.channel,
        "address": message.address.address,
        "received_at": to_text(message.received_at),
        "message_type": message.message_type,
        "text": message.text and message.text[:LONGEST_LINE],
    }
