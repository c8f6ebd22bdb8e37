"""Vonage's webhooks, understood: status events and inbound messages, in the v1 and the v0.1 shape.

Shapes: Messages API v1.11 (`messageStatus*`, `inbound*`) and v0.1, where `to` and `from` are objects. Whatever is
unknown is kept raw and never guessed. The functions take a body that has been verified and decoded.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from getthrough.domain import identifiers
from getthrough.domain.dispatch import Contact, Usage
from getthrough.domain.errors import MalformedWebhookError
from getthrough.domain.rfc3339 import parse_lenient
from getthrough.domain.status import Status

LONGEST_ID = 256
"""Characters of an id or an address that we take: the table's keys have a limit."""

_PRICE = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?")
_CODE = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class ProviderError:
    """Why a message was rejected: Vonage's code (None if it has none that we can read) and its words for it."""

    code: int | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEvent:
    """One status webhook. `status` is None for a word that we do not know; `body` is what came, as JSON text.

    `dispatch_uuid` and `step` are None while it is not known whose message it tells of.
    """

    digest: str
    vonage_message_uuid: str
    status: Status | None
    timestamp: datetime | None
    received_at: datetime
    body: str
    usage: Usage | None = None
    error: ProviderError | None = None
    dispatch_uuid: str | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """One message from a customer. `text` is what it says, where it is text."""

    digest: str
    vonage_message_uuid: str
    contact: Contact
    received_at: datetime
    body: str
    text: str | None = None
    timestamp: datetime | None = None


def parse_status(payload: object, *, received_at: datetime) -> StatusEvent:
    """Read a status webhook; its `client_ref`, where it is one of our message_uuids, tells dispatch and step."""
    fields = _object(payload)
    ours = identifiers.parse_message_uuid(_text(fields.get("client_ref")))
    word = _text(fields.get("status"))
    if word is None:
        raise MalformedWebhookError("no status")
    body = _canonical(fields)
    return StatusEvent(
        digest=_digest(body),
        vonage_message_uuid=_identifier(fields),
        status=Status(word) if word in set(Status) else None,
        timestamp=parse_lenient(fields.get("timestamp")),
        received_at=received_at,
        body=body,
        usage=_usage(fields.get("usage")),
        error=_error(fields.get("error")),
        dispatch_uuid=ours[0] if ours else None,
        step=ours[1] if ours else None,
    )


def parse_inbound(payload: object, *, received_at: datetime) -> InboundMessage:
    """Read an inbound message, far enough to know whose conversation it belongs to."""
    fields = _object(payload)
    sender = fields.get("from")
    if isinstance(sender, Mapping):  # v0.1
        channel, address = _text(sender.get("type"), 50), _text(sender.get("number") or sender.get("id"))
    else:
        channel, address = _text(fields.get("channel"), 50), _text(sender)
    if channel is None or address is None:
        raise MalformedWebhookError("no channel or no sender")
    body = _canonical(fields)
    return InboundMessage(
        digest=_digest(body),
        vonage_message_uuid=_identifier(fields),
        contact=Contact(channel, address),
        received_at=received_at,
        body=body,
        text=_message_text(fields),
        timestamp=parse_lenient(fields.get("timestamp")),
    )


def _message_text(fields: Mapping[str, Any]) -> str | None:
    """v1 has `text` at the top, v0.1 under `message.content`."""
    message = fields.get("message")
    content = message.get("content") if isinstance(message, Mapping) else fields
    text = content.get("text") if isinstance(content, Mapping) else None
    return text if isinstance(text, str) else None


def _object(payload: object) -> Mapping[str, Any]:
    if not isinstance(payload, Mapping):
        raise MalformedWebhookError("not a JSON object")
    return payload


def _identifier(fields: Mapping[str, Any]) -> str:
    identifier = _text(fields.get("message_uuid"))
    if identifier is None:
        raise MalformedWebhookError("no message_uuid")
    return identifier


def _text(value: object, longest: int = LONGEST_ID) -> str | None:
    """A short, non-empty text, trimmed (v0.1 was seen to send numbers with a leading tab); else None."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    return text if 0 < len(text) <= longest else None


def _usage(value: object) -> Usage | None:
    if not isinstance(value, Mapping):
        return None
    price, currency = _text(value.get("price")), _text(value.get("currency"))
    return Usage(Decimal(price), currency) if price and currency and _PRICE.fullmatch(price) else None


def _error(value: object) -> ProviderError | None:
    """v1 has the code in `title`, as a text or (older) a number; v0.1 has `code` and `reason`."""
    if not isinstance(value, Mapping):
        return None
    code = str(value.get("title", value.get("code", "")))
    detail = _text(value.get("detail") or value.get("reason"), longest=2000)
    return ProviderError(int(code) if _CODE.fullmatch(code) else None, detail or "")


def _canonical(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"))


def _digest(body: str) -> str:
    """What makes two copies of a webhook the same: their content. A retry is signed anew, so its token does not."""
    return hashlib.sha256(body.encode()).hexdigest()
