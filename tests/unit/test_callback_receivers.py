"""The client's receivers against servers on 127.0.0.1, and the addresses to which nothing is ever sent."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import certifi
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from standardwebhooks import Webhook

from getthrough.adapters import bounded_http, callback_receivers
from getthrough.adapters.callback_receivers import HttpsReceivers, is_public
from getthrough.adapters.system import utc_now
from getthrough.domain.notification.callback import LIFE, Attempted, Callback, Verdict
from getthrough.domain.values.errors import UnavailableError
from tests.builders import NOON
from tests.fakes import FakeClock
from tests.provider import Provider, answer, broken_off, drip, hang, hang_up, raw, serve
from tests.secret import Secret, make_secret
from tests.unit.certificate import certificate_of

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = {"type": "message.received", "timestamp": "2026-03-02T12:00:00.000Z", "data": {"text": "Grüße 🧁"}}
DELIVERED = Attempted(Verdict.DELIVERED, 200)


class StubSecret:
    def __init__(self, secret: Secret | UnavailableError) -> None:
        self.secret = secret

    def get(self) -> Secret:
        if isinstance(self.secret, UnavailableError):
            raise self.secret
        return self.secret


def callback_to(url: str) -> Callback:
    return Callback(url, "evt_1", BODY, NOON + LIFE)


@contextmanager
def receivers(allow_private: bool, secret: Secret | UnavailableError | None = None) -> Iterator[HttpsReceivers]:
    stub: Any = StubSecret(secret or make_secret(callback_secrets=(SECRET,)))
    made = HttpsReceivers(stub, utc_now, allow_private=allow_private)
    yield made
    made._session.close()


def post(url: str, *, allow_private: bool = True, secret: Secret | UnavailableError | None = None) -> Attempted:
    with receivers(allow_private, secret) as made:
        return made.post(callback_to(url))


@pytest.fixture
def receiver() -> Iterator[Provider]:
    with serve() as receiver:
        receiver.answers = [answer(200)]
        yield receiver


@pytest.fixture(scope="module")
def certificate(key: rsa.RSAPrivateKey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_of(key, tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls_receiver(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """One whose certificate is trusted."""
    monkeypatch.setattr(certifi, "where", lambda: str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serve(context) as receiver:
        receiver.answers = [answer(200)]
        yield receiver


@pytest.fixture
def _everything_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callback_receivers, "is_public", lambda address: True)


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callback_receivers, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(callback_receivers, "READ_SECONDS", 0.2)


# What goes out, and what an answer means


def test_an_event_goes_out_signed_as_the_official_verifier_expects(receiver: Provider) -> None:
    assert post(f"{receiver.url}/events?key=1") == DELIVERED

    [request] = receiver.received
    assert request.path == "/events?key=1"
    assert Webhook(SECRET).verify(request.body, dict(request.headers)) == BODY
    assert json.loads(request.body) == BODY
    assert (request.headers["Content-Type"], request.headers["User-Agent"]) == ("application/json", "Getthrough")
    assert request.headers["webhook-id"] == "evt_1"


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.DELIVERED),
        (204, Verdict.DELIVERED),
        (299, Verdict.DELIVERED),
        (301, Verdict.FAILED),
        (400, Verdict.FAILED),
        (401, Verdict.FAILED),
        (404, Verdict.FAILED),
        (410, Verdict.GONE),
        (429, Verdict.FAILED),
        (500, Verdict.FAILED),
        (503, Verdict.FAILED),
    ],
)
def test_an_answers_status_is_the_verdict(receiver: Provider, status: int, verdict: Verdict) -> None:
    receiver.answers = [answer(status, b"")]
    assert post(receiver.url) == Attempted(verdict, status)
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("status", "retry_after", "seconds"),
    [
        (429, "60", 60),
        (503, " 0 ", 0),
        (503, "9" * 39, 86_400),
        (429, "Mon, 02 Mar 2026 12:02:00 GMT", 120),
        (429, "Mon, 02 Mar 2026 11:00:00 GMT", 0),
        (503, "Sun, 02 Mar 2036 12:00:00 GMT", 86_400),
        (503, "soon", None),
        (503, "Mon, 1 Jan 99999999999999999999 0:0:0 GMT", None),
        (503, "Mon, 02 Mar 2026 12:00:00 +99999999999999", None),
        (503, "-5", None),
        (503, "", None),
        (500, "60", None),
        (200, "60", None),
    ],
)
def test_a_receiver_that_is_busy_says_for_how_long(
    receiver: Provider, status: int, retry_after: str, seconds: int | None
) -> None:
    receiver.answers = [answer(status, b"", **{"Retry-After": retry_after})]
    with receivers(allow_private=True) as made:
        made._clock = FakeClock()
        assert made.post(callback_to(receiver.url)).retry_after == seconds


def test_a_redirect_is_not_followed(receiver: Provider) -> None:
    receiver.answers = [answer(307, b"", Location=f"{receiver.url}/elsewhere")]
    assert post(f"{receiver.url}/events") == Attempted(Verdict.FAILED, 307)
    assert [request.path for request in receiver.received] == ["/events"]


def test_the_body_of_an_answer_is_not_waited_for(receiver: Provider) -> None:
    receiver.answers = [broken_off(200, b"x" * 10_000)]
    assert post(receiver.url) == DELIVERED


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("misbehave", [hang, hang_up, raw(b"garbage\r\n\r\n")], ids=["nothing", "hang up", "garbage"])
def test_a_receiver_that_misbehaves_failed(receiver: Provider, misbehave: Any) -> None:
    receiver.answers = [misbehave]
    attempted = post(receiver.url)
    assert (attempted.verdict, attempted.http_status) == (Verdict.FAILED, None)
    assert len(receiver.received) == 1


def test_what_one_receiver_sets_as_a_cookie_is_sent_to_no_one(receiver: Provider) -> None:
    receiver.answers = [answer(200, Set_Cookie="planted=1; Path=/")]
    with receivers(allow_private=True) as made:
        assert [made.post(callback_to(receiver.url)) for _ in range(2)] == [DELIVERED] * 2
    assert [request.headers["Cookie"] for request in receiver.received] == [None, None]


# However slow a receiver is, an attempt ends


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n", b"", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_a_receiver_that_drips_failed_in_time(receiver: Provider, head: bytes) -> None:
    receiver.answers = [drip(head + b"X-Drip: x")]
    assert post(receiver.url).verdict is Verdict.FAILED


@pytest.mark.usefixtures("_impatient", "_everything_is_public")
def test_a_receiver_that_drips_over_tls_failed_in_time(tls_receiver: Provider) -> None:
    tls_receiver.answers = [drip(b"HTTP/1.1 200 OK\r\nX-Drip: x")]
    assert post(tls_receiver.url, allow_private=False).verdict is Verdict.FAILED


@pytest.mark.usefixtures("_impatient", "_everything_is_public")
def test_a_receiver_that_drips_its_part_of_the_handshake_failed_in_time() -> None:
    over = threading.Event()

    def serve_drips() -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):
            connection.sendall(b"\x16\x03\x03\x40\x00")
            while not over.wait(0.05):
                connection.sendall(b"\x00")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve_drips)
        thread.start()
        attempted = post(f"https://127.0.0.1:{server.getsockname()[1]}/", allow_private=False)
        over.set()
        thread.join()
    assert attempted.verdict is Verdict.FAILED


@pytest.mark.usefixtures("_impatient", "_everything_is_public")
def test_a_receiver_that_reads_slowly_failed_in_time(
    certificate: Path, tls_receiver: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    del tls_receiver  # only that its certificate is trusted
    monkeypatch.setitem(BODY, "data", {"text": "x" * 30_000_000})
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    over = threading.Event()

    def read_slowly() -> None:
        with suppress(OSError), context.wrap_socket(server.accept()[0], server_side=True) as connection:
            while not over.wait(0.05):
                connection.recv(16_384)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=read_slowly)
        thread.start()
        attempted = post(f"https://127.0.0.1:{server.getsockname()[1]}/", allow_private=False)
        over.set()
        thread.join()
    assert attempted == Attempted(Verdict.FAILED, None, "ConnectionError")


@pytest.mark.parametrize("dead", [1, 10])
def test_the_addresses_of_a_name_share_the_time_for_connecting(
    receiver: Provider, monkeypatch: pytest.MonkeyPatch, dead: int
) -> None:
    """Those that do not answer come first. The clock stands still but for the time that they are waited for."""
    monkeypatch.setattr(callback_receivers, "CONNECT_SECONDS", 50)
    monkeypatch.setattr(bounded_http, "_ADDRESS_SECONDS", 20)
    waited: list[float] = []
    monkeypatch.setattr(bounded_http, "time", SimpleNamespace(monotonic=lambda: sum(waited)))
    resolve, connect = socket.getaddrinfo, socket.socket.connect

    def several(host: str, port: int, *rest: Any, **more: Any) -> Any:
        if host != "shop.invalid":
            return resolve(host, port, *rest, **more)
        return [found for n in range(dead) for found in resolve(f"192.0.2.{n}", port)[:1]] + resolve("127.0.0.1", port)

    def unanswered(self: socket.socket, address: Any) -> None:
        if address[0].startswith("192.0.2."):
            waited.append(self.gettimeout() or 0)
            raise TimeoutError("timed out")
        connect(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", several)
    monkeypatch.setattr(socket.socket, "connect", unanswered)
    attempted = post(receiver.url.replace("127.0.0.1", "shop.invalid"))
    expected = (Verdict.DELIVERED, [20]) if dead == 1 else (Verdict.FAILED, [20, 20, 10])
    assert (attempted.verdict, waited) == expected


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_receiver_that_does_not_listen_failed(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert post(f"{scheme}://127.0.0.1:{port}") == Attempted(Verdict.FAILED, None, "ConnectionError")


def test_the_reason_never_holds_a_part_of_the_address(receiver: Provider) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for url in (
        f"http://127.0.0.1:{port}/telltale?telltale",
        "http://telltale.invalid.:99999/telltale",
        "ftp://telltale",
    ):
        assert "telltale" not in str(post(url).reason)


@pytest.mark.parametrize(
    "secret", [make_secret(), make_secret(callback_secrets=("whsec_bad",)), UnavailableError("secretsmanager: x")]
)
def test_without_a_secret_nothing_is_sent_and_it_is_tried_again(receiver: Provider, secret: Any) -> None:
    attempted = post(receiver.url, secret=secret)
    assert attempted.verdict is Verdict.FAILED
    assert str(attempted.reason).startswith("secret")
    assert receiver.received == []


def test_proxies_of_the_environment_are_not_used(receiver: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert post(receiver.url) == DELIVERED


# TLS


@pytest.mark.usefixtures("_everything_is_public")
def test_an_event_goes_out_over_tls(tls_receiver: Provider) -> None:
    with receivers(allow_private=False) as made:
        assert [made.post(callback_to(tls_receiver.url)) for _ in range(3)] == [DELIVERED] * 3
    assert len(tls_receiver.received) == 3


@pytest.mark.usefixtures("_everything_is_public")
def test_a_certificate_for_another_name_gets_nothing(tls_receiver: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "127.0.0.1")
    url = tls_receiver.url.replace("127.0.0.1", "shop.invalid")
    assert post(url, allow_private=False) == Attempted(Verdict.FAILED, None, "SSLError")
    assert tls_receiver.received == []


# Where nothing is sent


def resolve_to(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: real(address, *rest, **more))


@contextmanager
def listening() -> Iterator[tuple[int, list[bytes]]]:
    """A port, and what was sent to it by each connection."""
    got: list[bytes] = []

    def read() -> None:
        connection, _ = server.accept()
        with connection:
            connection.settimeout(5)
            got.append(connection.recv(4096))

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=read)
        thread.start()
        yield server.getsockname()[1], got
        thread.join()


@pytest.mark.parametrize("host", ["127.0.0.1", "shop.invalid", "localhost"])
def test_not_a_byte_goes_to_a_private_address_whatever_its_name(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "127.0.0.1")
    with listening() as (port, got):
        attempted = post(f"https://{host}:{port}/", allow_private=False)
    assert attempted == Attempted(Verdict.REFUSED, None, "private address")
    assert got == [b""]


def test_it_is_the_connected_address_that_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that resolves to a public address whenever someone asks, but to another one for the connection."""
    connect = socket.socket.connect

    with listening() as (port, got):
        monkeypatch.setattr(socket.socket, "connect", lambda self, _: connect(self, ("127.0.0.1", port)))
        attempted = post("https://93.184.216.34/", allow_private=False)
    assert attempted == Attempted(Verdict.REFUSED, None, "private address")
    assert got == [b""]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://shop.invalid/", "not https"),
        ("ftp://shop.invalid/", "not https"),
        ("file:///etc/passwd", "not https"),
        ("shop.invalid/events", "not https"),
        ("https:///events", "not https"),
        ("https://shop.invalid:port/", "no URL"),
        ("https://[::1/", "no URL"),
        ("https://user:password@shop.invalid/", "credentials in the URL"),
        ("https://user@shop.invalid/", "credentials in the URL"),
    ],
)
def test_an_address_that_is_wrong_by_itself_is_refused(url: str, reason: str) -> None:
    assert post(url, allow_private=False) == Attempted(Verdict.REFUSED, None, reason)


@pytest.mark.parametrize(
    "address",
    [
        "93.184.216.34",
        "8.8.8.8",
        "1.1.1.1",
        "172.15.255.255",
        "172.32.0.1",
        "100.63.255.255",
        "2606:2800:220:1:248:1893:25c8:1946",
        "2a00:1450:4009:815::200e",
        "::ffff:8.8.8.8",
    ],
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.8",
        "192.0.0.9",
        "192.88.99.1",
        "3fff::1",
        "3fff:fff:ffff::1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "4000::1",
    ],
)
def test_all_other_addresses_are_not(address: str) -> None:
    assert not is_public(address)
