"""Webhooks signed as Standard Webhooks 1.0 says (standardwebhooks.com), so that a receiver needs no code of ours.

The signature is HMAC-SHA256 over `<id>.<seconds>.<body>`, by the bytes that follow `whsec_` in base64. With two secrets
there are two signatures, so that a receiver may change over at any time between.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable
from datetime import datetime

from getthrough.domain.values.errors import UnavailableError

PREFIX = "whsec_"
_LEAST, _MOST = 24, 64
"""Bytes of a secret, says the specification."""


def headers(event_id: str, body: bytes, secrets: Iterable[str], now: datetime) -> dict[str, str]:
    """The three headers of an attempt that is made now. UnavailableError if there is no secret, or one is none."""
    seconds = int(now.timestamp())
    signed = b"%s.%d.%s" % (event_id.encode(), seconds, body)
    signatures = [b64encode(hmac.digest(_key(secret), signed, "sha256")).decode() for secret in secrets]
    if not signatures:
        raise UnavailableError("secret: callback_secrets is missing")
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _key(secret: str) -> bytes:
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        key = b""
    if not _LEAST <= len(key) <= _MOST:
        raise UnavailableError(f"secret: callback_secrets has one that is not {PREFIX} and base64 of 24 to 64 bytes")
    return key
