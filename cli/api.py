"""The stack's HTTP API, as a client calls it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from getpass import getpass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth

from cli.errors import OperatorError, aws_in_words
from cli.secret import parts
from cli.secret.content import OPERATOR
from cli.stack import Names, Stack

SECONDS = 35
"""API Gateway gives up after 30."""

CONNECTIONS = 32
"""At once, as a browser has them over HTTP/2."""

Headers = Mapping[str, str]


class NoAnswerError(Exception):
    """A request was not answered; the text says what was asked, and how it ended."""


class RefusedError(OperatorError):
    """The API did not do it; the text says what it answered."""


@dataclass(frozen=True)
class Answer:
    """`body` is None if it is no JSON."""

    status: int
    content_type: str
    text: str
    body: Any


class Api:
    """Calls with `authenticated=False` carry no credentials."""

    def __init__(self, url: str, auth: AuthBase, *, through_proxies: bool = True) -> None:
        self._url, self._auth = url, auth
        self._session = requests.Session()
        self._session.trust_env = through_proxies
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=CONNECTIONS))

    def call(
        self, method: str, path: str, body: Any = None, *, headers: Headers | None = None, authenticated: bool = True
    ) -> Answer:
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {**({"content-type": "application/json"} if data is not None else {}), **(headers or {})}
        try:
            response = self._session.request(
                method,
                self._url + path,
                data=data,
                headers=sent,
                auth=self._auth if authenticated else _no_credentials,
                timeout=(5, SECONDS),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise NoAnswerError(f"{method} {path} was not answered ({type(error).__name__})") from None
        try:
            decoded = response.json()
        except ValueError:
            decoded = None
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Answer(response.status_code, kind, response.text, decoded)


def body_of(answer: Answer) -> Any:
    """What a success answered; RefusedError for everything else."""
    if answer.status < 300:
        return answer.body
    problem = answer.body if isinstance(answer.body, dict) else {}
    wrong = (f" {invalid['name']} {invalid['reason']}" for invalid in problem.get("invalid_parameters", []))
    words = problem.get("detail") or problem.get("message") or "no reason given"
    raise RefusedError(f"{answer.status} {words}{''.join(wrong)}")


def api_of(stack: Stack) -> Api:
    """The stack's API, with the credentials that the caller has."""
    return Api(stack.api_url, credentials(stack), through_proxies=stack.basic is None)


def api_at(url: str, environ: Mapping[str, str] = os.environ, ask: Callable[[str], str] | None = None) -> Api:
    """An API whose stack the caller cannot or need not look at; the client comes from the environment."""
    auth = _client_of(environ, ask)
    if auth is None:
        raise OperatorError("GETTHROUGH_API is set without GETTHROUGH_CLIENT: name the client too.")
    return Api(url.rstrip("/"), auth)


def _no_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Instead of nothing, since requests would then look into ~/.netrc."""
    return request


def credentials(
    stack: Stack, environ: Mapping[str, str] = os.environ, ask: Callable[[str], str] | None = None
) -> AuthBase:
    """A client's name and secret from the environment or a prompt; without them the operator's, out of the stack's
    secret. Never from an argument: a command line stays in the shell's history."""
    if stack.basic is not None:
        return HTTPBasicAuth(*stack.basic)
    if (auth := _client_of(environ, ask)) is not None:
        return auth
    with aws_in_words():
        noted = parts.read_part(stack.client("secretsmanager"), stack.outputs[Names.SECRET_ID], parts.OPERATOR)
    try:
        return HTTPBasicAuth(OPERATOR, noted["operator_secret"])
    except KeyError:
        raise OperatorError(
            "the stack's secret holds no operator yet: run `getthrough up`, which makes one, or set GETTHROUGH_CLIENT "
            "to a client of your own."
        ) from None


def _client_of(environ: Mapping[str, str], ask: Callable[[str], str] | None) -> AuthBase | None:
    if not (name := environ.get("GETTHROUGH_CLIENT")):
        return None
    return HTTPBasicAuth(name, environ.get("GETTHROUGH_SECRET") or _prompt(f"Secret of the client {name}: ", ask))


def _prompt(question: str, ask: Callable[[str], str] | None) -> str:
    if ask is None and not sys.stdin.isatty():
        raise OperatorError("GETTHROUGH_CLIENT is set without GETTHROUGH_SECRET: set both.")
    return (ask or getpass)(question)
