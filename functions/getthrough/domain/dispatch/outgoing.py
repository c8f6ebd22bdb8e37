"""The message that is sent to Vonage: exactly a Messages API v1 message."""

from collections.abc import Mapping, Sequence
from typing import Any

from getthrough.domain.dispatch.dispatch import Step
from getthrough.domain.message.arrivals import Chosen
from getthrough.domain.message.channels import CHANNELS

KEPT_BACK = frozenset({"client_ref", "webhook_url", "webhook_version"})
"""Fields that Getthrough sets itself, so that webhooks come to us, in v1's shape, with our id."""


def for_vonage(step: Step, message_uuid: str, chosen: Chosen | None = None) -> dict[str, Any]:
    """The v1 message of a step: the client's message with our id as `client_ref`, which Vonage returns in webhooks. An
    automatic window becomes its time to live now, unless the message is one of those that show how late they arrive."""
    message = {name: value for name, value in step.message.items() if name not in KEPT_BACK}
    if chosen is not None and chosen.cut:
        message = dict(with_ttl(message, chosen.window))
    return {**message, "client_ref": message_uuid, "webhook_version": "v1"}


def with_ttl(message: Mapping[str, Any], window: int) -> Mapping[str, Any]:
    """The message with its window as its time to live, unless the client set one or the channel does not allow it. So
    Vonage stops trying when the fallback is sent, and the customer does not get both."""
    ttl = CHANNELS[message["channel"]].ttl
    if ttl is None or not ttl.floor <= window <= ttl.ceiling:
        return message
    return _with_default(message, ttl.path, window)


def ttl_of(step: Step, chosen: Chosen | None = None) -> float | None:
    """The time to live with which a step's message is sent, in seconds. None if it has none."""
    rule = CHANNELS[step.address.channel].ttl if step.address.channel in CHANNELS else None
    if rule is None:
        return None
    found: Any = with_ttl(step.message, chosen.window) if chosen is not None and chosen.cut else step.message
    for name in rule.path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def _with_default(fields: Mapping[str, Any], path: Sequence[str], value: int) -> Mapping[str, Any]:
    name, *deeper = path
    inner = _with_default(fields.get(name, {}), deeper, value) if deeper else fields.get(name, value)
    return {**fields, name: inner}
