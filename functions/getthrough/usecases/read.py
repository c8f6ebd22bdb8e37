"""Read what needs more than one lookup: a message by either id, a conversation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from getthrough.domain.contact.consent import OptOutView, describe_opt_out
from getthrough.domain.contact.contact import Address
from getthrough.domain.conversation.conversation import Received, Sent
from getthrough.domain.conversation.service_window import ServiceWindowView, describe_windows
from getthrough.domain.dispatch import description
from getthrough.domain.dispatch.automatic import is_automatic
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.event.webhook import LONGEST_ID
from getthrough.domain.values import identifiers
from getthrough.domain.values.errors import NotFoundError
from getthrough.domain.values.page import PageRequest
from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.view_types import Cursor, Time, Uuid
from getthrough.usecases.know_customer import contacts_of
from getthrough.usecases.ports import Reading
from getthrough.usecases.service_windows import windows_of

if TYPE_CHECKING:  # types only: no function loads them
    from getthrough.domain.dispatch.dispatch_view import StepView, StoredMessageView

LONGEST_PAGE = 4_000_000
"""Bytes of the messages on one page. A function can't return more than 6 MB."""


def read_message(ports: Reading, message_uuid: str) -> StoredMessageView:
    """One attempt, by our message_uuid or by Vonage's. Raises NotFoundError if there is none."""
    if len(message_uuid) > LONGEST_ID:
        raise NotFoundError
    # One in 25 of Vonage's ids looks like one of ours, so both are tried.
    for resolve in (str, ports.dispatches.resolve):
        ours = identifiers.parse_message_uuid(resolve(message_uuid))
        dispatch = ports.dispatches.get(ours[0]) if ours else None
        if ours and dispatch and ours[1] < len(dispatch.steps):
            return {"dispatch_uuid": ours[0], **description.describe_step(dispatch, ours[1])}
    raise NotFoundError


class OutboundMessageView(TypedDict):
    direction: Literal["outbound"]
    at: Time
    channel: str
    message_uuid: Uuid
    automatic: bool
    """True for an automatic answer of the stack."""
    step: StepView | None
    """Null if the dispatch has expired."""


class InboundMessageView(TypedDict):
    direction: Literal["inbound"]
    at: Time
    channel: str
    in_reply_to: Uuid | None
    """The `message_uuid` of our message that the customer quoted."""
    message: Mapping[str, Any]
    """The body of the webhook, unchanged."""


class ConversationView(TypedDict):
    channel: str
    address: str
    opt_out: OptOutView | None
    service_windows: list[ServiceWindowView]
    """The times in which a sender may write to the customer freely, on channels such as WhatsApp that otherwise accept
    only templates. They follow from the messages that this stack received."""
    messages: list[OutboundMessageView | InboundMessageView]
    """Newest first."""
    cursor: Cursor


def read_conversation(ports: Reading, address: Address, page: PageRequest) -> ConversationView:
    """One page of what was sent to a customer and what came from them, on every channel, newest first, and whether they
    have opted out.

    The conversation with an unknown customer is empty. A page has fewer messages where they are very long.
    """
    contacts = contacts_of(ports, address.contact)
    found = ports.conversations.page(contacts, *page)
    sent = (entry for entry in found.items if isinstance(entry, Sent))
    dispatches = ports.dispatches.get_many(identifiers.dispatch_uuid_of(entry.message_uuid) for entry in sent)
    messages = [_describe(entry, dispatches) for entry in found.items if _may_have_gone_out(entry, dispatches)]
    if page.limit > 1 and len(json.dumps(messages, ensure_ascii=False).encode()) > LONGEST_PAGE:
        return read_conversation(ports, address, page._replace(limit=page.limit // 2))
    opt_out = ports.opt_outs.get(contacts[0])
    return {
        "channel": address.channel,
        "address": address.address,
        "opt_out": describe_opt_out(opt_out) if opt_out else None,
        "service_windows": describe_windows(windows_of(ports.conversations, contacts, ports.clock())),
        "messages": messages,
        "cursor": found.cursor,
    }


def _may_have_gone_out(entry: Sent | Received, dispatches: Mapping[str, Dispatch]) -> bool:
    """False for a step that was claimed and noted, and then not sent, because its customer had opted out."""
    address = identifiers.parse_message_uuid(entry.message_uuid) if isinstance(entry, Sent) else None
    dispatch = dispatches.get(address[0]) if address else None
    if dispatch is None or address is None or address[1] >= len(dispatch.attempts):
        return True
    return dispatch.attempts[address[1]].posted


def _describe(entry: Sent | Received, dispatches: Mapping[str, Dispatch]) -> OutboundMessageView | InboundMessageView:
    if isinstance(entry, Received):
        return {
            "direction": "inbound",
            "at": to_text(entry.at),
            "channel": entry.channel,
            "in_reply_to": entry.answers,
            "message": entry.body,
        }
    dispatch = dispatches.get(identifiers.dispatch_uuid_of(entry.message_uuid))
    address = identifiers.parse_message_uuid(entry.message_uuid)
    step = description.describe_step(dispatch, address[1]) if dispatch and address else None
    return {
        "direction": "outbound",
        "at": to_text(entry.at),
        "channel": entry.channel,
        "message_uuid": entry.message_uuid,
        "automatic": dispatch is not None and is_automatic(dispatch),
        "step": step,
    }
