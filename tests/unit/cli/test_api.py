"""Calls of the API over HTTP, against a server on 127.0.0.1."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from requests.auth import AuthBase, HTTPBasicAuth

from cli.api import Api, NoAnswerError, credentials
from cli.errors import OperatorError
from cli.smoke import edge
from cli.smoke.finding import State
from cli.stack import Stack
from tests.unit.cli.aws import RefusedError, Session

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

FILES = 40
SERVED_AT_ONCE = 10
CLIENT = HTTPBasicAuth("shop", "a secret")


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class TenAtOnce(Quiet):
    """An account with a concurrency of ten: a request that comes while ten are served gets 503."""

    lock = threading.Lock()
    full = threading.Event()
    serving = 0

    def do_GET(self) -> None:
        if self.path == "/":
            scripts = "".join(f'<script type="module" src="/assets/{number}.js"></script>' for number in range(FILES))
            return self.answer(200, "text/html", f"<!doctype html><html>{scripts}</html>".encode())
        with self.lock:
            TenAtOnce.serving += 1
            refused = TenAtOnce.serving > SERVED_AT_ONCE
        if refused:
            self.full.set()
        else:
            self.full.wait(30)  # none of the ten ends before an eleventh has come
        with self.lock:
            TenAtOnce.serving -= 1
        return self.answer(503 if refused else 200, "text/javascript", b"")


def test_a_console_that_too_few_invocations_serve_fails() -> None:
    with serving(TenAtOnce) as url:
        finding = edge.console(Api(url, CLIENT))

    assert finding.state is State.FAILED
    assert " with 503)." in finding.sentence
    assert "concurrency" in finding.next_step


class Echo(Quiet):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        sent = {"authorization": self.headers["authorization"], "type": self.headers["content-type"], "body": body}
        self.answer(201, "application/json; charset=utf-8", json.dumps(sent).encode())


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    """What a server was sent, by the name of who asked."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    def ask(auth: AuthBase, **arguments: Any) -> dict[str, str]:
        with serving(Echo) as url:
            answer = Api(url, auth).call("POST", "/v1/messages", {"to": "1"}, **arguments)
        assert (answer.status, answer.content_type) == (201, "application/json")
        sent: dict[str, str] = answer.body
        return sent

    return ask


def test_a_call_carries_the_clients_name_and_secret_and_json(ask: Any) -> None:
    pair = base64.b64encode(b"shop:a secret").decode()
    assert ask(CLIENT) == {"authorization": f"Basic {pair}", "type": "application/json", "body": '{"to": "1"}'}


def test_a_call_without_credentials_carries_none_not_even_those_of_netrc(ask: Any) -> None:
    assert ask(CLIENT, authenticated=False)["authorization"] is None


def test_no_answer_says_what_was_asked() -> None:
    with pytest.raises(NoAnswerError, match=r"^GET /v1/x was not answered \(ConnectionError\)$"):
        Api("http://127.0.0.1:1", CLIENT).call("GET", "/v1/x")


def test_credentials_come_from_the_environment_a_prompt_or_the_stacks_secret(stack: Stack) -> None:
    both = {"GETTHROUGH_CLIENT": "shop", "GETTHROUGH_SECRET": "a secret"}

    assert credentials(stack, both) == CLIENT
    assert credentials(stack, {"GETTHROUGH_CLIENT": "shop"}, lambda question: "a secret") == CLIENT
    assert credentials(stack, {}) == HTTPBasicAuth("getthrough-operator", "operators-secret")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"SecretString": "{}"}, "the stack's secret holds no operator yet: run `getthrough up`"),
        ({"SecretString": "not JSON"}, "the part operator of the stack's secret is no JSON"),
        (RefusedError("ResourceNotFoundException"), "the stack's secret holds no operator yet: run `getthrough up`"),
        (RefusedError("AccessDeniedException"), "your AWS credentials may not call GetSecretValue"),
    ],
)
def test_a_secret_that_cannot_be_used_is_one_sentence(
    session: Session, stack: Stack, answer: Any, sentence: str
) -> None:
    session.answers["secretsmanager", "GetSecretValue"] = answer

    with pytest.raises(OperatorError, match=sentence):
        credentials(stack, {})
