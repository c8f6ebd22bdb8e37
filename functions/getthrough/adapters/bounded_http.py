"""HTTP connections whose two time-outs hold in all: the first for reaching the host, the second for the answer.

urllib3's hold for each address of a name, and anew with every byte that comes: a name with many dead addresses, or
somebody who sends a byte every few seconds, would hold a function until it is killed. TLS, the head and the body of the
request need nothing more: Python waits for each no longer than the first time-out in all. That makes four times the
first and once the second for a request.
"""

import http.client
import io
import socket
import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import allowed_gai_family, create_connection

_ADDRESS_SECONDS = 1.0
"""How long an address is waited for while there is another one."""


def bare_session() -> requests.Session:
    """A session that takes nothing from the environment (proxies, .netrc) and keeps no cookies: what one host sets
    would be sent to others, such as all of a domain that its owners share."""
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.adapters.clear()
    return session


class _Reader(io.RawIOBase):
    def __init__(self, sock: socket.socket, raw: io.RawIOBase) -> None:
        self._sock, self._raw, self._until = sock, raw, time.monotonic() + (sock.gettimeout() or 0.0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(_left(self._until))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer for which there is so much time in all as its socket's time-out is when it begins."""

    fp: Any

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Reader(sock, self.fp.detach()))


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
        """A socket to the first address that takes one; OSError of the last one if none does."""
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
        """The time-out that urllib3 has set for what the connection does now."""
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
