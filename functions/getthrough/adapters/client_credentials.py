"""Authenticate a client: `Basic` with its name and secret, or `Bearer` with a token signed with the application's key.

The RSA code is loaded with the first Bearer token, because most functions never need it.
"""

import hashlib
import hmac
import time
from base64 import b64decode

from getthrough.adapters.secrets import ClientRecord, Clients
from getthrough.domain.client.scopes import Client
from getthrough.domain.values.errors import UnauthenticatedError

APPLICATION = "application"
"""The client name of a caller that signs with the application's private key, as Vonage's SDKs do."""

_NO_ONE = ClientRecord(salt=b"", sha256=bytes(32))
_MAX_HEADER = 4096


def authenticate(authorization: str | None, known: Clients, route: str) -> Client:
    """The client, which wants to use a route. Raises UnauthenticatedError, which says what to do, for anything else."""
    scheme, _, credentials = (authorization or "").strip().partition(" ")
    if len(credentials) > _MAX_HEADER:
        raise UnauthenticatedError("The Authorization header is too long.")
    match scheme.lower():
        case "basic":
            return _basic(credentials.strip(), known)
        case "bearer":
            from getthrough.adapters import client_tokens  # noqa: PLC0415 - loads the RSA code

            client_tokens.verify(credentials.strip(), known, route)
            return Client(APPLICATION, known.application_scopes)
        case _:
            raise UnauthenticatedError("Send Authorization: Basic with client name and secret, or Bearer with a JWT.")


def claimed_name(authorization: str) -> str:
    """The client that credentials say they are of, before anything is checked; at most 64 characters of it."""
    scheme, _, credentials = authorization.strip().partition(" ")
    if scheme.lower() != "basic":
        return APPLICATION
    try:
        return b64decode(credentials.strip()[:_MAX_HEADER], validate=True).decode().partition(":")[0][:64]
    except ValueError:
        return ""


def _basic(credentials: str, known: Clients) -> Client:
    try:
        name, _, given = b64decode(credentials, validate=True).decode().partition(":")
    except ValueError:
        raise UnauthenticatedError("The Basic credentials are not base64 of name:secret.") from None
    record = known.clients.get(name, _NO_ONE)
    # Both are compared for every name, so that the time taken doesn't tell which names there are.
    fits, fitted = (
        hmac.compare_digest(hashlib.sha256(one.salt + given.encode()).digest(), one.sha256)
        for one in (record, record.previous)
    )
    if not fits and not (fitted and time.time() < record.previous.valid_until):
        raise UnauthenticatedError("The client name or the secret is wrong.")
    return Client(name, record.scopes)
