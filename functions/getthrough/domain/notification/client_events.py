"""What the client's own systems are told: each change of the table that matters to them, as an event.

Pure: the same change makes the same event with the same id, however often it is read, so that a receiver can tell
copies. The shapes are in `client_event_schemas`; docs/events.md explains them.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.dispatch import timeline
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.event.webhook import LONGEST_ID, InboundMessage, ProviderError, StatusEvent
from getthrough.domain.notification.client_event_schemas import SCHEMAS
from getthrough.domain.values.rfc3339 import to_text

LONGEST_DATA = 200_000
"""Bytes of an event's data as JSON. A message of SQS and an entry of EventBridge may have 256 KB with all around it."""

_NOT_PASSED_ON = frozenset({"_links", "errors", "error", "usage", "truncated"})
"""Fields of Vonage's webhooks that v1 does not have, or that are told as they were understood, or that are ours."""

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StatusStored:
    """A status event was stored for the first time, under the dispatch that it names."""

    event: StatusEvent


@dataclass(frozen=True, slots=True)
class OutcomeChanged:
    """A dispatch has another outcome than before: it ended, or a late success changed how."""

    dispatch: Dispatch
    at: datetime


@dataclass(frozen=True, slots=True)
class MessageStored:
    """A message from a customer was stored for the first time, with the message_uuid of ours that it quotes."""

    message: InboundMessage
    answers: str | None


@dataclass(frozen=True, slots=True)
class ConsentChanged:
    """A contact opted out, or in again."""

    opt_out: OptOut


Change = StatusStored | OutcomeChanged | MessageStored | ConsentChanged


@dataclass(frozen=True, slots=True)
class ClientEvent:
    """`webhook_url` is where the client wants it, as said with its message; None leaves it to the stack's setting."""

    id: str
    type: str
    timestamp: datetime
    data: Json
    webhook_url: str | None = None


def of_status(event: StatusEvent, dispatch: Dispatch) -> ClientEvent | None:
    """`message.status`: the webhook in v1's shape, with our ids. None if it tells of no step of this dispatch."""
    step = event.step
    if step is None or step >= len(dispatch.steps):
        return None
    message = dispatch.steps[step].message
    fields = json.loads(event.body)
    data = {
        **_passed_on(fields),
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
    if event.error is not None:
        data["error"] = _error(event.error, fields.get("error"))
    if event.usage is not None:
        data["usage"] = {**fields["usage"], "currency": event.usage.currency, "price": f"{event.usage.price:f}"}
    change = (dispatch.dispatch_uuid, step, event.digest)
    webhook_url = message.get("webhook_url", _webhook_url(dispatch))
    return _event("message.status", event.received_at, data, change, webhook_url)


def of_outcome(dispatch: Dispatch, at: datetime) -> ClientEvent:
    """`dispatch.finished`. Another version with another outcome is another event."""
    whole = timeline.describe(dispatch, ())
    more = {name: whole[name] for name in ("succeeded_by", "double_messages", "usage")}
    change = (dispatch.dispatch_uuid, dispatch.version)
    data = {**timeline.summarize(dispatch), **more}
    return _event("dispatch.finished", at, data, change, _webhook_url(dispatch))


def of_message(message: InboundMessage, answers: str | None) -> ClientEvent:
    """`message.received`: the webhook in v1's shape; `answers` is the message_uuid of ours that it quotes."""
    fields = json.loads(message.body)
    data = {
        **_content(fields),
        "channel": message.contact.channel,
        "from": message.contact.address,
        "to": _address(fields.get("to")),
        "message_uuid": message.vonage_message_uuid,
        "timestamp": to_text(message.timestamp or message.received_at),
        "message_type": message.message_type,
        "text": message.text,
        "answers": answers,
    }
    return _event("message.received", message.received_at, data, (*message.contact, message.digest))


def consent_event(opt_out: OptOut) -> ClientEvent:
    """`contact.opted_out` or `contact.opted_in`."""
    channel, address = opt_out.contact
    changed_at = to_text(opt_out.changed_at)
    data = {"channel": channel, "address": address, "changed_at": changed_at, "why": opt_out.why, "by": opt_out.by}
    kind = "contact.opted_out" if opt_out.opted_out else "contact.opted_in"
    return _event(kind, opt_out.changed_at, data, (channel, address, changed_at))


def envelope(event: ClientEvent) -> Json:
    """The body of a webhook, as Standard Webhooks recommends it."""
    return {"type": event.type, "timestamp": to_text(event.timestamp), "data": event.data}


def _event(
    kind: str, timestamp: datetime, data: Json, change: tuple[object, ...], webhook_url: str | None = None
) -> ClientEvent:
    """`change` is what tells this event from every other one of its kind."""
    digest = hashlib.sha256(json.dumps([kind, *change]).encode()).hexdigest()
    return ClientEvent(f"evt_{digest[:32]}", kind, timestamp, _bounded(kind, data), webhook_url)


def _bounded(kind: str, data: Json) -> Json:
    """What does not fit keeps the fields that the schema requires and says so; the rest can be read over the API."""
    if len(json.dumps(data)) <= LONGEST_DATA:
        return data
    required = SCHEMAS[kind]["properties"]["data"]["required"]
    return {**{name: data[name] for name in required}, "truncated": True}


def _webhook_url(dispatch: Dispatch) -> str | None:
    """That of the first message holds for its fallbacks too, unless they have their own."""
    return dispatch.steps[0].message.get("webhook_url")


def _content(fields: Json) -> Json:
    """All of a v1 webhook; of the older shapes what v1 has at the top. The SMS API's has nothing more to tell."""
    if "channel" in fields:
        return _passed_on(fields)
    message = fields.get("message")
    content = message.get("content") if isinstance(message, Mapping) else None
    return {name: value for name, value in content.items() if name != "type"} if isinstance(content, Mapping) else {}


def _passed_on(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if name not in _NOT_PASSED_ON}


def _address(value: object) -> str | None:
    """v0.1 has objects where v1 has texts. None for what is too long to be one: an event must fit onto the bus."""
    if isinstance(value, Mapping):
        value = value.get("number") or value.get("id")
    return value if isinstance(value, str) and len(value) <= LONGEST_ID else None


def _error(error: ProviderError, came: object) -> Json:
    """In v1's shape, with all that came in it; v0.1 has `code` and `reason` instead."""
    of_v1: Json = came if isinstance(came, Mapping) and "title" in came else {}
    title = str(of_v1.get("title", "")) if error.code is None else str(error.code)
    return {**of_v1, "title": title, "detail": error.detail}
