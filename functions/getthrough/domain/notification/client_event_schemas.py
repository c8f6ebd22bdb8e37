"""The shapes of the events in `client_events`, as JSON Schemas (2020-12): for OpenAPI's `webhooks` and for receivers.

Fields that are not listed may come: what Vonage adds to its webhooks is passed on.
"""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

_TEXT: Schema = {"type": "string"}
_TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_UUID: Schema = {"type": "string", "format": "uuid"}
_STEP: Schema = {"type": "integer", "minimum": 0, "maximum": 9, "description": "Number of the step, from 0."}
_CLIENT_REF: Schema = {"type": ["string", "null"], "description": "Your own reference, as you gave it."}
_USAGE: Schema = {
    "type": "object",
    "required": ["currency", "price"],
    "properties": {"currency": _TEXT, "price": {"type": "string", "description": "Exact, as a decimal."}},
}
_ERROR: Schema = {
    "type": "object",
    "required": ["title", "detail"],
    "properties": {"title": {"type": "string", "description": "Vonage's error code."}, "detail": _TEXT},
}
_TRUNCATED: Schema = {
    "const": True,
    "description": "There if the event was too long: only the required fields are left; read the rest over the API.",
}


def _schema(kind: str, description: str, required: Mapping[str, Schema], optional: Mapping[str, Schema]) -> Schema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind,
        "description": description,
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": kind},
            "timestamp": {**_MOMENT, "description": "When it happened, not when it was sent."},
            "data": {
                "type": "object",
                "required": list(required),
                "properties": {**required, **optional, "truncated": _TRUNCATED},
            },
        },
    }


def _consent(kind: str, description: str) -> Schema:
    return _schema(
        kind,
        description,
        {
            "channel": _TEXT,
            "address": _TEXT,
            "changed_at": _MOMENT,
            "why": _TEXT,
            "by": {"type": "string", "description": "`customer`, `vonage`, or the name of a client."},
        },
        {},
    )


SCHEMAS: Mapping[str, Schema] = {
    "message.status": _schema(
        "message.status",
        "A status of a message, as Vonage told it, in the shape of Messages API v1.",
        {
            "message_uuid": {**_UUID, "description": "Ours, as POST /v1/messages answered it."},
            "vonage_message_uuid": {"type": "string", "description": "Vonage's."},
            "dispatch_uuid": _UUID,
            "step": _STEP,
            "client_ref": _CLIENT_REF,
            "channel": _TEXT,
            "to": _TEXT,
            "from": _TEXT,
            "timestamp": {**_MOMENT, "description": "When Vonage says that it happened."},
            "status": {
                "type": "string",
                "description": "`submitted`, `delivered`, `read`, `rejected`, `undeliverable`, or what Vonage adds.",
            },
        },
        {"error": _ERROR, "usage": _USAGE},
    ),
    "dispatch.finished": _schema(
        "dispatch.finished",
        "A dispatch has an outcome, or another one than before: a success may still come late.",
        {
            "dispatch_uuid": _UUID,
            "created_at": _MOMENT,
            "client_ref": _CLIENT_REF,
            "outcome": {"enum": ["succeeded", "exhausted", "cancelled", "stopped"]},
            "succeeded_by": {**_STEP, "type": ["integer", "null"]},
            "late": {"type": "boolean", "description": "A step succeeded after its window had ended."},
            "double_messages": {"type": "integer", "minimum": 0},
            "usage": {"type": "array", "items": _USAGE, "description": "The sum in each currency."},
            "to": {
                "type": "array",
                "description": "The contact of each step.",
                "items": {
                    "type": "object",
                    "required": ["channel", "address"],
                    "properties": {"channel": _TEXT, "address": _TEXT},
                },
            },
            "steps_total": {"type": "integer", "minimum": 1, "maximum": 10},
            "steps_sent": {"type": "integer", "minimum": 0, "maximum": 10},
            "status": {"type": ["string", "null"], "description": "Of the last step that was sent."},
        },
        {},
    ),
    "message.received": _schema(
        "message.received",
        "A message from a customer, in the shape of Messages API v1.",
        {
            "message_uuid": {"type": "string", "description": "Vonage's."},
            "channel": _TEXT,
            "from": _TEXT,
            "to": _TEXT_OR_NULL,
            "timestamp": _MOMENT,
            "message_type": _TEXT_OR_NULL,
            "answers": {"type": ["string", "null"], "description": "The message_uuid of ours that it quotes."},
        },
        {"text": {"type": ["string", "null"], "description": "Its text, its caption, or the answer that was tapped."}},
    ),
    "contact.opted_out": _consent("contact.opted_out", "A contact wants no more messages on this channel."),
    "contact.opted_in": _consent("contact.opted_in", "A contact that had opted out wants messages again."),
}
"""The schema of a webhook's body, by its `type`. On the event bus `data`, with the event's `id`, is the `detail`."""
