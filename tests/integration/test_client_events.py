"""The client's own systems on the running local stack: signed webhooks, and the same events on the bus."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.described import violations_of_event
from tests.integration.scenes import over, send, sms, until, until_a_new_rule_counts
from tests.provider import Provider, answer, serve
from tests.running_stack import Stack, new_number, running_stack

Event = dict[str, Any]


@pytest.fixture(scope="module")
def stacks_receiver() -> Iterator[Provider]:
    """Where the stack's CallbackUrl leads."""
    with serve() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def stack(stacks_receiver: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("stack"), CALLBACK_URL=f"{stacks_receiver.url}/stack") as stack:
        yield stack


@pytest.fixture
def receiver() -> Iterator[Provider]:
    """The webhook_url of one test's messages."""
    with serve() as receiver:
        receiver.answers = [answer(204, b"")]
        yield receiver


@pytest.fixture
def heard(stack: Stack) -> Iterator[Callable[[], list[Event]]]:
    """What a rule for everything of ours hears, in a queue of the client's own."""
    events, sqs = stack.aws("events"), stack.aws("sqs")
    queue_url = sqs.create_queue(QueueName="of-the-client")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus = {"EventBusName": stack.event_bus_name}
    events.put_rule(Name="all", EventPattern=json.dumps({"source": ["getthrough"]}), **bus)
    events.put_targets(Rule="all", Targets=[{"Id": "queue", "Arn": arn}], **bus)
    until_a_new_rule_counts()
    found: list[Event] = []

    def listen() -> list[Event]:
        answer = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        return found

    yield listen
    events.remove_targets(Rule="all", Ids=["queue"], **bus)
    events.delete_rule(Name="all", **bus)
    sqs.delete_queue(QueueUrl=queue_url)


def verified(stack: Stack, receiver: Provider) -> dict[str, Event]:
    """What a receiver got, by the events' ids: each has a good signature, and the shape of its schema.

    A copy may come at any time. The wait is limited, with a margin for a busy computer.
    """
    found: dict[str, Event] = {}
    for request in list(receiver.received):
        event: Event = Webhook(stack.callback_secret).verify(request.body, dict(request.headers))
        assert violations_of_event(event) == []
        assert found.setdefault(request.headers["webhook-id"], event) == event
    return found


def test_each_status_and_the_outcome_come_signed_to_where_the_message_says(stack: Stack, receiver: Provider) -> None:
    body = sms(new_number(), client_ref="order 7", webhook_url=f"{receiver.url}/events?key=1")
    dispatch = stack.wait_for_dispatch(send(stack, body), over)

    until(lambda: len(verified(stack, receiver)) >= 3)
    events = verified(stack, receiver).values()

    reported = {(event["type"], event["data"].get("status"), event["data"].get("outcome")): event for event in events}
    assert set(reported) == {
        ("message.status", "submitted", None),
        ("message.status", "delivered", None),
        ("dispatch.finished", "delivered", "succeeded"),
    }
    assert {request.path for request in receiver.received} == {"/events?key=1"}
    assert len(events) == 3
    for event in events:
        assert event["data"]["dispatch_uuid"] == dispatch["dispatch_uuid"]
        assert event["data"]["client_ref"] == "order 7"
    delivered = reported["message.status", "delivered", None]["data"]
    assert delivered["message_uuid"] == dispatch["steps"][0]["message_uuid"]
    assert delivered["vonage_message_uuid"] == dispatch["steps"][0]["vonage_message_uuid"]
    assert (delivered["step"], delivered["to"]) == (0, body["to"])
    finished = reported["dispatch.finished", "delivered", "succeeded"]["data"]
    for name in ("outcome", "succeeded_by", "late", "usage", "double_messages", "created_at"):
        assert finished[name] == dispatch[name]


def test_a_fallbacks_events_come_to_where_the_first_message_says(stack: Stack, receiver: Provider) -> None:
    first, second = new_number(), new_number()
    stack.simulator("PUT", f"/phones/sms/{first}", {"mode": "blocked"})

    send(stack, sms(first, expiry_time=600, webhook_url=receiver.url, failover=[sms(second)]))

    def reported() -> set[tuple[Any, ...]]:
        events = verified(stack, receiver).values()
        return {(event["type"], event["data"].get("step"), event["data"].get("status")) for event in events}

    until(lambda: len(reported()) >= 5)
    assert reported() == {
        ("message.status", 0, "submitted"),
        ("message.status", 0, "rejected"),
        ("message.status", 1, "submitted"),
        ("message.status", 1, "delivered"),
        ("dispatch.finished", None, "delivered"),
    }
    statuses = [event["data"] for event in verified(stack, receiver).values()]
    [rejected] = [data for data in statuses if data["status"] == "rejected"]
    assert rejected["error"]["title"] == "1280"


def test_a_receiver_that_failed_gets_the_same_event_again(stack: Stack, receiver: Provider) -> None:
    receiver.answers = [answer(500, b""), answer(503, b""), answer(200)]

    send(stack, sms(new_number(), webhook_url=receiver.url))

    until(lambda: len(receiver.received) >= 5)
    ids = [request.headers["webhook-id"] for request in receiver.received]
    assert set(ids) == set(verified(stack, receiver))
    assert len(set(ids)) == 3


def test_the_bus_has_the_same_events(stack: Stack, receiver: Provider, heard: Callable[[], list[Event]]) -> None:
    dispatch_uuid = send(stack, sms(new_number(), webhook_url=receiver.url))

    def ours() -> list[Event]:
        return [event for event in heard() if event["detail"].get("dispatch_uuid") == dispatch_uuid]

    until(lambda: len(verified(stack, receiver)) >= 3 and len({event["detail"]["id"] for event in ours()}) >= 3)
    on_bus = {event["detail"]["id"]: (event["detail-type"], event["detail"]) for event in ours()}
    assert on_bus == {
        identifier: (event["type"], {**event["data"], "id": identifier})
        for identifier, event in verified(stack, receiver).items()
    }


def test_a_customers_messages_and_consent_reach_the_stacks_own_address(stack: Stack, stacks_receiver: Provider) -> None:
    number = new_number()
    stack.wait_for_dispatch(send(stack, sms(number)), over)

    def reported() -> list[Event]:
        events = verified(stack, stacks_receiver).values()
        return [event for event in events if number in (event["data"].get("from"), event["data"].get("address"))]

    for word, count in (("STOP", 2), ("START", 4)):
        stack.simulator("POST", f"/phones/sms/{number}/reply", {"text": word})
        until(lambda count=count: len(reported()) >= count)  # type: ignore[misc]

    assert sorted((event["type"], event["data"].get("text"), event["data"].get("by")) for event in reported()) == [
        ("contact.opted_in", None, "customer"),
        ("contact.opted_out", None, "customer"),
        ("message.received", "START", None),
        ("message.received", "STOP", None),
    ]
    assert {request.path for request in stacks_receiver.received} == {"/stack"}


def test_no_event_is_lost_while_aws_fails(stack: Stack, receiver: Provider) -> None:
    sqs = stack.aws("sqs")
    attributes = sqs.get_queue_attributes(QueueUrl=stack.callback_queue_url, AttributeNames=["VisibilityTimeout"])
    sqs.delete_queue(QueueUrl=stack.callback_queue_url)
    failures = stack.logs().get("PublishFunction", "").count("changes not published yet")

    dispatch_uuid = send(stack, sms(new_number(), webhook_url=receiver.url))
    stack.wait_for_dispatch(dispatch_uuid, over)
    until(lambda: stack.logs().get("PublishFunction", "").count("changes not published yet") > failures + 1)
    assert receiver.received == []
    name = stack.callback_queue_url.rpartition("/")[2]
    sqs.create_queue(QueueName=name, Attributes=attributes["Attributes"])

    until(lambda: len(verified(stack, receiver)) >= 3)
    events = verified(stack, receiver).values()
    assert {event["data"]["dispatch_uuid"] for event in events} == {dispatch_uuid}


def test_the_logs_name_neither_the_receiver_nor_the_customer(stack: Stack, receiver: Provider) -> None:
    number = new_number()
    send(stack, sms(number, webhook_url=f"{receiver.url}/telltale?telltale", client_ref="telltale"))
    until(lambda: len(receiver.received) >= 3)

    functions = ("PublishFunction", "CallbackFunction")
    until(lambda: set(functions) <= set(stack.logs()))
    logs = stack.logs()
    for function in functions:
        assert [word for word in ("telltale", number, receiver.url, "whsec_") if word in logs[function]] == []
