"""Verify RS256 tokens that a client signed with the application's private key, as Vonage's SDKs do.

The rules are Vonage's (developer.vonage.com, "Authentication: JWTs"). `application_id`, `iat` and `jti` are required.
`exp` is at most 24 hours after `iat`; if it is missing, the token is valid for 15 minutes.
"""

import time
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from getthrough.adapters.rsa_key import load_private_key
from getthrough.adapters.secrets import Secret
from getthrough.domain.values.errors import UnauthenticatedError

_LONGEST_LIFE = 24 * 3600
_DEFAULT_LIFE = 15 * 60
_CLOCK_SKEW = 60
_FAR_FUTURE = 1e11


@lru_cache(maxsize=2)
def _public_key(private_key: str) -> RSAPublicKey:
    return load_private_key(private_key).public_key()


def verify(token: str, secret: Secret) -> None:
    """Return if the token is valid now. UnauthenticatedError names the part that isn't."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _public_key(secret.private_key),
            algorithms=["RS256"],
            options={"require": ["iat", "jti", "application_id"]},
            leeway=_CLOCK_SKEW,
        )
    except jwt.InvalidTokenError as error:
        raise UnauthenticatedError(f"The token is not valid: {type(error).__name__}.") from None
    if claims["application_id"] != secret.application_id:
        raise UnauthenticatedError("The token's application_id is not this application's.")
    if not all(_is_time(claims[name]) for name in ("iat", "exp", "nbf") if name in claims):
        raise UnauthenticatedError("The token's iat, exp or nbf is not a time.")
    issued_at, expires_at = claims["iat"], claims.get("exp")
    if expires_at is None:
        expires_at = issued_at + _DEFAULT_LIFE
        if time.time() > expires_at + _CLOCK_SKEW:
            raise UnauthenticatedError("The token has no exp and is older than 15 minutes.")
    if expires_at - issued_at > _LONGEST_LIFE:
        raise UnauthenticatedError("The token's exp is more than 24 hours after its iat.")


def _is_time(claim: object) -> bool:
    """True for a number (RFC 7519, NumericDate). The library accepts digits in a string as well."""
    return isinstance(claim, int | float) and not isinstance(claim, bool) and abs(claim) <= _FAR_FUTURE
