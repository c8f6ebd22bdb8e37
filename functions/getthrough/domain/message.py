"""A client's request in the Messages API v1 dialect, turned into the steps of a dispatch.

The body is a v1 message with our own fields beside it (`expiry_time`, `condition_status`, `on_unknown`). Fields and
message types that are not in the tables below travel to Vonage untouched, so that what Vonage adds works at once.
Bounds: Messages API v1.11 and the official SDKs; where they differ, the wider one, since Vonage has the last word.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from getthrough.domain.dispatch import OnUnknown, Step
from getthrough.domain.errors import Fault, InvalidRequestError
from getthrough.domain.identifiers import MAX_STEPS
from getthrough.domain.status import Condition

LAST_WINDOW = 72 * 3600
"""Seconds after which a last step without a window of its own is given up: SMS are not delivered later than that."""

DEFAULT_WINDOW = 15
"""Seconds that a step waits for its condition when a fallback follows and the client did not say how long."""


@dataclass(frozen=True, slots=True)
class Text:
    longest: int
    pattern: str = ".*"
    hint: str = ""

    def fault(self, value: object) -> str | None:
        if not isinstance(value, str):
            return "must be a string."
        if not 1 <= len(value) <= self.longest:
            return f"must have 1 to {self.longest} characters."
        return None if re.fullmatch(self.pattern, value, re.DOTALL) else f"must be {self.hint}."


@dataclass(frozen=True, slots=True)
class Whole:
    least: int
    most: int

    def fault(self, value: object) -> str | None:
        fits = isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most
        return None if fits else f"must be a whole number from {self.least} to {self.most}."


@dataclass(frozen=True, slots=True)
class OneOf:
    choices: tuple[str, ...]

    def fault(self, value: object) -> str | None:
        return None if value in self.choices else f"must be one of {', '.join(self.choices)}."


Rule = Text | Whole | OneOf

NUMBER = Text(15, r"[1-9][0-9]{6,14}", "a number in E.164 format without + or 00, such as 447700900000")
SENDER = Text(50)
IDENTIFIER = Text(50)

REQUIRED: Mapping[str, Mapping[str, Rule]] = {
    "sms": {"to": NUMBER, "from": SENDER},
    "mms": {"to": NUMBER, "from": NUMBER},
    "rcs": {"to": NUMBER, "from": Text(50, r"[A-Za-z0-9_&-]+", "an RCS sender id: letters, digits, _ & -")},
    "whatsapp": {"to": Text(50, r"[A-Za-z0-9.]+", "a number in E.164 format or a user id"), "from": NUMBER},
    "messenger": {"to": IDENTIFIER, "from": IDENTIFIER},
    "viber_service": {"to": NUMBER, "from": SENDER},
}
"""What each channel needs beside `channel` and `message_type`."""

LONGEST_TEXT: Mapping[str, int] = {
    "sms": 3200,
    "mms": 1000,
    "rcs": 3072,
    "whatsapp": 4096,
    "messenger": 640,
    "viber_service": 1000,
}

OPTIONAL: Mapping[str, Rule] = {
    "client_ref": Text(100),
    "webhook_url": Text(2000, r"https?://\S+", "an http or https URL"),
    "expiry_time": Whole(1, 7 * 86_400),
    "condition_status": OneOf(tuple(Condition)),
}

WITHOUT_READ = ("sms", "mms")
"""Channels that never report `read`."""

OURS = frozenset({"expiry_time", "condition_status", "on_unknown", "failover"})
"""Fields of the request that are not part of a v1 message: none of them may reach Vonage."""

KEPT_BACK = frozenset({"client_ref", "webhook_url", "webhook_version"})
"""Fields of a v1 message that we fill ourselves, because its webhooks must come to us, in v1, with our id."""


class Request(NamedTuple):
    """What a client asks for. Two requests are the same if their `sha256` is."""

    steps: tuple[Step, ...]
    on_unknown: OnUnknown
    sha256: str


def parse_messages_request(body: object) -> Request:
    """The request in a `POST /v1/messages` body, or InvalidRequestError with every fault in it."""
    if not isinstance(body, Mapping):
        raise InvalidRequestError(Fault("body", "must be a JSON object."))
    faults = [*_faults(body, prefix="")]
    items = body.get("failover", [])
    if not isinstance(items, list) or len(items) >= MAX_STEPS:
        faults.append(Fault("failover", f"must be a list of at most {MAX_STEPS - 1} messages."))
        items = []
    on_unknown = body.get("on_unknown", OnUnknown.MOVE_ON)
    if reason := OneOf(tuple(OnUnknown)).fault(on_unknown):
        faults.append(Fault("on_unknown", reason))
    for number, item in enumerate(items):
        faults += _faults(item, prefix=f"failover[{number}].")
    if faults:
        raise InvalidRequestError(*faults)
    messages = [body, *items]
    steps = (_step(message, last=number == len(items)) for number, message in enumerate(messages))
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return Request(tuple(steps), OnUnknown(on_unknown), hashlib.sha256(canonical.encode()).hexdigest())


def for_vonage(step: Step, message_uuid: str) -> dict[str, Any]:
    """The v1 message that goes out for a step: the client's, with our id where Vonage gives it back to us."""
    message = {name: value for name, value in step.message.items() if name not in KEPT_BACK}
    return {**message, "client_ref": message_uuid, "webhook_version": "v1"}


def _step(message: Mapping[str, Any], *, last: bool) -> Step:
    return Step(
        message={name: value for name, value in message.items() if name not in OURS},
        expiry_time=message.get("expiry_time", LAST_WINDOW if last else DEFAULT_WINDOW),
        condition_status=Condition(message.get("condition_status", Condition.DELIVERED)),
    )


def _faults(message: object, prefix: str) -> Iterator[Fault]:
    if not isinstance(message, Mapping):
        yield Fault(prefix.rstrip("."), "must be a JSON object.")
        return
    channel = message.get("channel")
    required: dict[str, Rule] = {"channel": OneOf(tuple(REQUIRED)), "message_type": Text(50)}
    if isinstance(channel, str):
        required |= REQUIRED.get(channel, {})
        if message.get("message_type") == "text":
            required["text"] = Text(LONGEST_TEXT.get(channel, 4096))
    for name, rule in required.items():
        if name not in message:
            yield Fault(prefix + name, "is required.")
        elif reason := rule.fault(message[name]):
            yield Fault(prefix + name, reason)
    for name, rule in OPTIONAL.items():
        if name in message and (reason := rule.fault(message[name])):
            yield Fault(prefix + name, reason)
    if message.get("condition_status") == Condition.READ and channel in WITHOUT_READ:
        yield Fault(f"{prefix}condition_status", f"{channel} does not report read; use delivered.")
    if prefix and "on_unknown" in message:
        yield Fault(f"{prefix}on_unknown", "belongs to the whole dispatch; give it at the top.")
    if prefix and "failover" in message:
        yield Fault(f"{prefix}failover", "a fallback has no fallbacks of its own; list them one after another.")
