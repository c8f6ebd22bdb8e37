"""The webhooks that the client's own systems get; `client_event_schemas` describes their bodies."""

from getthrough.domain.notification.client_event_schemas import SCHEMAS as EVENT_SCHEMAS
from getthrough.openapi.parameters import DISPATCH_UUID, MESSAGE_UUID
from getthrough.openapi.parts import Json, content, schema

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
        "client_ref": "order-4711",
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
        ("webhook-id", "The same for every copy of an event."),
        ("webhook-timestamp", "Seconds since 1970, of this attempt."),
        ("webhook-signature", "`v1,` and base64 of the HMAC-SHA256 over `id.timestamp.body`; after a space, another."),
    )
]

_ANSWERS: Json = {
    "2XX": {"description": "You have it."},
    "410": {"description": "You do not want it: it is not sent again."},
    "default": {"description": "It is sent again, in growing distances, for 24 hours."},
}


def _name(kind: str) -> str:
    return "".join(word.title() for word in kind.replace("_", ".").split(".")) + "Event"


SCHEMAS: Json = {_name(kind): dict(rules) for kind, rules in EVENT_SCHEMAS.items()}

WEBHOOKS: Json = {
    kind: {
        "post": {
            "operationId": f"on{_name(kind)}",
            "summary": rules["description"],
            "description": "Signed as Standard Webhooks 1.0 says; sent at least once.",
            "security": [],
            "parameters": _HEADERS,
            "requestBody": {
                "required": True,
                "content": content(
                    schema(_name(kind)), {kind: {"type": kind, "timestamp": _NOON, "data": _EXAMPLES[kind]}}
                ),
            },
            "responses": _ANSWERS,
        }
    }
    for kind, rules in EVENT_SCHEMAS.items()
}
