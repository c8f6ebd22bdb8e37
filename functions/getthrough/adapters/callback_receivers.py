"""Deliver webhooks to the client's receivers over HTTPS: one signed POST per attempt, never to a private address.

Clients choose the URL, so it must not lead into a network that only Getthrough can reach. The check is on the address
that the socket is connected to, before TLS and before any byte is sent. So a name that resolves to another address the
second time gains nothing. Redirects and the environment's proxies are not used.

Any port is allowed: nothing that the client chose is sent before TLS has verified a certificate for that name.
"""

from __future__ import annotations

import ipaddress
import json
import re
import socket
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from getthrough.adapters import callback_signature
from getthrough.adapters.bounded_http import (
    BoundedPool,
    BoundedTlsConnection,
    BoundedTlsPool,
    PoolAdapter,
    bare_session,
)
from getthrough.adapters.secrets import CallbackSecrets, Part
from getthrough.domain.notification.callback import Attempted, Callback, Verdict
from getthrough.domain.ports import Clock
from getthrough.domain.values.errors import UnavailableError

_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
"""The IPv6 range from which IANA allocates addresses to hosts. The library's tables cover only part of the rest."""

_SPECIAL = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")))
"""Ranges of IANA's registries of special addresses that the tables of Python 3.11 lack."""

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
"""The time-out for the whole answer, see `bounded_http`. An attempt takes at most 22 seconds, and CallbackFunction has
30."""


_DAY = 86_400


class _ForbiddenAddressError(Exception):
    """The connection leads to an address that is not allowed."""


class HttpsReceivers:
    """Port Receivers. `allow_private` also allows private addresses and plain http, for a stack on one computer."""

    def __init__(self, secret: Part[CallbackSecrets], clock: Clock, *, allow_private: bool) -> None:
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
        """What is wrong with the URL itself, or None."""
        try:
            parts = parse_url(url)
        except (HTTPError, ValueError):
            return "no URL"
        if parts.scheme not in self._schemes or not parts.host:
            return "not https"
        return "credentials in the URL" if parts.auth else None

    def _send(self, url: str, body: bytes, signed: dict[str, str]) -> tuple[int, str]:
        """The answer's status and its Retry-After. Its body isn't read."""
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
    """True if this IP address leads to the same host from everywhere on the internet.

    An IPv6 address that embeds an IPv4 one is treated as that one (mapped) or refused (6to4, Teredo, NAT64): receivers
    have no use for those, and a gateway might lead anywhere.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if found not in _GLOBAL_UNICAST or found.sixtofour is not None:
            return False
    if any(found in network for network in _SPECIAL):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def _judge(http_status: int, retry_after: str, now: datetime) -> Attempted:
    """2xx is success. With 410, Standard Webhooks lets a receiver say that it wants no more. Anything else may change,
    so the webhook is tried again."""
    verdict = Verdict.DELIVERED if 200 <= http_status < 300 else Verdict.GONE if http_status == 410 else Verdict.FAILED
    return Attempted(
        verdict, http_status, retry_after=_seconds(retry_after, now) if http_status in (429, 503) else None
    )


def _seconds(retry_after: str, now: datetime) -> int | None:
    """The seconds in a Retry-After, from a number or a date (RFC 9110, section 10.2.3): at most a day, or None if it is
    invalid."""
    text = retry_after.strip()[:40]
    if re.fullmatch("[0-9]+", text):
        return min(int(text), _DAY)
    try:
        at = parsedate_to_datetime(text)
        seconds = (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(0, round(seconds)), _DAY)


def _session(allow_private: bool) -> requests.Session:
    session = bare_session()
    if allow_private:
        session.mount("http://", PoolAdapter({"http": BoundedPool}))
    session.mount("https://", PoolAdapter({"https": BoundedTlsPool if allow_private else _PublicPool}))
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
