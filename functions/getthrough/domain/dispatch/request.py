"""Requests in the shape of the Messages API v1, turned into the steps of a dispatch.

The body is a v1 message with our own fields (`expiry_time`, `condition_status`, `on_unknown`) and `failover`, a list of
more messages. `domain.message.channels` lists the known fields. All others are forwarded to Vonage unchanged.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from getthrough.domain.contact.contact import contact_of
from getthrough.domain.dispatch.defaults import NONE, Defaults, with_defaults
from getthrough.domain.dispatch.dispatch import OnUnknown, Step
from getthrough.domain.dispatch.near_misses import near_misses
from getthrough.domain.dispatch.outgoing import with_ttl
from getthrough.domain.dispatch.request_body import DISPATCH_FIELDS, OURS, SUCCESS
from getthrough.domain.dispatch.timing import When, parse_when
from getthrough.domain.limit.limits import LimitReachedError, check_country, check_guest, never
from getthrough.domain.message.arrivals import TOLERANCE
from getthrough.domain.message.channels import AUTO, CHANNELS, OptOutScope
from getthrough.domain.message.outages import WhenDown
from getthrough.domain.message.status import Condition
from getthrough.domain.message.validation import Check, compiled, message_violations
from getthrough.domain.values.errors import InvalidRequestError, Violation
from getthrough.domain.values.json_schema import obj
from getthrough.domain.values.phone_numbers import UnknownCountryError, normalise
from getthrough.domain.values.quiet_hours import QuietHours

LAST_WINDOW = 72 * 3600
"""The window of a last step without its own, in seconds. No SMS is delivered later than that."""

LONGEST_PLAN = 200_000
"""Bytes of all messages: half of what an item of the table may have, because the attempts are stored with them."""


class Request(NamedTuple):
    """A client's request. Two requests are the same if their `sha256` is the same."""

    steps: tuple[Step, ...]
    on_unknown: OnUnknown
    sha256: str
    send_at: datetime | None = None
    quiet_hours: QuietHours | None = None


class Draft(NamedTuple):
    """A message with normalised phone numbers. `given` has the original text of each number that changed.
    `unknown_country` is true if a national number could not be read because its country does not exist."""

    message: Mapping[str, Any]
    given: Mapping[str, str]
    unknown_country: bool = False


def parse_messages_request(asked: object, defaults: Defaults = NONE) -> Request:
    """The request in a `POST /v1/messages` body, or InvalidRequestError with every violation."""
    if not isinstance(asked, Mapping):
        raise InvalidRequestError(Violation("body", "must be a JSON object."))
    body = with_defaults(asked, defaults)
    country = country_of(body)
    first = draft(body, country)
    violations = [*_message_violations(first.message, defaults), *near_misses(first.message)]
    items = body.get("failover", [])
    if not isinstance(items, list) or len(items) >= defaults.steps:
        violations.append(Violation("failover", f"must be a list of at most {defaults.steps - 1} messages."))
        items = []
    drafts = [first]
    for number, item in enumerate(items):
        name = f"failover[{number}]"
        if isinstance(item, Mapping):
            drafts.append(draft(item, country))
            violations += [
                Violation(f"{name}.{violation.name}", violation.reason)
                for violation in _fallback_violations(drafts[-1].message, defaults)
            ]
        else:
            violations.append(Violation(name, "must be a JSON object."))
    return request_of(body, drafts, violations, sha256_of(asked))


def parse_success(body: object) -> str | None:
    """The reason in a body that says that the customer has acted. InvalidRequestError with every violation."""
    if not isinstance(body, Mapping):
        raise InvalidRequestError(Violation("body", "must be a JSON object."))
    unknown = [Violation(name, "is not a field of this request.") for name in body if name not in SUCCESS["properties"]]
    if violations := [*_success_check()(body), *unknown]:
        raise InvalidRequestError(*violations)
    return body.get("reason")


def request_of(body: Mapping[str, Any], drafts: Sequence[Draft], violations: list[Violation], sha256: str) -> Request:
    """The request of a body in either API's shape: its messages and the fields of the whole dispatch.
    InvalidRequestError with all violations; those of the messages come first."""
    wrong = dispatch_violations(body)
    if any(one.unknown_country for one in drafts):
        wrong.append(Violation("default_country", "must be a country with phone numbers of its own, such as GB."))
    reported = {violation.name for violation in wrong}
    sound = {name: value for name, value in body.items() if name in DISPATCH_FIELDS and name not in reported}
    when, untimely = (
        parse_when(sound) if not any(name.startswith("quiet_hours.") for name in reported) else (When(), [])
    )
    if violations or wrong or untimely:
        raise InvalidRequestError(*violations, *wrong, *untimely)
    return Request(
        steps=steps_of(drafts),
        on_unknown=OnUnknown(body.get("on_unknown", OnUnknown.MOVE_ON)),
        sha256=sha256,
        send_at=when.send_at,
        quiet_hours=when.quiet_hours,
    )


def dispatch_violations(body: Mapping[str, object]) -> list[Violation]:
    """The violations of our own fields of a whole request."""
    return list(_dispatch_check()(body))


@cache
def _dispatch_check() -> Check:
    return compiled(obj(optional=DISPATCH_FIELDS))


def country_of(body: Mapping[str, Any]) -> str | None:
    """The country of a body's national numbers, valid or not."""
    country = body.get("default_country")
    return country if isinstance(country, str) else None


@cache
def _success_check() -> Check:
    return compiled(SUCCESS)


def draft(message: Mapping[str, Any], country: str | None) -> Draft:
    """A message, valid or not, with its phone numbers in the form that Vonage requires."""
    channel = CHANNELS.get(name) if isinstance(name := message.get("channel"), str) else None
    numbers = channel.numbers if channel else ()
    written = {field: text for field in numbers if isinstance(text := message.get(field), str)}
    try:
        used = {field: normalise(text, country) for field, text in written.items()}
    except UnknownCountryError:
        return Draft(message, {}, unknown_country=True)
    return Draft({**message, **used}, {field: text for field, text in written.items() if text != used[field]})


def steps_of(drafts: Sequence[Draft]) -> tuple[Step, ...]:
    """The steps of valid messages. InvalidRequestError if they are too long to be stored."""
    steps = tuple(_step(one, last=number == len(drafts)) for number, one in enumerate(drafts, start=1))
    if len(json.dumps([dict(step.message) for step in steps], ensure_ascii=False).encode()) > LONGEST_PLAN:
        raise InvalidRequestError(Violation("body", f"must have at most {LONGEST_PLAN} bytes."))
    return steps


def sha256_of(body: Mapping[str, Any]) -> str:
    """The hash of the body's JSON. The order of fields and spaces do not matter."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def sha256_if_object(body: object) -> str | None:
    """The same for a body that is not validated yet. None if it is not a JSON object."""
    return sha256_of(body) if isinstance(body, Mapping) else None


def _step(one: Draft, *, last: bool) -> Step:
    default = LAST_WINDOW if last else CHANNELS[one.message["channel"]].window
    asked = one.message.get("expiry_time", default)
    auto = asked == AUTO
    expiry_time = default if auto else int(asked)
    message = {name: value for name, value in one.message.items() if name not in OURS}
    return Step(
        message=message if last or auto else with_ttl(message, expiry_time),
        expiry_time=expiry_time,
        condition_status=Condition(one.message.get("condition_status", Condition.DELIVERED)),
        given=one.given,
        urgent=one.message.get("urgent", False),
        opt_out_scope=OptOutScope(one.message.get("opt_out_scope", OptOutScope.CUSTOMER)),
        when_down=WhenDown(one.message.get("when_down", WhenDown.WAIT)),
        tolerance=float(one.message.get("false_failover_rate", TOLERANCE)) if auto and not last else None,
    )


def _message_violations(message: Mapping[str, Any], defaults: Defaults) -> Iterator[Violation]:
    yield from message_violations(message)
    yield from country_violations(message, defaults)
    auto = message.get("expiry_time") == AUTO
    if auto and message.get("condition_status", Condition.DELIVERED) != Condition.DELIVERED:
        yield Violation("expiry_time", "can be auto only where condition_status is delivered.")
    if not auto and "false_failover_rate" in message:
        yield Violation("false_failover_rate", 'needs "expiry_time": "auto".')


def country_violations(message: Mapping[str, Any], defaults: Defaults) -> Iterator[Violation]:
    """The violation of a message, valid or not, to a country to which the stack does not send, or of a test client to
    someone who is no guest."""
    channel, to = message.get("channel"), message.get("to")
    if (defaults.countries or defaults.guests) and isinstance(channel, str) and isinstance(to, str):
        try:
            check_country(defaults.countries, contact_of(channel, to))
            check_guest(defaults.guests, contact_of(channel, to))
        except LimitReachedError as reached:
            yield Violation("to", never(reached))


def _fallback_violations(message: Mapping[str, Any], defaults: Defaults) -> Iterator[Violation]:
    yield from _message_violations(message, defaults)
    yield from near_misses(message)
    for name in DISPATCH_FIELDS:
        if name in message:
            yield Violation(name, "belongs to the whole dispatch. Put it at the top level.")
    if "failover" in message:
        yield Violation("failover", "is not allowed in a fallback. List all fallbacks at the top level.")
