"""The gateway against a server on 127.0.0.1 that misbehaves in every way that matters."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from getthrough.adapters import vonage
from getthrough.adapters.vonage import VonageGateway
from getthrough.domain.dispatch.dispatch import Answer
from tests.builders import message
from tests.provider import (
    Provider,
    and_close,
    answer,
    broken_off,
    chunked,
    drip,
    hang,
    hang_up,
    raw,
    serve,
)
from tests.unit.gateway import StubTokens, gateway_to, submit_to
from tests.unit.stories import ACCEPTED, REFUSED, UNAVAILABLE, UNKNOWN

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

PROBLEM = {"title": "Invalid params", "detail": "Check the parameters."}
PROBLEM_JSON = json.dumps(PROBLEM).encode()
MESSAGE_ACCEPTED = Answer(kind=ACCEPTED, http_status=202, vonage_message_uuid="vonage-1")


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serve() as provider:
        yield provider


@pytest.fixture
def tokens() -> StubTokens:
    return StubTokens()


@pytest.fixture
def gateway(provider: Provider, tokens: StubTokens) -> Iterator[VonageGateway]:
    with gateway_to(provider.url, tokens) as gateway:
        yield gateway


# What goes out, and what comes back


def test_a_message_goes_out_as_one_post_with_a_token(provider: Provider, gateway: VonageGateway) -> None:
    assert gateway.submit(message(text="Cupcakes 🧁 and é")) == MESSAGE_ACCEPTED
    [request] = provider.received
    assert request.path == "/v1/messages"
    assert json.loads(request.body) == message(text="Cupcakes 🧁 and é")
    assert request.headers["Authorization"] == "Bearer token-1"
    assert request.headers["Content-Type"] == "application/json"


def test_each_message_has_a_token_of_its_own(provider: Provider, gateway: VonageGateway) -> None:
    gateway.submit(message())
    gateway.submit(message())
    assert [request.headers["Authorization"] for request in provider.received] == ["Bearer token-1", "Bearer token-2"]


def test_statuses_go_where_the_stack_says_and_otherwise_where_the_application_says(provider: Provider) -> None:
    tokens: Any = StubTokens()
    for status_url in ("https://relay.example/status", ""):
        VonageGateway(provider.url, tokens, status_url).submit(message())

    bodies = [json.loads(request.body) for request in provider.received]
    assert bodies == [{**message(), "webhook_url": "https://relay.example/status"}, message()]


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch, provider: Provider) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert submit_to(provider.url) == MESSAGE_ACCEPTED


@pytest.mark.parametrize(
    ("status", "kind"), [(400, REFUSED), (422, REFUSED), (429, UNAVAILABLE), (503, UNAVAILABLE), (500, UNKNOWN)]
)
def test_an_error_is_answered_with_its_meaning_and_body_after_one_post(
    provider: Provider, gateway: VonageGateway, status: int, kind: Any
) -> None:
    provider.answers = [answer(status, PROBLEM_JSON)]
    assert gateway.submit(message()) == Answer(kind=kind, http_status=status, problem=PROBLEM)
    assert len(provider.received) == 1


@pytest.mark.parametrize("status", [402, 403])
def test_trouble_with_the_account_is_not_the_messages_violation(
    provider: Provider, gateway: VonageGateway, status: int
) -> None:
    provider.answers = [answer(status, PROBLEM_JSON)]
    expected = Answer(kind=UNAVAILABLE, http_status=status, problem=PROBLEM, account=True)
    assert gateway.submit(message()) == expected
    assert len(provider.received) == 1


def test_a_redirect_is_not_followed(provider: Provider, gateway: VonageGateway) -> None:
    provider.answers = [answer(307, b"", Location=f"{provider.url}/elsewhere")]
    assert gateway.submit(message()) == Answer(kind=UNKNOWN, http_status=307)
    assert [request.path for request in provider.received] == ["/v1/messages"]


@pytest.mark.parametrize(
    "body",
    [b"", b"not JSON", b"[1]", b"\xff\xfe", b"[" * 10_000, b'{"message_uuid": "vonage-1", "more": "' + b"x" * 20_000],
    ids=["empty", "no JSON", "a list", "no UTF-8", "nested deeply", "too long"],
)
def test_a_202_is_accepted_whatever_its_body_is(provider: Provider, gateway: VonageGateway, body: bytes) -> None:
    provider.answers = [answer(202, body)]
    assert gateway.submit(message()) == Answer(kind=ACCEPTED, http_status=202)


def test_a_202_that_breaks_off_was_accepted(provider: Provider, gateway: VonageGateway) -> None:
    provider.answers = [broken_off(202, b'{"message_uuid":')]
    assert gateway.submit(message()) == Answer(kind=ACCEPTED, http_status=202)


def test_a_wrongly_compressed_202_was_accepted(provider: Provider, gateway: VonageGateway) -> None:
    provider.answers = [answer(202, b"not gzip", Content_Encoding="gzip")]
    assert gateway.submit(message()) == Answer(kind=ACCEPTED, http_status=202)


# A token that is not taken


def test_a_401_reads_the_secret_again_and_tries_once_more(
    provider: Provider, gateway: VonageGateway, tokens: StubTokens
) -> None:
    provider.answers = [answer(401, PROBLEM_JSON), answer(202, b'{"message_uuid": "vonage-1"}')]
    assert gateway.submit(message()) == MESSAGE_ACCEPTED
    assert tokens.minted == ["minted", "reloaded"]
    assert [request.headers["Authorization"] for request in provider.received] == ["Bearer token-1", "Bearer token-2"]
    assert provider.received[0].body == provider.received[1].body


def test_a_second_401_is_the_answer(provider: Provider, gateway: VonageGateway) -> None:
    provider.answers = [answer(401, PROBLEM_JSON)]
    expected = Answer(kind=UNAVAILABLE, http_status=401, problem=PROBLEM, account=True)
    assert gateway.submit(message()) == expected
    assert len(provider.received) == 2


def test_a_401_that_took_long_is_the_answer_since_there_is_no_time_for_another(
    provider: Provider, gateway: VonageGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vonage, "AGAIN_SECONDS", -1)
    provider.answers = [answer(401, PROBLEM_JSON)]
    expected = Answer(kind=UNAVAILABLE, http_status=401, problem=PROBLEM, account=True)
    assert gateway.submit(message()) == expected
    assert len(provider.received) == 1


def test_a_401_stays_the_answer_when_the_secret_cannot_be_read_again(
    provider: Provider, gateway: VonageGateway, tokens: StubTokens
) -> None:
    tokens.reload_works = False
    provider.answers = [answer(401, PROBLEM_JSON)]
    expected = Answer(kind=UNAVAILABLE, http_status=401, problem=PROBLEM, account=True)
    assert gateway.submit(message()) == expected
    assert len(provider.received) == 1


def test_without_a_token_nothing_is_sent(provider: Provider, gateway: VonageGateway, tokens: StubTokens) -> None:
    tokens.mint_works = False
    assert gateway.submit(message()) == Answer(kind=UNAVAILABLE, account=True)
    assert provider.received == []


# No one knows whether it was accepted


@pytest.mark.usefixtures("impatient")
def test_a_provider_that_says_nothing_leaves_it_unknown(provider: Provider, gateway: VonageGateway) -> None:
    provider.answers = [hang]
    assert gateway.submit(message()) == Answer(kind=UNKNOWN)
    assert len(provider.received) == 1


@pytest.mark.usefixtures("impatient")
def test_an_answer_that_drips_leaves_it_unknown_in_time(provider: Provider, gateway: VonageGateway) -> None:
    provider.answers = [drip(b"HTTP/1.1 202 Accepted\r\nX-Drip: " + b"x")]
    assert gateway.submit(message()) == Answer(kind=UNKNOWN)
    assert len(provider.received) == 1


@pytest.mark.usefixtures("impatient")
def test_a_body_that_drips_is_not_waited_for(provider: Provider, gateway: VonageGateway) -> None:
    def send(handler: Any) -> None:
        handler.send_response(202)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        drip(b'{"message_uuid": "vonage-1"')(handler)

    provider.answers = [send]
    assert gateway.submit(message()) == Answer(kind=ACCEPTED, http_status=202)


def test_what_vonage_sets_as_a_cookie_is_not_sent_back(provider: Provider, gateway: VonageGateway) -> None:
    provider.answers = [answer(202, b'{"message_uuid": "vonage-1"}', Set_Cookie="planted=1; Path=/")]
    assert [gateway.submit(message()) for _ in range(2)] == [MESSAGE_ACCEPTED] * 2
    assert [request.headers["Cookie"] for request in provider.received] == [None, None]


@pytest.mark.parametrize(
    "misbehave", [hang_up, raw(b"garbage\r\n\r\n"), raw(b"HTTP/1.1 2")], ids=["nothing", "garbage", "half a line"]
)
def test_a_connection_that_is_dropped_after_the_request_was_read_is_unknown_and_sent_once(
    provider: Provider, gateway: VonageGateway, misbehave: Any
) -> None:
    provider.answers = [misbehave]
    assert gateway.submit(message()) == Answer(kind=UNKNOWN)
    time.sleep(0.05)
    assert len(provider.received) == 1


def test_a_used_connection_that_is_dropped_after_the_request_was_read_is_unknown_and_sent_once(
    provider: Provider, gateway: VonageGateway
) -> None:
    provider.answers = [answer(202, b'{"message_uuid": "vonage-1"}'), hang_up]
    assert [gateway.submit(message()).kind for _ in range(2)] == [ACCEPTED, UNKNOWN]
    time.sleep(0.05)
    assert (len(provider.received), provider.connections) == (2, 1)


# The request certainly never left


def test_a_refused_connection_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert submit_to(f"http://127.0.0.1:{port}") == Answer(kind=UNAVAILABLE)
    assert submit_to(f"https://127.0.0.1:{port}") == Answer(kind=UNAVAILABLE)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_is_not_resolved_is_unavailable(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unresolved(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unresolved)
    assert submit_to(f"{scheme}://vonage.invalid") == Answer(kind=UNAVAILABLE)


@pytest.mark.usefixtures("impatient")
def test_a_connection_that_cannot_be_made_in_time_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_slow(*args: object, **kwargs: object) -> None:
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket.socket, "connect", too_slow)
    assert submit_to("http://127.0.0.1:1") == Answer(kind=UNAVAILABLE)


# One connection


@pytest.mark.parametrize(
    "accepting",
    [
        answer(202, b'{"message_uuid": "vonage-1"}'),
        chunked(202, b'{"message_uuid": ', b'"vonage-1"}'),
    ],
    ids=["with a length", "in chunks"],
)
def test_messages_share_one_connection(provider: Provider, gateway: VonageGateway, accepting: Any) -> None:
    provider.answers = [accepting]
    assert [gateway.submit(message()) for _ in range(5)] == [MESSAGE_ACCEPTED] * 5
    assert (len(provider.received), provider.connections) == (5, 1)


@pytest.mark.parametrize("status", [401, 422, 429, 503])
def test_errors_leave_the_connection_usable(provider: Provider, gateway: VonageGateway, status: int) -> None:
    provider.answers = [answer(status, PROBLEM_JSON)]
    gateway.submit(message())
    gateway.submit(message())
    assert provider.connections == 1


@pytest.mark.parametrize(("idle", "connections"), [(3600, 1), (-1, 2)])
def test_a_connection_that_was_idle_for_too_long_is_not_used_again(
    provider: Provider, gateway: VonageGateway, monkeypatch: pytest.MonkeyPatch, idle: float, connections: int
) -> None:
    monkeypatch.setattr(vonage, "MAX_IDLE_SECONDS", idle)
    assert [gateway.submit(message()) for _ in range(2)] == [MESSAGE_ACCEPTED] * 2
    assert provider.connections == connections


def test_a_connection_that_the_provider_has_closed_meanwhile_is_replaced(
    provider: Provider, gateway: VonageGateway
) -> None:
    accepting = answer(202, b'{"message_uuid": "vonage-1"}')
    provider.answers = [and_close(accepting), accepting]
    first = gateway.submit(message())
    time.sleep(0.1)
    assert [first, gateway.submit(message())] == [MESSAGE_ACCEPTED] * 2
    assert (len(provider.received), provider.connections) == (2, 2)
