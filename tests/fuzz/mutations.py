"""Webhooks, broken in every way that a body can be: its values first, then its bytes."""

import json
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from getthrough.domain.message.status import Status

ODD: Sequence[Any] = (
    *(None, True, False, 0, 1, -1, 7.5, 10**30, 1e308, float("nan"), float("inf"), 2**63),
    *("", " ", "\t", "0", "null", "x" * 257, "x" * 5000, "1240", "1070", "STOP", "start", "2026-03-02T12:00:00Z"),
    *("9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00-14:00", "1e5", "1" * 40, "0.1", "NaN", "EUR"),
    *(
        "\x00",
        "\u202estop",
        "s\u0301top",
        "\uff33\uff34\uff2f\uff30",
        "\U0001f9c1",
        "a\u200bb",
        "\ufdfa" * 9,
        "#",
        "A#B",
    ),
    *("\ud800", "\udfff\ud800", [], {}, [[]], [None], {"": None}, {"type": "sms", "number": "1"}),
    *(*Status, "completed", "accepted", "sms", "whatsapp", "viber_service_msg", "button"),
)
"""Values that were, somewhere, someone's undoing."""

NAMES: Sequence[str] = (
    *("message_uuid", "to", "from", "channel", "status", "timestamp", "client_ref", "error", "errors", "usage"),
    *("price", "currency", "title", "code", "detail", "reason", "type", "number", "id", "text", "message", "content"),
    *("message_type", "context", "reply", "button", "payload", "msisdn", "messageId", "dispatch_uuid", "workflow"),
    *("__proto__", "", "\x00", "digest", "step", "body", "sk", "pk"),
)


NEAR: Mapping[str, Sequence[Any]] = {
    "timestamp": (
        *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2000-01-01T00:00:00Z", "2099-12-31T23:59:59Z"),
        *("2026-03-02 12:00:00", "2026-03-02 12:00:00 UTC", "2026-02-30T00:00:00Z", "2026-W10-1", "20260302"),
    ),
    "text": ("STOP", "Stop!", "START", "STOP 12345", "arr\u00eat", "x" * 20_000),
    "status": tuple(Status),
    "title": ("1240", 1240, "1050", "1070", "1000", "0", "999999", "1000000", -1240, 1240.0),
    "price": ("0", "-0.01", "999999999999999.999999999999", "1e3", "0x10", "\u0663", " 0.0333 ", "0.03330000"),
    "currency": ("EUR", "eur", "\u20ac", "x" * 256),
    "channel": ("sms", "whatsapp", "viber_service_msg", "SMS", "s#ms", "sms\n"),
}
"""What a field might almost have, or might really have and seldom does."""


def broken(payload: Any, random: Random, known: Sequence[str]) -> bytes:
    """A body made of a payload by one to four changes; `known` are values of our own that may get into it."""
    value = json.loads(json.dumps(payload))
    changes = random.randint(1, 4)
    for _ in range(changes):
        if random.random() < 0.8:
            value = _change_value(value, random, known)
    text = json.dumps(value, ensure_ascii=random.random() < 0.5, indent=random.choice((None, None, None, None, 1)))
    if random.random() < 0.1:
        text = _name_twice(text, random, known)
    body = text.encode("utf-8", "surrogatepass")
    while body and random.random() < 0.15:
        body = random.choice(_OF_BYTES)(body, random)
    return body


def _change_value(value: Any, random: Random, known: Sequence[str]) -> Any:
    """The value with one place changed: here, or further down."""
    if isinstance(value, dict | list) and value and random.random() < 0.85:
        place = random.choice(list(value) if isinstance(value, dict) else range(len(value)))
        match random.randrange(10):
            case 0:
                del value[place]
            case 1 if isinstance(value, dict):
                value[random.choice(NAMES)] = value.pop(place)
            case 2 if isinstance(value, dict):
                value[random.choice(NAMES)] = _some(random, known)
            case 3 | 4 if isinstance(value, dict) and (near := sorted(NEAR.keys() & value.keys())):
                name = random.choice(near)
                value[name] = random.choice(NEAR[name])
            case 3 if isinstance(value, list):
                value.insert(place, _some(random, known))
            case _:
                value[place] = _change_value(value[place], random, known)
        return value
    return random.choice(_OF_VALUES)(value, random, known)


def _some(random: Random, known: Sequence[str]) -> Any:
    return random.choice(known) if random.random() < 0.2 else json.loads(json.dumps(random.choice(ODD)))


def _retyped(value: Any, random: Random, known: Sequence[str]) -> Any:
    if isinstance(value, str) and random.random() < 0.5:
        return int(value) if value.isascii() and value.isdigit() and len(value) < 40 else [value]
    return str(value)[:500] if random.random() < 0.5 else _some(random, known)


def _nested(value: Any, random: Random, _known: Sequence[str]) -> Any:
    depth = random.choice((1, 1, 2, 30, 33, 400))
    for _ in range(depth):
        value = [value] if random.random() < 0.5 else {random.choice(NAMES): value}
    return value


def _huge(value: Any, random: Random, _known: Sequence[str]) -> Any:
    size = random.choice((300, 2001, 20_000, 140_000))
    unit = value if isinstance(value, str) and 0 < len(value) < 50 else "9"
    return (unit * size)[:size] if random.random() < 0.7 else [0] * size


def _written_oddly(value: Any, random: Random, _known: Sequence[str]) -> Any:
    if not isinstance(value, str):
        return value
    place = random.randint(0, len(value))
    oddity = random.choice(("\t", " ", "\u0000", "\u00a0", "\u200b", "\u0301", "\U0001f9c1", "\ud83e", "\u0661", "\\"))
    return random.choice((value[:place] + oddity + value[place:], value.upper(), value.swapcase(), value[:place]))


def _replaced(_value: Any, random: Random, known: Sequence[str]) -> Any:
    return _some(random, known)


_OF_VALUES: Sequence[Callable[[Any, Random, Sequence[str]], Any]] = (
    *(_retyped, _retyped, _written_oddly, _written_oddly, _written_oddly),
    *(_replaced, _replaced, _replaced, _replaced, _nested, _huge),
)


def _name_twice(text: str, random: Random, known: Sequence[str]) -> str:
    """The object with one more member in front, whose name it may have already."""
    more = f"{json.dumps(random.choice(NAMES))}: {json.dumps(_some(random, known))}, "
    return text.replace("{", "{" + more, 1) if text.startswith("{") and len(text) > 2 else text


def _flipped(body: bytes, random: Random) -> bytes:
    place = random.randrange(len(body))
    return body[:place] + bytes([body[place] ^ 1 << random.randrange(8)]) + body[place + 1 :]


def _without_some(body: bytes, random: Random) -> bytes:
    start = random.randrange(len(body))
    return body[:start] + body[start + random.randint(1, 20) :]


def _with_more(body: bytes, random: Random) -> bytes:
    place = random.randrange(len(body))
    more = random.choice((b'"', b"{", b"]", b",", b"\\u0000", b"\\ud800", b"1e999", b"\xff", random.randbytes(5)))
    return body[:place] + more + body[place:]


def _some_twice(body: bytes, random: Random) -> bytes:
    start = random.randrange(len(body))
    return body[: start + random.randint(1, 60)] + body[start:]


def _cut(body: bytes, random: Random) -> bytes:
    return body[: random.randrange(len(body))]


def _other_letters(body: bytes, random: Random) -> bytes:
    text = body.decode("utf-8", "replace")
    return text.encode(random.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "utf-7")), "replace")


def _between_others(body: bytes, random: Random) -> bytes:
    before, after = (b" ", b"\r\n", b"\x00", b"\xef\xbb\xbf", b"//"), (b"", b"\n", b"\x00", b"}")
    return random.choice(before) + body + random.choice(after)


_OF_BYTES: Sequence[Callable[[bytes, Random], bytes]] = (
    *(_flipped, _without_some, _with_more, _some_twice, _cut, _other_letters, _between_others),
)
