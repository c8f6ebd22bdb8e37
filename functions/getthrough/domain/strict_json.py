"""JSON from outside, taken only if it can be stored, read again and sent on wherever it goes from here."""

import json
import math
from typing import Any

MAX_DEPTH = 32
"""Levels of lists and objects: more than any message has, and few enough for every parser that comes after."""


def parse(body: bytes | str) -> Any:
    """The value; ValueError says where it goes wrong, or what it must not have, never what stands there."""
    try:
        value = json.loads(body, parse_constant=_finite, parse_float=_finite)
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except (ValueError, RecursionError):
        raise ValueError("not UTF-8, half a character, nested too deeply, or a number out of range") from None
    if _is_deeper_than(MAX_DEPTH, value):
        raise ValueError(f"nested more than {MAX_DEPTH} deep")
    return value


def _is_deeper_than(limit: int, value: object) -> bool:
    level = [value]
    for _ in range(limit):
        parents = (item for item in level if isinstance(item, dict | list))
        level = [child for item in parents for child in (item.values() if isinstance(item, dict) else item)]
    return any(isinstance(item, dict | list) for item in level)


def _finite(text: str) -> float:
    """JSON has no infinite numbers: what comes in as one could not go out again."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not finite")
    return number
