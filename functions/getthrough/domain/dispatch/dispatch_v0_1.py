"""Requests in the shape of the Dispatch API v0.1, translated into the steps of a dispatch.

The shape of the body and its bounds are those of the published Dispatch API v0.1. Each message is translated into a
Messages API v1 message and validated as such. The names of its violations are translated back into v0.1's terms
(`workflow[0].message.content.text`).
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from getthrough.domain.dispatch.defaults import NONE, Defaults, with_country, with_settings
from getthrough.domain.dispatch.dispatch_v0_1_body import BODY, CHANNELS, CONTENTS, DEFAULT_WINDOW, FROM_ID, TO_ID
from getthrough.domain.dispatch.request import (
    Draft,
    Request,
    country_of,
    country_violations,
    draft,
    request_of,
    sha256_of,
)
from getthrough.domain.dispatch.request_body import OURS
from getthrough.domain.message.validation import Check, compiled, message_violations
from getthrough.domain.values.errors import InvalidRequestError, Violation
from getthrough.domain.values.identifiers import MAX_STEPS


def parse_dispatch_request(asked: object, defaults: Defaults = NONE) -> Request:
    """The request in a `POST /v0.1/dispatch` body, or InvalidRequestError with every violation. Windows have no
    default of the stack's: v0.1 has its own."""
    if not isinstance(asked, Mapping):
        raise InvalidRequestError(Violation("body", "must be a JSON object."))
    body = with_country(asked, defaults)
    country = country_of(body)
    violations = _body()(body)
    items = items if isinstance(items := body.get("workflow"), list) else []
    if defaults.steps < len(items) <= MAX_STEPS:
        violations.append(Violation("workflow", f"must be a list of 1 to {defaults.steps}."))
    drafts = []
    for number, item in enumerate(items[:MAX_STEPS]):
        if isinstance(item, Mapping):
            name, last = f"workflow[{number}]", number == len(items) - 1
            drafts.append(draft(with_settings(_v1(item), defaults), country))
            reported = {violation.name for violation in violations}
            found = [
                Violation(f"{name}.{violation.name}", violation.reason)
                for violation in _violations(item, drafts[-1], defaults, last=last)
            ]
            violations += [violation for violation in found if not _covers(reported, violation.name)]
    return request_of(body, drafts, sorted(violations, key=lambda violation: _place(violation.name)), sha256_of(asked))


def _v1(item: Mapping[str, Any]) -> dict[str, Any]:
    """The v1 message, with our fields, of an item. Missing fields stay missing.

    Two values change: template parameters were objects in v0.1 and are strings in v1; the policy `fallback`, which
    WhatsApp no longer has, is left out.
    """
    to, sender, message, failover = (_fields(item, name) for name in ("to", "from", "message", "failover"))
    content = _fields(message, "content")
    kind = to.get("type")
    channel = CHANNELS.get(kind) if isinstance(kind, str) else None
    more = {**item, **message, **content}
    for name in ("type", "channel", "message_type", "message", "content", "viber_service_msg", "to", "from", *OURS):
        more.pop(name, None)
    said = {
        "channel": channel,
        "message_type": content.get("type"),
        "to": to.get(_address(kind, "to")),
        "from": sender.get(_address(kind, "from")),
        "viber_service": message.get("viber_service_msg"),
        "template": _template(content.get("template")),
        "whatsapp": _whatsapp(message.get("whatsapp")),
        "expiry_time": failover.get("expiry_time", DEFAULT_WINDOW if "failover" in item else None),
        "condition_status": failover.get("condition_status"),
    }
    return {**more, **{name: value for name, value in said.items() if value is not None}}


def _violations(item: Mapping[str, Any], one: Draft, defaults: Defaults, *, last: bool) -> Iterator[Violation]:
    """The violations of an item. If the item is malformed, as many as can be found."""
    to, sender = (str(_fields(item, name).get("type")) for name in ("to", "from"))
    if to != sender and {to, sender} <= {*CHANNELS}:
        yield Violation("from.type", "must be the same as to.type.")
    if last and "failover" in item:
        yield Violation("failover", "is not allowed with the last message.")
    if not last and "failover" not in item:
        yield Violation("failover", "is required for every message except the last one.")
    if to in CHANNELS:
        for violation in (*message_violations(one.message), *country_violations(one.message, defaults)):
            yield Violation(_in_v0_1(violation.name, to), violation.reason)


def _in_v0_1(name: str, kind: str) -> str:
    """The name in v0.1 of a v1 message's field."""
    top, dot, rest = name.partition(".")
    if rest.startswith("parameters["):
        rest += ".default"
    match top.partition("[")[0]:
        case "to" | "from":
            return f"{top}.{_address(kind, top)}"
        case "message_type":
            return "message.content.type"
        case "expiry_time" | "condition_status":
            return f"failover.{top}"
        case "viber_service":
            return f"message.viber_service_msg{dot}{rest}"
        case "messenger" | "whatsapp":
            return f"message.{name}"
        case content if content in CONTENTS:
            return f"message.content.{top}{dot}{rest}"
        case _:
            return name


def _address(kind: object, side: str) -> str:
    return "id" if kind in (TO_ID if side == "to" else FROM_ID) else "number"


def _template(template: object) -> object:
    if not isinstance(template, Mapping) or not isinstance(parameters := template.get("parameters"), list):
        return template
    strings = [it.get("default") if isinstance(it, Mapping) else it for it in parameters]
    return {**template, "parameters": strings}


def _whatsapp(options: object) -> object:
    if not isinstance(options, Mapping) or options.get("policy") != "fallback":
        return options
    return {name: value for name, value in options.items() if name != "policy"}


def _fields(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = of.get(name)
    return value if isinstance(value, Mapping) else {}


def _covers(reported: set[str], name: str) -> bool:
    """Whether a violation of this field, or of an outer field, is already reported."""
    return any(name == other or name.startswith(f"{other}.") for other in reported)


def _place(name: str) -> int:
    """Violations are sorted by item. Those of the whole body come first."""
    return int(name.removeprefix("workflow[").partition("]")[0]) + 1 if name.startswith("workflow[") else 0


@cache
def _body() -> Check:
    return compiled(BODY)
