"""Misspelt names. Unknown fields and message types go to Vonage unchanged. But a misspelt field of ours would silently
change what happens: `expiry_tme` would leave the window at its default."""

from collections.abc import Iterable, Iterator, Mapping

from getthrough.domain.dispatch.request_body import OURS
from getthrough.domain.message.channels import CHANNELS, COMMON
from getthrough.domain.values.errors import Violation

CLOSE = 0.8
"""How similar two names must be, as difflib measures it."""

_OTHER_WORDS = {
    "fallback": "failover",
    "fallbacks": "failover",
    "expiry": "expiry_time",
    "condition": "condition_status",
    "schedule_at": "send_at",
    "scheduled_at": "send_at",
}
"""What others call our fields. No version of Vonage's API has these names."""

_READ_BY_US = OURS | {"client_ref", "webhook_url"}


def near_misses(message: Mapping[str, object]) -> Iterator[Violation]:
    """Unknown fields of a v1 message that are nearly one of our own, and a type that is nearly one of its channel's."""
    channel = CHANNELS.get(name) if isinstance(name := message.get("channel"), str) else None
    message_type = message.get("message_type")
    types = channel.types if channel else {}
    if isinstance(message_type, str) and message_type not in types and (meant := _closest(message_type, types)):
        yield Violation("message_type", f"is not known. Did you mean {meant}?")
    known = {"channel", "message_type", "to", "from", *COMMON, *OURS, *(channel.options if channel else ())}
    known.update(field for schema in types.values() for field in schema["properties"])
    for field in message:
        if field not in known and (meant := _OTHER_WORDS.get(field.lower()) or _closest(field, _READ_BY_US)):
            yield Violation(field, f"is not a field. Did you mean {meant}?")


def _closest(name: str, choices: Iterable[str]) -> str | None:
    from difflib import get_close_matches  # noqa: PLC0415 - most requests have no unknown name

    return next(iter(get_close_matches(name[:100].lower(), sorted(choices), n=1, cutoff=CLOSE)), None)
