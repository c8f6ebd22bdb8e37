"""HTTP connections with two time-outs that bound whole phases: the first for connecting, the second for the answer.

urllib3's own time-outs start again for each address of a name and for each byte received. A name with many dead
addresses, or a server that sends one byte every few seconds, would hold a function until it is killed.

The other phases need no change: TLS, the request's head and its body each wait for the first time-out at most. So a
request takes at most four times the first time-out plus the second.

A connection is used again only if its last answer was the only thing that came over it until then. Whatever else a
server sends would be taken for the answer to the next request.
"""

import http
import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import certifi
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.poolmanager import PoolManager
from urllib3.util.connection import allowed_gai_family, create_connection

_MOST_INTERIM = 8
"""How many interim answers (1xx) may come before the answer."""

_ADDRESS_SECONDS = 1.0
"""How long to wait for an address while there is another one to try."""


def bare_session() -> requests.Session:
    """A session without settings from the environment (proxies, .netrc) and without cookies. A host's cookies could
    otherwise be sent to other hosts, such as those of a shared domain."""
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.adapters.clear()
    return session


class PoolAdapter(HTTPAdapter):
    """Sends through these pools, one for each scheme, and never twice. It reads the CA bundle once; requests reads it
    for each new connection (20 ms of CPU)."""

    def __init__(self, pools: Mapping[str, type[HTTPConnectionPool]]) -> None:
        self._context = ssl.create_default_context(cafile=certifi.where())
        self._pools = dict(pools)
        super().__init__(max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        manager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, ssl_context=self._context, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        self.poolmanager = manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave the context as it is: it already has the CA bundle, and it requires a certificate and a matching host
        name."""


class _Reader(io.RawIOBase):
    def __init__(self, sock: socket.socket, raw: io.RawIOBase) -> None:
        self._sock, self._raw, self._until = sock, raw, time.monotonic() + (sock.gettimeout() or 0.0)
        self.ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self.ended:
            return None
        self._sock.settimeout(_left(self._until))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """A response that must be complete within its socket's time-out, measured from its beginning."""

    fp: Any

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._sock, self._reader, self._interim = sock, _Reader(sock, self.fp.detach()), 0
        self.fp = io.BufferedReader(self._reader)

    def _read_status(self) -> tuple[str, int, str]:
        """The status line of the answer itself. Interim answers are not final (RFC 9110, 15.2) and are left out. 101 is
        final, and says that what follows is no HTTP."""
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 100 <= status < 200 or status == http.HTTPStatus.SWITCHING_PROTOCOLS:
                self._interim += status < 200
                return version, status, reason
            self._interim += 1
            if self._interim > _MOST_INTERIM:
                raise http.client.HTTPException("too many interim answers")
            http.client.parse_headers(self.fp)

    def _close_conn(self) -> None:
        """At the end of the answer: shut the connection down if anything else came. The pool sees that and makes a new
        one."""
        self._reader.ended = True
        if self._interim or self.fp.peek(1) or getattr(self._sock, "pending", int)():
            with suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)
        super()._close_conn()  # type: ignore[misc]


class BoundedConnection(HTTPConnection):
    response_class = _Response

    def _new_conn(self) -> socket.socket:
        until = time.monotonic() + self._seconds()
        try:
            connected = self._connected(until)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "no address was reached in time") from error
        except OSError as error:
            raise NewConnectionError(self, f"no address was reached: {type(error).__name__}") from error
        connected.settimeout(self._seconds())
        return connected

    def _connected(self, until: float) -> socket.socket:
        """A socket to the first address that accepts a connection. If none does, raises the last one's OSError."""
        found = socket.getaddrinfo(self._dns_host, self.port, allowed_gai_family(), socket.SOCK_STREAM)
        addresses = [address[:2] for *_, address in found]
        for number, (host, port) in enumerate(addresses, 1):
            last = number == len(addresses)
            seconds = _left(until) if last else min(_ADDRESS_SECONDS, _left(until))
            try:
                return create_connection((str(host), int(port)), seconds, socket_options=self.socket_options)
            except OSError:
                if last:
                    raise
        raise OSError("no address")

    def _seconds(self) -> float:
        """The time-out that urllib3 has set for the current phase."""
        return float(self.timeout or 0.0)


class BoundedTlsConnection(BoundedConnection, HTTPSConnection):
    """The same over TLS."""


class BoundedPool(HTTPConnectionPool):
    ConnectionCls = BoundedConnection


class BoundedTlsPool(HTTPSConnectionPool):
    ConnectionCls = BoundedTlsConnection


def _left(until: float) -> float:
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("the time is up")
    return seconds
