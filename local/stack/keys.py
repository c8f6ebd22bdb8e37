"""Keys and secrets of one run: an application as Vonage would make it, and one client, "bakery"."""

import base64
import hashlib
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local.stack.settings import StartError

CLIENT_NAME = "bakery"


@dataclass(frozen=True)
class Keys:
    application_id: str
    private_key: str
    public_key: str
    api_key: str
    api_secret: str
    signature_secret: str
    callback_secret: str
    contact_key: str
    client_name: str
    client_secret: str

    def secret_content(self) -> dict[str, Any]:
        """What the stack's secret holds, in all its parts: the client's secret only as a salted hash. Two more clients
        have the same secret and one scope each, to try what those see."""
        salt = secrets.token_bytes(16)
        hashed = {"salt": salt.hex(), "sha256": hashlib.sha256(salt + self.client_secret.encode()).hexdigest()}
        scopes = {self.client_name: "admin", f"{self.client_name}-send": "send", f"{self.client_name}-read": "read"}
        return {
            "application_id": self.application_id,
            "private_key": self.private_key,
            "public_key": self.public_key,
            "api_key": self.api_key,
            "signature_secrets": [self.signature_secret],
            "callback_secrets": [self.callback_secret],
            "contact_key": self.contact_key,
            "clients": {name: {**hashed, "scopes": [scope]} for name, scope in scopes.items()},
        }


def generate(known: Mapping[str, str]) -> Keys:
    """New ones, but for the provider's credentials that are known. StartError if the key is none."""
    try:
        private_key = _private_key(known.get("private_key"))
    except ValueError:
        raise StartError("VONAGE_PRIVATE_KEY is no RSA key in PEM: give the file that Vonage made for you") from None
    made = Keys(
        application_id=str(uuid.uuid4()),
        private_key=private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        public_key=private_key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
        api_key=secrets.token_hex(4),
        api_secret=secrets.token_urlsafe(12),
        signature_secret=secrets.token_urlsafe(48),
        callback_secret="whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(),
        contact_key=secrets.token_hex(32),
        client_name=CLIENT_NAME,
        client_secret=secrets.token_urlsafe(24),
    )
    return replace(made, **known)


def _private_key(pem: str | None) -> rsa.RSAPrivateKey:
    if pem is None:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    found = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(found, rsa.RSAPrivateKey):
        raise ValueError("another kind of key")
    return found
