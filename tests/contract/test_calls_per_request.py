"""What each request costs, in calls to AWS: counted, so that none is added unnoticed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from getthrough.adapters import aws
from getthrough.adapters.dynamo import DynamoDispatches, DynamoInboundMessages, DynamoOptOuts, DynamoStatusEvents
from getthrough.adapters.timers import SqsTimers
from getthrough.domain.identifiers import message_uuid
from getthrough.domain.message import parse_messages_request
from getthrough.domain.ports import Due
from getthrough.domain.webhook import parse_inbound, parse_status
from getthrough.usecases.advance_dispatch import advance_dispatch
from getthrough.usecases.queue_due import queue_due
from getthrough.usecases.read_dispatches import read_dispatch
from getthrough.usecases.receive_inbound import receive_inbound
from getthrough.usecases.record_status import record_status
from getthrough.usecases.send_dispatch import send_dispatch
from tests.builders import FIRST, FROM, message, status_payload
from tests.contract.conftest import RETENTION, create_table
from tests.fakes import FakeClock, FakeGateway, FakeIds


class Counted:
    """The use-cases on the real adapters, and every call that they make."""

    def __init__(self, table: str, queue_url: str) -> None:
        self.clock, self.gateway, self.calls = FakeClock(), FakeGateway(), list[str]()
        self.dispatches = DynamoDispatches(table, RETENTION)
        self.events = DynamoStatusEvents(table, RETENTION)
        self.messages = DynamoInboundMessages(table, RETENTION)
        self.opt_outs = DynamoOptOuts(table)
        self.timers = SqsTimers(queue_url, self.clock)
        for service in ("dynamodb", "sqs"):
            aws.client(service).meta.events.register("before-call", self._note)

    def _note(self, model: Any, **_: object) -> None:
        self.calls.append(model.name)

    def of(self, work: Any) -> list[str]:
        self.calls.clear()
        work()
        return list(self.calls)

    def send(self, **fields: Any) -> str:
        sent = send_dispatch(
            parse_messages_request(message(**fields)),
            "bakery",
            dispatches=self.dispatches,
            timers=self.timers,
            gateway=self.gateway,
            clock=self.clock,
            new_id=FakeIds(),
        )
        return sent.dispatch.dispatch_uuid

    def advance(self, dispatch_uuid: str) -> None:
        advance_dispatch(
            Due(dispatch_uuid, self.clock()),
            dispatches=self.dispatches,
            timers=self.timers,
            gateway=self.gateway,
            clock=self.clock,
            new_id=FakeIds(100),
        )

    def tell(self, dispatch_uuid: str, status: str) -> None:
        payload = status_payload(status, client_ref=message_uuid(dispatch_uuid, 0))
        event = parse_status(payload, received_at=self.clock())
        record_status(event, dispatches=self.dispatches, events=self.events, timers=self.timers, clock=self.clock)


@pytest.fixture
def counted(aws_environment: pytest.MonkeyPatch) -> Iterator[Counted]:
    with mock_aws():
        yield Counted(create_table(), boto3.client("sqs").create_queue(QueueName="timers")["QueueUrl"])


PLAIN_SEND = ["TransactWriteItems", "PutItem", "PutItem"]


def test_a_plain_send_is_a_claim_an_answer_and_a_reference(counted: Counted) -> None:
    assert counted.of(counted.send) == PLAIN_SEND


def test_a_short_window_arms_two_timers(counted: Counted) -> None:
    claim, answer, reference = PLAIN_SEND

    assert counted.of(lambda: counted.send(expiry_time=15)) == [
        "SendMessageBatch",
        claim,
        answer,
        "SendMessageBatch",
        reference,
    ]


def test_a_webhook_is_a_put_a_read_and_a_put(counted: Counted) -> None:
    dispatch_uuid = counted.send()

    assert counted.of(lambda: counted.tell(dispatch_uuid, "submitted")) == ["PutItem", "GetItem", "PutItem"]


def test_a_copy_of_a_webhook_writes_nothing(counted: Counted) -> None:
    dispatch_uuid = counted.send()
    counted.tell(dispatch_uuid, "submitted")

    assert counted.of(lambda: counted.tell(dispatch_uuid, "submitted")) == ["PutItem", "GetItem"]  # the put fails


def test_a_webhook_that_sets_off_the_next_step_arms_one_timer_more(counted: Counted) -> None:
    dispatch_uuid = counted.send(failover=[message()])

    assert counted.of(lambda: counted.tell(dispatch_uuid, "rejected")) == [
        "PutItem",
        "GetItem",
        "PutItem",
        "SendMessageBatch",
    ]


def test_a_timer_for_what_is_over_is_one_read(counted: Counted) -> None:
    dispatch_uuid = counted.send()
    counted.tell(dispatch_uuid, "delivered")

    assert counted.of(lambda: counted.advance(dispatch_uuid)) == ["GetItem"]


def test_a_fallback_is_a_read_and_what_a_send_is(counted: Counted) -> None:
    dispatch_uuid = counted.send(expiry_time=15, failover=[message()])
    counted.clock.advance(16)

    assert counted.of(lambda: counted.advance(dispatch_uuid)) == ["GetItem", *PLAIN_SEND]


def test_an_idle_tick_is_one_query_per_shard(counted: Counted) -> None:
    tick = lambda: queue_due(dispatches=counted.dispatches, timers=counted.timers, clock=counted.clock)  # noqa: E731

    assert counted.of(tick) == ["Query"] * 4


def test_a_timeline_is_a_read_and_a_query(counted: Counted) -> None:
    dispatch_uuid = counted.send()
    counted.tell(dispatch_uuid, "delivered")

    reading = counted.of(lambda: read_dispatch(dispatch_uuid, dispatches=counted.dispatches, events=counted.events))

    assert reading == ["GetItem", "Query"]


@pytest.mark.parametrize(("text", "calls"), [("On my way", ["PutItem"]), ("STOP", ["PutItem", "PutItem"])])
def test_an_inbound_message_is_one_put_and_a_stop_one_more(counted: Counted, text: str, calls: list[str]) -> None:
    payload = {"channel": "sms", "message_uuid": "in-1", "from": FIRST, "to": FROM, "text": text}
    received = parse_inbound(payload, received_at=counted.clock() + timedelta(seconds=1))

    assert counted.of(lambda: receive_inbound(received, messages=counted.messages, opt_outs=counted.opt_outs)) == calls
