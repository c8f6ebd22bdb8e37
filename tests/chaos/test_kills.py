"""A worker process dies at every place of the protocol where a death could matter, on the running local stack.

Every dispatch that was stored reaches its outcome by itself, and the provider receives no step twice. What was claimed
and not recorded is never sent again: its window ends, and the next step goes out.

`KILLS_REPEAT=20` runs each test so many times. Here the queue gives back what a dead worker had after a second, not
after sixty as in the template.
"""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.builders import FROM
from tests.chaos.ambush import Ambush
from tests.chaos.aws_proxy import aws_proxy, until
from tests.integration.scenes import (
    conversation,
    first_is,
    over,
    received,
    recipients,
    said,
    send,
    sms,
    story,
    whatsapp,
)
from tests.running_stack import Stack, new_number, running_stack

REPEAT = int(os.environ.get("KILLS_REPEAT", "1"))
VISIBILITY_SECONDS = 1
WINDOW = 1
LONG_WINDOW = 3  # long enough for the queue to give a dead worker's message back, and for another try, within it

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a worker is found through /proc")
BEFORE, AFTER = False, True


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if REPEAT > 1:
        metafunc.fixturenames.append("repetition")
        metafunc.parametrize("repetition", range(REPEAT))


@pytest.fixture(scope="module")
def ambushed_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Ambush]]:
    ambush = Ambush()
    with aws_proxy(ambush) as settings, running_stack(tmp_path_factory.mktemp("kills"), **settings) as stack:
        stack.aws("sqs").set_queue_attributes(
            QueueUrl=stack.queue_url, Attributes={"VisibilityTimeout": str(VISIBILITY_SECONDS)}
        )
        yield stack, ambush


@pytest.fixture
def ambush(ambushed_stack: tuple[Stack, Ambush]) -> Ambush:
    ambushed_stack[1].clear()
    return ambushed_stack[1]


@pytest.fixture
def stack(ambushed_stack: tuple[Stack, Ambush]) -> Stack:
    """A stack with an empty queue, and a simulator that knows nothing."""
    stack = ambushed_stack[0]
    stack.simulator("DELETE", "/phones")
    stack.aws("sqs").purge_queue(QueueUrl=stack.queue_url)
    return stack


def phones(stack: Stack, *modes: str) -> list[str]:
    """New numbers, with a phone in each of these modes."""
    numbers = [new_number() for _ in modes]
    for number, mode in zip(numbers, modes, strict=True):
        stack.simulator("PUT", f"/phones/sms/{number}", {"mode": mode})
    return numbers


def ended(stack: Stack, dispatch_uuid: str) -> dict[str, Any]:
    """The dispatch, once it is over and every timer that was ever armed has fired and is gone."""
    stack.wait_for_dispatch(dispatch_uuid, over, seconds=20)
    until(lambda: queue_is_empty(stack))
    return stack.dispatch(dispatch_uuid)


def queue_is_empty(stack: Stack) -> bool:
    answer = stack.aws("sqs").get_queue_attributes(QueueUrl=stack.queue_url, AttributeNames=["All"])
    return not any(int(value) for name, value in answer["Attributes"].items() if name.startswith("ApproximateNumber"))


def ask(stack: Stack, body: dict[str, Any]) -> "Future[requests.Response]":
    """Call the API without waiting for its answer."""
    pool = ThreadPoolExecutor(1)
    answer = pool.submit(stack.api, "POST", "/v1/messages", body)
    pool.shutdown(wait=False)
    return answer


def ends(dispatch: dict[str, Any]) -> tuple[str, int | None]:
    return dispatch["outcome"], dispatch["succeeded_by"]


def test_a_sender_that_dies_before_its_claim_leaves_nothing(stack: Stack, ambush: Ambush) -> None:
    (number,) = phones(stack, "on")
    trap = ambush.kill_at("SendFunction", "claim", carried_out=BEFORE)

    response = stack.api("POST", "/v1/messages", sms(number, expiry_time=WINDOW))

    trap.wait()
    assert response.status_code == 500
    until(lambda: any((call.function, call.place) == ("AdvanceFunction", "read") for call in ambush.calls))  # its timer
    until(lambda: queue_is_empty(stack))
    assert ambush.claimed() == []
    assert recipients(stack, number) == []


@pytest.mark.parametrize(
    ("place", "carried_out", "was_posted", "answer"),
    [
        ("claim", AFTER, False, None),
        ("note", AFTER, False, None),
        ("look", AFTER, False, None),
        ("record", BEFORE, True, None),
        ("record", AFTER, True, "accepted"),
    ],
)
def test_a_sender_that_dies_after_its_claim_leaves_a_dispatch_that_goes_on_by_itself(
    stack: Stack, ambush: Ambush, *, place: str, carried_out: bool, was_posted: bool, answer: str | None
) -> None:
    first, second = phones(stack, "airplane", "on")
    trap = ambush.kill_at("SendFunction", place, carried_out=carried_out)

    response = stack.api("POST", "/v1/messages", sms(first, expiry_time=LONG_WINDOW, failover=[sms(second)]))

    trap.wait()
    assert response.status_code == 500  # so the client knows that no one has accepted it
    dispatch = ended(stack, ambush.claimed()[0])
    assert recipients(stack, first, second) == ([first, second] if was_posted else [second])
    assert (dispatch["steps"][0]["answer"], dispatch["steps"][0]["tries"]) == (answer, 1)
    assert dispatch["steps"][1]["sent_because"] == "window_ended"
    assert ends(dispatch) == ("succeeded", 1)


def test_a_client_that_was_cut_off_and_asks_again_with_its_key_gets_the_same_dispatch(
    stack: Stack, ambush: Ambush
) -> None:
    (number,) = phones(stack, "on")
    trap = ambush.kill_at("SendFunction", "record", carried_out=BEFORE)

    def again() -> requests.Response:
        return stack.api("POST", "/v1/messages", sms(number), headers={"Idempotency-Key": f"order for {number}"})

    assert again().status_code == 500
    trap.wait()
    second = again()

    assert (second.status_code, second.json()["workflow_id"]) == (202, ambush.claimed()[0])
    assert ends(stack.wait_for_dispatch(ambush.claimed()[0], over)) == ("succeeded", 0)
    assert recipients(stack, number) == [number]


def test_a_single_step_whose_sender_died_before_the_post_ends_as_exhausted(stack: Stack, ambush: Ambush) -> None:
    (number,) = phones(stack, "on")
    trap = ambush.kill_at("SendFunction", "claim", carried_out=AFTER)

    response = stack.api("POST", "/v1/messages", sms(number, expiry_time=WINDOW))

    trap.wait()
    assert response.status_code == 500
    assert ends(ended(stack, ambush.claimed()[0])) == ("exhausted", None)
    assert recipients(stack, number) == []


@pytest.mark.parametrize(
    ("mode", "end", "steps_sent"), [("airplane", ("succeeded", 1), 2), ("on", ("succeeded", 0), 1)]
)
def test_a_sender_that_dies_while_the_provider_answers_has_sent_its_step_once(
    stack: Stack, ambush: Ambush, mode: str, end: tuple[str, int], steps_sent: int
) -> None:
    first, second = phones(stack, mode, "on")
    stack.simulator("PUT", "/faults", {"answers": [{"hang": 5, "to": first}]})

    answer = ask(stack, sms(first, expiry_time=LONG_WINDOW, failover=[sms(second)]))
    until(lambda: recipients(stack, first) == [first])
    ambush.kill_claimer(step=0)

    assert answer.result(10).status_code == 500
    dispatch = ended(stack, ambush.claimed()[0])
    assert recipients(stack, first, second) == [first, second][:steps_sent]
    assert dispatch["steps"][0]["answer"] is None
    assert ends(dispatch) == end


@pytest.mark.parametrize(
    ("place", "carried_out", "step", "was_posted"),
    [
        ("claim", BEFORE, 1, True),
        ("claim", AFTER, 1, False),
        ("note", AFTER, None, False),
        ("look", AFTER, None, False),
        ("record", BEFORE, 1, True),
        ("record", AFTER, 1, True),
        ("refer", AFTER, None, True),
    ],
)
def test_a_timers_worker_dies_and_the_steps_go_on(
    stack: Stack, ambush: Ambush, *, place: str, carried_out: bool, step: int | None, was_posted: bool
) -> None:
    first, second, third = phones(stack, "airplane", "airplane", "on")
    trap = ambush.kill_at("AdvanceFunction", place, carried_out=carried_out, step=step)

    dispatch_uuid = send(
        stack, sms(first, expiry_time=WINDOW, failover=[sms(second, expiry_time=LONG_WINDOW), sms(third)])
    )

    trap.wait()
    dispatch = ended(stack, dispatch_uuid)
    expected = [first, second, third] if was_posted else [first, third]
    assert recipients(stack, first, second, third) == expected
    assert [item["sent_because"] for item in dispatch["steps"]] == ["first", "window_ended", "window_ended"]
    assert ends(dispatch) == ("succeeded", 2)


def test_a_timers_worker_that_dies_while_the_provider_answers_has_sent_its_step_once(
    stack: Stack, ambush: Ambush
) -> None:
    first, second, third = phones(stack, "airplane", "airplane", "on")
    stack.simulator("PUT", "/faults", {"answers": [{"hang": 5, "to": second}]})

    dispatch_uuid = send(
        stack, sms(first, expiry_time=WINDOW, failover=[sms(second, expiry_time=LONG_WINDOW), sms(third)])
    )
    until(lambda: recipients(stack, second) == [second])
    ambush.kill_claimer(step=1)

    dispatch = ended(stack, dispatch_uuid)
    assert recipients(stack, first, second, third) == [first, second, third]
    assert dispatch["steps"][1]["answer"] is None
    assert ends(dispatch) == ("succeeded", 2)


def test_a_worker_that_dies_in_another_try_after_a_429_does_not_make_it_three(stack: Stack, ambush: Ambush) -> None:
    first, second = phones(stack, "on", "on")
    stack.simulator("PUT", "/faults", {"answers": [{"status": 429, "to": first}]})
    trap = ambush.kill_at("AdvanceFunction", "claim", carried_out=AFTER)

    dispatch_uuid = send(stack, sms(first, expiry_time=4, failover=[sms(second)]))

    trap.wait()
    dispatch = ended(stack, dispatch_uuid)
    assert [post["answer"] for post in received(stack, first, second)] == [429, 202]
    assert (dispatch["steps"][0]["tries"], dispatch["steps"][0]["answer"]) == (2, None)
    assert ends(dispatch) == ("succeeded", 1)


@pytest.mark.parametrize("carried_out", [BEFORE, AFTER])
def test_a_worker_that_dies_at_the_end_of_the_last_window_leaves_it_exhausted(
    stack: Stack, ambush: Ambush, carried_out: bool
) -> None:
    (number,) = phones(stack, "airplane")
    trap = ambush.kill_at("AdvanceFunction", "close", carried_out=carried_out)

    dispatch_uuid = send(stack, sms(number, expiry_time=WINDOW))

    trap.wait()
    assert ends(ended(stack, dispatch_uuid)) == ("exhausted", None)
    assert recipients(stack, number) == [number]


def test_a_webhook_whose_worker_died_comes_again_and_counts_once(stack: Stack, ambush: Ambush) -> None:
    (number,) = phones(stack, "on")
    trap = ambush.kill_at("StatusFunction", "event", carried_out=AFTER, words='"status":"delivered"')

    dispatch_uuid = send(stack, sms(number))

    trap.wait()
    until(lambda: webhook_answers(stack, "delivered") == [500, 200], seconds=30)
    dispatch = stack.dispatch(dispatch_uuid)
    assert [entry["status"] for entry in dispatch["timeline"] if entry["event"] == "status"].count("delivered") == 1
    assert ends(dispatch) == ("succeeded", 0)


@pytest.mark.parametrize("place", ["apply", "trigger"])
def test_a_rejection_whose_worker_died_sets_off_the_next_step_once(stack: Stack, ambush: Ambush, place: str) -> None:
    first, second = phones(stack, "blocked", "on")
    words = "'status': 'rejected'" if place == "apply" else ""
    trap = ambush.kill_at("StatusFunction", place, carried_out=AFTER, words=words)

    dispatch_uuid = send(stack, sms(first, expiry_time=600, failover=[sms(second)]))

    trap.wait()
    until(lambda: webhook_answers(stack, "rejected") == [500, 200], seconds=30)
    dispatch = stack.wait_for_dispatch(dispatch_uuid, over)
    assert recipients(stack, first, second) == [first, second]
    assert dispatch["steps"][1]["sent_because"] == "failed"
    assert ends(dispatch) == ("succeeded", 1)


@pytest.mark.parametrize("status", ["submitted", "delivered"])
def test_a_webhook_whose_worker_died_when_all_was_done_counts_once(stack: Stack, ambush: Ambush, status: str) -> None:
    (number,) = phones(stack, "on")
    trap = ambush.kill_at("StatusFunction", "apply", carried_out=AFTER, words=f"'status': '{status}'")

    dispatch_uuid = send(stack, sms(number))

    trap.wait()
    until(lambda: webhook_answers(stack, status) == [500, 200], seconds=30)
    until(lambda: webhook_answers(stack, "delivered")[-1:] == [200])
    assert ends(stack.dispatch(dispatch_uuid)) == ("succeeded", 0)
    assert [entry for entry in story(stack.dispatch(dispatch_uuid)) if entry == (0, status)] == [(0, status)]


@pytest.mark.parametrize(
    ("place", "carried_out"), [("opt_out", BEFORE), ("opt_out", AFTER), ("complete", BEFORE), ("complete", AFTER)]
)
def test_a_rejection_that_opts_its_contact_out_and_whose_worker_died_does_so_and_sets_off_the_next_step_once(
    stack: Stack, ambush: Ambush, place: str, carried_out: bool
) -> None:
    first, second = phones(stack, "blocked", "on")
    stack.simulator("PUT", f"/phones/sms/{first}", {"error": 1240})
    trap = ambush.kill_at("StatusFunction", place, carried_out=carried_out)

    dispatch_uuid = send(stack, sms(first, expiry_time=600, failover=[sms(second)]))

    trap.wait()
    until(lambda: webhook_answers(stack, "rejected") == [500, 200], seconds=30)
    assert ends(stack.wait_for_dispatch(dispatch_uuid, over)) == ("succeeded", 1)
    assert recipients(stack, first, second) == [first, second]
    assert conversation(stack, "sms", first)["opt_out"]["why"] == "error 1240"


@pytest.mark.parametrize(
    ("place", "carried_out"), [("refer", BEFORE), ("refer", AFTER), ("apply", BEFORE), ("apply", AFTER)]
)
def test_where_a_sender_dies_before_it_looks_for_early_webhooks_they_are_found_before_its_fallback_goes_out(
    stack: Stack, ambush: Ambush, place: str, carried_out: bool
) -> None:
    first, second = phones(stack, "on", "on")
    webhooks = {"no_client_ref": True, "to": first}
    stack.simulator("PUT", "/faults", {"answers": [{"hang": 0.8, "to": first}], "webhooks": webhooks})
    trap = ambush.kill_at("SendFunction", place, carried_out=carried_out)

    response = stack.api("POST", "/v1/messages", sms(first, expiry_time=LONG_WINDOW, failover=[sms(second)]))

    trap.wait()
    assert response.status_code == 500
    dispatch = ended(stack, ambush.claimed()[0])
    assert dispatch["steps"][0]["answer"] == "accepted"
    assert dispatch["steps"][0]["status"] == "delivered"
    assert recipients(stack, first, second) == [first]
    assert ends(dispatch) == ("succeeded", 0)


@pytest.mark.parametrize("carried_out", [BEFORE, AFTER])
def test_a_timers_worker_that_dies_after_it_took_a_message_back_has_sent_each_step_once(
    stack: Stack, ambush: Ambush, carried_out: bool
) -> None:
    (second,) = phones(stack, "on")
    first = new_number()
    stack.simulator("PUT", f"/phones/rcs/{first}", {"mode": "airplane"})
    trap = ambush.kill_at("AdvanceFunction", "revoke", carried_out=carried_out)

    body = sms(first, channel="rcs", **{"from": "Bakery"}, expiry_time=WINDOW, failover=[sms(second)])
    dispatch_uuid = send(stack, body)

    trap.wait()
    assert ends(ended(stack, dispatch_uuid)) == ("succeeded", 1)
    assert recipients(stack, first, second) == [first, second]
    assert [message["status"] for message in stack.simulator("GET", f"/phones/rcs/{first}")["messages"]] == ["revoked"]


def test_a_stop_whose_worker_died_comes_again_and_is_obeyed(stack: Stack, ambush: Ambush) -> None:
    first, second = phones(stack, "on", "on")
    trap = ambush.kill_at("InboundFunction", "inbound", carried_out=AFTER)

    stack.simulator("POST", f"/phones/sms/{first}/reply", {"text": "STOP", "to": FROM})

    trap.wait()
    until(lambda: [entry["answer"] for entry in stack.simulator("GET", "/webhooks")] == [500, 200])
    dispatch_uuid = send(stack, sms(first, failover=[sms(second)]))
    assert ends(stack.wait_for_dispatch(dispatch_uuid, over)) == ("succeeded", 1)
    assert recipients(stack, first, second) == [second]


@pytest.mark.parametrize(
    ("place", "carried_out"),
    [
        ("opt_out", BEFORE),
        ("opt_out", AFTER),
        ("apply", BEFORE),
        ("apply", AFTER),
        ("trigger", AFTER),
        ("complete", BEFORE),
    ],
)
def test_a_stop_whose_worker_died_moves_what_waits_to_the_next_contact_once(
    stack: Stack, ambush: Ambush, place: str, carried_out: bool
) -> None:
    first, second = phones(stack, "on", "on")
    stack.simulator("PUT", f"/phones/whatsapp/{first}", {"mode": "slow", "delay": 60})
    dispatch_uuid = send(stack, whatsapp(first, condition_status="read", expiry_time=600, failover=[sms(second)]))
    stack.wait_for_dispatch(dispatch_uuid, first_is("submitted"))
    trap = ambush.kill_at("InboundFunction", place, carried_out=carried_out)

    stack.simulator("POST", f"/phones/whatsapp/{first}/reply", {"text": "STOP"})

    trap.wait()
    until(lambda: inbound_answers(stack) == [500, 200], seconds=30)
    dispatch = stack.wait_for_dispatch(dispatch_uuid, over)
    assert [entry for entry in story(dispatch) if entry[1] in {"opted_out", "sent"}] == [
        (0, "sent"),
        (0, "opted_out"),
        (1, "sent"),
    ]
    assert recipients(stack, first, second) == [first, second]
    assert ends(dispatch) == ("succeeded", 1)


@pytest.mark.parametrize("place", ["inbound", "apply", "complete"])
def test_an_answer_whose_worker_died_comes_again_and_counts_once(stack: Stack, ambush: Ambush, place: str) -> None:
    first, second = phones(stack, "on", "on")
    body = whatsapp(first, condition_status="replied", expiry_time=600, failover=[sms(second)])
    dispatch_uuid = send(stack, body)
    stack.wait_for_dispatch(dispatch_uuid, first_is("delivered"))
    trap = ambush.kill_at("InboundFunction", place, carried_out=AFTER)

    stack.simulator("POST", f"/phones/whatsapp/{first}/reply", {"text": "Yes, please"})

    trap.wait()
    until(lambda: inbound_answers(stack) == [500, 200], seconds=30)
    dispatch = stack.dispatch(dispatch_uuid)
    assert story(dispatch)[-2:] == [(0, "replied"), (0, "succeeded")]
    assert ends(dispatch) == ("succeeded", 0)
    assert recipients(stack, first, second) == [first]
    assert said(conversation(stack, "whatsapp", first)) == [
        ("inbound", "Yes, please"),
        ("outbound", "The cupcakes are ready!"),
    ]


def inbound_answers(stack: Stack) -> list[Any]:
    """What the provider was answered each time that it reported a customer's message."""
    return [entry["answer"] for entry in stack.simulator("GET", "/webhooks") if entry["kind"] == "inbound"]


def webhook_answers(stack: Stack, status: str) -> list[Any]:
    """What the provider was answered each time that it reported this status."""
    return [entry["answer"] for entry in stack.simulator("GET", "/webhooks") if entry["body"].get("status") == status]
