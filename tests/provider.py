"""An HTTP server on 127.0.0.1 that answers as a test tells it, and remembers what it received."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, repeat
from typing import Any, ClassVar


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: Message
    body: bytes


@dataclass
class Provider:
    """`answers` are used up one by one, the last one again and again."""

    url: str = ""
    answers: list[Callable[["Handler"], None]] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider: ClassVar[Provider]

    def setup(self) -> None:
        super().setup()
        self.provider.connections += 1

    def do_POST(self) -> None:
        self._receive()

    def do_PATCH(self) -> None:
        self._receive()

    def _receive(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        provider = self.provider
        provider.received.append(Received(self.command, self.path, self.headers, body))
        answer = provider.answers.pop(0) if len(provider.answers) > 1 else provider.answers[0]
        answer(self)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def answer(status: int, body: bytes = b"{}", **headers: str) -> Callable[[Handler], None]:
    def send(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return send


def chunked(status: int, *chunks: bytes) -> Callable[[Handler], None]:
    def send(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for chunk in (*chunks, b""):
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))

    return send


def broken_off(status: int, body: bytes) -> Callable[[Handler], None]:
    """The head of an answer and a part of its body, then nothing."""

    def send(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body) + 100))
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = True

    return send


def raw(content: bytes) -> Callable[[Handler], None]:
    def send(handler: Handler) -> None:
        handler.wfile.write(content)
        handler.close_connection = True

    return send


def drip(content: bytes) -> Callable[[Handler], None]:
    """Send a byte every twentieth of a second, then the last byte again and again until the test is over. A client that
    waits for the end waits until pytest gives up."""

    def send(handler: Handler) -> None:
        handler.close_connection = True
        with suppress(OSError):
            for byte in chain(content, repeat(content[-1])):
                handler.wfile.write(bytes([byte]))
                if handler.provider.over.wait(0.05):
                    return

    return send


def hang_up(handler: Handler) -> None:
    """Close the connection when the request has been read."""
    handler.close_connection = True


def hang(handler: Handler) -> None:
    """Say nothing until the test is over."""
    handler.provider.over.wait(10)
    handler.close_connection = True


def and_close(send: Callable[[Handler], None]) -> Callable[[Handler], None]:
    """Answer as if the connection stayed open, then close it."""

    def send_and_close(handler: Handler) -> None:
        send(handler)
        handler.close_connection = True

    return send_and_close


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that refuses our certificate is no error of the test's."""


@contextmanager
def serve(context: ssl.SSLContext | None = None) -> Iterator[Provider]:
    provider = Provider(answers=[answer(202, b'{"message_uuid": "vonage-1"}')])
    handler = type("BoundHandler", (Handler,), {"provider": provider})
    with _Server(("127.0.0.1", 0), handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        provider.url = f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield provider
        finally:
            provider.over.set()
            server.shutdown()
            thread.join()
