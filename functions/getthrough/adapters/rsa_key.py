"""Load the application's private key. Parsing costs as much as a hundred signatures, so keep the result."""

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

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
