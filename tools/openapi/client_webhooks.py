"""The webhooks to the client's own systems. Their shapes are in `notification.client_event_views`."""

from getthrough.domain.notification import client_event_views as event_views
from getthrough.domain.notification.client_event_views import EventType
from tools.openapi import answers, views
from tools.openapi.answers import NAMED
from tools.openapi.parameters import DISPATCH_UUID, MESSAGE_UUID
from tools.openapi.parts import TIME, Json, content, fields, schema

_NOON = "2026-03-02T12:00:01.000Z"
_CUSTOMER, _BAKERY = "447700900001", "447700900000"
_CONSENT = {"channel": "sms", "address": _CUSTOMER, "changed_at": _NOON, "why": "STOP", "by": "customer"}

_EXAMPLES: dict[str, Json] = {
    "message.status": {
        "message_uuid": MESSAGE_UUID,
        "vonage_message_uuid": "0c4d9a52-3b1f-4e7e-8a55-77c0ffee0001",
        "dispatch_uuid": DISPATCH_UUID,
        "step": 0,
        "client_ref": "order-4711",
        "channel": "sms",
        "to": _CUSTOMER,
        "from": _BAKERY,
        "timestamp": _NOON,
        "status": "delivered",
        "usage": {"currency": "EUR", "price": "0.0333"},
    },
    "dispatch.finished": {
        "dispatch_uuid": DISPATCH_UUID,
        "created_at": "2026-03-02T12:00:00.000Z",
        "client_name": "bakery",
        "client_ref": "order-4711",
        "batch_uuid": None,
        "canary": False,
        "test": False,
        "outcome": "succeeded",
        "succeeded_by": 0,
        "late": False,
        "double_messages": 0,
        "usage": [{"currency": "EUR", "price": "0.0333"}],
        "to": [{"channel": "sms", "address": _CUSTOMER}],
        "steps_total": 1,
        "steps_sent": 1,
        "status": "delivered",
    },
    "message.received": {
        "message_uuid": "0c4d9a52-3b1f-4e7e-8a55-77c0ffee0002",
        "channel": "sms",
        "from": _CUSTOMER,
        "to": _BAKERY,
        "timestamp": _NOON,
        "message_type": "text",
        "text": "Thank you! On my way.",
        "answers": None,
    },
    "contact.opted_out": _CONSENT,
    "contact.opted_in": {**_CONSENT, "why": "START"},
}

_HEADERS = [
    {"name": name, "in": "header", "required": True, "description": description, "schema": {"type": "string"}}
    for name, description in (
        ("webhook-id", "The id of the event. Every duplicate has the same id."),
        ("webhook-timestamp", "When this attempt was made, in seconds since 1970."),
        (
            "webhook-signature",
            "`v1,` and the base64 of an HMAC-SHA256 over `id.timestamp.body`. A second signature can follow after a "
            "space.",
        ),
    )
]

_ANSWERS: Json = {
    "2XX": {"description": "You received the event."},
    "410": {"description": "You do not want this event. Getthrough does not send it again."},
    "default": {"description": "Getthrough sends the event again, with growing delays, for 24 hours."},
}


DATA: dict[EventType, type] = {
    "message.status": event_views.MessageStatusView,
    "dispatch.finished": event_views.DispatchFinishedView,
    "message.received": event_views.MessageReceivedView,
    "contact.opted_out": event_views.ContactOptedOutView,
    "contact.opted_in": event_views.ContactOptedInView,
}
"""The shape of each event's `data`."""


def envelope_name(kind: EventType) -> str:
    """The component of a webhook's body."""
    return f"{views.component_name(DATA[kind])}Event"


def _envelope(kind: EventType) -> Json:
    happened = {**TIME, "description": "When it happened, not when it was sent."}
    parts = {"type": {"const": kind, "type": "string"}, "timestamp": happened}
    return fields({**parts, "data": schema(views.component_name(DATA[kind]))}, title=kind)


_DATA: Json = views.components(*DATA.values(), named=NAMED)

SCHEMAS: Json = {
    **{name: rules for name, rules in _DATA.items() if name not in answers.SCHEMAS},
    **{envelope_name(kind): _envelope(kind) for kind in DATA},
}

WEBHOOKS: Json = {
    kind: {
        "post": {
            "operationId": f"on{envelope_name(kind)}",
            "summary": _DATA[views.component_name(view)]["description"],
            "description": "Getthrough signs it as Standard Webhooks 1.0 describes, and sends it at least once.",
            "security": [],
            "parameters": _HEADERS,
            "requestBody": {
                "required": True,
                "content": content(
                    schema(envelope_name(kind)), {kind: {"type": kind, "timestamp": _NOON, "data": _EXAMPLES[kind]}}
                ),
            },
            "responses": _ANSWERS,
        }
    }
    for kind, view in DATA.items()
}
