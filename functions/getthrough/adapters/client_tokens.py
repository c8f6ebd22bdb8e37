"""Verify RS256 tokens that a client signed with the application's private key, as Vonage's SDKs do.

The rules are Vonage's (developer.vonage.com, "Authentication: JWTs"). `application_id`, `iat` and `jti` are required.
`exp` is at most 24 hours after `iat`; if it is missing, the token is valid for 15 minutes.

The same key signs the tokens that Vonage's Client SDKs give to the users of an app ("JWTs and ACLs"). They have a
`sub`, the user, and an `acl`, the paths that the user may call. A user is no client: a token with `sub` is refused, and
one with an `acl` may use only the routes that it allows.
"""

import time
from typing import Any

import jwt

from getthrough.adapters.rsa_key import load_public_key
from getthrough.adapters.secrets import Clients
from getthrough.domain.values.errors import UnauthenticatedError

_LONGEST_LIFE = 24 * 3600
_DEFAULT_LIFE = 15 * 60
_CLOCK_SKEW = 60
_FAR_FUTURE = 1e11


def verify(token: str, known: Clients, route: str) -> None:
    """Return if the token is valid now, and for this route. UnauthenticatedError names the part that isn't."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            load_public_key(known.public_key),
            algorithms=["RS256"],
            options={"require": ["iat", "jti", "application_id"]},
            leeway=_CLOCK_SKEW,
        )
    except jwt.InvalidTokenError as error:
        raise UnauthenticatedError(f"The token is not valid: {type(error).__name__}.") from None
    if claims["application_id"] != known.application_id:
        raise UnauthenticatedError("The token's application_id is not this application's.")
    if "sub" in claims:
        raise UnauthenticatedError("The token has a sub: it is a user's, not a client's.")
    if "acl" in claims and not _allows(claims["acl"], route):
        raise UnauthenticatedError(f"The token's acl is malformed or doesn't allow {route}.")
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


def _allows(acl: object, route: str) -> bool:
    """True for `{"paths": {pattern: rule, …}}` with a pattern that covers the route. A rule is `{}`, or it lists the
    `methods`. A rule that says anything else allows nothing, because it would not be followed."""
    paths = acl.get("paths") if isinstance(acl, dict) else None
    if not isinstance(paths, dict) or not all(isinstance(rule, dict) for rule in paths.values()):
        return False
    method, _, path = route.partition(" ")
    return any(_allows_method(rule, method) and _covers(pattern, path) for pattern, rule in paths.items())


def _allows_method(rule: dict[str, Any], method: str) -> bool:
    methods = rule.get("methods", [method])
    return rule.keys() <= {"methods"} and isinstance(methods, list) and method in methods


def _covers(pattern: str, path: str) -> bool:
    """`*` stands for one segment of the path, `**` for any number of them."""
    segments = path.removeprefix("/").split("/")
    matched = {0}
    for segment in pattern.removeprefix("/").split("/"):
        if segment == "**":
            matched = set(range(min(matched, default=len(segments) + 1), len(segments) + 1))
        else:
            matched = {n + 1 for n in matched if n < len(segments) and segment in ("*", segments[n])}
    return len(segments) in matched
