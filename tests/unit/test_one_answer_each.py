"""Each message gets its own answer: nothing that a server sends besides one reaches the next message."""

import fcntl
import ssl
import struct
import termios
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from getthrough.adapters import vonage
from getthrough.adapters.vonage import VonageGateway
from getthrough.domain.dispatch.dispatch import Answer
from tests.builders import message
from tests.provider import Handler, Provider, answer, hang, serve
from tests.unit.certificate import certificate_of
from tests.unit.gateway import gateway_to
from tests.unit.stories import ACCEPTED, REFUSED, UNKNOWN

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

FIRST = b'HTTP/1.1 202 Accepted\r\nContent-Length: 27\r\n\r\n{"message_uuid": "first-1"}'
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"
SURPLUS = b"HTTP/1.1 202 Accepted\r\nContent-Length: 29\r\n\r\n"
ALL_SURPLUS = [SURPLUS, SURPLUS + b'{"message_uuid": "surplus-1"}' * 2000, b"\r\n", b"H"]
FIRST_ACCEPTED = Answer(kind=ACCEPTED, http_status=202, vonage_message_uuid="first-1")
SECOND_REFUSED = Answer(kind=REFUSED, http_status=422, problem={"title": "No"})
refuse = answer(422, b'{"title": "No"}')


def pieces(*parts: bytes, together: bool = False) -> Any:
    """Send the parts, each after the last one is where the client can read it, and keep the connection."""

    def send(handler: Handler) -> None:
        for part in [b"".join(parts)] if together else parts:
            handler.wfile.write(part)
            while _under_way(handler):
                handler.provider.over.wait(0.001)

    return send


def _under_way(handler: Handler) -> int:
    """How many bytes the client's computer has not acknowledged."""
    found: int = struct.unpack("i", fcntl.ioctl(handler.connection, termios.TIOCOUTQ, bytes(4)))[0]
    return found


@pytest.fixture(params=["http", "https"])
def provider(
    request: pytest.FixtureRequest, key: rsa.RSAPrivateKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Provider]:
    context = None
    if request.param == "https":
        certificate = certificate_of(key, tmp_path)
        monkeypatch.setattr(certifi, "where", lambda: str(certificate))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    with serve(context) as provider:
        yield provider


@pytest.fixture
def gateway(provider: Provider) -> Iterator[VonageGateway]:
    with gateway_to(provider.url) as gateway:
        yield gateway


def two_answers(provider: Provider, gateway: VonageGateway, first: Any) -> tuple[Answer, Answer, int]:
    """The answers to two messages of which the second is refused, and over how many connections they came."""
    provider.answers = [first, refuse]
    answers = gateway.submit(message()), gateway.submit(message())
    return *answers, provider.connections


def test_two_plain_answers_come_over_one_connection(provider: Provider, gateway: VonageGateway) -> None:
    assert two_answers(provider, gateway, pieces(FIRST)) == (FIRST_ACCEPTED, SECOND_REFUSED, 1)


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("how_many", [1, 8])
def test_an_interim_answer_is_not_the_answer(
    provider: Provider, gateway: VonageGateway, how_many: int, together: bool
) -> None:
    first = pieces(*[INTERIM] * how_many, FIRST, together=together)
    assert two_answers(provider, gateway, first) == (FIRST_ACCEPTED, SECOND_REFUSED, 2)


def test_interim_answers_without_end_are_no_answer(provider: Provider, gateway: VonageGateway) -> None:
    first = pieces(INTERIM * 9, FIRST, together=True)
    assert two_answers(provider, gateway, first) == (Answer(kind=UNKNOWN), SECOND_REFUSED, 2)


def test_another_protocol_is_no_answer(provider: Provider, gateway: VonageGateway) -> None:
    first = pieces(SWITCHED, FIRST)
    assert two_answers(provider, gateway, first) == (Answer(kind=UNKNOWN, http_status=101), SECOND_REFUSED, 2)


@pytest.mark.parametrize("surplus", ALL_SURPLUS)
def test_what_comes_with_an_answer_is_no_answer_to_the_next_message(
    provider: Provider, gateway: VonageGateway, surplus: bytes
) -> None:
    first = pieces(FIRST, surplus, together=True)
    assert two_answers(provider, gateway, first) == (FIRST_ACCEPTED, SECOND_REFUSED, 2)


@pytest.mark.parametrize("surplus", ALL_SURPLUS)
def test_what_comes_between_two_messages_is_no_answer_to_the_next(
    provider: Provider, gateway: VonageGateway, surplus: bytes
) -> None:
    sent = threading.Event()

    def first(handler: Handler) -> None:
        pieces(FIRST, surplus)(handler)
        sent.set()

    provider.answers = [first, refuse]
    answered = gateway.submit(message())
    assert sent.wait(5)
    assert (answered, gateway.submit(message()), provider.connections) == (FIRST_ACCEPTED, SECOND_REFUSED, 2)


@pytest.mark.parametrize("length", ["0", "5", "1000000"])
def test_the_rest_of_a_body_is_no_answer_to_the_next_message(
    provider: Provider, gateway: VonageGateway, length: str
) -> None:
    head = f"HTTP/1.1 202 Accepted\r\nContent-Length: {length}\r\n\r\n".encode()
    first_answer, second, connections = two_answers(provider, gateway, pieces(head + b"x" * 100_000))
    assert (first_answer.kind, second, connections) == (ACCEPTED, SECOND_REFUSED, 2)


def test_an_answer_that_comes_too_late_is_nobodys(
    provider: Provider, gateway: VonageGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vonage, "READ_SECONDS", 0.1)
    provider.answers = [hang, refuse]
    first = gateway.submit(message())
    monkeypatch.undo()
    assert (first, gateway.submit(message()), provider.connections) == (Answer(kind=UNKNOWN), SECOND_REFUSED, 2)


def test_after_an_unknown_the_connection_is_not_used_again(provider: Provider, gateway: VonageGateway) -> None:
    first, second, connections = two_answers(provider, gateway, answer(500))
    assert (first, second, connections) == (Answer(kind=UNKNOWN, http_status=500, problem=None), SECOND_REFUSED, 2)
