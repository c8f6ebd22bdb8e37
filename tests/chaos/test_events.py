"""While three in ten calls of AWS go wrong, and three in ten of the receiver's answers are 500 or never come, every
status that was stored and every outcome reaches the receiver, signed, under one id for all of its copies. And so it
does when a worker dies before or after the call by which an event moves on.
"""

import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.chaos.ambush import Ambush
from tests.chaos.aws_proxy import aws_proxy, until
from tests.chaos.faults import Faults
from tests.integration.scenes import sms
from tests.provider import Handler, Provider, answer, hang_up, serve
from tests.running_stack import Stack, new_number, running_stack

DISPATCHES = 8
VISIBILITY_SECONDS = "2"
SHARE_OF_BAD_ANSWERS = 0.3


@pytest.fixture(scope="module")
def receiver() -> Iterator[Provider]:
    dice = random.Random(7)

    def misbehave(handler: Handler) -> None:
        bad = dice.random() < SHARE_OF_BAD_ANSWERS
        (dice.choice([answer(500, b""), hang_up]) if bad else answer(204, b""))(handler)

    with serve() as receiver:
        receiver.answers = [misbehave]
        yield receiver


@pytest.fixture(scope="module")
def faulty(receiver: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Faults]]:
    faults = Faults()
    folder = tmp_path_factory.mktemp("events")
    with aws_proxy(faults) as settings, running_stack(folder, CALLBACK_URL=receiver.url, **settings) as stack:
        for url in (stack.queue_url, stack.callback_queue_url):
            attributes = {"VisibilityTimeout": VISIBILITY_SECONDS}
            stack.aws("sqs").set_queue_attributes(QueueUrl=url, Attributes=attributes)
        yield stack, faults


@pytest.mark.timeout(240)
def test_no_event_is_lost_while_aws_and_the_receiver_fail(faulty: tuple[Stack, Faults], receiver: Provider) -> None:
    stack, faults = faulty
    started = time.monotonic()
    faults.on = True
    for _ in range(DISPATCHES):
        number = new_number()
        stack.simulator("PUT", f"/phones/sms/{number}", {"mode": "on"})
        body = sms(number, expiry_time=30)
        for _ in range(8):  # a client that asks again with its key until it gets 202
            headers = {"Idempotency-Key": number}
            if stack.api("POST", "/v1/messages", body, headers=headers, timeout=60).status_code == 202:
                break
            time.sleep(0.5)
        until(partial(has_message, stack, number), seconds=60)  # what could not be sent at once is tried again
        stack.simulator("POST", f"/phones/sms/{number}/reply", {"text": "STOP"})
    until(lambda: is_completed(stack), seconds=90)
    wanted = stored(stack)
    until(lambda: wanted <= {reported(event) for event in received(stack, receiver).values()}, seconds=90)
    faults.on = False

    copies = len(receiver.received) - len(received(stack, receiver))
    print(
        f"\n{len(wanted)} events, {copies} copies, {time.monotonic() - started:.0f} s, calls of AWS {dict(faults.seen)}"
    )
    kinds = {kind for kind, *_ in wanted}
    assert kinds == {"message.status", "dispatch.finished", "message.received", "contact.opted_out"}
    for kind, identifier, *_ in {reported(event) for event in received(stack, receiver).values()} - wanted:
        # Stopped by the customer's answer, before the delivery was reported that made a success of it.
        assert kind == "dispatch.finished"
        assert (kind, identifier, "succeeded") in wanted
    assert copies > 0
    assert 0.2 < 1 - faults.seen["none"] / faults.seen.total() < 0.4


@pytest.fixture(scope="module")
def ambushed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Ambush]]:
    ambush = Ambush()
    with aws_proxy(ambush) as settings, running_stack(tmp_path_factory.mktemp("kills"), **settings) as stack:
        attributes = {"VisibilityTimeout": VISIBILITY_SECONDS}
        stack.aws("sqs").set_queue_attributes(QueueUrl=stack.callback_queue_url, Attributes=attributes)
        yield stack, ambush


@pytest.mark.skipif(sys.platform != "linux", reason="a worker is found through /proc")
@pytest.mark.parametrize("carried_out", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("function", ["PublishFunction", "CallbackFunction"])
def test_no_event_is_lost_when_a_worker_dies(ambushed: tuple[Stack, Ambush], function: str, carried_out: bool) -> None:
    """PublishFunction where it puts webhooks on their queue, CallbackFunction where it puts back one that failed."""
    stack, ambush = ambushed
    ambush.clear()
    with serve() as receiver:
        receiver.answers = [answer(500, b""), answer(204, b"")]
        trap = ambush.kill_at(function, "arm", carried_out=carried_out)

        response = stack.api("POST", "/v1/messages", sms(new_number(), webhook_url=receiver.url))

        trap.wait()
        identifier = response.json()["workflow_id"]
        wanted = {("message.status", identifier, status) for status in ("submitted", "delivered")}
        wanted.add(("dispatch.finished", identifier, "succeeded"))
        until(lambda: {reported(event) for event in received(stack, receiver).values()} == wanted, seconds=40)


def has_message(stack: Stack, number: str) -> bool:
    return bool(stack.simulator("GET", f"/phones/sms/{number}")["messages"])


def is_completed(stack: Stack) -> bool:
    """Every webhook of Vonage's has been taken, and every dispatch has an outcome."""
    attempts = stack.simulator("GET", "/webhooks")
    last = {(entry["message_uuid"], entry["body"].get("status")): entry["answer"] for entry in attempts}
    outcomes = [item.get("outcome") for item in items(stack) if item["sk"] == "DISPATCH"]
    return len(last) == 3 * DISPATCHES and set(last.values()) == {200} and len(outcomes) == DISPATCHES and all(outcomes)


def items(stack: Stack) -> list[dict[str, Any]]:
    """Their texts, read past the faults."""
    pages = stack.aws("dynamodb").get_paginator("scan").paginate(TableName=stack.table_name)
    return [
        {name: value["S"] for name, value in item.items() if "S" in value} for page in pages for item in page["Items"]
    ]


def stored(stack: Stack) -> set[tuple[Any, ...]]:
    """What happened according to the table, in the form that `reported` has."""
    found: set[tuple[Any, ...]] = set()
    for item in items(stack):
        pk, sk = item["pk"], item["sk"].partition("#")[0]
        if sk == "DISPATCH":
            found.add(("dispatch.finished", pk.removeprefix("DISPATCH#"), item["outcome"]))
        elif sk == "EVENT":
            found.add(("message.status", pk.removeprefix("DISPATCH#"), json.loads(item["body"])["status"]))
        elif sk == "CONTACT":
            found.add(("contact.opted_out", item["address"]))
        elif "body" in item:
            found.add(("message.received", pk.rpartition("#")[2]))
    return found


def reported(event: dict[str, Any]) -> tuple[Any, ...]:
    data = event["data"]
    match event["type"]:
        case "dispatch.finished":
            return event["type"], data["dispatch_uuid"], data["outcome"]
        case "message.status":
            return event["type"], data["dispatch_uuid"], data["status"]
        case "message.received":
            return event["type"], data["from"]
        case _:
            return event["type"], data["address"]


def received(stack: Stack, receiver: Provider) -> dict[str, dict[str, Any]]:
    """The events by their id: each copy of one has a good signature and the same body."""
    verifier = Webhook(stack.callback_secret)
    bodies: dict[str, set[bytes]] = defaultdict(set)
    for request in list(receiver.received):
        verifier.verify(request.body, dict(request.headers))
        bodies[request.headers["webhook-id"]].add(request.body)
    assert [identifier for identifier, copies in bodies.items() if len(copies) > 1] == []
    return {identifier: json.loads(next(iter(copies))) for identifier, copies in bodies.items()}
