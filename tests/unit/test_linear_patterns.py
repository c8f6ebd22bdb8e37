"""Every pattern of the project takes time in proportion to the length of the text, whatever the text is."""

import ast
import importlib
import json
import pkgutil
import re
import time
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import getthrough
from getthrough.domain.message.channels import CHANNELS, message_schema

ROOT = Path(__file__).parents[2]

PIECES = [*" \t0a.@<>-_(){}[]\"'\\:;,+*#|=/", "{{", '{{"', '{{\\"', "00", "a.", "(0)", "\\ud83d", "\u202a", "é"]
"""What hostile texts are made of."""

SHORT, LONG = 2_000, 16_000
GROWTH = LONG // SHORT
UNNOTICED = 0.002
"""Seconds. Less says nothing about growth."""


ELSEWHERE = {
    "getthrough.domain.batch.text_template._EXPRESSION": "matched once for each place, until the first that fails: "
    "test_template.py::test_a_hostile_text_takes_no_more_than_its_length",
}
"""Patterns that are never searched for, and the test that shows that their use is linear."""


def written() -> Iterator[str]:
    """The patterns that a call of `re` holds as a text, wherever it is."""
    for folder in ("functions", "local", "cli", "tools"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            for node in ast.walk(ast.parse(text)) if "import re" in text else ():
                match node:
                    case ast.Call(ast.Attribute(ast.Name("re")), [ast.Constant(str() as pattern), *_]):
                        yield pattern


def compiled() -> Iterator[tuple[str, re.Pattern[str]]]:
    for module in pkgutil.walk_packages(getthrough.__path__, "getthrough."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                yield f"{module.name}.{name}", value


def in_schema(schema: object) -> Iterator[str]:
    match schema:
        case Mapping():
            if isinstance(pattern := schema.get("pattern"), str):
                yield pattern
            for inner in schema.values():
                yield from in_schema(inner)
        case list() | tuple():
            for inner in schema:
                yield from in_schema(inner)
        case _:
            pass


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """By name or text: what modules compile, what calls of `re` hold, and what the API's document and the rules of each
    channel ask of a body."""
    schemas: list[object] = [
        message_schema(channel, kind) for channel, table in CHANNELS.items() for kind in table.types
    ]
    schemas.append(json.loads((ROOT / "functions/getthrough/web/openapi.json").read_text(encoding="utf-8")))
    named = dict(compiled())
    seen = {pattern.pattern for pattern in named.values()}
    texts = [*written(), *(pattern for schema in schemas for pattern in in_schema(schema))]
    return {**named, **{text: re.compile(text) for text in texts if text not in seen}}


def seconds(pattern: re.Pattern[str], text: str) -> float:
    """The least of three times: what else the machine does only adds to it."""
    return min(_once(pattern, text) for _ in range(3))


def _once(pattern: re.Pattern[str], text: str) -> float:
    began = time.process_time()
    pattern.search(text)
    pattern.fullmatch(text)
    return time.process_time() - began


SEEN = [pytest.param(name, found, id=name[:60]) for name, found in patterns().items() if name not in ELSEWHERE]


@pytest.mark.parametrize(("name", "pattern"), SEEN)
def test_the_time_of_a_pattern_grows_with_the_length_of_the_text(name: str, pattern: re.Pattern[str]) -> None:
    for piece in PIECES:
        for end in ("", "!", "\n"):
            longer = seconds(pattern, piece * (LONG // len(piece)) + end)
            if longer > UNNOTICED:
                shorter = seconds(pattern, piece * (SHORT // len(piece)) + end)
                assert longer < 3 * GROWTH * max(shorter, UNNOTICED / GROWTH), f"{name} on {piece!r}"


def test_there_are_patterns_to_look_at() -> None:
    found: dict[str, Any] = patterns()
    assert len(found) > 60
    assert {"[0-9]+", "[0-9]{1,4}"} <= set(found), "calls in the middle of a function"
    assert "getthrough.domain.batch.text_template._EXPRESSION" in found
