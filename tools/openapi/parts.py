"""Short ways to write the frequent parts of an OpenAPI 3.1 document."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

JSON = "application/json"
PROBLEM = "application/problem+json"

UUID: Json = {"type": "string", "format": "uuid"}
TIME: Json = {"type": "string", "format": "date-time"}
TEXT: Json = {"type": "string"}


def schema(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def parameter(name: str) -> Json:
    return {"$ref": f"#/components/parameters/{name}"}


def header(name: str) -> Json:
    return {"$ref": f"#/components/headers/{name}"}


def content(body: Json, examples: Mapping[str, Any] | None = None, media_type: str = JSON) -> Json:
    """A body of one media type. `examples` are values by their summaries."""
    named = {_key(summary): {"summary": summary, "value": value} for summary, value in (examples or {}).items()}
    return {media_type: {"schema": body, **({"examples": named} if named else {})}}


def nullable(body: Json) -> Json:
    """A schema that also allows null."""
    if isinstance(body.get("type"), str) and "enum" not in body and "const" not in body:
        return {**body, "type": [body["type"], "null"]}
    return {"anyOf": [body, {"type": "null"}]}


def fields(required: Mapping[str, Json], optional: Mapping[str, Json] | None = None, **more: Any) -> Json:
    """An object with these properties. All of `required` are always present."""
    return {"type": "object", **more, "properties": {**required, **(optional or {})}, "required": list(required)}


def page_of(name: str, items: str) -> Json:
    """One page of a list, as `listed` in the handlers returns it."""
    cursor = {"type": ["string", "null"], "description": "Send it as `cursor` to get the next page. Null at the end."}
    return fields({name: {"type": "array", "items": schema(items)}, "cursor": cursor})


def operation(operation_id: str, tag: str, summary: str, responses: Json, **more: Any) -> Json:
    return {"operationId": operation_id, "tags": [tag], "summary": summary, **more, "responses": responses}


def _key(summary: str) -> str:
    """A name for a part of the document: letters, digits and hyphens."""
    return "".join(letter if letter.isalnum() else "-" for letter in summary.lower()).strip("-")
