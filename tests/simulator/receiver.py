"""A receiver of webhooks: keeps what came, checks signatures, answers as configured."""

import hashlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

import jwt

API_KEY = "abcd1234"
API_SECRET = "the API secret of these tests"
SIGNATURE_SECRET = "the signature secret of these tests, long enough"

Json = dict[str, Any]
T = TypeVar("T")


def until(found: Callable[[], T | None], seconds: float = 5.0) -> T:
    """The first truthy thing that `found` returns."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if thing := found():
            return thing
        time.sleep(0.005)
    raise AssertionError("it did not happen in time")


@dataclass(frozen=True)
class Received:
    path: str
    raw: bytes
    authorization: str | None
    at: float

    @property
    def body(self) -> Json:
        reported: Json = json.loads(self.raw)
        return reported

    def claims(self) -> Json:
        """Of the signature, checked as a receiver should: key, algorithm and the hash of the bytes."""
        assert self.authorization is not None
        scheme, token = self.authorization.split(" ")
        assert scheme == "Bearer"
        claims: Json = jwt.decode(token, SIGNATURE_SECRET, algorithms=["HS256"])
        assert claims["payload_hash"] == hashlib.sha256(self.raw).hexdigest()
        return claims


@dataclass
class Receiver:
    """Answers 200, or what `answers` holds, in turn; a number below 1 is a pause without an answer."""

    url: str = ""
    answers: list[int | float] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)

    def bodies(self, path: str = "/status") -> list[Json]:
        return [item.body for item in self.received if item.path == path]

    def statuses(self) -> list[str]:
        return [body["status"] for body in self.bodies()]

    def body_with(self, status: str) -> Json:
        return until(lambda: next((body for body in self.bodies() if body["status"] == status), None))


def serve(receiver: Receiver) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.received.append(Received(self.path, raw, self.headers.get("Authorization"), time.monotonic()))
            answer = receiver.answers.pop(0) if receiver.answers else 200
            if answer < 1:
                time.sleep(answer)
                return
            self.send_response(int(answer))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 64  # with the usual 5, a burst of webhooks waits a second for its connections

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True).start()
    return server
