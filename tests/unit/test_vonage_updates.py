"""Changing a message that Vonage has: one PATCH, whatever its id looks like, and an answer whatever comes of it."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from getthrough.adapters.vonage import VonageGateway
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind
from getthrough.domain.ports import REVOKED
from tests.builders import message
from tests.provider import Provider, answer, broken_off, hang, hang_up, raw, serve
from tests.unit.gateway import StubTokens, gateway_to
from tests.unit.stories import ACCEPTED, REFUSED, UNAVAILABLE, UNKNOWN

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

PROBLEM = {"title": "Not Found", "detail": "No such message."}
PROBLEM_JSON = json.dumps(PROBLEM).encode()


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serve() as provider:
        provider.answers = [answer(200, b"")]
        yield provider


@pytest.fixture
def tokens() -> StubTokens:
    return StubTokens()


@pytest.fixture
def gateway(provider: Provider, tokens: StubTokens) -> Iterator[VonageGateway]:
    with gateway_to(provider.url, tokens) as gateway:
        yield gateway


def test_a_message_is_taken_back_by_one_patch_with_a_token(provider: Provider, gateway: VonageGateway) -> None:
    assert gateway.update("0c4d9a52-3b1f-4e7e-8a55-77c0ffee0001", REVOKED) == Answer(kind=ACCEPTED, http_status=200)
    [request] = provider.received
    assert (request.method, request.path) == ("PATCH", "/v1/messages/0c4d9a52-3b1f-4e7e-8a55-77c0ffee0001")
    assert json.loads(request.body) == {"status": "revoked"}
    assert request.headers["Authorization"] == "Bearer token-1"
    assert request.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("identifier", "path"),
    [
        ("a/b", "a%2Fb"),
        ("../../admin", "..%2F..%2Fadmin"),
        ("a?b=c#d", "a%3Fb%3Dc%23d"),
        ("a b", "a%20b"),
        ("a%2Fb", "a%252Fb"),
        ("é", "%C3%A9"),
        ("a\r\nX-Header: 1", "a%0D%0AX-Header%3A%201"),
    ],
)
def test_an_id_stays_one_part_of_the_path(
    provider: Provider, gateway: VonageGateway, identifier: str, path: str
) -> None:
    gateway.update(identifier, REVOKED)
    assert [request.path for request in provider.received] == [f"/v1/messages/{path}"]


@pytest.mark.parametrize(
    ("status", "kind", "account"),
    [
        (200, ACCEPTED, False),
        (202, ACCEPTED, False),
        (400, REFUSED, False),
        (401, UNAVAILABLE, True),
        (403, UNAVAILABLE, True),
        (404, REFUSED, False),
        (422, REFUSED, False),
        (429, UNAVAILABLE, False),
        (500, UNKNOWN, False),
        (503, UNAVAILABLE, False),
    ],
)
def test_an_answer_means_what_it_means_for_a_message_and_is_the_last_word(
    provider: Provider, gateway: VonageGateway, status: int, kind: AnswerKind, account: bool
) -> None:
    provider.answers = [answer(status, PROBLEM_JSON)]
    problem = None if kind is ACCEPTED else PROBLEM
    assert gateway.update("theirs", REVOKED) == Answer(kind=kind, http_status=status, problem=problem, account=account)
    assert len(provider.received) == 1


def test_a_redirect_is_not_followed(provider: Provider, gateway: VonageGateway) -> None:
    provider.answers = [answer(307, b"", Location=f"{provider.url}/elsewhere")]
    assert gateway.update("theirs", REVOKED) == Answer(kind=UNKNOWN, http_status=307)
    assert len(provider.received) == 1


@pytest.mark.parametrize(
    "misbehave",
    [hang_up, raw(b"garbage\r\n\r\n"), raw(b"HTTP/1.1 2")],
    ids=["nothing", "garbage", "half a line"],
)
def test_a_connection_that_is_dropped_is_unknown_and_nothing_is_repeated(
    provider: Provider, gateway: VonageGateway, misbehave: Any
) -> None:
    provider.answers = [misbehave]
    assert gateway.update("theirs", REVOKED) == Answer(kind=UNKNOWN)
    time.sleep(0.05)
    assert len(provider.received) == 1


@pytest.mark.parametrize("odd", [answer(200, b"\xff["), broken_off(200, b'{"a":'), answer(204, b"")])
def test_an_answer_that_cannot_be_read_counts_by_its_status(
    provider: Provider, gateway: VonageGateway, odd: Any
) -> None:
    provider.answers = [odd]
    assert gateway.update("theirs", REVOKED).kind is ACCEPTED


@pytest.mark.usefixtures("impatient")
def test_a_provider_that_says_nothing_is_not_waited_for_long(provider: Provider, gateway: VonageGateway) -> None:
    provider.answers = [hang]
    assert gateway.update("theirs", REVOKED) == Answer(kind=UNKNOWN)


def test_a_refused_connection_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with gateway_to(f"http://127.0.0.1:{port}") as gateway:
        assert gateway.update("theirs", REVOKED) == Answer(kind=UNAVAILABLE)


def test_without_a_token_nothing_is_sent(provider: Provider, gateway: VonageGateway, tokens: StubTokens) -> None:
    tokens.mint_works = False
    assert gateway.update("theirs", REVOKED) == Answer(kind=UNAVAILABLE, account=True)
    assert provider.received == []


def test_it_shares_the_connection_with_what_is_sent(provider: Provider, gateway: VonageGateway) -> None:
    gateway.submit(message())
    gateway.update("theirs", REVOKED)
    assert ([request.method for request in provider.received], provider.connections) == (["POST", "PATCH"], 1)
