"""What people use Getthrough for, over HTTP, on the running local stack: the real functions, queue, table and roles."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.builders import message
from tests.integration.scenes import (
    LATEST,
    conversation,
    first_is,
    over,
    received,
    said,
    seconds_between,
    send,
    sms,
    story,
    until,
)
from tests.running_stack import Stack, new_number


@pytest.mark.main_story
def test_the_cupcake_story(stack: Stack) -> None:
    first, second = new_number(), new_number()
    stack.simulator("PUT", f"/phones/sms/{first}", {"mode": "airplane"})

    dispatch_uuid = send(stack, sms(first, expiry_time=15, client_ref="order 7", failover=[sms(second)]))
    dispatch = stack.wait_for_dispatch(dispatch_uuid, over)

    posts = received(stack, first, second)
    assert [post["body"]["to"] for post in posts] == [first, second]
    assert 15 <= seconds_between(posts[0]["at"], posts[1]["at"]) <= 15 + LATEST
    assert [post["body"]["client_ref"] for post in posts] == [step["message_uuid"] for step in dispatch["steps"]]
    assert story(dispatch) == [
        (None, "accepted"),
        (0, "sent"),
        (0, "accepted"),
        (0, "submitted"),
        (0, "window_ended"),
        (1, "sent"),
        (1, "accepted"),
        (1, "submitted"),
        (1, "delivered"),
        (1, "succeeded"),
    ]
    assert (dispatch["outcome"], dispatch["succeeded_by"], dispatch["late"]) == ("succeeded", 1, False)
    assert dispatch["client_ref"] == "order 7"

    stack.simulator("PUT", f"/phones/sms/{first}", {"mode": "on"})
    late = stack.wait_for_dispatch(dispatch_uuid, lambda now: bool(now["late"]))

    assert [step["late"] for step in late["steps"]] == [True, False]
    assert (late["outcome"], late["succeeded_by"], late["double_messages"]) == ("succeeded", 1, 1)
    assert [entry["late"] for entry in late["timeline"] if entry.get("status") == "delivered"] == [False, True]
    assert len(received(stack, first, second)) == 2


@pytest.mark.main_story
def test_one_plain_sms_is_submitted_and_delivered_and_has_a_price(stack: Stack) -> None:
    number = new_number()

    dispatch = stack.wait_for_dispatch(send(stack, sms(number)), over)

    assert story(dispatch) == [
        (None, "accepted"),
        (0, "sent"),
        (0, "accepted"),
        (0, "submitted"),
        (0, "delivered"),
        (0, "succeeded"),
    ]
    assert dispatch["usage"] == [{"currency": "EUR", "price": "0.0333"}]
    assert dispatch["steps"][0]["usage"] == {"currency": "EUR", "price": "0.0333"}


@pytest.mark.main_story
def test_a_rejected_first_step_fails_over_at_once(stack: Stack) -> None:
    first, second = new_number(), new_number()
    stack.simulator("PUT", f"/phones/sms/{first}", {"mode": "blocked"})

    dispatch_uuid = send(stack, sms(first, expiry_time=600, failover=[sms(second)]))
    dispatch = stack.wait_for_dispatch(dispatch_uuid, over)

    rejected = next(entry for entry in dispatch["timeline"] if entry.get("status") == "rejected")
    assert (rejected["error"]["code"], rejected["error"]["meaning"]) == (1280, "try_next")
    assert seconds_between(rejected["at"], dispatch["steps"][1]["claimed_at"]) < LATEST
    assert dispatch["steps"][1]["sent_because"] == "failed"
    assert (dispatch["outcome"], dispatch["succeeded_by"]) == ("succeeded", 1)


def test_a_whatsapp_that_is_delivered_but_not_read_goes_on_to_sms(stack: Stack) -> None:
    first, second = new_number(), new_number()
    body = sms(first, channel="whatsapp", expiry_time=3, condition_status="read", failover=[sms(second)])

    dispatch = stack.wait_for_dispatch(send(stack, body), lambda now: over(now) and first_is("delivered")(now))

    assert [step["status"] for step in dispatch["steps"]] == ["delivered", "delivered"]
    assert dispatch["steps"][1]["sent_because"] == "window_ended"
    assert (dispatch["succeeded_by"], dispatch["double_messages"]) == (1, 1)


@pytest.mark.main_story
def test_a_whatsapp_that_is_read_in_time_needs_no_sms(stack: Stack) -> None:
    first, second = new_number(), new_number()
    stack.simulator("PUT", f"/phones/whatsapp/{first}", {"mode": "on", "reads": 0.5})
    body = sms(first, channel="whatsapp", expiry_time=LATEST, condition_status="read", failover=[sms(second)])

    dispatch_uuid = send(stack, body)
    dispatch = stack.wait_for_dispatch(dispatch_uuid, over)

    assert (dispatch["outcome"], dispatch["succeeded_by"]) == ("succeeded", 0)
    until(lambda: seconds_between(dispatch["steps"][0]["window_ends_at"], datetime.now(UTC).isoformat()) > 2)
    assert stack.dispatch(dispatch_uuid)["steps"][1]["claimed_at"] is None
    assert [post["body"]["to"] for post in received(stack, first, second)] == [first]


def test_doubled_and_shuffled_webhooks_leave_the_same_dispatch_as_those_in_order(stack: Stack) -> None:
    straight = stack.wait_for_dispatch(send(stack, sms(new_number())), over)

    stack.simulator("PUT", "/faults", {"webhooks": {"duplicate": 3, "shuffle": True, "times": 100}})
    number = new_number()
    dispatch_uuid = send(stack, sms(number))

    def copies() -> list[dict[str, Any]]:
        return [entry for entry in _delivered_webhooks(stack) if entry["body"]["to"] == number]

    until(lambda: len(copies()) == 6)
    shuffled = stack.dispatch(dispatch_uuid)

    assert sorted(entry["body"]["status"] for entry in copies()) == ["delivered"] * 3 + ["submitted"] * 3
    assert copies()[0]["body"]["status"] == "delivered"
    assert sorted(_statuses(shuffled)) == sorted(_statuses(straight))
    kept = ("outcome", "succeeded_by", "late", "double_messages", "usage")
    assert {name: shuffled[name] for name in kept} == {name: straight[name] for name in kept}
    assert shuffled["steps"][0]["status"] == straight["steps"][0]["status"] == "delivered"


def _statuses(dispatch: dict[str, Any]) -> list[str]:
    return [entry["status"] for entry in dispatch["timeline"] if entry["event"] == "status"]


def _delivered_webhooks(stack: Stack) -> list[dict[str, Any]]:
    return [entry for entry in stack.simulator("GET", "/webhooks") if entry["answer"] == 200]


@pytest.mark.parametrize(
    ("mode", "end"),
    [
        ("on", [(0, "submitted"), (0, "delivered"), (0, "succeeded"), (0, "accepted")]),
        (
            "blocked",
            [
                *[(0, "submitted"), (0, "rejected"), (0, "accepted")],
                *[(1, "sent"), (1, "accepted"), (1, "submitted"), (1, "delivered"), (1, "succeeded")],
            ],
        ),
    ],
)
def test_webhooks_that_come_before_the_answer_and_without_our_id_are_matched(
    stack: Stack, mode: str, end: list[tuple[int | None, str]]
) -> None:
    first, second = new_number(), new_number()
    stack.simulator("PUT", f"/phones/sms/{first}", {"mode": mode})
    webhooks = {"no_client_ref": True, "to": first}
    stack.simulator("PUT", "/faults", {"answers": [{"hang": 1, "to": first}], "webhooks": webhooks})

    dispatch_uuid = send(stack, sms(first, expiry_time=600, failover=[sms(second)]))
    dispatch = stack.wait_for_dispatch(dispatch_uuid, over)

    assert story(dispatch) == [(None, "accepted"), (0, "sent"), *end]
    assert [entry["answer"] for entry in _webhooks_to(stack, first)] == [200, 200]
    assert not any("client_ref" in entry["body"] for entry in _webhooks_to(stack, first))


def _webhooks_to(stack: Stack, number: str) -> list[dict[str, Any]]:
    return [entry for entry in stack.simulator("GET", "/webhooks") if entry["body"]["to"] == number]


def test_a_provider_that_is_busy_twice_gets_the_message_once_within_its_window(stack: Stack) -> None:
    number = new_number()
    stack.simulator("PUT", "/faults", {"answers": [{"status": 429, "times": 2, "to": number}]})

    dispatch = stack.wait_for_dispatch(send(stack, sms(number, expiry_time=60)), over)

    posts = received(stack, number)
    assert [post["answer"] for post in posts] == [429, 429, 202]
    assert seconds_between(posts[0]["at"], posts[2]["at"]) < 60
    assert (dispatch["outcome"], dispatch["steps"][0]["tries"]) == ("succeeded", 3)


@pytest.mark.parametrize("status", [401, 402, 403, 503])
def test_trouble_with_our_account_or_the_provider_burns_no_step(stack: Stack, status: int) -> None:
    first, second = new_number(), new_number()
    # A 401 is tried again at once with the secret read again, so it takes two of them to be one.
    times = 2 if status == 401 else 1
    stack.simulator("PUT", "/faults", {"answers": [{"status": status, "times": times, "to": first}]})

    dispatch_uuid = send(stack, sms(first, expiry_time=60, failover=[sms(second)]))
    dispatch = stack.wait_for_dispatch(dispatch_uuid, over)

    assert [post["answer"] for post in received(stack, first, second)] == [*[status] * times, 202]
    assert (dispatch["outcome"], dispatch["succeeded_by"]) == ("succeeded", 0)


@pytest.mark.parametrize("fault", [{"drop": True}, {"status": 500, "accept": True}, {"hang": 8}])
def test_a_message_whose_answer_was_lost_is_never_sent_again(stack: Stack, fault: dict[str, Any]) -> None:
    number = new_number()
    stack.simulator("PUT", "/faults", {"answers": [{**fault, "to": number}]})

    dispatch = stack.wait_for_dispatch(send(stack, sms(number)), over)

    assert dispatch["steps"][0]["answer"] == "unknown"
    assert (dispatch["outcome"], dispatch["steps"][0]["tries"]) == ("succeeded", 1)
    assert len(received(stack, number)) == 1


def test_a_message_that_no_one_knows_of_moves_on_when_its_window_ends(stack: Stack) -> None:
    first, second = new_number(), new_number()
    stack.simulator("PUT", "/faults", {"answers": [{"drop": True, "accept": False, "to": first}]})

    dispatch_uuid = send(stack, sms(first, expiry_time=2, failover=[sms(second)]))
    dispatch = stack.wait_for_dispatch(dispatch_uuid, over)

    assert [post["body"]["to"] for post in received(stack, first, second)] == [first, second]
    assert (dispatch["steps"][0]["answer"], dispatch["succeeded_by"]) == ("unknown", 1)


@pytest.mark.main_story
def test_what_the_provider_refuses_is_answered_with_its_own_problem(stack: Stack) -> None:
    number = new_number()

    response = stack.api("POST", "/v1/messages", message(to=number, frosting="pink"))

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["title"] == "Invalid params"
    assert [fault["name"] for fault in response.json()["invalid_parameters"]] == ["frosting"]
    assert [post["answer"] for post in received(stack, number)] == [422]


@pytest.mark.main_story
def test_a_refused_first_step_goes_on_to_the_next_at_once(stack: Stack) -> None:
    first, second = new_number(), new_number()

    dispatch_uuid = send(stack, sms(first, frosting="pink", expiry_time=600, failover=[sms(second)]))
    dispatch = stack.wait_for_dispatch(dispatch_uuid, over)

    assert dispatch["steps"][0]["answer"] == "refused"
    assert dispatch["steps"][0]["problem"]["title"] == "Invalid params"
    assert (dispatch["steps"][1]["sent_because"], dispatch["succeeded_by"]) == ("failed", 1)


def test_a_dispatch_of_which_nothing_arrives_is_exhausted_and_a_late_delivery_still_counts(stack: Stack) -> None:
    number = new_number()
    stack.simulator("PUT", f"/phones/sms/{number}", {"mode": "airplane"})

    dispatch_uuid = send(stack, sms(number, expiry_time=2))
    dispatch = stack.wait_for_dispatch(dispatch_uuid, over)
    assert (dispatch["outcome"], dispatch["succeeded_by"]) == ("exhausted", None)
    assert story(dispatch)[-2:] == [(0, "window_ended"), (None, "exhausted")]

    stack.simulator("PUT", f"/phones/sms/{number}", {"mode": "on"})
    late = stack.wait_for_dispatch(dispatch_uuid, lambda now: bool(now["late"]))
    assert (late["outcome"], late["succeeded_by"], late["double_messages"]) == ("succeeded", 0, 0)


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "messenger", "viber_service", "rcs"])
def test_text_goes_out_on_every_channel(stack: Stack, channel: str) -> None:
    number = new_number()
    extra = {"viber_service": {"category": "transaction"}} if channel == "viber_service" else {}

    dispatch = stack.wait_for_dispatch(send(stack, sms(number, channel=channel, **extra)), over)

    assert dispatch["outcome"] == "succeeded"
    phone = stack.simulator("GET", f"/phones/{channel}/{number}")
    assert [shown["text"] for shown in phone["messages"]] == ["The cupcakes are ready!"]


@pytest.mark.main_story
def test_a_message_is_found_by_our_id_and_by_vonages(stack: Stack) -> None:
    dispatch = stack.wait_for_dispatch(send(stack, sms(new_number())), over)
    step = dispatch["steps"][0]

    ours = stack.api("GET", f"/v1/messages/{step['message_uuid']}")
    theirs = stack.api("GET", f"/v1/messages/{step['vonage_message_uuid']}")

    assert ours.json() == theirs.json() == {"dispatch_uuid": dispatch["dispatch_uuid"], **step}
    assert stack.api("GET", "/v1/messages/nobodys").status_code == 404


def test_the_newest_dispatches_come_first_and_page_by_page(stack: Stack) -> None:
    sent = [send(stack, sms(new_number())) for _ in range(3)]

    first = stack.api("GET", "/v1/dispatches", params={"limit": 2}).json()
    second = stack.api("GET", "/v1/dispatches", params={"limit": 1, "cursor": first["cursor"]}).json()

    listed = [item["dispatch_uuid"] for page in (first, second) for item in page["dispatches"]]
    assert listed == list(reversed(sent))


def test_a_dispatch_that_did_not_change_is_not_sent_again(stack: Stack) -> None:
    path = f"/v1/dispatches/{stack.wait_for_dispatch(send(stack, sms(new_number())), over)['dispatch_uuid']}"

    first = stack.api("GET", path)
    again = stack.api("GET", path, headers={"if-none-match": first.headers["etag"]})

    assert (again.status_code, again.text) == (304, "")


def test_the_tick_brings_a_long_window_to_the_queue_in_time(stack: Stack) -> None:
    number = new_number()
    dispatch_uuid = send(stack, sms(number, expiry_time=900, failover=[sms(new_number())]))

    assert stack.invoke("TickFunction", {})["overdue"] == 0
    assert stack.dispatch(dispatch_uuid)["steps"][1]["claimed_at"] is None


@pytest.mark.main_story
def test_a_customers_reply_is_stored_once_under_the_contact(stack: Stack) -> None:
    number = new_number()
    stack.wait_for_dispatch(send(stack, sms(number)), over)
    stack.simulator("PUT", "/faults", {"webhooks": {"duplicate": 2}})

    stack.simulator("POST", f"/phones/sms/{number}/reply", {"text": "On my way"})

    until(lambda: len(_delivered_webhooks_of_kind(stack, "inbound")) == 2)
    assert said(conversation(stack, "sms", number)) == [
        ("inbound", "On my way"),
        ("outbound", "The cupcakes are ready!"),
    ]


def _delivered_webhooks_of_kind(stack: Stack, kind: str) -> list[dict[str, Any]]:
    return [entry for entry in _delivered_webhooks(stack) if entry["kind"] == kind]
