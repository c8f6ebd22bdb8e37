"""Load the application's keys. Parsing the private one costs as much as a hundred signatures, so keep the result."""

from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from getthrough.domain.values.errors import UnavailableError

_PROBE = b"getthrough"


def load_private_key(pem: str) -> RSAPrivateKey:
    """The key in a PEM text. Raises UnavailableError, which quotes nothing of the text, if it isn't a working RSA key.

    The library's own check of the primes is slow. Signing and verifying once proves as much.
    """
    try:
        key = load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, RSAPrivateKey):
            raise UnavailableError("secret: private_key is not an RSA key")
        key.public_key().verify(key.sign(_PROBE, PKCS1v15(), SHA256()), _PROBE, PKCS1v15(), SHA256())
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature) as error:
        raise UnavailableError(f"secret: private_key is not usable ({type(error).__name__})") from None
    return key


@lru_cache(maxsize=2)
def load_public_key(pem: str) -> RSAPublicKey:
    """The key in a PEM text. Raises UnavailableError, which quotes nothing of the text, if it isn't an RSA key."""
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnavailableError(f"secret: public_key is not usable ({type(error).__name__})") from None
    if not isinstance(key, RSAPublicKey):
        raise UnavailableError("secret: public_key is not an RSA key")
    return key
