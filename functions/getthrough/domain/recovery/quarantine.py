"""Quarantine: webhooks that are forged or malformed. A person decides what happens to them."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypedDict

from getthrough.domain.dispatch.dispatch import Outcome
from getthrough.domain.message.status import Status
from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.view_types import Count, Keywords, Time, Uuid

LONGEST_BODY = 16_384
"""The number of bytes that are kept of a body. It is enough for any webhook of Vonage's, and bounds what strangers can
make us store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """`digest` is the SHA-256 of the whole body, which had `size` bytes. `body` may be only its beginning. `route` is
    the webhook route that received it. `authorization` is a forged token as it came; None if the token was Vonage's."""

    digest: str
    route: str
    reason: str
    received_at: datetime
    body: bytes
    size: int
    authorization: str | None = None

    @property
    def whole(self) -> bool:
        return len(self.body) == self.size


def quarantined(
    route: str, reason: str, received_at: datetime, body: bytes, authorization: str | None = None
) -> Quarantined:
    """A webhook to keep, cut to LONGEST_BODY."""
    return Quarantined(
        digest=hashlib.sha256(body).hexdigest(),
        route=route,
        reason=reason,
        received_at=received_at,
        body=body[:LONGEST_BODY],
        size=len(body),
        authorization=authorization,
    )


Digest = Annotated[str, Keywords(pattern="^[0-9a-f]{64}$", description="The SHA-256 of the webhook's body.")]


class QuarantinedView(TypedDict):
    """A webhook that was forged or could not be understood."""

    id: Digest
    route: Annotated[str, Keywords(enum=["POST /status", "GET /status", "POST /inbound", "GET /inbound"])]
    reason: Annotated[str, Keywords(examples=["forged: signature", "malformed: no status"])]
    received_at: Time
    size: Count
    """The size of the whole body in bytes."""
    whole: bool
    """False if only the beginning of the body was kept."""


class QuarantinedBodyView(QuarantinedView):
    """A webhook in quarantine, with its body."""

    body: str
    encoding: Literal["text", "base64"]


class _ReleasedView(TypedDict):
    id: Digest
    new: bool
    """False if Getthrough had already stored the same webhook."""


class ReleasedStatusView(_ReleasedView):
    kind: Literal["status"]
    dispatch_uuid: Uuid | None
    step: int | None
    status: Status | None
    outcome: Outcome | None


class ReleasedInboundView(_ReleasedView):
    kind: Literal["inbound"]
    channel: str
    address: str
    opted_out: bool | None
    """The contact's new consent status. Null if the message did not change it."""
    answered: list[Uuid]
    """The dispatches whose condition the message met."""


def describe(webhook: Quarantined) -> QuarantinedView:
    """A webhook as clients read it, without its body."""
    return {
        "id": webhook.digest,
        "route": webhook.route,
        "reason": webhook.reason,
        "received_at": to_text(webhook.received_at),
        "size": webhook.size,
        "whole": webhook.whole,
    }


def describe_with_body(webhook: Quarantined) -> QuarantinedBodyView:
    """A webhook with its body as text, or as base64 if the body is not text."""
    encoding: Literal["text", "base64"]
    try:
        body, encoding = webhook.body.decode(), "text"
    except UnicodeDecodeError:
        body, encoding = b64encode(webhook.body).decode(), "base64"
    return {**describe(webhook), "encoding": encoding, "body": body}
