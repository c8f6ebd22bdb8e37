"""Webhooks that nobody acted on: forged, or not understood. A person decides what becomes of them."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from getthrough.domain.values.rfc3339 import to_text

LONGEST_BODY = 16_384
"""Bytes that are kept of a body: any webhook of Vonage's, but anybody can send us something to keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """`digest` is the SHA-256 of the whole body, which had `size` bytes; `body` may be only its beginning. `route` is
    the webhook route to which it came."""

    digest: str
    route: str
    reason: str
    received_at: datetime
    body: bytes
    size: int

    @property
    def whole(self) -> bool:
        return len(self.body) == self.size


def describe(webhook: Quarantined) -> Mapping[str, Any]:
    """A webhook as clients read it, without its body."""
    return {
        "id": webhook.digest,
        "route": webhook.route,
        "reason": webhook.reason,
        "received_at": to_text(webhook.received_at),
        "size": webhook.size,
        "whole": webhook.whole,
    }


def describe_with_body(webhook: Quarantined) -> Mapping[str, Any]:
    """The body as text, or as base64 if it is none."""
    try:
        body, encoding = webhook.body.decode(), "text"
    except UnicodeDecodeError:
        body, encoding = b64encode(webhook.body).decode(), "base64"
    return {**describe(webhook), "encoding": encoding, "body": body}
