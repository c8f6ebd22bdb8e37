"""The routes that send, and those that are about one message."""

from getthrough.openapi.parameters import DISPATCH_UUID, MESSAGE_UUID
from getthrough.openapi.parts import (
    JSON,
    PROBLEM,
    TIME,
    UUID,
    Json,
    content,
    fields,
    header,
    operation,
    parameter,
    schema,
)
from getthrough.openapi.problems import INVALID_JSON, INVALID_PARAMETERS, problems
from getthrough.openapi.reading import read
from getthrough.openapi.requests import DISPATCH_EXAMPLE, EXAMPLES

_REPLAYED = {"Idempotent-Replayed": header("Idempotent-Replayed")}

_SEND_AT: Json = {"send_at": {**TIME, "description": "The moment that was taken for the request's `send_at`."}}

SCHEMAS: Json = {
    "Accepted": fields(
        {
            "message_uuid": {**UUID, "description": "The first step's message."},
            "workflow_id": {**UUID, "description": "The dispatch: its `dispatch_uuid`."},
        },
        _SEND_AT,
    ),
    "AcceptedDispatch": fields({"dispatch_uuid": UUID}, _SEND_AT),
    "MessageUpdate": {
        "type": "object",
        "properties": {"status": {"type": "string", "examples": ["revoked", "read"]}},
        "description": "It travels to Vonage as it is.",
    },
}


def _accepted(body: str, example: Json) -> Json:
    return {
        "description": "It is stored, and will reach an outcome.",
        "headers": _REPLAYED,
        "content": content(schema(body), {"Accepted": example}),
    }


def _wrong(description: str, examples: Json) -> Json:
    """An answer in our words or in Vonage's."""
    ours_or_vonages = {"anyOf": [schema("InvalidParameters"), schema("Problem"), schema("VonagesProblem")]}
    return {"description": description, "content": content(ours_or_vonages, examples, PROBLEM)}


_REFUSED = {
    "description": "Vonage refused it, with this status and these words.",
    "content": content(
        schema("VonagesProblem"),
        {
            "Vonage's words": {
                "type": "https://developer.vonage.com/api-errors/messages#1120",
                "title": "Invalid sender",
                "detail": "The sender is not one of yours.",
                "instance": "7f2b6c0f1d1e4a7f",
            }
        },
        PROBLEM,
    ),
}

_TO_ITS_END = (
    "Goes on until a step has met its condition or none is left. The answer comes once the dispatch is durably stored "
    "and its first step was tried; a message without fallbacks that Vonage refuses is answered with Vonage's own words."
)

_SEND = operation(
    "sendMessage",
    "Messages",
    "Send a message with its fallbacks",
    {
        "202": _accepted("Accepted", {"message_uuid": MESSAGE_UUID, "workflow_id": DISPATCH_UUID}),
        "422": {
            **_wrong(
                "The body is wrong; or a message without fallbacks was refused by Vonage, or its contact opted out.",
                {"Invalid params": INVALID_PARAMETERS, "Invalid JSON": INVALID_JSON},
            ),
            "headers": _REPLAYED,
        },
        "4XX": {**_REFUSED, "headers": _REPLAYED},
        **problems(401, 409, 413),
    },
    description=f"A message of Vonage's Messages API v1. If it does not meet its condition (`delivered`, `read`, "
    f"`replied`) within its window, the next one of `failover` is tried. {_TO_ITS_END} With `send_at`, "
    f"or in `quiet_hours`, it is stored and sent later. Phone numbers may be written as people write them.",
    parameters=[parameter("IdempotencyKey")],
    requestBody={
        "required": True,
        "content": {
            JSON: {
                "schema": schema("MessageRequest"),
                "examples": {name: {"$ref": f"#/components/examples/{name}"} for name in EXAMPLES},
            }
        },
    },
)

_DISPATCH = operation(
    "sendDispatch",
    "Messages",
    "Send a workflow of the Dispatch API v0.1",
    {
        "202": _accepted("AcceptedDispatch", {"dispatch_uuid": DISPATCH_UUID}),
        "400": {
            **_wrong(
                "The body is wrong; or a single message was refused by Vonage, or its contact has opted out.",
                {"Invalid params": INVALID_PARAMETERS},
            ),
            "headers": _REPLAYED,
        },
        "422": _wrong("The body is not JSON; or Vonage refused.", {"Invalid JSON": INVALID_JSON}),
        "4XX": {**_REFUSED, "headers": _REPLAYED},
        **problems(401, 409, 413),
    },
    description=f"For those who come from the Dispatch API. {_TO_ITS_END}",
    parameters=[parameter("IdempotencyKey")],
    requestBody={
        "required": True,
        "content": content(schema("DispatchRequest"), {"Viber, then an SMS": DISPATCH_EXAMPLE}),
    },
)

_UPDATE = operation(
    "updateMessage",
    "Messages",
    "Change a message that Vonage has",
    {
        "202": {
            "description": "Vonage has taken the change.",
            "content": content({"type": "object"}, {"Accepted": {}}),
        },
        "422": _wrong("The body is no JSON object, or Vonage refused.", {"Invalid JSON": INVALID_JSON}),
        "4XX": _REFUSED,
        **problems(401, 404, 413),
    },
    description="Take an RCS message back, or mark a customer's WhatsApp message as read.",
    parameters=[parameter("MessageUuid")],
    requestBody={
        "required": True,
        "content": content(
            schema("MessageUpdate"), {"Take it back": {"status": "revoked"}, "Mark as read": {"status": "read"}}
        ),
    },
)

PATHS: Json = {
    "/v1/messages": {"post": _SEND},
    "/v1/messages/{message_uuid}": {
        "get": read(
            "readMessage", "Messages", "One message", "StoredMessage", 404, parameters=[parameter("MessageUuid")]
        ),
        "patch": _UPDATE,
    },
    "/v0.1/dispatch": {"post": _DISPATCH},
}
