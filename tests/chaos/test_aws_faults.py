"""Three in ten calls of DynamoDB, SQS and Secrets Manager go wrong, for as long as the dispatches take.

They are throttled, answered with a 500, refused because of another write at the same moment, or their connection is
reset: before they were carried out, or after it, so that the answer is lost. Even so every dispatch that was stored
reaches its outcome, and the provider receives no step twice, and nothing for a customer who said stop. What reached a
phone is known to have arrived. Every other client has an idempotency key, and tries until it gets 202. The tick comes
every few seconds here, in place of every five minutes.

`make chaos AWS_FAULTS_DISPATCHES=200` sends so many instead of 28; that takes about a minute and a half, and 140
seconds at most.
"""

import contextlib
import itertools
import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
import requests

from tests.builders import FROM
from tests.chaos.aws_proxy import aws_proxy, until
from tests.chaos.faults import Faults
from tests.integration.scenes import over, sms
from tests.running_stack import Stack, new_number, running_stack

DISPATCHES = int(os.environ.get("AWS_FAULTS_DISPATCHES", "28"))
CLIENTS = 8
SECONDS = 40 + DISPATCHES / 2
SECONDS_BETWEEN_TICKS = 8
VISIBILITY_SECONDS = 2
LONGEST_ANSWER = 60
"""Seconds. The gateway gives up after 30, with an answer. So none is cut off by the client."""

PLANS = [
    [("on", 3)],
    [("airplane", 2)],
    [("airplane", 2), ("on", 3)],
    [("blocked", 4), ("on", 3)],
    [("airplane", 2), ("blocked", 2)],
    [("on", 4), ("on", 3)],
    [("stopped", 4), ("on", 3)],
]
"""For each dispatch its steps: how the phone is set (or that its owner said stop), and the seconds of its window."""

Plan = list[tuple[str, int]]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Faults]]:
    faults = Faults()
    with aws_proxy(faults) as settings, running_stack(tmp_path_factory.mktemp("faulty"), **settings) as stack:
        stack.aws("sqs").set_queue_attributes(
            QueueUrl=stack.queue_url, Attributes={"VisibilityTimeout": str(VISIBILITY_SECONDS)}
        )
        yield stack, faults


@pytest.mark.timeout(SECONDS + 90)
def test_every_dispatch_ends_and_no_step_is_sent_twice_while_three_in_ten_calls_of_aws_fail(
    faulty: tuple[Stack, Faults],
) -> None:
    stack, faults = faulty
    started = time.monotonic()
    plans = list(itertools.islice(itertools.cycle(PLANS), DISPATCHES))
    bodies = [new_body(stack, plan) for plan in plans]
    keys = [f"order {number}" if number % 2 else None for number in range(DISPATCHES)]
    stopped = {phone["address"] for phone in stack.simulator("GET", "/phones") if phone["messages"]}
    until(lambda: [entry["answer"] for entry in stack.simulator("GET", "/webhooks")] == [200] * len(stopped))

    faults.on = True
    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(partial(ask, stack), bodies, keys))
    sent_after = time.monotonic() - started
    ticks = tick_until_nothing_is_under_way(stack, deadline=started + SECONDS)
    over_after = time.monotonic() - started
    faults.on = False  # so that the last webhooks need no more than one more try
    until(lambda: every_webhook_has_come(stack), seconds=60)

    statuses = [answer.status_code for answer in answers]
    accepted = {answer.json()["workflow_id"] for answer in answers if answer.status_code == 202}
    stored = {item["dispatch_uuid"]: stack.dispatch(item["dispatch_uuid"]) for item in listed(stack)}
    posts = stack.simulator("GET", "/requests")
    outcomes = Counter(dispatch["outcome"] for dispatch in stored.values())
    print(f"\nanswers {dict(Counter(statuses))}, stored {len(stored)}, outcomes {dict(outcomes)}, posts {len(posts)}")
    print(f"all sent after {sent_after:.1f} s, over after {over_after:.1f} s, ticks {ticks}, calls {dict(faults.seen)}")

    assert [answer.text for answer in answers if answer.status_code != 202 and answer.status_code < 500] == []
    assert accepted <= stored.keys()
    assert all(over(dispatch) for dispatch in stored.values())
    assert [status for status, key in zip(statuses, keys, strict=True) if key and status != 202] == []
    assert len({dispatch["steps"][0]["to"] for dispatch in stored.values()}) == len(stored)  # no second one for a key
    assert posted_twice(posts) == []
    assert stopped.isdisjoint(post["body"]["to"] for post in posts)
    for dispatch in stored.values():
        assert dispatch["outcome"] == ("succeeded" if was_reported(stack, dispatch, posts) else "exhausted"), dispatch
    assert 0.2 < 1 - faults.seen["none"] / faults.seen.total() < 0.4


def ask(stack: Stack, body: dict[str, Any], key: str | None) -> requests.Response:
    """Send a message. With a key the client tries again, as it may; without one it cannot know whether it should."""
    for pause in (0.5, 1, 2, 4, 4, 4, 4):
        headers = {"Idempotency-Key": key} if key else {}
        answer = stack.api("POST", "/v1/messages", body, headers=headers, timeout=LONGEST_ANSWER)
        if key is None or answer.status_code < 500:
            return answer
        time.sleep(pause)
    return answer


def new_body(stack: Stack, plan: Plan) -> dict[str, Any]:
    """A request to phones of its own, set as planned."""
    messages = []
    for mode, window in plan:
        number = new_number()
        stack.simulator("PUT", f"/phones/sms/{number}", {"mode": "on" if mode == "stopped" else mode})
        if mode == "stopped":
            stack.simulator("POST", f"/phones/sms/{number}/reply", {"text": "STOP", "to": FROM})
        messages.append(sms(number, expiry_time=window))
    first, *others = messages
    return {**first, "failover": others} if others else first


def tick_until_nothing_is_under_way(stack: Stack, deadline: float) -> int:
    """How many ticks it took."""
    for ticks in itertools.count():
        next_tick = time.monotonic() + SECONDS_BETWEEN_TICKS
        while time.monotonic() < next_tick:
            if not (left := under_way(stack)):
                return ticks
            assert time.monotonic() < deadline, f"{len(left)} dispatches are still under way: {left}"
            time.sleep(0.3)
        with contextlib.suppress(AssertionError):  # a tick that failed; the next makes up for it
            stack.invoke("TickFunction", {})
    raise AssertionError


def under_way(stack: Stack) -> list[str]:
    """The dispatches that are stored and have no outcome, read past the faults."""
    pages = (
        stack.aws("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=stack.table_name,
            FilterExpression="sk = :sk AND attribute_not_exists(outcome)",
            ExpressionAttributeValues={":sk": {"S": "DISPATCH"}},
        )
    )
    return [item["pk"]["S"] for page in pages for item in page["Items"]]


def every_webhook_has_come(stack: Stack) -> bool:
    attempts = stack.simulator("GET", "/webhooks")
    events = {
        (entry["message_uuid"], entry["body"].get("status")): entry["answer"] for entry in attempts
    }  # the last try
    return all(answer == 200 for answer in events.values())


def listed(stack: Stack) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        page = stack.api("GET", "/v1/dispatches", params={"limit": 50, "cursor": cursor}).json()
        yield from page["dispatches"]
        if (cursor := page["cursor"]) is None:
            return


def posted_twice(posts: list[dict[str, Any]]) -> list[str]:
    times = Counter(post["body"]["client_ref"] for post in posts)
    return [message_uuid for message_uuid, number in times.items() if number > 1]


def was_reported(stack: Stack, dispatch: dict[str, Any], posts: list[dict[str, Any]]) -> bool:
    """Whether any of its messages is on a phone."""
    posted = {post["body"]["client_ref"] for post in posts}
    numbers = [step["to"] for step in dispatch["steps"] if step["message_uuid"] in posted]
    return any(stack.simulator("GET", f"/phones/sms/{number}")["mode"] == "on" for number in numbers)
