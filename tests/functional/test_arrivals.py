"""Automatic windows through the functions: the stream counts arrivals, the API lists them, a message waits by them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from getthrough.handlers import query, tally
from tests.builders import FROM, SECOND, api_event, basic, message, status_payload
from tests.functional.aws_in_memory import CONTEXT, Aws, aws_in_memory, bearer
from tests.secret import CLIENT, CLIENT_SECRET

KNOWN = basic(CLIENT, CLIENT_SECRET)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with aws_in_memory(monkeypatch) as stack:
        yield stack


def send(stack: Aws) -> str:
    body = message(expiry_time="auto", failover=[message(to=SECOND)])
    answer = stack.post("/v1/messages", json.dumps(body).encode(), **KNOWN)
    assert answer["statusCode"] == 202, answer
    return str(answer["body"]["workflow_id"])


def deliver(stack: Aws, dispatch_uuid: str) -> None:
    now = datetime.now(UTC).isoformat()
    body = json.dumps(status_payload("delivered", client_ref=f"{dispatch_uuid[:-2]}01", timestamp=now)).encode()
    assert stack.post("/status", body, authorization=bearer(body))["statusCode"] == 200


def item(stack: Aws, dispatch_uuid: str) -> dict[str, Any]:
    return next(it for it in stack.items() if it["pk"]["S"].endswith(dispatch_uuid) and it["sk"]["S"] == "DISPATCH")


def tell(*changes: tuple[dict[str, Any], dict[str, Any]]) -> None:
    records = [
        {"eventName": "MODIFY", "dynamodb": {"SequenceNumber": f"{number}", "OldImage": before, "NewImage": after}}
        for number, (before, after) in enumerate(changes)
    ]
    assert tally.handler({"Records": records}, CONTEXT) == {"batchItemFailures": []}


def ask(route: str, **parameters: Any) -> Any:
    answer = query.handler(api_event(route, headers=KNOWN, **parameters), CONTEXT)
    return answer["statusCode"], json.loads(answer["body"])


def test_what_the_stream_counts_is_listed_and_the_next_message_waits_by_it(stack: Aws) -> None:
    dispatch_uuid = send(stack)
    before = item(stack, dispatch_uuid)
    deliver(stack, dispatch_uuid)
    after = item(stack, dispatch_uuid)

    tell(*[(before, after)] * 60, (after, after))

    status, listed = ask("GET /v1/arrivals")
    [arrivals] = listed["arrivals"]
    assert (status, listed["cursor"]) == (200, None)
    assert {name: arrivals[name] for name in ("channel", "country", "sender", "cut", "open", "failed")} == {
        "channel": "sms",
        "country": "44",
        "sender": FROM,
        "cut": [],
        "open": 0,
        "failed": 0,
    }
    assert [bucket["messages"] for bucket in arrivals["arrived"]] == [60]

    _, shown = ask("GET /v1/dispatches/{dispatch_uuid}", path={"dispatch_uuid": send(stack)})
    entry = next(entry for entry in shown["timeline"] if entry["event"] == "window_chosen")
    assert (entry["why"], entry["arrivals"], entry["seconds"]) == ("learned", 60, shown["steps"][0]["expiry_time"])
    assert ask("GET /v1/arrivals", query={"limit": "0"})[0] == 422
