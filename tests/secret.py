"""The stack's secret, as tests need it."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import boto3

from cli.secret import parts
from getthrough.adapters import secrets
from getthrough.adapters.contact_hash import event_hash_with, hash_with
from getthrough.adapters.secrets import ClientRecord
from getthrough.domain.contact.contact import Contact

APPLICATION_ID = "11111111-2222-4333-8444-555555555555"
API_KEY = "abcd1234"
SIGNATURE_SECRET = "the-secret-that-signs-all-webhooks"
CLIENT, CLIENT_SECRET, SALT = "bakery", "sugar and spice: 5 g", bytes.fromhex("00ff")
CLIENT_HASH = hashlib.sha256(SALT + CLIENT_SECRET.encode()).digest()
CONTACT_KEY = bytes(range(32))


def hash_of(contact: Contact) -> str:
    """What names a contact's consent in the table."""
    return hash_with(CONTACT_KEY, contact)


def event_hash_of(digest: str) -> str:
    """What names a status event in the table."""
    return event_hash_with(CONTACT_KEY, digest)


@dataclass(frozen=True, kw_only=True)
class Secret(
    secrets.PrivateKey, secrets.SignatureSecrets, secrets.Clients, secrets.CallbackSecrets, secrets.ContactKey
):
    """All parts of the secret in one, which no function has."""


def make_secret(**fields: Any) -> Secret:
    defaults: dict[str, Any] = {
        "application_id": APPLICATION_ID,
        "private_key": "no key needed here",
        "public_key": "no key needed here",
        "api_key": API_KEY,
        "signature_secrets": (SIGNATURE_SECRET,),
        "clients": {CLIENT: ClientRecord(SALT, CLIENT_HASH)},
        "contact_key": CONTACT_KEY,
    }
    return Secret(**{**defaults, **fields})


def secret_document(**fields: Any) -> dict[str, Any]:
    """The JSON object that Secrets Manager holds; a field given as None is left out."""
    defaults = {
        "application_id": APPLICATION_ID,
        "private_key": "no key needed here",
        "public_key": "no key needed here",
        "api_key": API_KEY,
        "signature_secrets": [SIGNATURE_SECRET],
        "clients": {CLIENT: {"salt": SALT.hex(), "sha256": CLIENT_HASH.hex()}},
        "contact_key": CONTACT_KEY.hex(),
    }
    return {name: value for name, value in {**defaults, **fields}.items() if value is not None}


def store_secret(secret_id: str, **fields: Any) -> None:
    """Store all parts of it, as an operator does."""
    client = boto3.client("secretsmanager")
    parts.write(client, secret_id, parts.whole(parts.read(client, secret_id)), secret_document(**fields))


def secret_text(**fields: Any) -> str:
    return json.dumps(secret_document(**fields))
