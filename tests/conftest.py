"""What tests of several layers need."""

import gc
from collections.abc import Iterator

import pytest
import pytest_socket
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, settings

from tests.console_as_deployed import can_be_bundled, functions_as_deployed
from tests.running_stack import Stack, running_stack

# How long an example takes says more about the machine than about the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("patient"), max_examples=25)
settings.load_profile("patient")


def pytest_collection_finish() -> None:
    """Everything that is loaded by now stays until the end, so the collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.fixture
def no_sockets(request: pytest.FixtureRequest) -> Iterator[None]:
    """Only a test that says so with `allow_hosts` may open one, to the hosts that it names."""
    if request.node.get_closest_marker("allow_hosts"):
        yield
        return
    pytest_socket.disable_socket()
    yield
    pytest_socket.enable_socket()


@pytest.fixture(scope="session")
def key() -> rsa.RSAPrivateKey:
    """The application's key. A key takes long to make, so there is one for all tests."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def strangers_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One local stack for all tests over HTTP and in the browser that run in this process: the real template, the real
    functions, the simulator instead of Vonage. Each test uses phone numbers of its own."""
    folder = tmp_path_factory.mktemp("stack")
    functions = {"FUNCTIONS": str(functions_as_deployed(folder))} if can_be_bundled() else {}
    with running_stack(folder / "local", **functions) as stack:
        yield stack


@pytest.fixture(scope="session")
def pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
