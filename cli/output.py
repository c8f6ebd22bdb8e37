"""What a command prints: lines for people as things happen, or one JSON value for machines at its end."""

from __future__ import annotations

import json
from typing import Any

import click


def printable(text: str) -> str:
    """A text without what could command a terminal: what others wrote may be quoted in it."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


class Output:
    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json

    def line(self, text: str) -> None:
        if not self._as_json:
            click.echo(printable(text))

    def json(self, value: Any) -> None:
        if self._as_json:
            click.echo(json.dumps(value, indent=2, ensure_ascii=True))
