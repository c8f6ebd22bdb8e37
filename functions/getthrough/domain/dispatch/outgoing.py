"""What leaves for Vonage: exactly a Messages API v1 message."""

from typing import Any

from getthrough.domain.dispatch.dispatch import Step

KEPT_BACK = frozenset({"client_ref", "webhook_url", "webhook_version"})
"""Fields of a v1 message that we fill ourselves, because its webhooks must come to us, in v1, with our id."""


def for_vonage(step: Step, message_uuid: str) -> dict[str, Any]:
    """The v1 message that goes out for a step: the client's, with our id where Vonage gives it back to us."""
    message = {name: value for name, value in step.message.items() if name not in KEPT_BACK}
    return {**message, "client_ref": message_uuid, "webhook_version": "v1"}
