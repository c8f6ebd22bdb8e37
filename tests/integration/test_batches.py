"""One message to many, on the running stack: in turns, filled in, counted, cancelled."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from getthrough.domain.values.rfc3339 import from_text, to_text
from tests.integration.scenes import LATEST, received, until
from tests.running_stack import Stack, new_number

Json = dict[str, Any]

HELLO: Json = {
    "channel": "sms",
    "message_type": "text",
    "from": "Bakery",
    "text": "{{ name }}, your cupcakes are ready.",
}
RATE = 10


def accept(stack: Stack, numbers: list[str], message: Json = HELLO, headers: Any = None, **fields: Any) -> Json:
    recipients = [{"to": number, "variables": {"name": f"Ann {number[-3:]}"}} for number in numbers]
    body = {"message": message, "recipients": recipients, "rate": RATE, **fields}
    response = stack.api("POST", "/v1/batches", body, headers=headers or {})
    assert response.status_code == 202, response.text
    accepted: Json = response.json()
    return accepted


def wait_for(stack: Stack, batch_uuid: str, condition: Callable[[Json], bool], seconds: float = 60) -> Json:
    deadline = time.monotonic() + seconds
    while not condition(batch := stack.api("GET", f"/v1/batches/{batch_uuid}").json()):
        assert time.monotonic() < deadline, batch
        time.sleep(0.2)
    return dict(batch)


def numbers_of(many: int) -> list[str]:
    return [new_number() for _ in range(many)]


def test_everyone_gets_their_own_message_in_turn_and_all_is_counted(shared_stack: Stack) -> None:
    stack, numbers = shared_stack, numbers_of(60)
    stack.simulator("PUT", f"/phones/whatsapp/{numbers[7]}", {"mode": "airplane"})
    stack.simulator("PUT", f"/phones/whatsapp/{numbers[8]}", {"mode": "airplane"})
    stack.simulator("PUT", f"/phones/sms/{numbers[8]}", {"mode": "blocked"})
    fallback = {**HELLO, "expiry_time": 600}
    message = {**HELLO, "channel": "whatsapp", "from": "447700900999", "expiry_time": LATEST, "failover": [fallback]}
    begun = datetime.now(UTC)

    accepted = accept(stack, numbers, message)
    ended = wait_for(stack, accepted["batch_uuid"], lambda batch: batch["delivered"] + batch["failed"] == 60, 100)

    counts = ("accepted", "sent", "delivered", "failed", "rate")
    assert [accepted[name] for name in counts] == [60, 0, 0, 0, RATE]
    assert (ended["state"], ended["sent"], ended["delivered"], ended["failed"]) == ("sent", 60, 59, 1)
    assert [cost["currency"] for cost in ended["cost"]] == ["EUR"]
    texts = {number: [got["body"]["text"] for got in received(stack, number)] for number in numbers}
    assert texts == {number: [f"Ann {number[-3:]}, your cupcakes are ready."] for number in numbers} | {
        numbers[7]: [f"Ann {numbers[7][-3:]}, your cupcakes are ready."] * 2,
        numbers[8]: [f"Ann {numbers[8][-3:]}, your cupcakes are ready."] * 2,
    }
    listed = stack.api("GET", f"/v1/batches/{accepted['batch_uuid']}/dispatches?limit=100").json()
    assert [dispatch["to"][0]["address"] for dispatch in listed["dispatches"]] == numbers
    assert {dispatch["batch_uuid"] for dispatch in listed["dispatches"]} == {accepted["batch_uuid"]}
    first = [stack.dispatch(dispatch["dispatch_uuid"])["steps"][0]["claimed_at"] for dispatch in listed["dispatches"]]
    assert from_text(max(first)) - begun >= timedelta(seconds=59 / RATE), "never faster than its rate"


@pytest.mark.main_story
def test_the_same_request_again_is_the_same_batch_and_another_one_is_refused(shared_stack: Stack) -> None:
    stack, numbers = shared_stack, numbers_of(3)
    key = {"Idempotency-Key": f"batch-{numbers[0]}"}

    first, again = accept(stack, numbers, headers=key), accept(stack, numbers, headers=key)
    other = stack.api("POST", "/v1/batches", {"message": HELLO, "recipients": [{"to": numbers[0]}]}, headers=key)
    wait_for(stack, first["batch_uuid"], lambda batch: batch["delivered"] == 3)

    assert first["batch_uuid"] == again["batch_uuid"]
    assert other.status_code == 409
    assert [len(received(stack, number)) for number in numbers] == [1, 1, 1]


def test_what_cannot_be_filled_in_is_reported_for_each_recipient_and_nothing_is_sent(shared_stack: Stack) -> None:
    stack, (known, unknown) = shared_stack, numbers_of(2)
    recipients = [{"to": known, "variables": {"name": "Ann"}}, {"to": unknown}, {"to": "07700"}]

    answer = stack.api("POST", "/v1/batches", {"message": HELLO, "recipients": recipients})

    assert answer.status_code == 422
    assert [fault["name"] for fault in answer.json()["invalid_parameters"]] == [
        "recipients[1].variables.name",
        "recipients[2].variables.name",
    ]
    assert received(stack, known) == []


def test_a_batch_that_is_cancelled_before_its_time_sends_nothing(shared_stack: Stack) -> None:
    stack, numbers = shared_stack, numbers_of(5)
    time_of_sending = datetime.now(UTC) + timedelta(seconds=LATEST)
    send_at = to_text(time_of_sending)
    accepted = accept(stack, numbers, send_at=send_at)
    assert (accepted["state"], accepted["send_at"]) == ("waiting", send_at)

    cancelled = stack.api("DELETE", f"/v1/batches/{accepted['batch_uuid']}").json()
    until(lambda: datetime.now(UTC) - time_of_sending > timedelta(seconds=2))

    assert cancelled["state"] == "cancelled"
    assert [received(stack, number) for number in numbers] == [[]] * 5


def test_a_batch_that_is_cancelled_on_its_way_stops(shared_stack: Stack) -> None:
    stack, numbers = shared_stack, numbers_of(60)
    accepted = accept(stack, numbers, rate=1)
    wait_for(stack, accepted["batch_uuid"], lambda batch: batch["sent"] > 2)

    stack.api("DELETE", f"/v1/batches/{accepted['batch_uuid']}").raise_for_status()
    stopped = wait_for(stack, accepted["batch_uuid"], lambda batch: batch["sent"] == len(received(stack, *numbers)))
    time.sleep(4)

    assert 2 < stopped["sent"] < 60
    assert len(received(stack, *numbers)) == stopped["sent"]


def test_a_schedule_with_recipients_makes_a_batch(shared_stack: Stack) -> None:
    stack, numbers = shared_stack, numbers_of(3)
    recipients = [{"to": number, "variables": {"name": "Bo"}} for number in numbers]
    send_at = to_text(datetime.now(UTC) + timedelta(seconds=10))
    answer = stack.api("POST", "/v1/schedules", {"message": HELLO, "recipients": recipients, "send_at": send_at})
    assert answer.status_code == 201, answer.text
    schedule_uuid = answer.json()["schedule_uuid"]

    until(lambda: _batches_of(stack, schedule_uuid) != [])
    [made] = _batches_of(stack, schedule_uuid)
    batch = wait_for(stack, made["batch_uuid"], lambda batch: batch["delivered"] == 3)

    assert (batch["accepted"], batch["send_at"]) == (3, send_at)
    assert answer.json()["recipients"] == 3
    texts = [[got["body"]["text"] for got in received(stack, number)] for number in numbers]
    assert texts == [["Bo, your cupcakes are ready."]] * 3
    assert len(_batches_of(stack, schedule_uuid)) == 1


def _batches_of(stack: Stack, schedule_uuid: str) -> list[Json]:
    listed = stack.api("GET", "/v1/batches").json()["batches"]
    return [batch for batch in listed if batch["schedule_uuid"] == schedule_uuid]
