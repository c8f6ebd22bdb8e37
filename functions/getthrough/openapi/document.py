"""The whole API as an OpenAPI 3.1 document."""

import json

from getthrough.openapi import (
    answers,
    batches,
    client_webhooks,
    contacts,
    days,
    dispatches,
    messages,
    parameters,
    problems,
    recovery,
    requests,
    schedules,
    vonage_webhooks,
)
from getthrough.openapi.parts import Json, content, header, operation, parameter
from getthrough.openapi.reading import UNCHANGED

VERSION = "0.1.0"

_DESCRIPTION = """\
Customer messages that get through. You say what to tell whom; if it is not delivered (or read) in time, the next number
or channel is tried.

A body is a message of Vonage's Messages API v1, with `failover` and a few fields beside it. Send an `Idempotency-Key`
with each request, and you may send it again as often as you like. Errors are problem bodies (RFC 9457) in the shape of
Vonage's.
"""

_TAGS = {
    "Messages": "Send, and look at what was sent.",
    "Dispatches": "One thing that a customer shall be told: its steps, how they went, and the end.",
    "Schedules": "What shall be sent later, or again and again.",
    "Batches": "One message to many recipients, each with a dispatch of their own.",
    "Contacts": "A customer on a channel: what passed between you, and whether messages are wanted.",
    "Mending": "For whoever keeps the system running.",
    "From Vonage": "The webhooks that Vonage calls. Not for clients.",
    "This description": "For programs and for people.",
}

_PARTS = (
    requests,
    messages,
    dispatches,
    days,
    schedules,
    batches,
    answers,
    contacts,
    recovery,
    vonage_webhooks,
    client_webhooks,
    problems,
)
_ROUTES = (messages, dispatches, days, schedules, batches, contacts, recovery, vonage_webhooks)

_SECURITY_SCHEMES: Json = {
    "client": {"type": "http", "scheme": "basic", "description": "A client's name and secret."},
    "application": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "Signed (RS256) by the Vonage application's private key, as Vonage's SDKs do.",
    },
    "vonage": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "Signed (HS256) by Vonage with the account's signature secret; holds the body's hash.",
    },
}


def _about_itself(operation_id: str, summary: str, body: Json) -> Json:
    found = {"description": "Here it is.", "headers": {"ETag": header("ETag")}, "content": body}
    answered = {"200": found, "304": UNCHANGED, **problems.problems()}
    more: Json = {"security": [], "parameters": [parameter("IfNoneMatch")]}
    return {"get": operation(operation_id, "This description", summary, answered, **more)}


def build() -> Json:
    """The document, as data."""
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Getthrough",
            "version": VERSION,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "security": [{"client": []}, {"application": []}],
        "paths": {
            **{path: operations for part in _ROUTES for path, operations in part.PATHS.items()},
            "/openapi.json": _about_itself("readDescription", "This document", content({"type": "object"})),
            "/docs": _about_itself(
                "readDocumentation", "This document, for people", content({"type": "string"}, media_type="text/html")
            ),
        },
        "webhooks": client_webhooks.WEBHOOKS,
        "components": {
            "schemas": {name: rules for part in _PARTS for name, rules in part.SCHEMAS.items()},
            "examples": requests.EXAMPLES,
            "parameters": {**parameters.PARAMETERS, **recovery.PARAMETERS},
            "headers": parameters.HEADERS,
            "responses": problems.RESPONSES,
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }


def as_json() -> bytes:
    return json.dumps(build(), ensure_ascii=False, separators=(",", ":")).encode()
