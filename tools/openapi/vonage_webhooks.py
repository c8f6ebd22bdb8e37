"""The webhooks that Vonage sends: statuses and messages from customers, in the shapes of v1 and v0.1."""

from getthrough.domain.message.status import Status
from tools.openapi.parts import Json, content, fields, operation, schema
from tools.openapi.problems import problems

_ID = {"type": "string", "minLength": 1, "maxLength": 320}
_V0_1_CONTACT = fields({"type": _ID}, {"number": _ID, "id": _ID})
_EITHER = {"anyOf": [_ID, _V0_1_CONTACT], "description": "A string in v1, an object in v0.1."}

SCHEMAS: Json = {
    "StatusWebhook": fields(
        {"message_uuid": _ID, "status": {"type": "string", "examples": [*Status]}},
        {
            "timestamp": {"type": "string", "examples": ["2026-03-02T12:00:01Z"]},
            "to": _EITHER,
            "from": _EITHER,
            "channel": _ID,
            "client_ref": {
                "type": "string",
                "description": "Getthrough's `message_uuid`, which it sent with the message.",
            },
            "usage": schema("Usage"),
            "error": {"type": "object"},
        },
        description="The fields that Getthrough reads. It keeps all other fields unchanged.",
    ),
    "InboundWebhook": fields(
        {"message_uuid": _ID, "from": _EITHER},
        {
            "channel": _ID,
            "to": _EITHER,
            "timestamp": {"type": "string"},
            "message_type": {"type": "string"},
            "text": {"type": "string"},
            "context": {"type": "object", "description": "The message that the customer quoted."},
        },
        description="A message from a customer. Getthrough keeps all other fields unchanged.",
    ),
}

_STATUS_EXAMPLES: Json = {
    "Delivered": {
        "message_uuid": "0c4d9a52-3b1f-4e7e-8a55-77c0ffee0001",
        "channel": "sms",
        "to": "447700900001",
        "from": "447700900000",
        "timestamp": "2026-03-02T12:00:01Z",
        "status": "delivered",
        "client_ref": "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e501",
        "usage": {"currency": "EUR", "price": "0.0333"},
    },
    "Rejected": {
        "message_uuid": "0c4d9a52-3b1f-4e7e-8a55-77c0ffee0001",
        "channel": "sms",
        "to": "447700900001",
        "from": "447700900000",
        "timestamp": "2026-03-02T12:00:01Z",
        "status": "rejected",
        "client_ref": "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e501",
        "error": {
            "type": "https://developer.vonage.com/api-errors/messages#1180",
            "title": "1180",
            "detail": "Absent Subscriber - Temporary",
        },
    },
    "v0.1": {
        "message_uuid": "0c4d9a52-3b1f-4e7e-8a55-77c0ffee0001",
        "to": {"type": "sms", "number": "447700900001"},
        "from": {"type": "sms", "number": "447700900000"},
        "timestamp": "2026-03-02T12:00:01.000Z",
        "status": "delivered",
        "client_ref": "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e501",
    },
}
_INBOUND_EXAMPLES: Json = {
    "An SMS": {
        "message_uuid": "0c4d9a52-3b1f-4e7e-8a55-77c0ffee0002",
        "channel": "sms",
        "from": "447700900001",
        "to": "447700900000",
        "timestamp": "2026-03-02T12:05:00Z",
        "message_type": "text",
        "text": "Thank you! On my way.",
    },
    "v0.1": {
        "message_uuid": "0c4d9a52-3b1f-4e7e-8a55-77c0ffee0002",
        "from": {"type": "sms", "number": "447700900001"},
        "to": {"type": "sms", "number": "447700900000"},
        "timestamp": "2026-03-02T12:05:00.000Z",
        "direction": "inbound",
        "message": {"content": {"type": "text", "text": "Thank you! On my way."}},
    },
}


def _receive(operation_id: str, summary: str, description: str, body: str, examples: Json) -> Json:
    answers = problems(401, 413)
    unsigned = "The webhook is not signed, or Getthrough could not store it. Vonage sends it again."
    return operation(
        operation_id,
        "From Vonage",
        summary,
        {
            "200": {
                "description": "The webhook is stored.",
                "content": content({"type": "object", "maxProperties": 0}, {"Stored": {}}),
            },
            **answers,
            "503": {**answers["503"], "description": unsigned},
        },
        description=description,
        security=[{"vonage": []}],
        requestBody={"required": True, "content": content(schema(body), examples)},
    )


_SIGNED = (
    "The webhook must be signed by Vonage. A forged webhook gets 401, and a copy is quarantined if its token claims "
    "your account. If too many of these arrive at once, the response is 503. A malformed webhook is quarantined "
    "too, but gets 200, because sending it again would not help."
)


def _by_get(operation_id: str) -> Json:
    return operation(
        operation_id,
        "From Vonage",
        "Keep a webhook of the SMS API that was sent by GET",
        {
            "200": {
                "description": "The webhook is in quarantine.",
                "content": content({"type": "object", "maxProperties": 0}, {"Stored": {}}),
            },
            **problems(404),
        },
        description="It carries no signature, so it has no effect until a person releases it. An alarm goes off. Set "
        "the account's HTTP method to POST-JSON.",
        security=[],
        parameters=[
            {"name": name, "in": "query", "required": True, "description": text, "schema": {"type": "string"}}
            for name, text in (
                ("messageId", "Vonage's id of the message. The other fields of the SMS API are kept too."),
                ("api-key", "Your account's API key. With another one the response is 404."),
            )
        ],
    )


PATHS: Json = {
    "/status": {
        "post": _receive(
            "receiveStatus",
            "Receive a status of a message",
            f"{_SIGNED} Duplicates of a webhook change nothing.",
            "StatusWebhook",
            _STATUS_EXAMPLES,
        ),
        "get": _by_get("receiveStatusByGet"),
    },
    "/inbound": {
        "post": _receive(
            "receiveInbound",
            "Receive a message from a customer",
            f"{_SIGNED} STOP opts the contact out. START opts it in again.",
            "InboundWebhook",
            _INBOUND_EXAMPLES,
        ),
        "get": _by_get("receiveInboundByGet"),
    },
}
