"""What a stack's secret holds, and how it changes: the Vonage application's keys, and the clients of the API.

What is not named keeps its value: keys and clients change one at a time. The previous signature secret stays valid
beside the new one, and so does the previous callback secret, which signs the webhooks that we send. The first callback
secret is made with whatever is stored first, since nothing is sent to the client's own systems without one. So is the
key that names contacts, which never changes afterwards. A client's secret is stored only as a salted hash.

One client is this tool's own. Its secret is here too: those who may read the stack's secret can operate the stack.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from cli.errors import OperatorError
from cli.secret.parts import Secret


@dataclass(frozen=True)
class Changes:
    application_id: str | None = None
    private_key: str | None = None
    api_key: str | None = None
    signature_secret: str | None = None
    new_callback_secret: bool = False
    new_clients: tuple[str, ...] = ()


REQUIRED = ("application_id", "private_key", "api_key", "signature_secrets")
DASHBOARD = "Vonage's dashboard"
OPERATOR = "getthrough-operator"
"""The client with which this tool calls the API. It may do everything."""
APPLICATION = "application"
"""Every caller with a token of the Vonage application's key. It has scopes, and no secret or limits of its own."""
SCOPES = ("send", "read", "operate", "admin")
NO_CLIENTS = ("customer", "vonage")
"""By whom a consent can be, other than by a client: a client's must not read like a customer's."""
_CLIENT_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


class InvalidSecretError(OperatorError):
    """Something that was given cannot be right; the text says what. Nothing was changed."""


def changed(current: Secret, changes: Changes) -> tuple[Secret, dict[str, str]]:
    """The secret after the changes, and the secrets of the new clients, which are nowhere else."""
    secret: Secret = {"signature_secrets": [], "clients": {}} | current
    if changes.application_id is not None:
        secret["application_id"] = application_id(changes.application_id)
    if changes.private_key is not None:
        secret["private_key"] = private_key(changes.private_key)
    if changes.api_key is not None:
        secret["api_key"] = api_key(changes.api_key)
    if changes.signature_secret is not None:
        older = [old for old in secret["signature_secrets"] if old != changes.signature_secret]
        secret["signature_secrets"] = [changes.signature_secret, *older][:2]
    if changes.new_callback_secret or not secret.get("callback_secrets"):
        secret["callback_secrets"] = [callback_secret(), *secret.get("callback_secrets", [])][:2]
    # Opt-outs are found with it, so it is made once and never changes.
    secret.setdefault("contact_key", secrets.token_hex(32))
    secret["clients"], generated = _clients(secret["clients"], changes)
    if not secret.get("operator_secret"):
        secret["operator_secret"] = secrets.token_urlsafe(32)
    if not _is_secret_of(secret["clients"].get(OPERATOR), secret["operator_secret"]):
        secret["clients"][OPERATOR] = {**hashed(secret["operator_secret"]), "scopes": ["admin"]}
    if missing := [key for key in REQUIRED if not secret.get(key)]:
        raise InvalidSecretError(f"the secret would lack {', '.join(missing)}: give them too.")
    return secret, generated


def _clients(current: Secret, changes: Changes) -> tuple[Secret, dict[str, str]]:
    """The clients after the changes, and the secrets of the new ones, which may do everything."""
    clients, generated = dict(current), {}
    for name in changes.new_clients:
        if name == OPERATOR:
            raise InvalidSecretError(f"the client {name!r} is this tool's own: choose another name.")
        if checked_new_name(name) in clients and not has_ended(clients[name]):
            raise InvalidSecretError(
                f"there is a client {name!r} already: `getthrough client secret {name}` makes a new secret for it."
            )
        generated[name] = secrets.token_urlsafe(32)
        clients[name] = {"scopes": [*SCOPES], **hashed(generated[name])}
    return clients, generated


def checked_name(name: str) -> str:
    """The name of a client that has a record; InvalidSecretError if none can have it."""
    if not _CLIENT_NAME.fullmatch(name):
        raise InvalidSecretError(f"a client's name has 1 to 64 letters, digits, '.', '_', '-', not {name!r}.")
    if name == APPLICATION:
        raise InvalidSecretError(
            f"{APPLICATION!r} is the name of callers with a token of the application's key: they have no record, but "
            f"`getthrough client change {APPLICATION} --scope` sets what they may do."
        )
    return name


def checked_new_name(name: str) -> str:
    """The name of a client that is to be added; InvalidSecretError if none can have it."""
    if checked_name(name) in NO_CLIENTS:
        raise InvalidSecretError(f"opt-outs say that they are by {name!r} where no client asked: choose another name.")
    return name


@lru_cache
def public_key(pem: str) -> str:
    """What verifies the tokens that a private key signs: those who only verify need not be able to sign. Loading a
    private key takes long, since it is tested for being one."""
    key = load_pem_private_key(pem.encode(), password=None).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def callback_secret() -> str:
    """A new secret in the form that Standard Webhooks wants."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def has_ended(record: Mapping[str, Any]) -> bool:
    """Whether this is what is left of a client that was removed."""
    return bool(record.get("ended"))


def hashed(client_secret: str) -> dict[str, str]:
    salt = secrets.token_bytes(16)
    return {"salt": salt.hex(), "sha256": hashlib.sha256(salt + client_secret.encode()).hexdigest()}


def _is_secret_of(record: Mapping[str, str] | None, client_secret: str) -> bool:
    """False as well if a write was killed between the client's record and its secret, which are in two parts."""
    salted = bytes.fromhex(record["salt"]) + client_secret.encode() if record else b""
    return record is not None and record["sha256"] == hashlib.sha256(salted).hexdigest()


def application_id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise InvalidSecretError(f"an application id is a UUID, not {text!r}: copy it from {DASHBOARD}.") from error


def api_key(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{8}", text):
        raise InvalidSecretError(f"an API key is 8 hexadecimal digits, not {text!r}: copy it from {DASHBOARD}.")
    return text


def private_key(pem: str) -> str:
    """The key in the one form that the functions expect, PKCS#8."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise InvalidSecretError(f"the key is no unencrypted PEM key: give the file from {DASHBOARD}.") from error
    if not isinstance(key, RSAPrivateKey):
        raise InvalidSecretError(f"the key is no RSA key: give the file from {DASHBOARD}.")
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
