"""A simulator and a receiver per test, on free ports, with the clock running 100 times as fast."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local.vonage_simulator.config import SimulatorConfig
from local.vonage_simulator.server import SimulatorThread
from tests.simulator.client import APPLICATION_ID, Client
from tests.simulator.receiver import API_KEY, API_SECRET, SIGNATURE_SECRET, Receiver, serve

SPEED = 100.0


@dataclass(frozen=True)
class Keys:
    private: rsa.RSAPrivateKey  # parsed once: that takes longer than all else in these tests
    pem: str
    public: str


def make_keys() -> Keys:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Keys(key, pem.decode(), public.decode())


@pytest.fixture(autouse=True)
def _sockets(socket_enabled: None) -> None:
    """These tests talk HTTP, on 127.0.0.1."""


@pytest.fixture(scope="session")
def keys() -> Keys:
    return make_keys()


@pytest.fixture(scope="session")
def strangers_keys() -> Keys:
    return make_keys()


@pytest.fixture
def receiver(_sockets: None) -> Iterator[Receiver]:
    receiver = Receiver()
    server = serve(receiver)
    yield receiver
    server.shutdown()
    server.server_close()


@pytest.fixture
def config(keys: Keys, receiver: Receiver) -> SimulatorConfig:
    return SimulatorConfig(
        application_id=APPLICATION_ID,
        public_key=keys.public,
        signature_secret=SIGNATURE_SECRET,
        api_key=API_KEY,
        api_secret=API_SECRET,
        numbers=("447700900001",),
        status_url=f"{receiver.url}/status",
        inbound_url=f"{receiver.url}/inbound",
        speed=SPEED,
        response_timeout=0.3,
    )


@pytest.fixture
def client(config: SimulatorConfig, keys: Keys) -> Iterator[Client]:
    with SimulatorThread(config) as simulator, requests.Session() as session:
        yield Client(simulator.url, keys.private, session)
