"""The routes that are about a customer: conversations and opt-outs."""

from getthrough.domain.conversation.conversation import LONGEST_LINE
from getthrough.openapi.parameters import MESSAGE_UUID, PAGE
from getthrough.openapi.parts import (
    FLAG,
    TEXT,
    TIME,
    UUID,
    Json,
    content,
    fields,
    nullable,
    operation,
    page_of,
    parameter,
    schema,
)
from getthrough.openapi.problems import WRONG_BODY, problems
from getthrough.openapi.reading import read

_TAG = "Contacts"
_CONTACT = [parameter("Channel"), parameter("Address")]

SCHEMAS: Json = {
    "OptOut": fields(
        {
            "channel": TEXT,
            "address": TEXT,
            "opted_out": FLAG,
            "changed_at": TIME,
            "why": {"type": "string", "description": "For people."},
            "by": {"type": "string", "description": "`customer`, `vonage`, or a client's name."},
        },
        description="What is known of a contact's wish.",
    ),
    "OptOutPage": page_of("opt_outs", schema("OptOut")),
    "WhyOptedOut": fields(
        {},
        {"why": {"type": "string", "minLength": 1, "maxLength": 200, "examples": ["asked on the phone"]}},
        additionalProperties=False,
    ),
    "Conversation": fields(
        {
            "channel": TEXT,
            "address": TEXT,
            "opt_out": nullable(schema("OptOut")),
            "messages": {
                "type": "array",
                "items": {"oneOf": [schema("OutboundMessage"), schema("InboundMessage")]},
                "description": "Newest first.",
            },
            "cursor": {"type": ["string", "null"], "description": "Give it as `cursor` for what is older."},
        }
    ),
    "InboundPage": page_of("conversations", schema("InboundLine")),
    "InboundLine": fields(
        {
            "channel": TEXT,
            "address": TEXT,
            "received_at": {**TIME, "description": "When the webhook came."},
            "message_type": {"type": ["string", "null"]},
            "text": {
                "type": ["string", "null"],
                "maxLength": LONGEST_LINE,
                "description": "Its text, its caption or the answer that was tapped, cut where it is long.",
            },
        },
        description="A message from a contact in one line.",
    ),
    "OutboundMessage": fields(
        {
            "direction": {"const": "outbound", "type": "string"},
            "at": TIME,
            "message_uuid": {**UUID, "examples": [MESSAGE_UUID]},
            "step": nullable({**schema("Step"), "description": "null if its dispatch is no longer kept."}),
        },
        title="outbound",
    ),
    "InboundMessage": fields(
        {
            "direction": {"const": "inbound", "type": "string"},
            "at": TIME,
            "in_reply_to": nullable({**UUID, "description": "The message of ours that it quotes."}),
            "message": {"type": "object", "description": "Vonage's webhook as it came."},
        },
        title="inbound",
    ),
}

_OPT_OUT: Json = {
    "channel": "sms",
    "address": "447700900001",
    "opted_out": True,
    "changed_at": "2026-03-02T12:00:00.000Z",
    "why": "asked on the phone",
    "by": "bakery",
}


def _stored(opt_out: Json) -> Json:
    return {"description": "It is stored.", "content": content(schema("OptOut"), {"Stored": opt_out})}


PATHS: Json = {
    "/v1/conversations": {
        "get": read(
            "listConversations",
            _TAG,
            "What came from your contacts, newest first",
            "InboundPage",
            422,
            parameters=PAGE,
            description="One line for each message, in the order in which they came.",
        )
    },
    "/v1/conversations/{channel}/{address}": {
        "get": read(
            "readConversation",
            _TAG,
            "What passed between you and a contact, newest first",
            "Conversation",
            422,
            parameters=[*_CONTACT, *PAGE],
            description="That of somebody unknown is empty.",
        )
    },
    "/v1/opt-outs": {
        "get": read(
            "listOptOuts",
            _TAG,
            "Contacts that have opted out, newest first",
            "OptOutPage",
            422,
            parameters=PAGE,
            etag=False,
        )
    },
    "/v1/opt-outs/{channel}/{address}": {
        "get": read(
            "readOptOut", _TAG, "Whether a contact has opted out", "OptOut", 404, 422, parameters=_CONTACT, etag=False
        ),
        "put": operation(
            "optOut",
            _TAG,
            "Send a contact nothing more",
            {"200": _stored(_OPT_OUT), **problems(401, 413), **WRONG_BODY},
            description="One that has opted out already stays as it is. A message must be able to reach it.",
            parameters=_CONTACT,
            requestBody={
                "required": False,
                "content": content(schema("WhyOptedOut"), {"With a reason": {"why": "asked on the phone"}}),
            },
        ),
        "delete": operation(
            "optIn",
            _TAG,
            "Let a contact have messages again",
            {"200": _stored({**_OPT_OUT, "opted_out": False}), **problems(401, 404, 413, 422)},
            parameters=_CONTACT,
        ),
    },
}
