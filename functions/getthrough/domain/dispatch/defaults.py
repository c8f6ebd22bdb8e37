"""What a stack's settings add to a request that says nothing about it, and what they forbid."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from getthrough.domain.contact.contact import Contact
from getthrough.domain.limit.limits import MOST_RECIPIENTS
from getthrough.domain.values.identifiers import MAX_STEPS


class Defaults(NamedTuple):
    """`country` is for national phone numbers. `window` is for steps with a fallback, in seconds; 0 for the default of
    each channel. `countries` are the calling codes of those to which it sends; none means every country. A request
    may have so many `steps` and `recipients`. `opt_out_scope` and `when_down` are for every step; empty for the
    customer's, and for `wait`. `guests` are those to whom a test client may send."""

    country: str = ""
    window: int = 0
    countries: tuple[str, ...] = ()
    steps: int = MAX_STEPS
    recipients: int = MOST_RECIPIENTS
    opt_out_scope: str = ""
    when_down: str = ""
    guests: tuple[Contact, ...] = ()


NONE = Defaults()


def with_country(body: Mapping[str, Any], defaults: Defaults) -> Mapping[str, Any]:
    """A body in either API's shape, valid or not, with the default country."""
    return {"default_country": defaults.country, **body} if defaults.country else body


def with_defaults(message: Mapping[str, Any], defaults: Defaults) -> Mapping[str, Any]:
    """A body of `POST /v1/messages`, valid or not, with the default country and the default windows."""
    message = _with_settings(with_country(message, defaults), defaults)
    fallbacks = message.get("failover")
    if not defaults.window or not isinstance(fallbacks, list) or not fallbacks:
        return message
    earlier = [_with_window(it, defaults.window) if isinstance(it, Mapping) else it for it in fallbacks[:-1]]
    return _with_window({**message, "failover": [*earlier, fallbacks[-1]]}, defaults.window)


def with_settings(message: Mapping[str, Any], defaults: Defaults) -> Mapping[str, Any]:
    """One message of a body, valid or not, with the default scope of opt-outs and what to do while a channel is
    down."""
    given = {"opt_out_scope": defaults.opt_out_scope, "when_down": defaults.when_down}
    return {**{name: value for name, value in given.items() if value}, **message}


def _with_settings(message: Mapping[str, Any], defaults: Defaults) -> Mapping[str, Any]:
    fallbacks = message.get("failover")
    if isinstance(fallbacks, list):
        completed = [with_settings(it, defaults) if isinstance(it, Mapping) else it for it in fallbacks]
        message = {**message, "failover": completed}
    return with_settings(message, defaults)


def _with_window(step: Mapping[str, Any], window: int) -> Mapping[str, Any]:
    return {"expiry_time": window, **step}
