"""Writes functions/getthrough/web/channels/tables.js: what the console must know of each channel.

`make channels` runs it. A test sees that the module in the repository is what comes out. The words that people read are
in channels/channels.js; a channel without words there is shown under its own name.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from getthrough.domain.message.channels import CHANNELS, Channel
from getthrough.domain.message.field_rules import EMAIL_ADDRESS
from getthrough.domain.values.json_schema import Schema

MODULE = Path(__file__).parent.parent / "functions" / "getthrough" / "web" / "channels" / "tables.js"
FORM_TYPES = ("text", "image", "file", "template")
"""The message types that the console's form offers, where the channel has them. The first one is preselected."""

HEADER = """\
/** `make channels` writes this module from functions/getthrough/domain/message/channels.py. Don't edit it. */

/** @import { ChannelTable } from "./channels.js" */

"""


def module() -> str:
    tables = {name: _table(channel) for name, channel in CHANNELS.items()}
    lines = [f"  {name}: {json.dumps(table)}," for name, table in tables.items()]
    return "\n".join(
        [HEADER + "/** @type {Record<string, ChannelTable>} */", "export const TABLES = {", *lines, "};", ""]
    )


def _table(channel: Channel) -> dict[str, Any]:
    needed = {name: rule for name, rule in channel.options.items() if name in channel.required}
    optional = {name: rule for name, rule in channel.options.items() if name not in channel.required}
    return {
        "to": "number" if "to" in channel.numbers else "email" if channel.to is EMAIL_ADDRESS else "id",
        "reportsRead": channel.reports_read,
        "window": channel.window,
        "serviceHours": channel.service_window.hours if channel.service_window else 0,
        "types": {
            kind: _type(kind, channel.types[kind], channel.options, needed)
            for kind in FORM_TYPES
            if kind in channel.types
        },
        "options": list(_fields(optional)),
    }


def _type(kind: str, schema: Schema, options: Mapping[str, Schema], needed: Mapping[str, Schema]) -> dict[str, Any]:
    """Where the message's text goes, and the fields beside it."""
    own = {name: rule for name, rule in schema["properties"].items() if name not in options or name in needed}
    fields = {field["path"]: field for field in _fields({**own, **needed})}
    text = next((fields.pop(path) for path in ("text", f"{kind}.caption") if path in fields), None)
    return {"text": text, "fields": list(fields.values())}


def _fields(properties: Mapping[str, Schema], outer: str = "") -> Iterator[dict[str, Any]]:
    """Every text, choice, and list of texts, by its path."""
    for name, rule in properties.items():
        path = outer + name
        if "enum" in rule:
            yield {"path": path, "choices": rule["enum"]}
        elif rule["type"] == "string":
            yield {"path": path, **({"most": rule["maxLength"]} if "maxLength" in rule else {})}
        elif rule["type"] == "array" and rule["items"].get("type") == "string":
            yield {"path": path, "list": True}
        elif rule["type"] == "object":
            yield from _fields(rule.get("properties", {}), f"{path}.")


if __name__ == "__main__":
    MODULE.write_text(module())
