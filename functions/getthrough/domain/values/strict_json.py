"""Strict JSON: accepted only if it can be stored, read again and forwarded unchanged."""

import json
import math
import re
from collections import Counter
from typing import Any

MAX_DEPTH = 32
"""Levels of lists and objects. Every message has fewer, and every later parser can read as many."""

MAX_VALUES = 10_000
"""All strings, numbers, lists, objects and so on together: enough for ten steps with hundreds of values each, and few
enough to check quickly."""


_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z_.-]{0,63}")
"""Names that an error can quote: names of fields, never a customer's text."""

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a character that JSON writes as two escapes. A complete one is a single character after parsing."""


def parse(body: bytes | str, most_values: int = MAX_VALUES) -> Any:
    """The value. A ValueError says where the error is, or what is not allowed. It quotes at most a field's name."""
    try:
        value = json.loads(body, parse_constant=_finite, parse_float=_finite, object_pairs_hook=_each_once)
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except _TwiceError as error:
        raise ValueError(f"`{error}` appears twice in one object") from None
    except (ValueError, RecursionError):
        raise ValueError("not UTF-8, an incomplete character, nested too deeply, or a number out of range") from None
    _check_size(value, most_values)
    return value


def parse_repaired(body: bytes) -> Any:
    """The same for a webhook: bytes that are not UTF-8, and half characters, become U+FFFD, so that one unreadable text
    does not make the rest unreadable."""
    text = body.decode(json.detect_encoding(body), "replace")
    if _SURROGATE_ESCAPE.search(text):
        try:
            value = json.loads(text, object_pairs_hook=_each_once)
        except (ValueError, RecursionError):
            return parse(text)  # which says what is wrong
        text = _SURROGATE.sub("\ufffd", json.dumps(value, ensure_ascii=False))
    return parse(text)


class _TwiceError(ValueError):
    """A name that is there twice."""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Reject duplicate names: some readers take the first value, others the last."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise _TwiceError(twice if _PLAIN_NAME.fullmatch(twice) else "a name")
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
