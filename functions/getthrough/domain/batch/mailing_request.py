"""Requests for one message to many recipients. Every text is filled in and every message is validated for every
recipient before anything is stored.

{"message": {"channel": "sms", "from": "Bakery", "text": "Hello {{ name }}, your order is ready.", …},
 "recipients": [{"to": "447700900001", "variables": {"name": "Ann"}, "time_zone": "Europe/London"}, …], "rate": 10}
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from getthrough.domain.batch.batch import Mailing, Recipient
from getthrough.domain.batch.batch_body import LONGEST_RECIPIENT, RECIPIENT, VARIABLE_NAME
from getthrough.domain.batch.text_template import MissingVariableError, Variables, WrongTemplateError, effort, render
from getthrough.domain.contact.contact import contact_of
from getthrough.domain.dispatch.defaults import NONE, Defaults, with_country, with_defaults
from getthrough.domain.dispatch.dispatch import Step
from getthrough.domain.dispatch.request import LONGEST_PLAN, Request, parse_messages_request, sha256_of
from getthrough.domain.values import local_time
from getthrough.domain.values.errors import MOST_VIOLATIONS, InvalidRequestError, Violation

_NAMED = re.compile(VARIABLE_NAME)

MOST_WORK = 200_000_000
"""Bytes that are filled in and checked for all recipients together. It takes seconds, and the client waits for it."""

_OF_A_VALUE, _OF_AN_EXPRESSION = 50, 150
"""Bytes that take as long as a value or an expression, however short it is."""


def parse_mailing(
    body: Mapping[str, Any], most_a_second: int, defaults: Defaults
) -> tuple[Mailing | None, Sequence[Recipient], list[Violation]]:
    """The mailing in a well-formed body, its recipients, and its violations. Its list has no id yet. The message has
    the defaults in it, so that every recipient gets the same."""
    own = with_country(body["message"], Defaults(body.get("default_country", "")))
    message, recipients = with_defaults(own, defaults), [_recipient(given) for given in body["recipients"]]
    violations = [*_rate_violations(body, most_a_second), *_message_violations(message)]
    if len(recipients) > defaults.recipients:
        violations.append(Violation("recipients", f"must be a list of 1 to {defaults.recipients}."))
    violations += _some(_recipient_violations(body["recipients"]))
    if (most := len(recipients) * MOST_WORK // _work(message, recipients)) < len(recipients):
        violations.append(Violation("recipients", f"are too many for a message of this size: it can have {most}."))
    if not violations:
        bounds = defaults._replace(country="", window=0)  # what they add is in the message already
        violations += _some(_violations_of_each(message, recipients, bounds))  # and completes the recipients
    if violations:
        return None, (), violations
    rate = body.get("rate", most_a_second)
    return Mailing(message=message, list_id="", total=len(recipients), rate=rate), recipients, []


def request_for(message: Mapping[str, Any], recipient: Recipient, defaults: Defaults = NONE) -> Request:
    """The request for one recipient. It never fails for an accepted mailing. Otherwise InvalidRequestError, or
    InFieldError if a text cannot be filled in."""
    return parse_messages_request(_for_recipient(message, recipient), defaults)


def _for_recipient(message: Mapping[str, Any], recipient: Recipient) -> dict[str, Any]:
    filled: dict[str, Any] = _filled(message, recipient.variables)
    for step in _steps(filled).values():
        if "to" not in step and recipient.to is not None:
            step["to"] = recipient.to
    if recipient.time_zone is not None:
        filled["time_zone"] = recipient.time_zone
        if isinstance(quiet := filled.get("quiet_hours"), dict):
            quiet["time_zone"] = recipient.time_zone
    return filled


def _size(value: object) -> int:
    """The bytes of a value's JSON."""
    return len(json.dumps(value, ensure_ascii=False).encode())


def _work(message: Mapping[str, Any], recipients: Sequence[Recipient]) -> int:
    """What it takes to make all recipients' messages, in bytes."""
    text = json.dumps(message, ensure_ascii=False)
    own = len(text.encode()) + _OF_A_VALUE * _values(message) + _OF_AN_EXPRESSION * text.count("{{")
    fixed, for_each = map(sum, zip((0, 0), *map(effort, _texts(message)), strict=True))
    return len(recipients) * (own + fixed) + for_each * sum(map(_longest_value, recipients))


def _longest_value(recipient: Recipient) -> int:
    return max((len(str(value).encode()) for value in recipient.variables.values()), default=0)


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping() | list():
            for inner in value.values() if isinstance(value, Mapping) else value:
                yield from _texts(inner)


def _values(value: object) -> int:
    match value:
        case Mapping():
            return 1 + sum(map(_values, value.values()))
        case list():
            return 1 + sum(map(_values, value))
        case _:
            return 1


def _steps(message: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The message and its fallbacks, by what their fields' names begin with."""
    failover = message.get("failover")
    fallbacks = enumerate(failover if isinstance(failover, list) else ())
    return {"": message} | {f"failover[{number}].": step for number, step in fallbacks if isinstance(step, dict)}


class InFieldError(Exception):
    """A text that cannot be filled in, and its place in the message."""

    def __init__(self, field: str, error: WrongTemplateError) -> None:
        super().__init__(field)
        self.field = field
        self.error = error


def _filled(message: Mapping[str, Any], variables: Variables) -> Any:
    """The message with all texts filled in. InFieldError if it becomes too long."""
    room = LONGEST_PLAN

    def filled(value: Any, place: str) -> Any:
        nonlocal room
        match value:
            case str():
                try:
                    text = render(value, variables)
                except WrongTemplateError as error:
                    raise InFieldError(place, error) from None
                room -= len(text)
                if room < 0:
                    raise InFieldError(place, WrongTemplateError("makes the message too long."))
                return text
            case Mapping():
                return {name: filled(inner, f"{place}.{name}") for name, inner in value.items()}
            case list():
                return [filled(inner, f"{place}[{number}]") for number, inner in enumerate(value)]
            case _:
                return value

    return filled(message, "")


def _recipient(given: Mapping[str, Any]) -> Recipient:
    return Recipient(given.get("to"), given.get("variables", {}), given.get("time_zone"))


def _rate_violations(body: Mapping[str, Any], most_a_second: int) -> Iterator[Violation]:
    if body.get("rate", 0) > most_a_second:
        yield Violation("rate", f"must be at most {most_a_second}, the stack's own rate.")


def _message_violations(message: Mapping[str, Any]) -> Iterator[Violation]:
    if "send_at" in message:
        yield Violation("message.send_at", "is not allowed here. Put send_at beside message.")
    for place, step in _steps(dict(message)).items():
        if isinstance(to := step.get("to"), str) and "{{" not in to:
            reason = "is the same for every recipient. Leave it out, or use a variable: {{ mobile }}."
            yield Violation(f"message.{place}to", reason)
    if _size(message) > LONGEST_PLAN:
        yield Violation("message", f"must have at most {LONGEST_PLAN} bytes.")


def _recipient_violations(recipients: Sequence[Mapping[str, Any]]) -> Iterator[Violation]:
    """The violations of the recipients that do not depend on the message."""
    zones = local_time.zones()
    for number, given in enumerate(recipients):
        name = f"recipients[{number}]"
        yield from (
            Violation(f"{name}.{field}", "is not a field of a recipient.")
            for field in given
            if field not in RECIPIENT["properties"]
        )
        yield from (
            Violation(
                f"{name}.variables",
                "must have names of at most 64 letters, digits and _, and must not start with a digit.",
            )
            for variable in given.get("variables", {})
            if not _NAMED.fullmatch(variable)
        )
        if given.get("time_zone") is not None and given["time_zone"] not in zones:
            yield Violation(f"{name}.time_zone", "must be a name of the tz database, such as Europe/London.")
        if _size(given) > LONGEST_RECIPIENT:
            yield Violation(name, f"must have at most {LONGEST_RECIPIENT} bytes.")


def _violations_of_each(
    message: Mapping[str, Any], recipients: list[Recipient], defaults: Defaults
) -> Iterator[Violation]:
    """The violations of the message for each recipient. Those of the first recipient are not repeated. Each recipient
    without any gets what it `reaches`."""
    of_message: set[Violation] = set()
    first_with: dict[str, int] = {}
    for number, recipient in enumerate(recipients):
        violations, same, recipients[number] = _violations_for(message, recipient, number, defaults)
        if violations:
            pass
        elif (first := first_with.setdefault(same, number)) != number:
            yield Violation(f"recipients[{number}]", f"gets the same message as recipients[{first}].")
        for violation in violations:
            if violation.name.startswith("recipients") or number == 0:
                yield violation
            elif violation not in of_message:
                yield Violation(violation.name, f"{violation.reason} This is about recipients[{number}].")
        if number == 0:
            of_message = {violation for violation in violations if not violation.name.startswith("recipients")}
        elif of_message and number == MOST_VIOLATIONS:
            return  # the message itself is invalid, and enough violations are listed


def _violations_for(
    message: Mapping[str, Any], recipient: Recipient, number: int, defaults: Defaults
) -> tuple[list[Violation], str, Recipient]:
    """The violations of the message for a recipient. Without any, a hash of the message, and the recipient with what it
    `reaches`."""
    try:
        request = request_for(message, recipient, defaults)
    except InFieldError as wrong:
        field = f"message{wrong.field}"
        if not isinstance(wrong.error, MissingVariableError):
            return [Violation(field, str(wrong.error))], "", recipient
        named = (f"recipients[{number}].variables.{name}" for name in wrong.error.names)
        return [Violation(name, f"is missing. {field} needs it.") for name in named], "", recipient
    except InvalidRequestError as invalid:
        steps = _steps(dict(message))
        wrong_for = [Violation(_place(one.name, steps, number), one.reason) for one in invalid.violations]
        return wrong_for, "", recipient
    complete = recipient._replace(reaches=_reaches(recipient, request.steps))
    if complete.reaches and _size(complete) > LONGEST_RECIPIENT:
        return [Violation(f"recipients[{number}]", f"must have at most {LONGEST_RECIPIENT} bytes.")], "", recipient
    return [], sha256_of({"steps": [dict(step.message) for step in request.steps]}), complete


def _reaches(recipient: Recipient, steps: Sequence[Step]) -> tuple[str, ...]:
    """The addresses of the steps that the recipient does not show. A number may have got its country from elsewhere, or
    an address may be made of several variables."""
    shown = {recipient.to, *recipient.variables.values()}
    found: dict[str, None] = {}
    for step in steps:
        channel, to = step.message["channel"], step.message["to"]
        if to not in shown and (recipient.to is None or contact_of(channel, recipient.to) != step.contact):
            found[to] = None
    return tuple(found)


def _place(name: str, steps: Mapping[str, Mapping[str, Any]], number: int) -> str:
    """Where the client can fix a violation: in the message, or in the recipient if the step has no own `to`."""
    step = steps.get(name.removesuffix("to")) if name.endswith("to") else None
    return f"message.{name}" if step is None or "to" in step else f"recipients[{number}].to"


def _some(violations: Iterator[Violation]) -> list[Violation]:
    """The first violations in order, without duplicates."""
    found: dict[Violation, None] = {}
    for violation in violations:
        found[violation] = None
        if len(found) == MOST_VIOLATIONS:
            break
    return list(found)
