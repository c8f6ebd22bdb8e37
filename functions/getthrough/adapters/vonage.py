"""Vonage's Messages API over HTTPS: one POST per message, one PATCH to change it, and the meaning of each answer.

The official SDK is not used. It has no time-out and parses the key for every message. When a connection drops after the
request was read, it sends the message again, which may reach the customer twice.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
)

from getthrough.adapters.bounded_http import (
    BoundedPool,
    BoundedTlsConnection,
    BoundedTlsPool,
    PoolAdapter,
    bare_session,
)
from getthrough.adapters.tokens import Tokens
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind
from getthrough.domain.values import strict_json
from getthrough.domain.values.errors import UnavailableError

CONNECT_SECONDS = 2.0
READ_SECONDS = 6.0
"""The time-out for the whole answer, see `bounded_http`. A request takes at most 14 seconds, and SendFunction has 29.
"""

AGAIN_SECONDS = 5.0
"""A request that was answered 401 is repeated at once only if the answer came within this time."""

MAX_IDLE_SECONDS = 10.0
"""A connection that was idle for longer is not reused. A frozen function doesn't notice that the server closed it.
After a POST into a closed connection, it would be unknown whether Vonage read the message."""

_MAX_ANSWER = 16_384

_ACCOUNT = frozenset({401, 402, 403, 404, 405, 407})
"""Statuses that every message would get: the key, the balance, the rights or the API's address is wrong."""
_NOT_ACCEPTED = frozenset({408, 425, 429, 503})
_CERTAINLY_NOT_SENT = (NewConnectionError, ConnectTimeoutError, NameResolutionError)


class VonageGateway:
    """Port Gateway. Keep one per execution environment: it holds the connection and the key.

    `status_url` is where Vonage sends a message's statuses; without it that is what the application says.
    """

    def __init__(self, api_url: str, tokens: Tokens, status_url: str = "") -> None:
        self._url = f"{api_url}/v1/messages"
        self._statuses = {"webhook_url": status_url} if status_url else {}
        self._tokens = tokens
        self._session = _session()
        self._used_at = 0.0

    def submit(self, message: Mapping[str, Any]) -> Answer:
        """POST a message. Without a token nothing is sent; the answer then counts as a problem of the account, like a
        wrong key."""
        body, began = json.dumps({**message, **self._statuses}).encode(), time.monotonic()
        try:
            answer = self._post(body, self._tokens.mint())
        except UnavailableError:
            return Answer(kind=AnswerKind.UNAVAILABLE, account=True)
        if answer.http_status != 401 or time.monotonic() - began > AGAIN_SECONDS:
            return answer
        try:
            return self._post(body, self._tokens.mint_after_reload())
        except UnavailableError:
            return answer

    def update(self, vonage_message_uuid: str, change: Mapping[str, Any]) -> Answer:
        """PATCH a message. Vonage expects this on the host of the number's region; VonageApiUrl sets it."""
        url = f"{self._url}/{quote(vonage_message_uuid, safe='')}"
        try:
            answer = self._request("PATCH", url, json.dumps(change).encode(), self._tokens.mint())
        except UnavailableError:
            return Answer(kind=AnswerKind.UNAVAILABLE, account=True)
        # Here a 404 means that Vonage doesn't know the message.
        return replace(answer, kind=AnswerKind.REFUSED, account=False) if answer.http_status == 404 else answer

    def _post(self, body: bytes, token: str) -> Answer:
        return self._request("POST", self._url, body, token)

    def _request(self, method: str, url: str, body: bytes, token: str) -> Answer:
        if time.monotonic() - self._used_at > MAX_IDLE_SECONDS:
            self._session.close()
        try:
            with self._session.request(
                method,
                url,
                data=body,
                headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as response:
                answer = classify(response.status_code, _read(response))
        except (requests.RequestException, ValueError) as error:  # ValueError: an answer that requests cannot read
            answer = Answer(kind=_kind_of_failure(error))
        if answer.kind is AnswerKind.UNKNOWN:
            self._session.close()  # what may still come is no answer to another message
        self._used_at = time.monotonic()
        return answer


def classify(http_status: int, body: Mapping[str, Any]) -> Answer:
    """Classify an answer by its status alone: Vonage's `type` is not reliable."""
    kind, account = AnswerKind.UNKNOWN, False
    if 200 <= http_status < 300:
        kind = AnswerKind.ACCEPTED
    elif http_status in _ACCOUNT:
        kind, account = AnswerKind.UNAVAILABLE, True
    elif http_status in _NOT_ACCEPTED:
        kind = AnswerKind.UNAVAILABLE
    elif 400 <= http_status < 500:
        kind = AnswerKind.REFUSED
    taken = kind is AnswerKind.ACCEPTED
    identifier = body.get("message_uuid") if taken else None
    return Answer(
        kind=kind,
        http_status=http_status,
        vonage_message_uuid=identifier if isinstance(identifier, str) and len(identifier) <= 256 else None,
        problem=body if body and not taken else None,
        account=account,
    )


def _kind_of_failure(error: Exception) -> AnswerKind:
    """UNAVAILABLE if the request was certainly not sent, otherwise UNKNOWN."""
    reason = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    return AnswerKind.UNAVAILABLE if isinstance(reason, _CERTAINLY_NOT_SENT) else AnswerKind.UNKNOWN


def _read(response: requests.Response) -> Mapping[str, Any]:
    """The JSON object in a body, or an empty one: the status says what matters."""
    try:
        decoded = strict_json.parse(response.raw.read(_MAX_ANSWER, decode_content=True))
    except (HTTPError, ValueError):
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _session() -> requests.Session:
    session, adapter = bare_session(), PoolAdapter({"http": BoundedPool, "https": _ConnectionPool})
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    return session


class _Connection(BoundedTlsConnection):
    """Turns every failure before the end of the TLS handshake into one of connecting, so that it doesn't look like a
    lost answer."""

    def connect(self) -> None:
        try:
            super().connect()
        except OSError as error:
            raise NewConnectionError(self, f"TLS was not established: {type(error).__name__}") from error


class _ConnectionPool(BoundedTlsPool):
    ConnectionCls = _Connection
