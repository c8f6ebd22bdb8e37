"""Unit tests open no sockets; those that need a server on 127.0.0.1 say so with `allow_hosts`."""

from collections.abc import Iterator

import pytest
import pytest_socket
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, settings

from getthrough.adapters import vonage
from getthrough.adapters.secrets import Secret
from tests.unit.secret import make_secret

# How long an example takes says more of the machine than of the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def _no_sockets(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.node.get_closest_marker("allow_hosts"):
        yield
        return
    pytest_socket.disable_socket()
    yield
    pytest_socket.enable_socket()


@pytest.fixture(scope="session")
def key() -> rsa.RSAPrivateKey:
    """The application's key; made once, since that takes longer than all else here."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def strangers_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def secret(pem: str) -> Secret:
    return make_secret(private_key=pem)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway waits for a fifth of a second instead of for seconds."""
    monkeypatch.setattr(vonage, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(vonage, "READ_SECONDS", 0.2)
