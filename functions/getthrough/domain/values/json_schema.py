"""The functions in which the tables of `domain.message.channels` are written. Each returns a piece of JSON Schema.

A `pattern` comes with a `description` that completes the sentence "must be ...".
"""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]
Fields = Mapping[str, Schema]


def text(shortest: int = 1, longest: int | None = None) -> Schema:
    return {"type": "string", "minLength": shortest} | ({} if longest is None else {"maxLength": longest})


def matching(pattern: str, description: str, longest: int | None = None) -> Schema:
    return {**text(1, longest), "pattern": pattern, "description": description}


INVISIBLE = (
    r"\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Unicode's format characters, such as marks of direction, and the others that show nothing, for a class of a pattern.
The last ones are themselves: Python and JavaScript write their numbers differently."""


def not_blank(longest: int | None = None) -> Schema:
    return {**text(1, longest), "pattern": rf"[^\s{INVISIBLE}]", "description": "a text that is not blank"}


def whole(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


def one_of(*choices: str) -> Schema:
    return {"type": "string", "enum": [str(choice) for choice in choices]}


def many(items: Schema, least: int, most: int | None = None) -> Schema:
    return {"type": "array", "items": items, "minItems": least} | ({} if most is None else {"maxItems": most})


def obj(needed: Fields | None = None, optional: Fields | None = None, **rules: Any) -> Schema:
    """An object with these fields, and any others. `rules` are more keywords."""
    needed = needed or {}
    return {"type": "object", "properties": {**needed, **(optional or {})}, "required": list(needed), **rules}


def needs(field: str, value: str, *others: str) -> Schema:
    """If a field has this value, the object needs other fields as well."""
    return {"if": {"properties": {field: {"const": value}}, "required": [field]}, "then": {"required": list(others)}}


def numeral(most: int, pattern: str) -> Schema:
    """A whole number from 1, which Vonage wants as a string of digits."""
    description = f"a whole number from 1 to {most}, as a string"
    return {
        "type": ["string", "integer"],
        "pattern": pattern,
        "minimum": 1,
        "maximum": most,
        "description": description,
    }
