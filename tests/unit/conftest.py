"""Unit tests open no sockets; those that need a server on 127.0.0.1 say so with `allow_hosts`."""

import pytest

from cli.secret.content import public_key
from getthrough.adapters import vonage
from tests.secret import Secret, make_secret


@pytest.fixture(autouse=True)
def _no_sockets(no_sockets: None) -> None:
    pass


@pytest.fixture
def secret(pem: str) -> Secret:
    return make_secret(private_key=pem, public_key=public_key(pem))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway waits for a fifth of a second instead of for seconds."""
    monkeypatch.setattr(vonage, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(vonage, "READ_SECONDS", 0.2)
