"""Unit tests open no sockets; those that need a server on 127.0.0.1 say so with `allow_hosts`."""

from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest

from cli.secret.content import public_key
from getthrough.adapters import vonage
from tests.secret import Secret, make_secret


@pytest.fixture(autouse=True)
def _no_sockets(no_sockets: None) -> None:
    pass


@pytest.fixture(autouse=True, scope="session")
def _few_authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One certificate authority is read sooner than all, and no test's server has a certificate of any."""
    first, end, _ = Path(certifi.where()).read_text().partition("-----END CERTIFICATE-----")
    bundle = tmp_path_factory.mktemp("authorities") / "bundle.pem"
    bundle.write_text(first + end)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(certifi, "where", lambda: str(bundle))
        yield


@pytest.fixture
def secret(pem: str) -> Secret:
    return make_secret(private_key=pem, public_key=public_key(pem))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway waits for a fifth of a second instead of for seconds."""
    monkeypatch.setattr(vonage, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(vonage, "READ_SECONDS", 0.2)
