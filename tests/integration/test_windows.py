"""Stories whose windows take many seconds. All of them are begun at once, then each is looked at."""

from typing import Any, NamedTuple

import pytest

from tests.builders import FROM
from tests.integration.scenes import (
    LATEST,
    first_is,
    over,
    received,
    recipients,
    seconds_between,
    send,
    sms,
    story,
    until,
)
from tests.running_stack import Stack, new_number

WINDOW = 20
"""Seconds; the shortest `ttl` of an SMS."""


class Story(NamedTuple):
    numbers: list[str]
    dispatch_uuid: str


@pytest.fixture(scope="module")
def stories(shared_stack: Stack) -> dict[str, Story]:
    stack = shared_stack
    stack.simulator("DELETE", "/phones")
    begun = {}
    for name, begin in {"v0.1": cupcakes, "sms": short_sms, "rcs": rcs, "long": long_sms}.items():
        first, second = numbers = [new_number(), new_number()]
        for channel in ("sms", "rcs"):
            stack.simulator("PUT", f"/phones/{channel}/{first}", {"mode": "airplane"})
        # Later than the webhook before it, which could be overtaken on a busy machine.
        stack.simulator("PUT", f"/phones/sms/{second}", {"mode": "on", "delay": 3})
        begun[name] = Story(numbers, begin(stack, first, second))
    return begun


def cupcakes(stack: Stack, first: str, second: str) -> str:
    """As a bakery of 2018 asked for it."""

    def item(to: str, **more: Any) -> dict[str, Any]:
        content = {"type": "text", "text": "Your order of twelve cupcakes is ready."}
        parties = {"from": {"type": "sms", "number": FROM}, "to": {"type": "sms", "number": to}}
        return {**parties, "message": {"content": content}, **more}

    failover = {"expiry_time": 15, "condition_status": "delivered"}
    workflow = [item(first, failover=failover), item(second)]
    response = stack.api("POST", "/v0.1/dispatch", {"template": "failover", "workflow": workflow})
    assert response.status_code == 202, response.text
    assert list(response.json()) == ["dispatch_uuid"]
    return str(response.json()["dispatch_uuid"])


def short_sms(stack: Stack, first: str, second: str) -> str:
    return send(stack, sms(first, expiry_time=WINDOW, failover=[sms(second)]))


def long_sms(stack: Stack, first: str, second: str) -> str:
    return send(stack, sms(first, expiry_time=60, failover=[sms(second)]))


def rcs(stack: Stack, first: str, second: str) -> str:
    return send(stack, sms(first, channel="rcs", **{"from": "Bakery"}, expiry_time=15, failover=[sms(second)]))


def test_an_rcs_message_that_was_passed_over_is_taken_back(shared_stack: Stack, stories: dict[str, Story]) -> None:
    stack, ((first, second), dispatch_uuid) = shared_stack, stories["rcs"]
    dispatch = stack.wait_for_dispatch(dispatch_uuid, lambda now: over(now) and (0, "revoked") in story(now))
    [revoked] = [entry for entry in dispatch["timeline"] if entry["event"] == "revoked"]
    assert revoked["accepted"] is True
    assert [happening for happening in story(dispatch) if happening != (0, "revoked")] == [
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
    [changed] = [request for request in stack.simulator("GET", "/requests") if request["method"] == "PATCH"]
    assert changed["path"] == f"/v1/messages/{dispatch['steps'][0]['vonage_message_uuid']}"
    assert (changed["body"], changed["answer"]) == ({"status": "revoked"}, 202)

    stack.simulator("PUT", f"/phones/rcs/{first}", {"mode": "on", "delay": 0})
    check = send(stack, sms(first, channel="rcs", **{"from": "Bakery"}, text="Is anybody there?"))
    stack.wait_for_dispatch(check, over)

    phone = stack.simulator("GET", f"/phones/rcs/{first}")
    assert [(message["status"], message["shown"]) for message in phone["messages"]] == [
        ("revoked", False),
        ("delivered", True),
    ]
    assert (stack.dispatch(dispatch_uuid)["succeeded_by"], stack.dispatch(dispatch_uuid)["double_messages"]) == (1, 0)
    assert [message["shown"] for message in stack.simulator("GET", f"/phones/sms/{second}")["messages"]] == [True]


def test_vonage_is_asked_to_give_up_when_the_window_ends(shared_stack: Stack, stories: dict[str, Story]) -> None:
    (numbers, dispatch_uuid) = stories["long"]
    shared_stack.wait_for_dispatch(dispatch_uuid, first_is("submitted"))

    assert [post["body"]["ttl"] for post in received(shared_stack, *numbers)] == [60]
    assert shared_stack.api("DELETE", f"/v1/dispatches/{dispatch_uuid}").json()["steps_stopped"] == [1]


def test_the_cupcakes_of_2018_get_through_after_fifteen_seconds(shared_stack: Stack, stories: dict[str, Story]) -> None:
    stack, (numbers, dispatch_uuid) = shared_stack, stories["v0.1"]
    dispatch = stack.wait_for_dispatch(dispatch_uuid, over)

    posts = received(stack, *numbers)
    assert [post["body"]["to"] for post in posts] == numbers
    assert 15 <= seconds_between(posts[0]["at"], posts[1]["at"]) <= 15 + LATEST
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
    first, second = dispatch["steps"]
    assert dispatch["final_report"] == {
        "template": "failover",
        "status": "completed",
        "dispatch_uuid": dispatch_uuid,
        "timestamp": dispatch["timeline"][-1]["at"],
        "usage": {"currency": "EUR", "price": "0.0666"},
        "_links": {
            "messages": [
                {
                    "message_uuid": step["message_uuid"],
                    "href": f"/v1/messages/{step['message_uuid']}",
                    "channel": "sms",
                    "status": status,
                    "usage": {"currency": "EUR", "price": "0.0333"},
                }
                for step, status in ((first, "submitted"), (second, "delivered"))
            ]
        },
    }


def test_an_sms_that_was_passed_over_expires_and_does_not_arrive_later(
    shared_stack: Stack, stories: dict[str, Story]
) -> None:
    stack, (numbers, dispatch_uuid) = shared_stack, stories["sms"]

    def expired() -> bool:
        return bool(stack.dispatch(dispatch_uuid)["steps"][0]["status"] == "rejected")

    dispatch = stack.wait_for_dispatch(dispatch_uuid, over)
    until(expired)
    stack.simulator("PUT", f"/phones/sms/{numbers[0]}", {"mode": "on", "delay": 0})
    check = send(stack, sms(numbers[0], text="Is anybody there?"))
    stack.wait_for_dispatch(check, over)

    posts = received(stack, *numbers)[:2]
    assert posts[0]["body"]["ttl"] == WINDOW
    assert "ttl" not in posts[1]["body"]
    assert WINDOW <= seconds_between(posts[0]["at"], posts[1]["at"]) <= WINDOW + LATEST
    [rejected] = [entry for entry in stack.dispatch(dispatch_uuid)["timeline"] if entry.get("status") == "rejected"]
    assert (rejected["step"], rejected["error"]["code"]) == (0, 1360)
    phone = stack.simulator("GET", f"/phones/sms/{numbers[0]}")
    assert [message["status"] for message in phone["messages"]] == ["rejected", "delivered"]
    assert (dispatch["outcome"], dispatch["succeeded_by"]) == ("succeeded", 1)
    assert recipients(stack, numbers[1]) == [numbers[1]]
