"""The Vonage application that a stack uses: what has to be set in it, and what is wrong with it. Pure.

Only the messages capability's version and its two URLs are ours. Everything else belongs to other uses of the
application and stays as it is.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from cli.secret.content import public_key

Application = dict[str, Any]
"""As Vonage answers it. What this release does not know of it is kept as it came."""

Json = dict[str, Any]

VERSION = "v1"
READ_ONLY = ("id", "_links")
PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Urls:
    status: str
    inbound: str


def writable(application: Application) -> Application:
    """An application, to be written back: without what it alone sets, and without a private key."""
    body = {name: copy.deepcopy(value) for name, value in application.items() if name not in READ_ONLY}
    if isinstance(body.get("keys"), dict):
        body["keys"].pop("private_key", None)
    return body


def wired(application: Application, urls: Urls) -> Application:
    """The same application, to be written back, with its messages going to these URLs."""
    body = writable(application)
    messages = body.setdefault("capabilities", {}).setdefault("messages", {})
    messages["version"] = VERSION
    webhooks = messages.setdefault("webhooks", {})
    for name, address in (("status_url", urls.status), ("inbound_url", urls.inbound)):
        webhooks[name] = {**webhooks.get(name, {}), "address": address, "http_method": "POST"}
    return body


def with_messages(application: Application, messages: Json | None) -> Application:
    """The same application, to be written back, with another messages capability; None for none."""
    body = writable(application)
    capabilities = body.setdefault("capabilities", {})
    capabilities.pop("messages", None)
    if messages is not None:
        capabilities["messages"] = copy.deepcopy(messages)
    return body


def messages_of(application: Application) -> Json | None:
    found = application.get("capabilities", {}).get("messages")
    return copy.deepcopy(found) if isinstance(found, dict) else None


def addresses(application: Application) -> Urls:
    """Where its webhooks go; empty where it says nothing."""
    webhooks = (messages_of(application) or {}).get("webhooks", {})
    status, inbound = (str((webhooks.get(name) or {}).get("address", "")) for name in ("status_url", "inbound_url"))
    return Urls(status, inbound)


def new_private_key() -> str:
    """A key pair made on this computer, as PKCS#8."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


def keys_of(private_key: str) -> Json:
    """What an application is given so that this key signs for it."""
    return {"public_key": public_key(private_key)}


def has_key(application: Application, private_key: str) -> bool:
    """Whether the application's public key is the other half of this one, however it is written."""
    given = str((application.get("keys") or {}).get("public_key") or "")
    try:
        theirs = serialization.load_pem_public_key(given.encode())
    except (ValueError, UnsupportedAlgorithm):
        return False
    rewritten = theirs.public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    return rewritten == public_key(private_key)
