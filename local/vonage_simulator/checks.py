"""Reads messages against `rules`: `refusal(body)` is None or the 422 that Vonage would answer to a client,
`reply_faults` what no customer could send."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from local.vonage_simulator import answers
from local.vonage_simulator.answers import Answer, Invalid
from local.vonage_simulator.rules import CHANNELS, COMMON, INBOUND, INBOUND_OPTIONS, Rule, needed

_TYPES: dict[str, Any] = {
    "text": str,
    "integer": int,
    "number": int | float,
    "numeral": str,
    "boolean": bool,
    "object": dict,
    "list": list,
}
_NAMES = {
    "text": "a string",
    "integer": "an integer",
    "number": "a number",
    "numeral": "an integer in a string",
    "boolean": "a boolean",
}


def refusal(body: Mapping[str, Any]) -> Answer | None:
    """What is wrong with a request body, its failover items included."""
    own = {name: value for name, value in body.items() if name != "failover"}
    if bare := _unknown_kind(own):
        return bare
    wrong = list(_message(own))
    later = list(_failover(body["failover"])) if "failover" in body else []
    if not wrong and not later:
        return None
    return _answer(str(own["channel"]), wrong, later)


def reply_faults(channel: str, message: Mapping[str, Any]) -> list[Invalid]:
    """What is wrong with what a customer is to send: {"message_type", and what comes with it}."""
    kind, types = message.get("message_type"), INBOUND.get(channel, {})
    if not isinstance(kind, str) or kind not in types:
        return [Invalid("message_type", f"must be one of {', '.join(types)}." if types else "is not supported.")]
    fields = {**INBOUND_OPTIONS.get(channel, {}), **types[kind]}
    unknown = [Invalid(name, "is not allowed.") for name in message if name not in {"message_type", *fields}]
    return unknown + list(_fields(fields, message, ""))


def _unknown_kind(message: Mapping[str, Any]) -> Answer | None:
    channel = message.get("channel")
    if not isinstance(channel, str) or channel not in CHANNELS:
        return answers.invalid_channel()
    message_type = message.get("message_type")
    if not isinstance(message_type, str) or message_type not in CHANNELS[channel].types:
        return answers.invalid_message_type()
    return None


def _answer(channel: str, wrong: list[Invalid], later: list[Invalid]) -> Answer:
    """Vonage has an error of its own for some fields; a mixture is `Invalid params`."""
    names = {item.name for item in wrong}
    if not later and names == {"to"}:
        return answers.invalid_recipient()
    if not later and names == {"from"}:
        return answers.invalid_sender()
    if not later and names == {"client_ref"}:
        return answers.invalid_client_ref()
    if not later and all(name.split(".")[0] == channel for name in names):
        return answers.invalid_channel_params(wrong)
    return answers.invalid_params(wrong + later)


def _failover(items: object) -> Iterator[Invalid]:
    if not isinstance(items, list):
        yield Invalid("failover", "must be an array.")
        return
    for number, item in enumerate(items):
        name = f"failover[{number}]"
        if not isinstance(item, dict):
            yield Invalid(name, "must be an object.")
        elif not isinstance(item.get("channel"), str) or item["channel"] not in CHANNELS:
            yield Invalid(f"{name}.channel", "is not a supported channel.")
        elif not isinstance(item.get("message_type"), str) or (
            item["message_type"] not in CHANNELS[item["channel"]].types
        ):
            yield Invalid(f"{name}.message_type", "is not supported by the channel.")
        else:
            yield from (Invalid(f"{name}.{wrong.name}", wrong.reason) for wrong in _message(item))


def _message(message: Mapping[str, Any]) -> Iterator[Invalid]:
    """Everything wrong with one message whose channel and message_type are known."""
    channel = CHANNELS[message["channel"]]
    fields = {
        "to": needed(channel.to),
        "from": needed(channel.sender),
        **COMMON,
        **channel.options,
        **channel.types[message["message_type"]],
    }
    known = {"channel", "message_type", *fields}
    yield from (Invalid(name, "is not allowed.") for name in message if name not in known)
    yield from _fields(fields, message, "")


def _fields(fields: Mapping[str, Rule], given: Mapping[str, Any], prefix: str) -> Iterator[Invalid]:
    for name, rule in fields.items():
        if name in given:
            yield from _value(rule, given[name], prefix + name)
        elif rule.required:
            yield Invalid(prefix + name, "is required.")


def _value(rule: Rule, value: object, name: str) -> Iterator[Invalid]:
    expected = _TYPES[rule.kind]
    if not isinstance(value, expected) or (isinstance(value, bool) and rule.kind != "boolean"):
        kind = _NAMES.get(rule.kind, "an object" if rule.kind == "object" else "an array")
        yield Invalid(name, f"must be {kind}.")
    elif isinstance(value, str):
        yield from (Invalid(name, reason) for reason in _text(rule, value))
    elif isinstance(value, dict):
        yield from _object(rule, value, name)
    elif isinstance(value, list):
        yield from _bounds(rule, len(value), name, "must have {} items.")
        if rule.items is not None:
            for number, item in enumerate(value):
                yield from _value(rule.items, item, f"{name}[{number}]")
    elif isinstance(value, int):
        yield from _bounds(rule, value, name, "must be {}.")


def _text(rule: Rule, value: str) -> Iterator[str]:
    if rule.kind == "numeral":
        if not re.fullmatch(r"[0-9]{1,9}", value) or not _within(rule, int(value)):
            yield f"must be {_range(rule)}."
    elif rule.choices:
        if value not in rule.choices:
            yield f"must be one of {', '.join(rule.choices)}."
    elif not _within(rule, len(value)):
        yield f"must be {_range(rule)} characters long."
    elif rule.pattern is not None and not re.fullmatch(rule.pattern, value):
        yield rule.says


def _object(rule: Rule, value: Mapping[str, Any], name: str) -> Iterator[Invalid]:
    yield from _fields(rule.fields, value, f"{name}.")
    if rule.exactly_one and sum(choice in value for choice in rule.exactly_one) != 1:
        yield Invalid(name, f"must have exactly one of {', '.join(rule.exactly_one)}.")
    for field, at, other in rule.needs:
        if value.get(field) == at and other not in value:
            yield Invalid(f"{name}.{other}", f"is required when {field} is {at}.")


def _bounds(rule: Rule, size: int, name: str, reason: str) -> Iterator[Invalid]:
    if not _within(rule, size):
        yield Invalid(name, reason.format(_range(rule)))


def _within(rule: Rule, size: int) -> bool:
    return (rule.low is None or size >= rule.low) and (rule.high is None or size <= rule.high)


def _range(rule: Rule) -> str:
    if rule.high is None:
        return f"at least {rule.low}"
    return f"{rule.low} to {rule.high}" if rule.low is not None else f"at most {rule.high}"
