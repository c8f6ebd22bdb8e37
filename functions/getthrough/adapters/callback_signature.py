"""Sign webhooks as Standard Webhooks 1.0 specifies (standardwebhooks.com), so that receivers can use existing
libraries.

The signature is HMAC-SHA256 over `<id>.<seconds>.<body>`. The key is the base64 text after `whsec_`. With two secrets
there are two signatures, so a receiver can switch to the new secret at any time.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable
from datetime import datetime

from getthrough.domain.values.errors import UnavailableError

PREFIX = "whsec_"
_LEAST, _MOST = 24, 64
"""The shortest and longest secret, in bytes, that the specification allows."""


def headers(event_id: str, body: bytes, secrets: Iterable[str], now: datetime) -> dict[str, str]:
    """The three headers of an attempt made now. Raises UnavailableError if there is no secret or one is invalid."""
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
