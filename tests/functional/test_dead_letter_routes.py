"""/v1/dead-letters: what was given up is seen without being consumed, and goes back to where it came from."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from getthrough.adapters import callback_queue, dead_letters, timers
from getthrough.domain.notification.callback import LIFE, Callback
from getthrough.domain.ports import Timer
from getthrough.handlers import recover
from tests.aws_calls import Answer, Call, around_calls
from tests.builders import DISPATCH_UUID, NOON, basic, message
from tests.functional.recovery_in_memory import CREDENTIALS, Recovery, recovery_in_memory

TIMER = timers.to_body(Timer(DISPATCH_UUID, NOON))
TICK = json.dumps({"id": "1", "source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})
EVENT = {"id": "evt_1", "type": "dispatch.finished", "data": {"dispatch_uuid": DISPATCH_UUID}}
GIVEN_UP = Callback("https://shop.example/events", "evt_1", EVENT, NOON, tries=40)
CALLBACK = callback_queue.to_body(GIVEN_UP)
CHANGES = json.dumps({"requestContext": {}, "DDBStreamBatchInfo": {"shardId": "shard-1"}})
UNREADABLE = json.dumps({"dynamodb": {"Keys": {"pk": {"S": "CONTACT#sms#1"}}}})
OTHERS = ["no JSON", "[]", "{}", "null", '{"dispatch_uuid": "x"}', '{"source": "aws.s3"}', "[" * 2000]

IDLE = {"released": 0, "dropped": 0, "kept": 0, "more": False}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recovery]:
    with recovery_in_memory(monkeypatch) as stack:
        yield stack


def look(stack: Recovery, queue: str) -> dict[str, Any]:
    """The answer's entry for one queue."""
    status, body = stack.call("GET", "/v1/dead-letters")
    assert status == 200
    [found] = [item for item in body["queues"] if item["queue"] == queue]
    return {name: value for name, value in found.items() if name != "queue"}


def release(stack: Recovery, body: object = None) -> dict[str, Any]:
    status, answer = stack.call("POST", "/v1/dead-letters/release", body)
    assert status == 200
    return {item.pop("queue"): item for item in answer["queues"]}


def test_nothing_is_given_up_to_begin_with(stack: Recovery) -> None:
    nothing = {"messages": 0, "shown": []}

    assert {queue: look(stack, queue) for queue in ("timers", "callbacks")} == {
        "timers": {**nothing, "waiting": None},
        "callbacks": {**nothing, "waiting": 0},
    }
    assert release(stack) == {"timers": IDLE, "callbacks": IDLE}


def test_each_message_is_shown_with_its_kind_its_age_and_how_often_it_was_received(stack: Recovery) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    stack.put("dead-timers", TIMER)

    found = look(stack, "timers")
    [letter] = found["shown"]

    assert found["messages"] == 1
    assert before < datetime.fromisoformat(letter.pop("since")) < before + timedelta(minutes=1)
    assert len(letter.pop("id")) == 36
    assert letter == {"kind": "timer", "dispatch_uuid": DISPATCH_UUID, "event_id": None, "received": 1}


def test_webhooks_that_failed_and_are_tried_again_are_counted_long_before_they_are_given_up(stack: Recovery) -> None:
    waiting = callback_queue.SqsCallbacks(stack.queues["callbacks"], stack.queues["dead-callbacks"])
    waiting.put([GIVEN_UP] * 3, timedelta(minutes=15))
    waiting.put([GIVEN_UP])  # a first attempt, which follows at once

    assert look(stack, "callbacks") == {"messages": 0, "waiting": 3, "shown": []}


def test_the_kind_follows_from_the_shape(stack: Recovery) -> None:
    stack.put("dead-timers", TIMER, TICK, *OTHERS)
    stack.put("dead-callbacks", CALLBACK, CHANGES, UNREADABLE)

    reported = {
        queue["queue"]: sorted([item["kind"], item["dispatch_uuid"] or "", item["event_id"] or ""] for item in shown)
        for queue in stack.call("GET", "/v1/dead-letters")[1]["queues"]
        if (shown := queue["shown"])
    }

    assert reported == {
        "timers": [*[["other", "", ""]] * len(OTHERS), ["tick", "", ""], ["timer", DISPATCH_UUID, ""]],
        "callbacks": [["callback", DISPATCH_UUID, "evt_1"], *[["changes", "", ""]] * 2],
    }


def test_nothing_that_a_message_holds_is_shown_but_ids(stack: Recovery) -> None:
    stack.put("dead-callbacks", CALLBACK, UNREADABLE)

    shown = json.dumps(look(stack, "callbacks"))

    assert "shop.example" not in shown
    assert "CONTACT" not in shown


def test_looking_consumes_nothing_so_that_the_next_look_and_a_release_find_it_too(
    stack: Recovery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "_WAIT_SECONDS", 1)  # as the function does; `recovery_in_memory` takes it away
    stack.put("dead-timers", TIMER, TICK)

    first, again = look(stack, "timers"), look(stack, "timers")
    released = release(stack, {"queue": "timers"})

    assert [(found["messages"], len(found["shown"])) for found in (first, again)] == [(2, 2), (2, 2)]
    assert [letter["received"] for letter in again["shown"]] == [2, 2]
    assert released == {"timers": {**IDLE, "released": 1, "dropped": 1}}


def test_ten_are_shown_and_all_are_counted(stack: Recovery) -> None:
    stack.put("dead-timers", *[TIMER] * 13)

    found = look(stack, "timers")

    assert (found["messages"], len(found["shown"]), len({letter["id"] for letter in found["shown"]})) == (13, 10, 10)


def test_sqs_is_asked_again_where_it_hands_out_fewer_than_there_are(
    stack: Recovery, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.put("dead-timers", *[TIMER] * 10)

    def hand_out_four(_service: str, operation: str, parameters: dict[str, Any], call: Call) -> Answer:
        if operation == "ReceiveMessage":
            parameters["MaxNumberOfMessages"] = min(4, parameters["MaxNumberOfMessages"])
        return call(**parameters)

    around_calls(monkeypatch, hand_out_four)

    assert len(look(stack, "timers")["shown"]) == 10


def test_timers_go_back_to_their_queue_as_they_were(stack: Recovery) -> None:
    bodies = [timers.to_body(Timer(DISPATCH_UUID, NOON + timedelta(seconds=number))) for number in range(25)]
    stack.put("dead-timers", *bodies)

    assert release(stack) == {"timers": {**IDLE, "released": 25}, "callbacks": IDLE}
    assert (stack.take("timers"), stack.left("dead-timers")) == (sorted(bodies), 0)


def test_a_callback_that_goes_back_has_another_day(stack: Recovery) -> None:
    stack.put("dead-callbacks", CALLBACK)
    before = datetime.now(UTC) - timedelta(seconds=1)

    assert release(stack) == {"timers": IDLE, "callbacks": {**IDLE, "released": 1}}

    [body] = stack.take("callbacks")
    callback = callback_queue.from_body(body)
    assert (callback.url, callback.event_id, callback.body, callback.tries) == (
        GIVEN_UP.url,
        GIVEN_UP.event_id,
        GIVEN_UP.body,
        0,
    )
    assert before + LIFE < callback.until < before + LIFE + timedelta(minutes=1)
    assert stack.left("dead-callbacks") == 0


def test_a_tick_is_dropped_since_the_next_one_has_run(stack: Recovery) -> None:
    stack.put("dead-timers", TICK, TIMER, TICK)

    assert release(stack)["timers"] == {**IDLE, "released": 1, "dropped": 2}
    assert (stack.take("timers"), stack.left("dead-timers")) == ([TIMER], 0)


@pytest.mark.parametrize(
    ("queue", "bodies"),
    [("timers", [CALLBACK, CHANGES, *OTHERS]), ("callbacks", [TIMER, CHANGES, UNREADABLE, "no JSON"])],
)
def test_what_cannot_go_back_is_kept_and_is_taken_once_in_a_release(
    stack: Recovery, queue: str, bodies: list[str]
) -> None:
    stack.put(f"dead-{queue}", *bodies)

    assert release(stack)[queue] == {**IDLE, "kept": len(bodies)}
    assert (stack.take(queue), stack.left(f"dead-{queue}")) == ([], len(bodies))


def test_what_is_given_up_again_at_once_does_not_go_round(stack: Recovery, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.put("dead-callbacks", CALLBACK)
    sends = 0

    def come_back(_service: str, operation: str, parameters: dict[str, Any], call: Call) -> Answer:
        nonlocal sends
        answer = call(**parameters)
        if operation == "SendMessageBatch":
            sends += 1
            time.sleep(0.01)
            if sends < 20:
                stack.put("dead-callbacks", CALLBACK)
        return answer

    around_calls(monkeypatch, come_back)

    assert release(stack)["callbacks"] == {**IDLE, "released": 1, "kept": 1}
    assert (sends, stack.left("dead-callbacks")) == (1, 1)


def test_a_release_that_goes_on_takes_what_was_there_when_it_began(stack: Recovery) -> None:
    began = datetime.now(UTC)
    time.sleep(0.01)
    stack.put("dead-timers", TIMER, TICK)

    assert release(stack, {"before": began.isoformat()})["timers"] == {**IDLE, "kept": 2}
    assert stack.call("POST", "/v1/dead-letters/release", {"before": "2026-03-02T12:00:00Z"})[1]["before"] == (
        "2026-03-02T12:00:00.000Z"
    )


def test_a_queue_can_be_released_by_its_name(stack: Recovery) -> None:
    stack.put("dead-timers", TIMER)
    stack.put("dead-callbacks", CALLBACK)

    assert release(stack, {"queue": "callbacks"}) == {"callbacks": {**IDLE, "released": 1}}
    assert (stack.left("dead-timers"), stack.left("dead-callbacks")) == (1, 0)


def test_a_wrong_body_releases_nothing(stack: Recovery) -> None:
    stack.put("dead-timers", TIMER)
    bodies: list[Any] = [{"queue": "unknown"}, {"queue": ["timers"]}, {"queue": None}, {"name": "timers"}, []]
    bodies += [{"before": "noon"}, {"before": None}]

    answers = [stack.call("POST", "/v1/dead-letters/release", body) for body in bodies]

    assert [status for status, _ in answers] == [422] * 7
    assert [[violation["name"] for violation in problem["invalid_parameters"]] for _, problem in answers] == [
        *[["queue"]] * 3,
        ["name"],
        ["body"],
        *[["before"]] * 2,
    ]
    assert stack.left("dead-timers") == 1


def test_when_the_time_is_up_it_says_that_more_may_be_left(stack: Recovery, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.put("dead-timers", TIMER)
    monkeypatch.setattr(recover, "RELEASE_TIME", timedelta())

    assert release(stack) == {"timers": {**IDLE, "more": True}, "callbacks": {**IDLE, "more": True}}
    assert stack.left("dead-timers") == 1


def test_a_message_is_deleted_only_after_it_was_sent(stack: Recovery) -> None:
    stack.put("dead-timers", TIMER)
    boto3.client("sqs").delete_queue(QueueUrl=stack.queues["timers"])

    assert stack.call("POST", "/v1/dead-letters/release")[0] == 503
    assert stack.left("dead-timers") == 1


def test_of_a_batch_that_is_taken_in_part_the_rest_stays(stack: Recovery, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.put("dead-timers", *[TIMER] * 3)

    def lose_the_first(_service: str, operation: str, parameters: dict[str, Any], call: Call) -> Answer:
        answer = call(**parameters)
        if operation == "SendMessageBatch":
            lost = answer["Successful"].pop(0)
            answer["Failed"] = [{"Id": lost["Id"], "SenderFault": False, "Code": "InternalError"}]
        return answer

    around_calls(monkeypatch, lose_the_first)

    assert stack.call("POST", "/v1/dead-letters/release")[0] == 503
    assert stack.left("dead-timers") == 1


def test_a_timer_of_a_dispatch_that_is_over_does_no_harm(stack: Recovery) -> None:
    body = json.dumps(message()).encode()
    answer = stack.aws.post("/v1/messages", body, **CREDENTIALS)
    dispatch_uuid = answer["body"]["workflow_id"]
    stack.call("PUT", f"/v1/opt-outs/sms/{message()['to']}")
    stack.take("timers")
    items = stack.aws.items()
    stack.put("dead-timers", timers.to_body(Timer(dispatch_uuid, NOON)))

    release(stack)

    assert stack.aws.fire(*stack.take("timers")) == {"batchItemFailures": []}
    assert (stack.aws.items(), len(stack.aws.gateway.sent), stack.take("timers")) == (items, 1, [])


def test_released_twice_the_second_finds_nothing(stack: Recovery) -> None:
    stack.put("dead-timers", TIMER)
    keyed = {**CREDENTIALS, "idempotency-key": "one"}

    answers = [stack.call("POST", "/v1/dead-letters/release", headers=keyed)[1]["queues"][0] for _ in range(2)]

    assert [answer["released"] for answer in answers] == [1, 0]


@pytest.mark.parametrize("headers", [{}, basic("bakery", "wrong")])
def test_a_request_without_valid_credentials_is_refused(stack: Recovery, headers: dict[str, str]) -> None:
    stack.put("dead-timers", TIMER)
    routes = [("GET", "/v1/dead-letters"), ("POST", "/v1/dead-letters/release")]

    assert [stack.call(method, path, headers=headers)[0] for method, path in routes] == [401, 401]
    assert stack.left("dead-timers") == 1


def test_what_is_released_is_counted_and_nothing_is_not(stack: Recovery, capsys: pytest.CaptureFixture[str]) -> None:
    stack.put("dead-timers", TIMER, TIMER, TICK)

    release(stack)
    first = capsys.readouterr().out
    release(stack)

    assert '"DeadLettersReleased":[2.0]' in first
    assert "DeadLettersReleased" not in capsys.readouterr().out
