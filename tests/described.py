"""Does a response of the API match the API's document?"""

import json
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from tools.openapi.__main__ import FILE

DOCUMENT: dict[str, Any] = json.loads(FILE.read_bytes())
"""The document that ships. `make check` says if it is out of date."""

METHODS = ("get", "put", "post", "delete", "patch")


def operations() -> dict[str, dict[str, Any]]:
    """Every operation of the document, as `POST /v1/messages`."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    }


def followed(part: dict[str, Any]) -> dict[str, Any]:
    """A part of the document, or the part that it refers to."""
    if "$ref" not in part:
        return part
    found: dict[str, Any] = DOCUMENT
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def violations(schema: Mapping[str, Any], value: object, *, closed: bool = False) -> list[str]:
    """What is wrong with a value. With `closed`, also each field that the schema does not name."""
    schemas = _CLOSED if closed else DOCUMENT["components"]["schemas"]
    whole: Any = {"components": {"schemas": schemas}, **schema}
    validator = Draft202012Validator(whole, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def violations_of_answer(route: str, status: int, headers: Mapping[str, str], body: bytes | str) -> list[str]:
    """What is wrong with a response of a route such as `GET /v1/dispatches/{dispatch_uuid}`.

    The document must have its very status: `4XX` stands for Vonage's responses, not for ours.
    """
    described = operations()[route]["responses"].get(str(status))
    if described is None:
        return [f"{status} is not described"]
    answer = followed(described)
    wrong = []
    for name, part in answer.get("headers", {}).items():
        rules, value = followed(part), headers.get(name)
        if value is None:
            wrong += [f"lacks the header {name}"] if rules.get("required") else []
        else:
            wrong += [f"{name}: {violation}" for violation in violations(rules["schema"], value)]
    if "content" not in answer:
        return wrong + (["has a body"] if body else [])
    media_type = headers.get("content-type", "").partition(";")[0]
    if media_type not in answer["content"]:
        return [*wrong, f"{media_type} is not described"]
    if media_type.endswith("json"):
        lines: list[Any] = body.splitlines() if media_type.endswith("ndjson") else [body]
        for line in lines:
            wrong += violations(answer["content"][media_type]["schema"], json.loads(line), closed=True)
    return wrong


def violations_of_event(body: Mapping[str, Any]) -> list[str]:
    """What is wrong with an event for the client's systems. It may have fields of Vonage's that the schema lacks."""
    operation = DOCUMENT["webhooks"][body["type"]]["post"]
    return violations(operation["requestBody"]["content"]["application/json"]["schema"], body)


def _closed(part: Any) -> Any:
    """Schemas that allow no field that they do not name, unless they say so."""
    if isinstance(part, list):
        return [_closed(item) for item in part]
    if not isinstance(part, dict):
        return part
    inner = {name: _closed(value) for name, value in part.items()}
    return {"additionalProperties": False, **inner} if part.get("type") == "object" and "properties" in part else inner


_CLOSED = _closed(DOCUMENT["components"]["schemas"])
