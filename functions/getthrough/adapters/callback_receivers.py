"""The client's receivers of webhooks, over HTTPS: one signed POST per attempt, and nothing to a private address.

Clients name the URL, so it must not lead into a network that only we can reach. What is judged is the address that the
socket is connected to, before TLS begins and a byte is sent: a name that resolves to something else the second time
changes nothing. Redirects are not followed, proxies of the environment not used. Any port may be named: TLS with a
certificate for that very name stands before the first byte that the client chose.
"""

from __future__ import annotations

import ipaddress
import json
import re
import socket
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import certifi
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.poolmanager import PoolManager
from urllib3.util import parse_url

from getthrough.adapters import callback_signature
from getthrough.adapters.bounded_http import BoundedPool, BoundedTlsConnection, BoundedTlsPool, bare_session
from getthrough.adapters.secrets import SecretsManagerSecret
from getthrough.domain.notification.callback import Attempted, Callback, Verdict
from getthrough.domain.ports import Clock
from getthrough.domain.values.errors import UnavailableError

_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
"""All that IANA has given out of IPv6 for hosts; the library's own tables know only some of what lies outside."""

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
"""In all, see `bounded_http`: an attempt takes 22 seconds at most, and CallbackFunction has 30."""


_DAY = 86_400


class _ForbiddenAddressError(Exception):
    """Connected to where nothing may be sent."""


class HttpsReceivers:
    """Port Receivers. `allow_private` also allows private addresses and plain http: for a stack on one computer."""

    def __init__(self, secret: SecretsManagerSecret, clock: Clock, *, allow_private: bool) -> None:
        self._secret = secret
        self._clock = clock
        self._schemes = ("https", "http") if allow_private else ("https",)
        self._session = _session(allow_private)

    def post(self, callback: Callback) -> Attempted:
        if reason := self._violation(callback.url):
            return Attempted(Verdict.REFUSED, reason=reason)
        body = json.dumps(callback.body, separators=(",", ":")).encode()
        try:
            secrets = self._secret.get().callback_secrets
            signed = callback_signature.headers(callback.event_id, body, secrets, self._clock())
        except UnavailableError as error:
            return Attempted(Verdict.FAILED, reason=str(error))
        try:
            status, retry_after = self._send(callback.url, body, signed)
            return _judge(status, retry_after, self._clock())
        except _ForbiddenAddressError:
            return Attempted(Verdict.REFUSED, reason="private address")
        except (requests.RequestException, HTTPError, ValueError) as error:
            return Attempted(Verdict.FAILED, reason=type(error).__name__)

    def _violation(self, url: str) -> str | None:
        """What is wrong with an address by itself, or None."""
        try:
            parts = parse_url(url)
        except (HTTPError, ValueError):
            return "no URL"
        if parts.scheme not in self._schemes or not parts.host:
            return "not https"
        return "credentials in the URL" if parts.auth else None

    def _send(self, url: str, body: bytes, signed: dict[str, str]) -> tuple[int, str]:
        """The status of the answer and its Retry-After; its body is left unread."""
        with self._session.post(
            url,
            data=body,
            headers={"Content-Type": "application/json", "User-Agent": "Getthrough", **signed},
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as response:
            return response.status_code, response.headers.get("Retry-After", "")


def is_public(address: str) -> bool:
    """True if everybody on the internet reaches the same host by this IP address.

    An IPv6 address that holds an IPv4 one counts as that (mapped), or is refused (6to4, Teredo, NAT64): no receiver has
    a use for it, and a gateway might lead anywhere.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if found not in _GLOBAL_UNICAST or found.sixtofour is not None:
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def _judge(http_status: int, retry_after: str, now: datetime) -> Attempted:
    """2xx is success; 410 is how Standard Webhooks lets a receiver say that it wants no more; all else may change."""
    verdict = Verdict.DELIVERED if 200 <= http_status < 300 else Verdict.GONE if http_status == 410 else Verdict.FAILED
    return Attempted(
        verdict, http_status, retry_after=_seconds(retry_after, now) if http_status in (429, 503) else None
    )


def _seconds(retry_after: str, now: datetime) -> int | None:
    """The seconds that a Retry-After asks for, as a number or as a date (RFC 9110, section 10.2.3). At most a day; None
    if it says neither."""
    text = retry_after.strip()[:40]
    if re.fullmatch("[0-9]+", text):
        return min(int(text), _DAY)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    seconds = (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()
    return min(max(0, round(seconds)), _DAY)


def _session(allow_private: bool) -> requests.Session:
    session = bare_session()
    if allow_private:
        session.mount("http://", _Adapter({"http": BoundedPool}))
    session.mount("https://", _Adapter({"https": BoundedTlsPool if allow_private else _PublicPool}))
    return session


class _PublicConnection(BoundedTlsConnection):
    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        if not is_public(connected.getpeername()[0]):
            connected.close()
            raise _ForbiddenAddressError
        return connected


class _PublicPool(BoundedTlsPool):
    ConnectionCls = _PublicConnection


class _Adapter(HTTPAdapter):
    """Also reads the authorities once, not for each new connection as requests does (20 ms of CPU)."""

    def __init__(self, pools: dict[str, type]) -> None:
        self._context = ssl.create_default_context(cafile=certifi.where())
        self._pools = pools
        super().__init__(max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        manager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, ssl_context=self._context, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        self.poolmanager = manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The context holds the authorities already; its own rules (certificate and host name required) stay."""
