"""Events for the client's own systems: one for each change of the table that matters to them.

Pure: the same change always makes the same event with the same id, so that a receiver can recognise copies. The shapes
are in `client_event_views`; docs/events.md explains them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Contact, contact_of
from getthrough.domain.dispatch import description
from getthrough.domain.dispatch.cost import total_usage
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.event.webhook import LONGEST_ID, InboundMessage, ProviderError, StatusEvent
from getthrough.domain.values.rfc3339 import to_text

if TYPE_CHECKING:  # types only: no function loads them
    from getthrough.domain.notification.client_event_views import (
        EventType,
        RequiredConsentView,
        RequiredMessageView,
        RequiredOutcomeView,
        RequiredStatusView,
    )

LONGEST_DATA = 200_000
"""Bytes of an event's data as JSON. SQS and EventBridge allow 256 KB for it and what surrounds it."""

_NOT_PASSED_ON = frozenset({"_links", "errors", "error", "usage", "truncated"})
"""Fields of Vonage's webhooks that v1 does not have, that are passed on as they were understood, or that are ours."""

Json = Mapping[str, Any]
_NOTHING: Json = {}


@dataclass(frozen=True, slots=True)
class StatusStored:
    """A status event was stored for the first time, under the dispatch that it names."""

    event: StatusEvent


@dataclass(frozen=True, slots=True)
class OutcomeChanged:
    """A dispatch has a new outcome: it ended, or a late success changed its outcome."""

    dispatch: Dispatch
    at: datetime


@dataclass(frozen=True, slots=True)
class MessageStored:
    """A message from a customer was stored for the first time. `answers` is the message_uuid of ours that it quotes."""

    message: InboundMessage
    answers: str | None


@dataclass(frozen=True, slots=True)
class ConsentChanged:
    """A contact opted out or opted in again."""

    opt_out: OptOut


Change = StatusStored | OutcomeChanged | MessageStored | ConsentChanged


@dataclass(frozen=True, slots=True)
class ClientEvent:
    """`webhook_url` is the address that the client gave with its message. None means the stack's own setting."""

    id: str
    type: str
    timestamp: datetime
    data: Json
    webhook_url: str | None = None


def of_status(event: StatusEvent, dispatch: Dispatch) -> ClientEvent | None:
    """`message.status`: the webhook in v1's shape, with our ids. None if it belongs to no step of this dispatch."""
    step = event.step
    if step is None or step >= len(dispatch.steps):
        return None
    message = dispatch.steps[step].message
    fields = json.loads(event.body)
    required: RequiredStatusView = {
        "channel": message["channel"],
        "to": message["to"],
        "from": message["from"],
        "timestamp": to_text(event.timestamp or event.received_at),
        "message_uuid": dispatch.message_uuid(step),
        "vonage_message_uuid": event.vonage_message_uuid,
        "dispatch_uuid": dispatch.dispatch_uuid,
        "step": step,
        "client_ref": message.get("client_ref", dispatch.client_ref),
        "status": fields["status"].strip(),
    }
    optional = dict(_passed_on(fields))
    if event.error is not None:
        optional["error"] = _error(event.error, fields.get("error"))
    if event.usage is not None:
        optional["usage"] = {**fields["usage"], "currency": event.usage.currency, "price": f"{event.usage.price:f}"}
    change = (dispatch.dispatch_uuid, step, event.digest)
    webhook_url = message.get("webhook_url", _webhook_url(dispatch))
    data = _bounded(required, optional)
    return _event("message.status", event.received_at, data, change, webhook_url)


def of_outcome(dispatch: Dispatch, at: datetime) -> ClientEvent:
    """`dispatch.finished`. A later version with another outcome is another event."""
    change = (dispatch.dispatch_uuid, dispatch.version)
    data: RequiredOutcomeView = {
        **description.outline(dispatch),
        "succeeded_by": dispatch.succeeded_by,
        "double_messages": dispatch.double_messages,
        "usage": total_usage(dispatch),
    }
    return _event("dispatch.finished", at, _bounded(data), change, _webhook_url(dispatch))


def of_message(message: InboundMessage, answers: str | None) -> ClientEvent:
    """`message.received`: the webhook in v1's shape; `answers` is the message_uuid of ours that it quotes."""
    fields = json.loads(message.body)
    required: RequiredMessageView = {
        "channel": message.address.channel,
        "from": message.address.address,
        "to": _address(fields.get("to")),
        "message_uuid": message.vonage_message_uuid,
        "timestamp": to_text(message.timestamp or message.received_at),
        "message_type": message.message_type,
        "answers": answers,
    }
    data = _bounded(required, {**_content(fields), "text": message.text})
    return _event("message.received", message.received_at, data, (*message.address, message.digest))


def consent_event(opt_out: OptOut) -> ClientEvent:
    """`contact.opted_out` or `contact.opted_in`."""
    channel, address = opt_out.address
    changed_at = to_text(opt_out.changed_at)
    data: RequiredConsentView = {
        "channel": channel,
        "address": address,
        "changed_at": changed_at,
        "why": opt_out.why,
        "by": opt_out.by,
    }
    kind: EventType = "contact.opted_out" if opt_out.opted_out else "contact.opted_in"
    return _event(kind, opt_out.changed_at, _bounded(data), (channel, address, changed_at))


def contacts_of(body: Json) -> tuple[Contact, ...]:
    """Those whom an event in its envelope is about."""
    data = body.get("data", {})
    to, channel = data.get("to"), data.get("channel")
    if isinstance(to, list):
        return tuple(dict.fromkeys(contact_of(step["channel"], step["address"]) for step in to))
    customer = data.get("from") if body.get("type") == "message.received" else to or data.get("address")
    return (contact_of(channel, customer),) if channel and customer else ()


def envelope(event: ClientEvent) -> Json:
    """The body of a webhook, as Standard Webhooks recommends it."""
    return {"type": event.type, "timestamp": to_text(event.timestamp), "data": event.data}


def _event(
    kind: EventType, timestamp: datetime, data: Json, change: tuple[object, ...], webhook_url: str | None = None
) -> ClientEvent:
    """`change` distinguishes this event from every other one of its type."""
    digest = hashlib.sha256(json.dumps([kind, *change]).encode()).hexdigest()
    return ClientEvent(f"evt_{digest[:32]}", kind, timestamp, data, webhook_url)


def _bounded(required: Json, optional: Json = _NOTHING) -> Json:
    """All fields. If they are too long, only the required ones: clients can read the rest with the API."""
    data = {**optional, **required}
    return data if len(json.dumps(data)) <= LONGEST_DATA else {**required, "truncated": True}


def _webhook_url(dispatch: Dispatch) -> str | None:
    """The first message's `webhook_url` also applies to its fallbacks, unless they have their own."""
    return dispatch.steps[0].message.get("webhook_url")


def _content(fields: Json) -> Json:
    """The content of an inbound message, as v1 has it at the top level. The SMS API's shape has none."""
    if "channel" in fields:
        return _passed_on(fields)
    message = fields.get("message")
    content = message.get("content") if isinstance(message, Mapping) else None
    return {name: value for name, value in content.items() if name != "type"} if isinstance(content, Mapping) else {}


def _passed_on(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if name not in _NOT_PASSED_ON}


def _address(value: object) -> str | None:
    """An address from v1's text or v0.1's object. None if it is too long: an event must fit onto the bus."""
    if isinstance(value, Mapping):
        value = value.get("number") or value.get("id")
    return value if isinstance(value, str) and len(value) <= LONGEST_ID else None


def _error(error: ProviderError, raw: object) -> Json:
    """An error in v1's shape, with all its fields. v0.1 has `code` and `reason` instead."""
    of_v1: Json = raw if isinstance(raw, Mapping) and "title" in raw else {}
    title = str(of_v1.get("title", "")) if error.code is None else str(error.code)
    return {**of_v1, "title": title, "detail": error.detail}
