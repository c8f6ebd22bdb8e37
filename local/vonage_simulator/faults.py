"""What goes wrong on purpose. `PUT /faults` replaces all of it; an unknown key or value is refused.

    {
      "answers": [                        # a POST with valid credentials gets the first match
        {"status": 429, "times": 2},      # answer with this error (401 402 403 422 429 500 502 503 504)
        {"status": 500, "accept": true},  # ... although the message is accepted and sent
        {"hang": 30},                     # accept the message, answer only after 30 s
        {"hang": 30, "accept": false},    # accept nothing, answer 504 after 30 s
        {"drop": true},                   # accept the message, close the connection without an answer
        {"drop": true, "accept": false},  # accept nothing, close the connection without an answer
        {"status": 503, "to": "447700900000"}   # only for messages to this recipient
      ],
      "webhooks": {
        "duplicate": 3,        # every webhook comes 3 times, each copy with its own signature
        "shuffle": true,       # hold a message's webhooks back until no more are to come; the last goes first
        "delay": 2.0,          # seconds before the first attempt
        "unsigned_first": 1,   # the first attempt of each webhook has no signature; later ones have
        "no_client_ref": true, # a status comes without its client_ref
        "times": 5,            # only for the first 5 webhooks; without it until replaced
        "to": "447700900000"   # only for this phone
      }
    }

`times` of an answer is 1 when it is not given; a used-up answer is gone. Credentials are checked first.
All keys are optional. Seconds are divided by the simulator's speed. Inbound messages (replies) are webhooks too.
A status comes before the answer to the POST when that hangs: `submitted` after 0.05 s, `delivered` 0.3 s later.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from local.vonage_simulator.answers import STATUSES


class BadFaultsError(ValueError):
    """The faults given make no sense; the text says why."""


@dataclass(frozen=True)
class AnswerFault:
    status: int | None = None
    hang: float | None = None
    drop: bool = False
    accept: bool = False
    times: int = 1
    to: str | None = None


@dataclass(frozen=True)
class WebhookFault:
    duplicate: int = 1
    shuffle: bool = False
    delay: float = 0.0
    unsigned_first: int = 0
    no_client_ref: bool = False
    times: int | None = None
    to: str | None = None


NO_WEBHOOK_FAULT = WebhookFault()


def _seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 86_400


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 1_000_000


_VALID: dict[str, Callable[[object], bool]] = {
    "status": lambda value: isinstance(value, int) and value in STATUSES,
    "hang": _seconds,
    "drop": lambda value: isinstance(value, bool),
    "accept": lambda value: isinstance(value, bool),
    "times": _count,
    "to": lambda value: isinstance(value, str),
    "duplicate": _count,
    "shuffle": lambda value: isinstance(value, bool),
    "delay": _seconds,
    "unsigned_first": _count,
    "no_client_ref": lambda value: isinstance(value, bool),
}


def _check(kind: type, name: str, given: object) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise BadFaultsError(f"{name} must be an object")
    known = {field.name for field in fields(kind)}
    for key, value in given.items():
        if key not in known:
            raise BadFaultsError(f"{name}.{key} is not a fault")
        if not _VALID[key](value):
            raise BadFaultsError(f"{name}.{key} cannot be {value!r}")
    return given


def _answer(name: str, given: object) -> AnswerFault:
    values = _check(AnswerFault, name, given)
    if sum(bool(key in values and values[key] is not False) for key in ("status", "hang", "drop")) != 1:
        raise BadFaultsError(f"{name} must have exactly one of status, hang, drop")
    # a hung or dropped request counts as accepted unless `accept` is false; a refused one does not
    return AnswerFault(**{"accept": "status" not in values, **values})


@dataclass
class Faults:
    answers: list[AnswerFault]
    webhooks: WebhookFault | None = None

    def put(self, given: object) -> None:
        if not isinstance(given, Mapping) or (unknown := set(given) - {"answers", "webhooks"}):
            what = "the body must be an object" if not isinstance(given, Mapping) else f"unknown: {sorted(unknown)}"
            raise BadFaultsError(what)
        listed = given.get("answers", [])
        if not isinstance(listed, list):
            raise BadFaultsError("answers must be a list")
        new = [_answer(f"answers[{number}]", item) for number, item in enumerate(listed)]
        self.webhooks = (
            WebhookFault(**_check(WebhookFault, "webhooks", given["webhooks"])) if "webhooks" in given else None
        )
        self.answers = new

    def as_json(self) -> dict[str, Any]:
        """What is still in force, in the shape that was put."""
        shown: dict[str, Any] = {"answers": [_given(fault) for fault in self.answers]}
        if self.webhooks is not None:
            shown["webhooks"] = _given(self.webhooks)
        return shown

    def take_answer(self, to: str | None) -> AnswerFault | None:
        """The fault for a message to this recipient, one use of it spent."""
        for number, fault in enumerate(self.answers):
            if fault.to is None or fault.to == to:
                left = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                self.answers[number : number + 1] = left
                return fault
        return None

    def take_webhook(self, phone: str) -> WebhookFault:
        """How a webhook about this phone is to be delivered, one use of the fault spent."""
        fault = self.webhooks
        if fault is None or fault.to not in {None, phone}:
            return NO_WEBHOOK_FAULT
        if fault.times is not None:
            self.webhooks = replace(fault, times=fault.times - 1) if fault.times > 1 else None
        return fault


def _given(fault: AnswerFault | WebhookFault) -> dict[str, Any]:
    return {key: value for key, value in asdict(fault).items() if value not in {None, False} or key == "accept"}
