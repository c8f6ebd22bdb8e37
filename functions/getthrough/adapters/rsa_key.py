"""The application's private key as an object. Parsing costs a hundred signatures: keep what you get."""

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from getthrough.domain.values.errors import UnavailableError

_PROBE = b"getthrough"


def load_private_key(pem: str) -> RSAPrivateKey:
    """UnavailableError, without a word of the key, if it is not an RSA key that works.

    The library's own check of the primes is the slow part; signing and verifying once shows as much.
    """
    try:
        key = load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, RSAPrivateKey):
            raise UnavailableError("secret: private_key is not an RSA key")
        key.public_key().verify(key.sign(_PROBE, PKCS1v15(), SHA256()), _PROBE, PKCS1v15(), SHA256())
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature) as error:
        raise UnavailableError(f"secret: private_key is not usable ({type(error).__name__})") from None
    return key
