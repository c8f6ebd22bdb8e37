"""The whole API as an OpenAPI 3.1 document."""

import json
from collections.abc import Iterator
from typing import Any

from tools.openapi import (
    answers,
    batches,
    client_webhooks,
    clients,
    contacts,
    days,
    dispatches,
    erasures,
    messages,
    parameters,
    problems,
    recovery,
    requests,
    schedules,
    vonage_webhooks,
)
from tools.openapi.parts import Json, content, header, operation, parameter
from tools.openapi.reading import UNCHANGED

VERSION = "0.1.0"

LINE = 160
"""Characters of a line of the stored document, texts that are longer aside."""

_DESCRIPTION = """\
Say what to send and to whom. If the message is not delivered (or read) in time, Getthrough tries the next number or
channel.

A request body is a Vonage Messages API v1 message with a few more fields, such as `failover`. Send an
`Idempotency-Key` with each request; then you can repeat the request safely. Errors are problem details (RFC 9457) in
Vonage's shape.
"""

_TAGS = {
    "Messages": "Send messages, and read what was sent.",
    "Dispatches": "A dispatch is one notification to one customer. It has ordered steps and ends with an outcome.",
    "Schedules": "Send later, once or repeatedly.",
    "Batches": "Send one message to many recipients. Each recipient gets its own dispatch.",
    "Contacts": "Read conversations, and read and change consent. A contact is a customer: one phone number on all its "
    "channels, or one account. You can name a contact by any of its addresses.",
    "Clients": "Programs and people with credentials. A client has scopes. `send`: send messages. `read`: read "
    "what was sent and received. `operate`: cancel, and change schedules, batches and consent. `admin`: everything.",
    "Operations": "Inspect and release webhooks in quarantine and dead letters.",
    "From Vonage": "The webhook addresses that Vonage calls. They are not for clients.",
    "This document": "The description of the API, for programs and for people.",
}

_PARTS = (
    requests,
    messages,
    days,
    schedules,
    batches,
    answers,
    contacts,
    erasures,
    recovery,
    clients,
    vonage_webhooks,
    client_webhooks,
    problems,
)
_ROUTES = (messages, dispatches, days, schedules, batches, contacts, erasures, recovery, clients, vonage_webhooks)

_SECURITY_SCHEMES: Json = {
    "client": {
        "type": "http",
        "scheme": "basic",
        "description": "The name and the secret of a client. "
        "The roles that a route names are the scopes that the client needs; `admin` includes all.",
    },
    "application": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A JWT that is signed (RS256) with the private key of the Vonage application. Vonage's SDKs "
        "make it. It has the scopes `send` and `read`, unless the stack says otherwise.",
    },
    "vonage": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A JWT that Vonage signs (HS256) with the account's signature secret. It contains a hash of "
        "the body.",
    },
}


def _about_itself(operation_id: str, summary: str, body: Json) -> Json:
    found = {"description": "The document.", "headers": {"ETag": header("ETag")}, "content": body}
    answered = {"200": found, "304": UNCHANGED, **problems.problems()}
    more: Json = {"security": [], "parameters": [parameter("IfNoneMatch")]}
    return {"get": operation(operation_id, "This document", summary, answered, **more)}


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
            **clients.with_scopes({path: operations for part in _ROUTES for path, operations in part.PATHS.items()}),
            "/openapi.json": _about_itself("readDescription", "Read this document", content({"type": "object"})),
            "/docs": _about_itself(
                "readDocumentation",
                "Read this document as a web page",
                content({"type": "string"}, media_type="text/html"),
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


def responses() -> set[str]:
    """The components with properties of their own that a response has, directly or inside another one."""
    whole = build()
    schemas = whole["components"]["schemas"]
    operations = [it for path in whole["paths"].values() for it in path.values()]
    waiting = [*_references([it["responses"] for it in operations]), *_references(whole["components"]["responses"])]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in schemas and name not in found:
            found.add(name)
            waiting += _references(schemas[name])
    return {name for name in found if "properties" in schemas[name]}


def _references(part: Any) -> Iterator[str]:
    """The names of the components that a part of the document refers to."""
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"].rpartition("/")[2]
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _references(inner)


def as_json() -> str:
    """The document as it is stored: small, and in lines short enough that a change reads well in a diff."""
    return _in_lines(build()) + "\n"


def _in_lines(part: Any) -> str:
    """JSON without spaces. What is longer than a line has a line for each of its members."""
    line = json.dumps(part, ensure_ascii=False, separators=(",", ":"))
    if len(line) <= LINE:
        return line
    match part:
        case dict():
            members = (f"{json.dumps(name, ensure_ascii=False)}:{_in_lines(inner)}" for name, inner in part.items())
            return "{\n" + ",\n".join(members) + "\n}"
        case list():
            return "[\n" + ",\n".join(map(_in_lines, part)) + "\n]"
        case _:
            return line
