"""Verify that a webhook comes from Vonage. Standard library only: this code runs for every webhook, forged ones first.

Vonage signs with HS256 and the account's signature secret. The token holds the SHA-256 of the body
(developer.vonage.com, "Webhooks: decoding signed webhooks") and no `exp`. Vonage retries a webhook for 24 hours and
doesn't document whether it signs each retry again, so tokens stay valid for longer than that.
"""

import binascii
import hashlib
import hmac
import json
from base64 import urlsafe_b64decode
from datetime import datetime, timedelta
from typing import Any

from getthrough.adapters.secrets import SignatureSecrets
from getthrough.domain.values.errors import ForgedWebhookError, UnsignedWebhookError

OLDEST = timedelta(hours=25)
CLOCK_SKEW = timedelta(minutes=5)

_MAX_TOKEN = 4096
_MAX_ID = 128
_PARTS = 3
_FAR_FUTURE = 1e11

SIGNED_PARTS = frozenset({"claims", "iss", "api_key", "application_id", "payload_hash", "iat"})
"""What ForgedWebhookError names where the signature is right: Vonage made the token, or someone replays one."""


def verify(authorization: str | None, body: bytes, secret: SignatureSecrets, now: datetime) -> str | None:
    """Verify a token and return its id (`jti`), or None if it has no id that can be stored.

    Raises UnsignedWebhookError without a token, and ForgedWebhookError, which names the wrong part, for any other
    failure.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnsignedWebhookError("no bearer token")
    claims = _claims(token.strip(), secret)
    if claims.get("iss") != "Vonage":
        raise ForgedWebhookError("iss")
    if not _same(claims.get("api_key"), secret.api_key):
        raise ForgedWebhookError("api_key")
    if "application_id" in claims and not _same(claims["application_id"], secret.application_id):
        raise ForgedWebhookError("application_id")
    if not _same(claims.get("payload_hash"), hashlib.sha256(body).hexdigest()):
        raise ForgedWebhookError("payload_hash")
    issued_at = claims.get("iat")
    if not isinstance(issued_at, int | float) or not 0 <= issued_at < _FAR_FUTURE:
        raise ForgedWebhookError("iat")
    age = now.timestamp() - issued_at
    if not -CLOCK_SKEW.total_seconds() <= age <= OLDEST.total_seconds():
        raise ForgedWebhookError("iat")
    return _id(claims.get("jti"))


def may_be_vonages(authorization: str | None, body: bytes, secret: SignatureSecrets) -> bool:
    """True for a forged webhook whose token claims our account and fits the body. Vonage may have signed it with a
    secret that we don't know yet. A stranger, who knows neither, made any other."""
    claims = (authorization or "").partition(" ")[2].strip()[:_MAX_TOKEN].split(".")
    try:
        claimed = _object(claims[1]) if len(claims) == _PARTS else {}
    except (ValueError, RecursionError):
        return False
    fits = _same(claimed.get("payload_hash"), hashlib.sha256(body).hexdigest())
    return fits and _same(claimed.get("api_key"), secret.api_key)


def _claims(token: str, secret: SignatureSecrets) -> dict[str, Any]:
    """The claims of a token that one of our signature secrets signed with HS256."""
    if len(token) > _MAX_TOKEN or not token.isascii() or token.count(".") != 2:
        raise ForgedWebhookError("token")
    signed, _, signature = token.rpartition(".")
    header, _, claims = signed.partition(".")
    try:
        described, given = _object(header), _decode(signature)
    except (ValueError, RecursionError):
        raise ForgedWebhookError("token") from None
    if described.get("alg") != "HS256":
        raise ForgedWebhookError("alg")
    # A token of another type was signed for another purpose. `crit` names extensions that a reader must understand, and
    # this one understands none.
    if described.get("typ", "JWT") != "JWT" or "crit" in described:
        raise ForgedWebhookError("typ")
    # Every secret is tried, so that the time taken doesn't reveal a near match.
    matches = [hmac.compare_digest(_sign(key, signed), given) for key in secret.signature_secrets]
    if not any(matches):
        raise ForgedWebhookError("signature")
    try:
        return _object(claims)
    except (ValueError, RecursionError):
        raise ForgedWebhookError("claims") from None


def _sign(key: str, signed: str) -> bytes:
    return hmac.digest(key.encode(), signed.encode(), "sha256")


def _object(part: str) -> dict[str, Any]:
    """The JSON object in a part. Raises ValueError for any other value and for a duplicate name, because readers would
    disagree on its meaning."""
    decoded = json.loads(_decode(part).decode(), object_pairs_hook=_each_once)
    if not isinstance(decoded, dict):
        raise ValueError("not an object")
    return decoded


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a name twice")
    return fields


def _decode(part: str) -> bytes:
    """Decode base64url without padding. Other characters, which Python would skip, are errors."""
    decoded = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if binascii.b2a_base64(decoded, newline=False).translate(_TO_URLSAFE).rstrip(b"=") != part.encode("ascii"):
        raise ValueError("not base64url")
    return decoded


_TO_URLSAFE = bytes.maketrans(b"+/", b"-_")


def _id(claim: object) -> str | None:
    """A token's id, if it is a text that can be stored. Vonage's are UUIDs."""
    if not isinstance(claim, str) or not 0 < len(claim) <= _MAX_ID:
        return None
    return claim if claim.isascii() and claim.isprintable() else None


def _same(claim: object, ours: str) -> bool:
    return isinstance(claim, str) and hmac.compare_digest(claim.encode("utf-8", "surrogatepass"), ours.encode())
