"""The stack's secret: our identity at Vonage, and the clients that may call the API. No function reads all of it.

It has five parts. Each is a version of the secret with a staging label of its own, and each function's policy names the
labels that it may read (decision 45):

- `private-key`: `{"application_id": "…", "private_key": "<PEM, PKCS#8>"}`
- `signature-secrets`: `{"application_id": "…", "api_key": "…", "signature_secrets": ["…"]}`
- `clients`: `{"application_id": "…", "public_key": "<PEM>", "application_scopes": ["send", "read"],
  "clients": {"<name>": {"salt": "<hex>", "sha256": "<hex>", "scopes": ["send", …],
  "limits": {"messages_per_day": 500, "messages_per_minute": 20, "countries": "44,353", "guests": "353871234567"},
  "previous": {"salt": "<hex>", "sha256": "<hex>", "valid_until": "<RFC 3339>"}}}}`
- `callback-secrets`: `{"callback_secrets": ["whsec_…"]}`
- `contact-key`: `{"contact_key": "<hex>"}`

Two signature secrets may be valid at once, so that one can be changed without losing a webhook. A client's own secret
is random (256 bits), so one salted SHA-256 protects it well enough. A client without `scopes` has all of them. Its
`limits` bind it beside the stack's; without them only those do. One with `guests` is a test client. Its `previous`
secret is valid too, until the time that is given. `application_scopes` are those of tokens that the application's key
signs. `callback_secrets` sign the webhooks to the client's systems. Without them, none is sent. `contact_key` names
contacts whose address is not stored (see `contact_hash`). It must never change: opt-outs are found with it.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

from getthrough.adapters.aws import client, unavailable
from getthrough.domain.client.scopes import EVERY_SCOPE, SEND_AND_READ, Scope
from getthrough.domain.limit.limits import NO_LIMITS, Limits, WrongLimitError, client_limits_of
from getthrough.domain.values.errors import UnavailableError

FRESH_SECONDS = 300.0
"""How long a part is used before it is read again: a change takes effect within five minutes."""

SHORTEST_KEY = 32
"""Bytes of a key of HMAC-SHA-256: as many as the hash has."""

Fields = Mapping[str, Any]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


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
    ended: bool = False
    """True for what is left of a client that was removed: its limits bind what it planned."""


# The parts. Their repr shows nothing of them.


@dataclass(frozen=True, kw_only=True)
class PrivateKey:
    """What signs our requests to Vonage."""

    application_id: str = field(repr=False)
    private_key: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SignatureSecrets:
    """What verifies Vonage's webhooks."""

    application_id: str = field(repr=False)
    api_key: str = field(repr=False)
    signature_secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Clients:
    """Who may call the API."""

    application_id: str = field(repr=False)
    public_key: str = field(repr=False)
    clients: Mapping[str, ClientRecord] = field(repr=False)
    application_scopes: frozenset[Scope] = field(repr=False, default=SEND_AND_READ)

    def limits_of(self, client_name: str) -> Limits:
        """A client's own limits; none for one that is not known any more."""
        known = self.clients.get(client_name)
        return known.limits if known else NO_LIMITS


@dataclass(frozen=True, kw_only=True)
class CallbackSecrets:
    """What signs webhooks to the client's systems."""

    callback_secrets: tuple[str, ...] = field(repr=False, default=())


@dataclass(frozen=True, kw_only=True)
class ContactKey:
    """What names the contacts whose consent is stored."""

    contact_key: bytes = field(repr=False)


class Part(Generic[T_co]):
    """Reads a part on first use and caches it. A failed read is never cached."""

    def __init__(self, secret_id: str, label: str, parse: Callable[[Fields], T_co]) -> None:
        self._secret_id = secret_id
        self._label = label
        self._parse = parse
        self._kept: T_co | None = None
        self._read_at = 0.0

    def get(self, max_age: float = FRESH_SECONDS) -> T_co:
        """The part, at most `max_age` seconds old. Raises UnavailableError if it can't be read or is invalid."""
        if self._kept is None or time.monotonic() - self._read_at > max_age:
            return self.reload()
        return self._kept

    def reload(self, *, one_try: bool = False) -> T_co:
        """Read it now, because it may have changed."""
        with unavailable("secretsmanager"):
            answer = client("secretsmanager", one_try=one_try).call(
                "GetSecretValue", SecretId=self._secret_id, VersionStage=self._label
            )
        self._kept = parse(answer["SecretString"], self._parse)
        self._read_at = time.monotonic()
        return self._kept


# The readers that everything in a function shares, so that each part is read once.


@cache
def private_key(secret_id: str) -> Part[PrivateKey]:
    return Part(secret_id, "private-key", parse_private_key)


@cache
def signature_secrets(secret_id: str) -> Part[SignatureSecrets]:
    return Part(secret_id, "signature-secrets", parse_signature_secrets)


@cache
def clients(secret_id: str) -> Part[Clients]:
    return Part(secret_id, "clients", parse_clients)


@cache
def callback_secrets(secret_id: str) -> Part[CallbackSecrets]:
    return Part(secret_id, "callback-secrets", parse_callback_secrets)


@cache
def contact_key(secret_id: str) -> Part[ContactKey]:
    return Part(secret_id, "contact-key", parse_contact_key)


READERS = (private_key, signature_secrets, clients, callback_secrets, contact_key)


def parse(text: str, parse_fields: Callable[[Fields], T]) -> T:
    """Parse a part. UnavailableError names the field that is missing or wrong, never a value."""
    try:
        return parse_fields(json.loads(text))
    except KeyError as error:
        raise UnavailableError(f"secret: {error.args[0]} is missing") from None
    except WrongLimitError as error:
        raise UnavailableError(f"secret: {error}") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise UnavailableError(f"secret: not of the documented form ({type(error).__name__})") from None


def parse_private_key(fields: Fields) -> PrivateKey:
    return PrivateKey(application_id=_text(fields["application_id"]), private_key=_text(fields["private_key"]))


def parse_signature_secrets(fields: Fields) -> SignatureSecrets:
    return SignatureSecrets(
        application_id=_text(fields["application_id"]),
        api_key=_text(fields["api_key"]),
        signature_secrets=_texts(fields["signature_secrets"]),
    )


def parse_clients(fields: Fields) -> Clients:
    return Clients(
        application_id=_text(fields["application_id"]),
        public_key=_text(fields["public_key"]),
        clients={name: _client(entry) for name, entry in fields["clients"].items()},
        application_scopes=_scopes(fields.get("application_scopes", [*SEND_AND_READ])),
    )


def parse_callback_secrets(fields: Fields) -> CallbackSecrets:
    return CallbackSecrets(
        callback_secrets=_texts(fields["callback_secrets"]) if fields.get("callback_secrets") else ()
    )


def parse_contact_key(fields: Fields) -> ContactKey:
    return ContactKey(contact_key=_key(fields["contact_key"]))


def _client(entry: Mapping[str, Any]) -> ClientRecord:
    scopes = _scopes(entry["scopes"]) if "scopes" in entry else EVERY_SCOPE
    limits = client_limits_of(entry.get("limits", {}))
    previous = _previous(entry["previous"]) if "previous" in entry else NO_PREVIOUS
    return ClientRecord(
        salt=bytes.fromhex(entry["salt"]),
        sha256=bytes.fromhex(entry["sha256"]),
        scopes=scopes,
        limits=limits,
        previous=previous,
        ended=bool(entry.get("ended")),
    )


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
