"""Validation against JSON Schema. It reports all violations together, in our own words.

Only this module knows the validator. It compiles a schema into Python when it is first needed, which takes
milliseconds. A check then takes microseconds.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache

import fastjsonschema
from fastjsonschema import JsonSchemaValueException, JsonSchemaValuesException

from getthrough.domain.message.channels import ANY_MESSAGE, CHANNELS, conditions, message_schema
from getthrough.domain.values.errors import MOST_VIOLATIONS, Violation
from getthrough.domain.values.json_schema import Schema

Check = Callable[[object], list[Violation]]


def compiled(schema: Schema) -> Check:
    """A function that lists the violations of a value in the order of the schema's fields: at most one per name, and at
    most MOST_VIOLATIONS. Reasons never quote the value.
    """
    validate = fastjsonschema.compile(schema, fast_fail=False, use_default=False, use_formats=False)
    places = {name: place for place, name in enumerate(schema["properties"])}

    def check(value: object) -> list[Violation]:
        try:
            validate(value)
        except JsonSchemaValuesException as refusal:
            first_of_each: dict[str, Violation] = {}
            for violation in (violation for error in refusal.errors for violation in _violations(error)):
                first_of_each.setdefault(violation.name, violation)
                if len(first_of_each) == MOST_VIOLATIONS:
                    break
            return sorted(first_of_each.values(), key=lambda violation: places.get(_top(violation.name), 0))
        return []

    return check


def message_violations(message: Mapping[str, object]) -> list[Violation]:
    """The violations of a v1 message with our own fields. Names are as in the message."""
    channel, message_type = message.get("channel"), message.get("message_type")
    if not isinstance(channel, str) or channel not in CHANNELS:
        return _any_message()(message)
    known = message_type if isinstance(message_type, str) and message_type in CHANNELS[channel].types else None
    violations = [*_message(channel, known)(message), *_copies(channel, message)][:MOST_VIOLATIONS]
    if message.get("condition_status") == "read" and "read" not in conditions(channel):
        reported = Violation("condition_status", f"{channel} does not report read; use delivered.")
        return [reported if violation.name == reported.name else violation for violation in violations]
    return violations


def _copies(channel: str, message: Mapping[str, object]) -> Iterator[Violation]:
    """The fields for more recipients, in any case, at the top or in the channel's own options."""
    for place, fields in (("", message), (f"{channel}.", message.get(channel))):
        for name in fields if isinstance(fields, Mapping) else ():
            if name.lower() in CHANNELS[channel].copies:
                yield Violation(f"{place}{name}", "is not allowed. Send each recipient a message of their own.")


@cache
def _any_message() -> Check:
    return compiled(ANY_MESSAGE)


@cache
def _message(channel: str, message_type: str | None) -> Check:
    return compiled(message_schema(channel, message_type))


def _top(name: str) -> str:
    """`image` of `image.url`, `content` of `content[0].url`."""
    return re.split(r"[.\[]", name, maxsplit=1)[0]


def _violations(error: JsonSchemaValueException) -> Iterator[Violation]:
    name = (error.name or "").removeprefix("data").removeprefix(".")
    if error.rule == "required":
        for missing in error.rule_definition:
            if missing not in error.value:
                yield Violation(f"{name}.{missing}".removeprefix("."), "is required.")
    else:
        yield Violation(name, _reason(error.rule or "", error.definition))


def _reason(rule: str, schema: Schema) -> str:
    match rule:
        case "type":
            return _REASONS.get(str(schema["type"])) or _range(schema)
        case "enum":
            return f"must be {'one of ' if len(schema['enum']) > 1 else ''}{', '.join(schema['enum'])}."
        case "minimum" | "maximum":
            return _range(schema)
        case "minLength" | "maxLength":
            return _between("must have {} to {} characters.", schema["minLength"], schema.get("maxLength"))
        case "minItems" | "maxItems":
            return _between("must be a list of {} to {}.", schema["minItems"], schema.get("maxItems"))
        case "oneOf":
            return f"must have either {' or '.join(choice['required'][0] for choice in schema['oneOf'])}."
        case _:
            return f"must be {schema.get('description') or schema.get('const')}."


_REASONS = {
    "string": "must be a string.",
    "object": "must be an object.",
    "array": "must be a list.",
    "boolean": "must be true or false.",
}


def _range(schema: Schema) -> str:
    described = schema.get("description") or f"a whole number from {schema['minimum']} to {schema['maximum']}"
    return f"must be {described}."


def _between(reported: str, least: int, most: int | None) -> str:
    """Without an upper bound, the lower bound in the tables is always 1."""
    return "must not be empty." if most is None else reported.format(least, most)
