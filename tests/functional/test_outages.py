"""A channel that is down, at the edges: what a client sees, and what a stack without outages does."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from getthrough.adapters.channel_health import DynamoChannelHealth
from getthrough.adapters.system import utc_now
from getthrough.domain.message.outages import Known
from getthrough.domain.values.rfc3339 import to_text
from getthrough.handlers import query
from tests.builders import SECOND, api_event, basic, message
from tests.functional.aws_in_memory import CONTEXT, Aws, aws_in_memory, forget
from tests.secret import CLIENT, CLIENT_SECRET

MINUTE = timedelta(minutes=1)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with aws_in_memory(monkeypatch) as stack:
        yield stack


def read(route: str, **path: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(
        query.handler(api_event(route, headers=basic(CLIENT, CLIENT_SECRET), path=path), CONTEXT)["body"]
    )
    return answer


def break_down(stack: Aws) -> None:
    """PublishFunction has heard of many messages that failed."""
    now = utc_now()
    DynamoChannelHealth(stack.table_name, utc_now).note([Known("whatsapp 44", False, now, now)] * 20)


def skipped(stack: Aws, **fields: Any) -> int:
    """How many of some messages, of which each has a fallback, are left to it."""
    stack.gateway.sent.clear()
    body = message(channel="whatsapp", **{"from": "447700900000"}, failover=[message(to=SECOND)], **fields)
    for _ in range(12):
        assert (
            stack.post("/v1/messages", json.dumps(body).encode(), **basic(CLIENT, CLIENT_SECRET))["statusCode"] == 202
        )
    return 12 - len(stack.gateway.sent)


def test_messages_that_allow_it_are_left_to_their_fallback_and_the_api_says_why(stack: Aws) -> None:
    assert read("GET /v1/health") == {"channels": []}
    break_down(stack)
    forget()
    assert skipped(stack, when_down="skip") >= 4, "but for a probe here and there"

    [channel] = read("GET /v1/health")["channels"]
    assert (channel["channel"], channel["country_code"], channel["state"]) == ("whatsapp", "44", "down")
    assert to_text(utc_now() - MINUTE) < channel["since"] <= to_text(utc_now())
    newest = read("GET /v1/dispatches")["dispatches"]
    timelines = [
        read("GET /v1/dispatches/{dispatch_uuid}", dispatch_uuid=one["dispatch_uuid"])["timeline"] for one in newest
    ]
    assert any(entry["event"] == "channel_down" for timeline in timelines for entry in timeline)
    assert skipped(stack, when_down="wait") == skipped(stack) == 0


def test_a_stack_may_allow_it_for_all_messages_that_say_nothing(stack: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHEN_DOWN", "skip")
    forget()
    break_down(stack)

    assert skipped(stack) >= 4
    assert skipped(stack, when_down="wait") == 0


def test_what_it_may_be_is_checked(stack: Aws) -> None:
    body = json.dumps(message(when_down="never")).encode()
    refused = stack.post("/v1/messages", body, **basic(CLIENT, CLIENT_SECRET))

    assert (refused["statusCode"], refused["body"]["invalid_parameters"]) == (
        422,
        [{"name": "when_down", "reason": "must be one of skip, wait."}],
    )
