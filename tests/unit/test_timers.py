"""Timers as messages of the queue: delays, batches, bodies, failures."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from getthrough.adapters import timers
from getthrough.adapters.timers import SqsTimers, from_body, to_body
from getthrough.domain.ports import Timer
from getthrough.domain.values.errors import UnavailableError
from tests.builders import DISPATCH_UUID, NOON, at


class StubSqs:
    def __init__(self) -> None:
        self.batches: list[dict[str, Any]] = []
        self.answers: list[dict[str, Any] | Exception] = []

    def call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        assert operation == "SendMessageBatch"
        self.batches.append(arguments)
        answer = self.answers.pop(0) if self.answers else {"Successful": []}
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> StubSqs:
    stub = StubSqs()
    monkeypatch.setattr(timers, "client", {"sqs": stub}.__getitem__)
    return stub


def arm(*due: Timer) -> None:
    SqsTimers("https://queue.invalid/timers", lambda: NOON).arm(due)


def due(seconds: float = 0) -> Timer:
    return Timer(DISPATCH_UUID, at(seconds))


def test_a_timer_is_one_message_with_its_delay(sqs: StubSqs) -> None:
    arm(due(15))
    body = json.dumps({"uuid": DISPATCH_UUID, "due_at": "2026-03-02T12:00:15.000Z"})
    entry = {"Id": "0", "DelaySeconds": 15, "MessageBody": body}
    assert sqs.batches == [{"QueueUrl": "https://queue.invalid/timers", "Entries": [entry]}]


@pytest.mark.parametrize(
    ("seconds", "delays"),
    [
        (-86_400, [0]),
        (-0.001, [0]),
        (0, [0]),
        (0.001, [1]),
        (1, [1]),
        (14.2, [15]),
        (899.001, [900]),
        (900, [900]),
        (900.001, []),
        (86_400, []),
    ],
)
def test_a_delay_is_rounded_up_and_what_is_too_far_is_left_to_the_tick(
    sqs: StubSqs, seconds: float, delays: list[int]
) -> None:
    arm(due(seconds))
    assert [entry["DelaySeconds"] for batch in sqs.batches for entry in batch["Entries"]] == delays


@pytest.mark.parametrize(("timers", "batches"), [(0, []), (1, [1]), (10, [10]), (11, [10, 1]), (25, [10, 10, 5])])
def test_many_timers_go_in_batches_of_ten_in_their_order(sqs: StubSqs, timers: int, batches: list[int]) -> None:
    arm(*(due(n) for n in range(timers)))
    assert [len(batch["Entries"]) for batch in sqs.batches] == batches
    assert [entry["DelaySeconds"] for batch in sqs.batches for entry in batch["Entries"]] == list(range(timers))
    assert all(len({entry["Id"] for entry in batch["Entries"]}) == len(batch["Entries"]) for batch in sqs.batches)


@pytest.mark.parametrize(
    ("answer", "reported"),
    [
        ({"Failed": [{"Id": "0", "Code": "InternalError", "Message": "private"}]}, "sqs: InternalError"),
        ({"Failed": [{"Id": "0"}]}, "sqs: unknown"),
        (
            ClientError({"Error": {"Code": "AccessDenied", "Message": "private"}}, "SendMessageBatch"),
            "sqs: AccessDenied",
        ),
        (TimeoutError("https://queue.invalid"), "sqs: TimeoutError"),
    ],
)
def test_a_timer_that_is_not_armed_is_an_error_with_its_code_only(sqs: StubSqs, answer: Any, reported: str) -> None:
    sqs.answers = [answer]
    with pytest.raises(UnavailableError) as error:
        arm(due())
    assert str(error.value) == reported


def test_a_failure_of_a_later_batch_is_an_error_too(sqs: StubSqs) -> None:
    sqs.answers = [{"Successful": []}, {"Failed": [{"Id": "0", "Code": "InternalError"}]}]
    with pytest.raises(UnavailableError):
        arm(*(due(n) for n in range(11)))


@pytest.mark.parametrize("moment", [NOON, NOON + timedelta(milliseconds=1), datetime(1999, 12, 31, tzinfo=UTC)])
def test_a_body_is_read_as_it_was_written(moment: datetime) -> None:
    assert from_body(to_body(Timer(DISPATCH_UUID, moment))) == Timer(DISPATCH_UUID, moment)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "hello",
        "[]",
        "{}",
        json.dumps({"uuid": DISPATCH_UUID}),
        json.dumps({"due_at": "2026-03-02T12:00:15.000Z"}),
        json.dumps({"uuid": DISPATCH_UUID, "due_at": "soon"}),
        json.dumps({"uuid": DISPATCH_UUID, "due_at": 15}),
    ],
)
def test_what_is_no_timer_is_an_error(body: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        from_body(body)
