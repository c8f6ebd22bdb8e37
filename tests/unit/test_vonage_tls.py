"""The gateway over TLS: nothing is sent before it stands, and what happens afterwards is never taken for that."""

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from getthrough.adapters import vonage
from getthrough.domain.dispatch.dispatch import Answer
from tests.builders import message
from tests.provider import Provider, hang, hang_up, serve
from tests.unit.certificate import certificate_of
from tests.unit.gateway import gateway_to, submit_to
from tests.unit.stories import ACCEPTED, UNAVAILABLE, UNKNOWN

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

MESSAGE_ACCEPTED = Answer(kind=ACCEPTED, http_status=202, vonage_message_uuid="vonage-1")


@pytest.fixture(scope="module")
def certificate(key: rsa.RSAPrivateKey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_of(key, tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls_provider(certificate: Path) -> Iterator[Provider]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serve(context) as provider:
        yield provider


@pytest.fixture
def _trusting(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> None:
    monkeypatch.setattr(certifi, "where", lambda: str(certificate))


@pytest.mark.usefixtures("_trusting")
def test_a_message_goes_out_over_tls_to_who_has_a_trusted_certificate(tls_provider: Provider) -> None:
    assert submit_to(tls_provider.url) == MESSAGE_ACCEPTED


def test_a_certificate_that_no_one_vouches_for_is_unavailable_and_sees_no_request(tls_provider: Provider) -> None:
    assert submit_to(tls_provider.url) == Answer(kind=UNAVAILABLE)
    assert tls_provider.received == []


@pytest.mark.usefixtures("_trusting")
def test_a_certificate_for_another_name_is_unavailable_and_sees_no_request(
    tls_provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: real("127.0.0.1", *rest, **more))
    assert submit_to(tls_provider.url.replace("127.0.0.1", "vonage.invalid")) == Answer(kind=UNAVAILABLE)
    assert tls_provider.received == []


@pytest.mark.usefixtures("_trusting", "impatient")
@pytest.mark.parametrize("misbehave", [hang_up, hang])
def test_what_goes_wrong_after_tls_stands_is_unknown_and_sent_once(tls_provider: Provider, misbehave: Any) -> None:
    tls_provider.answers = [misbehave]
    assert submit_to(tls_provider.url) == Answer(kind=UNKNOWN)
    assert len(tls_provider.received) == 1


@pytest.mark.usefixtures("_trusting")
def test_the_authorities_are_read_once_for_all_connections(
    tls_provider: Provider, monkeypatch: pytest.MonkeyPatch, certificate: Path
) -> None:
    read: list[str] = []

    def where() -> str:
        read.append(str(certificate))
        return read[-1]

    monkeypatch.setattr(certifi, "where", where)
    monkeypatch.setattr(vonage, "MAX_IDLE_SECONDS", -1)
    with gateway_to(tls_provider.url) as gateway:
        assert [gateway.submit(message()) for _ in range(3)] == [MESSAGE_ACCEPTED] * 3
    assert (len(read), tls_provider.connections) == (1, 3)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("behaviour", ["garbage", "hang up", "say nothing"])
def test_tls_that_is_not_established_is_unavailable(behaviour: str) -> None:
    over = threading.Event()

    def answer_badly() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(4096)
            if behaviour == "garbage":
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            if behaviour == "say nothing":
                over.wait(5)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer_badly)
        thread.start()
        answer = submit_to(f"https://127.0.0.1:{server.getsockname()[1]}")
        over.set()
        thread.join()
    assert answer == Answer(kind=UNAVAILABLE)
