"""The message that is sent to Vonage: exactly a Messages API v1 message."""

from typing import Any

from getthrough.domain.dispatch.dispatch import Step

KEPT_BACK = frozenset({"client_ref", "webhook_url", "webhook_version"})
"""Fields that Getthrough sets itself, so that webhooks come to us, in v1's shape, with our id."""


def for_vonage(step: Step, message_uuid: str) -> dict[str, Any]:
    """The v1 message of a step: the client's message with our id as `client_ref`, which Vonage returns in webhooks."""
    message = {name: value for name, value in step.message.items() if name not in KEPT_BACK}
    return {**message, "client_ref": message_uuid, "webhook_version": "v1"}
