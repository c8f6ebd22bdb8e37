"""What passed between us and a contact."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from getthrough.domain.contact.consent import OptOutView, describe_opt_out
from getthrough.domain.contact.contact import Contact
from getthrough.domain.conversation.conversation import InboundPageView, Received, Sent, describe_inbound
from getthrough.domain.dispatch import timeline
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.ports import Conversations, Dispatches, OptOuts, PageRequest
from getthrough.domain.values import identifiers
from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.view_types import Cursor, Time, Uuid

if TYPE_CHECKING:  # types only: no function loads them
    from getthrough.domain.dispatch.dispatch_view import StepView

LONGEST_PAGE = 4_000_000
"""Bytes of a page's messages."""


class OutboundMessageView(TypedDict):
    direction: Literal["outbound"]
    at: Time
    message_uuid: Uuid
    step: StepView | None
    """Null if the dispatch has expired."""


class InboundMessageView(TypedDict):
    direction: Literal["inbound"]
    at: Time
    in_reply_to: Uuid | None
    """The `message_uuid` of our message that the customer quoted."""
    message: Mapping[str, Any]
    """The body of the webhook, unchanged."""


class ConversationView(TypedDict):
    channel: str
    address: str
    opt_out: OptOutView | None
    messages: list[OutboundMessageView | InboundMessageView]
    """Newest first."""
    cursor: Cursor


def list_conversations(page: PageRequest, *, conversations: Conversations) -> InboundPageView:
    """One page of messages from all customers, newest first."""
    found = conversations.newest(*page)
    return {"conversations": [describe_inbound(message) for message in found.messages], "cursor": found.cursor}


def read_conversation(
    contact: Contact,
    page: PageRequest,
    *,
    conversations: Conversations,
    dispatches: Dispatches,
    opt_outs: OptOuts,
) -> ConversationView:
    """One page of what was sent to a contact and what came from it, newest first, and whether it has opted out. The
    conversation of somebody unknown is empty. A page has fewer messages where they are very long: a function cannot
    answer with more than 6 MB.
    """
    thread = conversations.page(contact, *page)
    sent = (entry for entry in thread.entries if isinstance(entry, Sent))
    found = dispatches.get_many(identifiers.dispatch_uuid_of(entry.message_uuid) for entry in sent)
    messages = [_describe(entry, found) for entry in thread.entries]
    if page.limit > 1 and len(json.dumps(messages, ensure_ascii=False).encode()) > LONGEST_PAGE:
        smaller = PageRequest(page.limit // 2, page.cursor)
        return read_conversation(
            contact, smaller, conversations=conversations, dispatches=dispatches, opt_outs=opt_outs
        )
    opt_out = opt_outs.get(contact)
    return {
        "channel": contact.channel,
        "address": contact.address,
        "opt_out": describe_opt_out(opt_out) if opt_out else None,
        "messages": messages,
        "cursor": thread.cursor,
    }


def _describe(entry: Sent | Received, dispatches: Mapping[str, Dispatch]) -> OutboundMessageView | InboundMessageView:
    if isinstance(entry, Received):
        in_reply_to = entry.answers
        raw = entry.body
        return {"direction": "inbound", "at": to_text(entry.at), "in_reply_to": in_reply_to, "message": raw}
    dispatch = dispatches.get(identifiers.dispatch_uuid_of(entry.message_uuid))
    address = identifiers.parse_message_uuid(entry.message_uuid)
    step = timeline.describe_step(dispatch, address[1]) if dispatch and address else None
    return {"direction": "outbound", "at": to_text(entry.at), "message_uuid": entry.message_uuid, "step": step}
