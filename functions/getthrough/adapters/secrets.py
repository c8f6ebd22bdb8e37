"""The stack's secret: our identity at Vonage, and the clients that may call the API.

    {"application_id": "…", "private_key": "<PEM, PKCS#8>", "api_key": "…",
     "signature_secrets": ["…"],
     "clients": {"<name>": {"salt": "<hex>", "sha256": "<hex>", "scopes": ["send", …],
                            "limits": {"messages_per_day": 500, "messages_per_minute": 20, "countries": "44,353"},
                            "previous": {"salt": "<hex>", "sha256": "<hex>", "valid_until": "<RFC 3339>"}}},
     "application_scopes": ["send", "read"],
     "callback_secrets": ["whsec_…"], "contact_key": "<hex>"}

Two signature secrets may be valid at once, so that one can be changed without losing a webhook. A client's own secret
is random (256 bits), so one salted SHA-256 protects it well enough. A client without `scopes` was stored before there
were any, and has all of them. Its `limits` bind it beside the stack's; without them only those do. Its `previous`
secret is valid too, until the time that is given. `application_scopes` are those of tokens that the application's key
signs. `callback_secrets` sign the webhooks to the client's systems. Without them, none is sent. `contact_key` names
contacts whose address is not stored (see `contact_hash`). It must never change: opt-outs are found with it.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from getthrough.adapters.aws import client, unavailable
from getthrough.domain.client.scopes import EVERY_SCOPE, SEND_AND_READ, Scope
from getthrough.domain.limit.limits import NO_LIMITS, Limits, client_limits_of
from getthrough.domain.values.errors import UnavailableError

FRESH_SECONDS = 300.0
"""How long a secret is used before it is read again: a change takes effect within five minutes."""

SHORTEST_KEY = 32
"""Bytes of a key of HMAC-SHA-256: as many as the hash has."""


class PreviousSecret(NamedTuple):
    """A client's last secret, which no one has unless the record says so."""

    salt: bytes = b""
    sha256: bytes = bytes(32)
    valid_until: float = 0.0
    """In seconds since 1970."""


NO_PREVIOUS = PreviousSecret()


@dataclass(frozen=True, slots=True)
class ClientRecord:
    salt: bytes
    sha256: bytes
    scopes: frozenset[Scope] = EVERY_SCOPE
    limits: Limits = NO_LIMITS
    previous: PreviousSecret = NO_PREVIOUS


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """The parsed secret. Its repr shows none of it."""

    version: str = field(repr=False)
    application_id: str = field(repr=False)
    private_key: str = field(repr=False)
    api_key: str = field(repr=False)
    signature_secrets: tuple[str, ...] = field(repr=False)
    clients: Mapping[str, ClientRecord] = field(repr=False)
    contact_key: bytes = field(repr=False)
    callback_secrets: tuple[str, ...] = field(repr=False, default=())
    application_scopes: frozenset[Scope] = field(repr=False, default=SEND_AND_READ)

    def limits_of(self, client_name: str) -> Limits:
        """A client's own limits; none for one that is not known any more."""
        known = self.clients.get(client_name)
        return known.limits if known else NO_LIMITS


class SecretsManagerSecret:
    """Reads the secret on first use and caches it. A failed read is never cached."""

    def __init__(self, secret_id: str) -> None:
        self._secret_id = secret_id
        self._secret: Secret | None = None
        self._read_at = 0.0

    def get(self, max_age: float = FRESH_SECONDS) -> Secret:
        """The secret, at most `max_age` seconds old. Raises UnavailableError if it can't be read or is invalid."""
        if self._secret is None or time.monotonic() - self._read_at > max_age:
            return self.reload()
        return self._secret

    def reload(self, *, one_try: bool = False) -> Secret:
        """Read it now, because it may have changed."""
        with unavailable("secretsmanager"):
            answer = client("secretsmanager", one_try=one_try).get_secret_value(SecretId=self._secret_id)
        self._secret = parse(answer["SecretString"], answer["VersionId"])
        self._read_at = time.monotonic()
        return self._secret


@cache
def secret(secret_id: str) -> SecretsManagerSecret:
    """The reader that everything in a function shares, so that the secret is read once."""
    return SecretsManagerSecret(secret_id)


def parse(text: str, version: str) -> Secret:
    """Parse a secret. UnavailableError names the field that is missing or wrong, never a value."""
    try:
        fields: dict[str, Any] = json.loads(text)
        return Secret(
            version=version,
            application_id=_text(fields["application_id"]),
            private_key=_text(fields["private_key"]),
            api_key=_text(fields["api_key"]),
            signature_secrets=_texts(fields["signature_secrets"]),
            clients={name: _client(entry) for name, entry in fields["clients"].items()},
            contact_key=_key(fields["contact_key"]),
            callback_secrets=_texts(fields["callback_secrets"]) if fields.get("callback_secrets") else (),
            application_scopes=_scopes(fields.get("application_scopes", [*SEND_AND_READ])),
        )
    except KeyError as error:
        raise UnavailableError(f"secret: {error.args[0]} is missing") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise UnavailableError(f"secret: not of the documented form ({type(error).__name__})") from None


def _client(entry: Mapping[str, Any]) -> ClientRecord:
    scopes = _scopes(entry["scopes"]) if "scopes" in entry else EVERY_SCOPE
    limits = client_limits_of(entry.get("limits", {}))
    previous = _previous(entry["previous"]) if "previous" in entry else NO_PREVIOUS
    return ClientRecord(bytes.fromhex(entry["salt"]), bytes.fromhex(entry["sha256"]), scopes, limits, previous)


def _previous(entry: Mapping[str, Any]) -> PreviousSecret:
    valid_until = datetime.fromisoformat(entry["valid_until"]).timestamp()
    return PreviousSecret(bytes.fromhex(entry["salt"]), bytes.fromhex(entry["sha256"]), valid_until)


def _scopes(value: object) -> frozenset[Scope]:
    if not isinstance(value, list):
        raise TypeError
    return frozenset(map(Scope, value))


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise TypeError
    return tuple(_text(item) for item in value)


def _key(value: object) -> bytes:
    key = bytes.fromhex(_text(value))
    if len(key) < SHORTEST_KEY:
        raise ValueError
    return key


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value
