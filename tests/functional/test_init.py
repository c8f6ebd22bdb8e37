"""What Lambda's init prepares: the first invocation builds no client, reads no secret and loads no key."""

import importlib
import json
from collections.abc import Iterator
from unittest.mock import Mock

import pytest

from getthrough.adapters import aws, rsa_key, tokens
from getthrough.handlers import _init, inbound, query, send, status
from tests.builders import basic, message
from tests.functional.aws_in_memory import Aws, aws_in_memory, bearer
from tests.secret import CLIENT, CLIENT_SECRET


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with aws_in_memory(monkeypatch) as stack:
        yield stack


def starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lambda imports each function's module."""
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
    for module in (send, status, inbound, query):
        importlib.reload(module)


def test_the_first_invocations_find_clients_secret_and_key_ready(stack: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    load = Mock(side_effect=rsa_key.load_private_key)
    monkeypatch.setattr(tokens, "load_private_key", load)
    starts(monkeypatch)
    prepared = aws.client.cache_info().misses, load.call_count

    body = json.dumps(message()).encode()
    assert stack.post("/v1/messages", body, **basic(CLIENT, CLIENT_SECRET))["statusCode"] == 202
    assert stack.post("/status", b"[]", authorization=bearer(b"[]"))["statusCode"] == 200
    assert prepared == (aws.client.cache_info().misses, load.call_count) == (4, 1)


def test_where_aws_fails_in_init_the_function_starts_and_the_invocation_reports_it(
    stack: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.without_secret()
    starts(monkeypatch)

    assert stack.post("/status", b"[]", authorization=bearer(b"[]"))["statusCode"] == 503


def test_elsewhere_than_on_lambda_nothing_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_INITIALIZATION_TYPE", raising=False)
    _init.during_init("dynamodb", also=(lambda: pytest.fail("prepared"),))
