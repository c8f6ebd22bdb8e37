"""Strict JSON: accepted only if it can be stored, read again and forwarded unchanged."""

import json
import math
from typing import Any

MAX_DEPTH = 32
"""Levels of lists and objects. Every message has fewer, and every later parser can read as many."""

MAX_VALUES = 10_000
"""All strings, numbers, lists, objects and so on together: enough for ten steps with hundreds of values each, and few
enough to check quickly."""


def parse(body: bytes | str, most_values: int = MAX_VALUES) -> Any:
    """The value. A ValueError says where the error is, or what is not allowed. It never quotes the content."""
    try:
        value = json.loads(body, parse_constant=_finite, parse_float=_finite, object_pairs_hook=_each_once)
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except _TwiceError:
        raise ValueError("a name occurs twice in one object") from None
    except (ValueError, RecursionError):
        raise ValueError("not UTF-8, an incomplete character, nested too deeply, or a number out of range") from None
    _check_size(value, most_values)
    return value


class _TwiceError(ValueError):
    pass


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Reject duplicate names: some readers take the first value, others the last."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise _TwiceError
    return fields


def _check_size(value: object, most_values: int) -> None:
    level, depth, values = [value], 0, 0
    while level:
        values += len(level)
        if values > most_values:
            raise ValueError(f"more than {most_values} values")
        parents = [item for item in level if isinstance(item, dict | list)]
        if parents and depth == MAX_DEPTH:
            raise ValueError(f"nested more than {MAX_DEPTH} deep")
        level = [child for item in parents for child in (item.values() if isinstance(item, dict) else item)]
        depth += 1


def _finite(text: str) -> float:
    """Reject infinite numbers: JSON cannot write them."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not finite")
    return number
