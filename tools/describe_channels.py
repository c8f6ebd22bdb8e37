"""Writes docs/channels.md: what each channel takes, as a page made of the tables in `domain.message.channels`.

`make channels` runs it. A test sees that the page in the repository is what comes out.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from getthrough.domain.message.channels import (
    CARD,
    CHANNELS,
    COMMON,
    STEP_FIELDS,
    SUGGESTION,
    Channel,
    conditions,
)
from getthrough.domain.values.json_schema import Schema

PAGE = Path(__file__).resolve().parent.parent / "docs" / "channels.md"

INTRODUCTION = """\
# What each channel accepts

`make channels` writes this page from the channel table, `functions/getthrough/domain/message/channels.py`. The limits
come from Vonage's Messages API reference 1.11 and its official SDKs. Where they differ, the wider limit counts. Fields,
options and message types that are not listed go to Vonage unchanged, and Vonage decides.

Phone numbers may contain spaces and punctuation, such as `+44 (0)7700 900-001` or `0044 7700 900001`. Vonage gets
`447700900001`, and the timeline shows both.

If a message has a fallback, its window is also its time to live. This needs a channel that allows such a time, and a
client that set none. Vonage then gives the message up when the fallback is sent. So no
default window is below the shortest time to live. The stack's setting `DefaultWindow` replaces them all.

Every message has `channel`, `message_type`, `to` and `from`. It may have these fields (`expiry_time` is in seconds):
"""


class Row(NamedTuple):
    """A field by its path, what it must be, and whether the object that contains it requires it."""

    path: str
    what: str
    required: bool


PARTS = {"suggestion": SUGGESTION, "card": CARD}
"""Objects that occur in several places. They are described once, at the end."""


def page() -> str:
    common = {name: rule for name, rule in {**COMMON, **STEP_FIELDS}.items() if name != "condition_status"}
    lines = [INTRODUCTION, *_table(common, ()), ""]
    for name, channel in CHANNELS.items():
        lines += [f"## {name}", "", *_channel(name, channel)]
    lines += ["## Parts of RCS messages", ""]
    for name, schema in PARTS.items():
        lines += [f"### {name}", "", *_object(schema)]
    return "\n".join(lines)


def _channel(name: str, channel: Channel) -> Iterator[str]:
    ttl = channel.ttl
    yield "| every message | |"
    yield "|---|---|"
    yield f"| `to` | {_what(channel.to)} |"
    yield f"| `from` | {_what(channel.sender)} |"
    yield f"| `condition_status` | {_choice(conditions(name))} |"
    yield f"| default window | {channel.window} seconds |"
    yield f"| time to live | {f'`{_path(ttl.path)}`, {ttl.floor} to {ttl.ceiling} seconds' if ttl else 'none'} |"
    if window := channel.service_window:
        yield f"| later than {window.hours} hours after the customer's last message | only {_choice(window.always)} |"
    options = [row for field, schema in channel.options.items() for row in _rows(field, schema, channel.required)]
    for path, what, required in options:
        if not ttl or path != _path(ttl.path):
            yield f"| `{path}` | {what}{', required' if required else ''} |"
    yield ""
    for kind, schema in channel.types.items():
        yield from (f"### {name} {kind}", "", *_object(schema, but=options))


def _object(schema: Schema, but: Container[Row] = ()) -> Iterator[str]:
    yield from (*_table(schema["properties"], schema["required"], but), "")
    for sentence in _conditions(schema):
        yield from (f"{sentence}.", "")


def _table(fields: Mapping[str, Schema], required: Container[str], but: Container[Row] = ()) -> Iterator[str]:
    yield "| field | what | |"
    yield "|---|---|---|"
    for row in (row for name, schema in fields.items() for row in _rows(name, schema, required)):
        if row not in but:
            yield f"| `{row.path}` | {row.what} | {'required' if row.required else ''} |"


def _rows(name: str, schema: Schema, required: Container[str], outer: str = "") -> Iterator[Row]:
    """A row for a field, and for all fields in it."""
    path = outer + name
    inner, place = (schema["items"], f"{path}[].") if schema["type"] == "array" else (schema, f"{path}.")
    opened = {} if _part(inner) else inner
    yield Row(path, "; ".join([_what(schema), *_conditions(opened)]), name in required)
    for field, rule in opened.get("properties", {}).items():
        yield from _rows(field, rule, opened["required"], place)


def _what(schema: Schema) -> str:
    if part := _part(schema):
        return f"a [{part}](#{part})"
    if "enum" in schema:
        return _choice(schema["enum"])
    match schema["type"]:
        case "integer":
            return f"{schema['minimum']} to {schema['maximum']}"
        case "boolean":
            return "true or false"
        case "array":
            part = _part(schema["items"])
            items = f"[{part}s](#{part})" if part else f"{schema['items']['type']}s"
            most = schema.get("maxItems")
            return f"list of {items}" if most is None else f"list of {schema['minItems']} to {most} {items}"
        case "object":
            return "object"
    kind = schema.get("description", "text")
    if "maxLength" in schema:
        return f"{kind}, {schema['minLength']} to {schema['maxLength']} characters"
    return "text, not empty" if kind == "text" and schema["minLength"] else kind


def _part(schema: Schema) -> str | None:
    return next((name for name, part in PARTS.items() if part is schema), None)


def _choice(choices: Sequence[str]) -> str:
    return ", ".join(f"`{choice}`" for choice in choices)


def _path(names: Iterable[str]) -> str:
    return ".".join(names)


def _conditions(schema: Schema) -> Iterator[str]:
    """What an object needs besides its required fields."""
    if "oneOf" in schema:
        yield "either " + " or ".join(f"`{choice['required'][0]}`" for choice in schema["oneOf"])
    for rule in schema.get("allOf", [schema] if "if" in schema else []):
        (given, value), needed = next(_values(rule["if"])), _choice([*_needed(rule["then"])])
        yield f"`{given}` `{value}` needs {needed}"


def _values(condition: Schema, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    for name, rule in condition["properties"].items():
        if "const" in rule:
            yield _path((*path, name)), rule["const"]
        else:
            yield from _values(rule, (*path, name))


def _needed(consequence: Schema, path: tuple[str, ...] = ()) -> Iterator[str]:
    yield from (_path((*path, name)) for name in consequence.get("required", []))
    for name, rule in consequence.get("properties", {}).items():
        yield from _needed(rule, (*path, name))


if __name__ == "__main__":
    PAGE.write_text(page())
