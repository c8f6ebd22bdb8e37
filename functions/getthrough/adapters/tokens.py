"""Short-lived tokens for Vonage, signed with the cached key."""

import time
from functools import cache
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from getthrough.adapters.rsa_key import load_private_key
from getthrough.adapters.secrets import Part, PrivateKey, private_key

LIFE_SECONDS = 300


class Tokens:
    """Mints tokens with the secret's private key. It parses the key once, and again when it has changed."""

    def __init__(self, secret: Part[PrivateKey]) -> None:
        self._secret = secret
        self._key: tuple[str, RSAPrivateKey] | None = None

    def mint(self) -> str:
        """A new RS256 token, valid for five minutes. Raises UnavailableError if the secret or its key is unusable."""
        return self._mint(self._secret.get())

    def mint_after_reload(self) -> str:
        """The same after reading the secret again, because Vonage refused the last token."""
        return self._mint(self._secret.reload())

    def _mint(self, secret: PrivateKey) -> str:
        if self._key is None or self._key[0] != secret.private_key:
            self._key = secret.private_key, load_private_key(secret.private_key)
        now = int(time.time())
        claims = {
            "application_id": secret.application_id,
            "iat": now,
            "exp": now + LIFE_SECONDS,
            "jti": str(uuid4()),
        }
        return jwt.encode(claims, self._key[1], algorithm="RS256")


@cache
def tokens(secret_id: str) -> Tokens:
    """The one that everything in a function shares, so that the key is loaded once."""
    return Tokens(private_key(secret_id))
