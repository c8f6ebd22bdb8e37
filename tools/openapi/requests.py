"""Request bodies: messages with fallbacks, and workflows of v0.1. The rules are the tables of the domain."""

from collections.abc import Iterator

from getthrough.domain.dispatch.dispatch import OnUnknown
from getthrough.domain.dispatch.dispatch_v0_1_body import BODY
from getthrough.domain.dispatch.request_body import DISPATCH_FIELDS
from getthrough.domain.message.channels import CHANNELS, request_schema
from getthrough.domain.values.identifiers import MAX_STEPS
from tools.openapi import message_examples
from tools.openapi.parts import Json, schema


def _name(channel: str, message_type: str = "") -> str:
    return f"{channel}_{message_type}".title().replace("_", "")


def _schemas_of(channel: str) -> Iterator[tuple[str, Json]]:
    """The schema of a channel, one for each of its message types, and one for unknown types."""
    known = list(CHANNELS[channel].types)
    yield _name(channel), {"title": channel, "oneOf": [schema(_name(channel, it)) for it in [*known, "other"]]}
    for message_type in known:
        rules = request_schema(channel, message_type)
        yield _name(channel, message_type), {"title": f"{channel}: {message_type}", **rules}
    other = request_schema(channel)
    unknown = {**other["properties"]["message_type"], "not": {"enum": known}}
    yield (
        _name(channel, "other"),
        {
            "title": f"{channel}: any other type",
            "description": "Getthrough forwards it to Vonage unchecked.",
            **other,
            "properties": {**other["properties"], "message_type": unknown},
        },
    )


_WHOLE: Json = {
    **DISPATCH_FIELDS,
    "on_unknown": {
        **DISPATCH_FIELDS["on_unknown"],
        "default": OnUnknown.MOVE_ON,
        "description": "What to do if Vonage's response was lost. `move_on`: send the next step when the window ends. "
        "`resend`: send the message once more after 60 seconds without a status.",
    },
    "quiet_hours": schema("QuietHours"),
}
"""The fields of a whole request."""

SCHEMAS: Json = {
    "QuietHours": DISPATCH_FIELDS["quiet_hours"],
    "MessageRequest": {
        "description": "A message and its fallbacks. Getthrough forwards fields that are not listed here to Vonage "
        "unchanged.",
        "allOf": [
            schema("Message"),
            {
                "type": "object",
                "properties": {
                    "failover": {
                        "type": "array",
                        "maxItems": MAX_STEPS - 1,
                        "items": schema("Fallback"),
                        "description": "Getthrough sends the next message when the previous one failed or missed its "
                        "window.",
                    },
                    **_WHOLE,
                },
            },
        ],
    },
    "Fallback": {
        "allOf": [schema("Message"), {"properties": dict.fromkeys(("failover", *DISPATCH_FIELDS), False)}],
        "description": "A message like the first one. It has no fallbacks of its own.",
    },
    "Message": {"oneOf": [schema(_name(channel)) for channel in CHANNELS]},
    **{name: rules for channel in CHANNELS for name, rules in _schemas_of(channel)},
    "DispatchRequest": {
        **BODY,
        "properties": {**BODY["properties"], **_WHOLE},
        "description": "The body of the Dispatch API v0.1. Every message except the last one has a `failover`. A "
        "message "
        "can have the content that the Messages API v1 allows on its channel.",
    },
}

EXAMPLES: Json = {
    "read-or-sms": {"summary": "WhatsApp. If it is not read in time, an SMS", "value": message_examples.READ_OR_SMS},
    "in-the-morning": {
        "summary": "In the morning, with quiet hours at night",
        "value": message_examples.IN_THE_MORNING,
    },
    **{
        f"{channel}-{message_type}": {
            "summary": f"{channel}: {message_type}",
            "value": message_examples.message(channel, message_type),
        }
        for channel, message_type in message_examples.each()
    },
}

DISPATCH_EXAMPLE: Json = {
    "template": "failover",
    "workflow": [
        {
            "from": {"type": "viber_service_msg", "id": "16273"},
            "to": {"type": "viber_service_msg", "number": "447700900001"},
            "message": {"content": {"type": "text", "text": "Your cupcakes are ready!"}},
            "failover": {"expiry_time": 600, "condition_status": "read"},
        },
        {
            "from": {"type": "sms", "number": "447700900000"},
            "to": {"type": "sms", "number": "447700900001"},
            "message": {"content": {"type": "text", "text": "Your cupcakes are ready!"}},
        },
    ],
}
