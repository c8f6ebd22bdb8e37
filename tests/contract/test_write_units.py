"""What DynamoDB charges for the writes of each kind of dispatch, by its own rules, so that no write is added unnoticed.
docs/costs.md has the same figures."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from bench.write_units import Meter
from getthrough.adapters import aws
from getthrough.domain.dispatch.dispatch import Answer
from tests.builders import message
from tests.contract.conftest import create_table
from tests.contract.test_calls_per_request import Counted
from tests.fakes import FakeClock, FakeGateway
from tests.in_memory import own_clients

COSTS = Path(__file__).parents[2] / "docs" / "costs.md"
PLAIN, TWO_STEPS, RECIPIENT = 11, 21, 17
EACH = {
    "claim: the dispatch, and its entries in both indexes": 3,
    "note in the contact's conversation": 1,
    "answer: the dispatch": 1,
    "reference: Vonage's id": 1,
    "first status": 1,
    "the dispatch with it": 1,
    "second status": 1,
    "the dispatch with it, which ends: its entry in the tick's index goes": 2,
}
"""What each write of a plain SMS costs, in their order."""


class Provider(FakeGateway):
    """Answers after a moment, as a real one does: the window begins with the answer, not with the claim."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def submit(self, message: Mapping[str, Any]) -> Answer:
        """With ids as long as Vonage's."""
        self._clock.advance(0.234)
        answer = super().submit(message)
        return replace(answer, vonage_message_uuid=f"{answer.vonage_message_uuid}".rjust(36, "0"))


@pytest.fixture
def counted(in_memory: None, monkeypatch: pytest.MonkeyPatch) -> Counted:
    own_clients(monkeypatch)
    counted = Counted(create_table(), aws.client("sqs").create_queue(QueueName="timers")["QueueUrl"])
    counted.gateway = Provider(counted.clock)
    return counted


@pytest.fixture
def meter(counted: Counted) -> Meter:
    return Meter(aws.client("dynamodb"), boto3.client("dynamodb"), "getthrough")


def tell(counted: Counted, dispatch_uuid: str, *statuses: str, step: int = 0) -> None:
    """Webhooks, a second apart."""
    for status in statuses:
        counted.clock.advance(1)
        usage = {"currency": "EUR", "price": "0.0333"}
        counted.tell(dispatch_uuid, status, step, message_uuid=f"{dispatch_uuid}-{step}", usage=usage)


def test_the_page_about_costs_has_the_same_figures() -> None:
    costs = COSTS.read_text(encoding="utf-8")

    assert f"{PLAIN} write units" in costs
    assert f"{TWO_STEPS} write units" in costs
    assert f"{RECIPIENT} write units" in costs


def test_a_plain_sms_and_its_two_webhooks(counted: Counted, meter: Meter) -> None:
    dispatch_uuid = counted.send()
    tell(counted, dispatch_uuid, "submitted", "delivered")

    assert meter.units == PLAIN, meter.written
    assert [written.units for written in meter.written] == list(EACH.values())
    table = re.findall(r"^\| ([^|]+) \| (\d+) \|$", COSTS.read_text(encoding="utf-8"), re.M)
    assert {what: int(units) for what, units in table} == EACH


def test_two_steps_and_their_four_webhooks(counted: Counted, meter: Meter) -> None:
    dispatch_uuid = counted.send(expiry_time=600, failover=[message()])
    tell(counted, dispatch_uuid, "submitted")
    counted.clock.advance(601)
    counted.advance(dispatch_uuid)
    tell(counted, dispatch_uuid, "submitted", "delivered", step=1)
    tell(counted, dispatch_uuid, "delivered")

    assert meter.units == TWO_STEPS, meter.written


def test_one_more_recipient_of_a_batch_and_the_two_webhooks(counted: Counted, meter: Meter) -> None:
    def units_of_a_batch(recipients: int) -> int:
        before = meter.units
        batch_uuid = counted.accept(recipients)
        counted.run(batch_uuid)
        for number in range(recipients):
            dispatch_uuid = counted.member(batch_uuid, number).dispatch_uuid
            counted.clock.advance(1)
            counted.advance(dispatch_uuid)
            tell(counted, dispatch_uuid, "submitted", "delivered")
        return meter.units - before

    units_of_a_batch(1)  # the environment knows the account's bucket from then on
    assert units_of_a_batch(3) - units_of_a_batch(2) == RECIPIENT, meter.written
