"""The routes that send messages, and those for one message."""

from tools.openapi.parameters import DISPATCH_UUID, MESSAGE_UUID
from tools.openapi.parts import (
    JSON,
    PROBLEM,
    Json,
    content,
    header,
    operation,
    parameter,
    schema,
)
from tools.openapi.problems import INVALID_JSON, INVALID_PARAMETERS, LIMIT_REACHED, problems
from tools.openapi.reading import read
from tools.openapi.requests import DISPATCH_EXAMPLE, EXAMPLES

_REPLAYED = {"Idempotent-Replayed": header("Idempotent-Replayed")}

SCHEMAS: Json = {
    "MessageUpdate": {
        "type": "object",
        "properties": {"status": {"type": "string", "examples": ["revoked", "read"]}},
        "description": "Getthrough forwards it to Vonage unchanged.",
    },
}


def _accepted(body: str, example: Json) -> Json:
    return {
        "description": "The dispatch is stored and will reach an outcome.",
        "headers": _REPLAYED,
        "content": content(schema(body), {"Accepted": example}),
    }


def _wrong(description: str, examples: Json) -> Json:
    """Problem details of Getthrough's or of Vonage's."""
    ours_or_vonages = {"anyOf": [schema("InvalidParameters"), schema("Problem"), schema("VonagesProblem")]}
    return {"description": description, "content": content(ours_or_vonages, examples, PROBLEM)}


def _refused(what: str) -> Json:
    return {
        "description": f"Vonage refused {what}. The status is Vonage's. So is the body, unless Vonage sent none.",
        "content": content(
            schema("VonagesProblem"),
            {
                "A refusal": {
                    "type": "https://developer.vonage.com/api-errors/messages#1120",
                    "title": "Invalid sender",
                    "detail": "The sender is not one of yours.",
                    "instance": "7f2b6c0f1d1e4a7f",
                }
            },
            PROBLEM,
        ),
    }


_WHEN_IT_ANSWERS = (
    "The response comes after Getthrough has stored the dispatch durably and has tried its first step. If Vonage "
    "refuses a message without fallbacks, the response is Vonage's own."
)

_SEND = operation(
    "sendMessage",
    "Messages",
    "Send a message with fallbacks",
    {
        "202": _accepted("Accepted", {"message_uuid": MESSAGE_UUID, "workflow_id": DISPATCH_UUID}),
        "422": {
            **_wrong(
                "The body is invalid. Or a message without fallbacks must not be sent: its contact has opted out, for "
                "example. Or Vonage refused a message without fallbacks with this status.",
                {"Invalid params": INVALID_PARAMETERS, "Invalid JSON": INVALID_JSON},
            ),
            "headers": _REPLAYED,
        },
        "4XX": {**_refused("a message without fallbacks"), "headers": _REPLAYED},
        **problems(401, 409, 413, 415),
        **LIMIT_REACHED,
    },
    description=f"The body is a Vonage Messages API v1 message. If the message does not meet its condition "
    f"(`delivered`, `read` or `replied`) within its window, Getthrough sends the next message of `failover`. "
    f"{_WHEN_IT_ANSWERS} With `send_at`, or in `quiet_hours`, Getthrough stores the message and sends it later. You "
    f"can write phone numbers in any usual form.",
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
                "The body is invalid. Or the workflow's only message must not be sent: its contact has opted out, for "
                "example. Or Vonage refused the workflow's only message with this status.",
                {"Invalid params": INVALID_PARAMETERS},
            ),
            "headers": _REPLAYED,
        },
        "422": _wrong(
            "The body is not JSON. Or Vonage refused the workflow's only message with this status.",
            {"Invalid JSON": INVALID_JSON},
        ),
        "4XX": {**_refused("a message without fallbacks"), "headers": _REPLAYED},
        **problems(401, 409, 413, 415),
        **LIMIT_REACHED,
    },
    description=f"For clients of the former Dispatch API. {_WHEN_IT_ANSWERS}",
    parameters=[parameter("IdempotencyKey")],
    requestBody={
        "required": True,
        "content": content(schema("DispatchRequest"), {"Viber, then an SMS": DISPATCH_EXAMPLE}),
    },
)

_UPDATE = operation(
    "updateMessage",
    "Messages",
    "Update a message at Vonage",
    {
        "202": {
            "description": "Vonage accepted the update.",
            "content": content({"type": "object"}, {"Accepted": {}}),
        },
        "422": _wrong(
            "The body is not a JSON object. Or Vonage refused the update with this status.",
            {"Invalid JSON": INVALID_JSON},
        ),
        "4XX": _refused("the update"),
        **problems(401, 404, 413, 415),
    },
    description="Revoke an RCS message, or mark a customer's WhatsApp message as read.",
    parameters=[parameter("MessageUuid")],
    requestBody={
        "required": True,
        "content": content(
            schema("MessageUpdate"), {"Revoke": {"status": "revoked"}, "Mark as read": {"status": "read"}}
        ),
    },
)

PATHS: Json = {
    "/v1/messages": {"post": _SEND},
    "/v1/messages/{message_uuid}": {
        "get": read(
            "readMessage", "Messages", "Read a message", "StoredMessage", 404, parameters=[parameter("MessageUuid")]
        ),
        "patch": _UPDATE,
    },
    "/v0.1/dispatch": {"post": _DISPATCH},
}
