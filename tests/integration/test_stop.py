"""A customer who wants no more messages, on the running stack: what is under way, what comes later, START."""

from typing import Any

import pytest

from tests.builders import FROM
from tests.integration.scenes import (
    LATEST,
    conversation,
    first_is,
    over,
    recipients,
    reply,
    said,
    seconds_between,
    send,
    sms,
    story,
    whatsapp,
)
from tests.running_stack import Stack, new_number

SENT_AND_DELIVERED = [
    (None, "accepted"),
    (0, "sent"),
    (0, "accepted"),
    (0, "submitted"),
    (0, "delivered"),
]


@pytest.mark.main_story
def test_stop_while_a_step_waits_goes_on_to_another_contact_at_once(stack: Stack) -> None:
    customer, other = new_number(), new_number()
    stack.simulator("PUT", f"/phones/whatsapp/{customer}", {"mode": "slow", "delay": 60})
    body = whatsapp(customer, condition_status="read", expiry_time=600, failover=[sms(other)])
    dispatch_uuid = send(stack, body)
    stack.wait_for_dispatch(dispatch_uuid, first_is("submitted"))

    reply(stack, "whatsapp", customer, "Stop!")
    dispatch = stack.wait_for_dispatch(dispatch_uuid, over)

    assert story(dispatch) == [
        *SENT_AND_DELIVERED[:-1],
        (0, "opted_out"),
        (1, "sent"),
        (1, "accepted"),
        (1, "submitted"),
        (1, "delivered"),
        (1, "succeeded"),
    ]
    [stopped_at] = [entry["at"] for entry in dispatch["timeline"] if entry["event"] == "opted_out"]
    assert 0 <= seconds_between(stopped_at, dispatch["steps"][1]["claimed_at"]) < LATEST
    assert dispatch["steps"][1]["sent_because"] == "opted_out"
    assert recipients(stack, customer, other) == [customer, other]


def test_who_says_stop_to_a_message_that_arrived_gets_no_message_elsewhere(stack: Stack) -> None:
    customer, other = new_number(), new_number()
    body = whatsapp(customer, condition_status="read", expiry_time=600, failover=[sms(other)])
    dispatch_uuid = send(stack, body)
    stack.wait_for_dispatch(dispatch_uuid, first_is("delivered"))

    reply(stack, "whatsapp", customer, "Stop!")
    dispatch = stack.wait_for_dispatch(dispatch_uuid, over)

    assert story(dispatch) == [*SENT_AND_DELIVERED, (0, "opted_out"), (None, "stopped")]
    assert recipients(stack, customer, other) == [customer]


def test_stop_with_no_other_contact_left_ends_it_and_nothing_more_goes_out_until_start(stack: Stack) -> None:
    customer = new_number()
    body = whatsapp(customer, condition_status="read", expiry_time=600, failover=[whatsapp(customer, text="Hello?")])
    dispatch_uuid = send(stack, body)
    stack.wait_for_dispatch(dispatch_uuid, first_is("delivered"))

    reply(stack, "whatsapp", customer, "STOP")
    dispatch = stack.wait_for_dispatch(dispatch_uuid, over)
    refused = stack.api("POST", "/v1/messages", whatsapp(customer, text="One more thing"))

    assert story(dispatch) == [*SENT_AND_DELIVERED, (0, "opted_out"), (None, "stopped")]
    assert [step["answer"] for step in dispatch["steps"]] == ["accepted", None]
    assert refused.status_code == 422
    assert [fault["name"] for fault in refused.json()["invalid_parameters"]] == ["to"]
    assert recipients(stack, customer) == [customer]
    quiet = conversation(stack, "whatsapp", customer)
    assert said(quiet) == [("inbound", "STOP"), ("outbound", "The cupcakes are ready!")]
    message_uuid = quiet["messages"][0]["message"]["message_uuid"]
    changed_at = quiet["opt_out"].pop("changed_at")
    assert 0 <= seconds_between(quiet["messages"][0]["at"], changed_at) < 1
    assert quiet["opt_out"] == {
        "channel": "whatsapp",
        "address": customer,
        "opted_out": True,
        "why": f"whatsapp message {message_uuid}",
        "by": "customer",
    }

    reply(stack, "whatsapp", customer, "start")
    welcome = stack.wait_for_dispatch(send(stack, whatsapp(customer, text="Welcome back")), over)

    assert welcome["outcome"] == "succeeded"
    again = conversation(stack, "whatsapp", customer)
    assert again["opt_out"]["opted_out"] is False
    assert said(again)[:2] == [("outbound", "Welcome back"), ("inbound", "start")]
    assert stack.dispatch(dispatch_uuid)["outcome"] == "stopped"


WORDS = {"text": "Unsubscribe"}
TAP = {"message_type": "button", "button": {"payload": "no-more", "text": "STOP"}}
VIBER = {"viber_service": {"category": "transaction"}}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"channel": "whatsapp"}, {**WORDS, "webhook_version": "v0.1"}),
        ({"channel": "whatsapp"}, TAP),
        ({"channel": "rcs"}, WORDS),
        ({"channel": "messenger"}, {**WORDS, "webhook_version": "v0.1"}),
        ({"channel": "viber_service", **VIBER}, {**WORDS, "webhook_version": "v0.1"}),
    ],
)
def test_a_single_message_that_waits_ends_at_once_however_the_customer_says_it(
    stack: Stack, fields: dict[str, Any], said: dict[str, Any]
) -> None:
    customer = new_number()
    body = sms(customer, condition_status="read", expiry_time=600, **fields)
    dispatch_uuid = send(stack, body)
    stack.wait_for_dispatch(dispatch_uuid, first_is("delivered"))

    reply(stack, fields["channel"], customer, **said)

    assert story(stack.dispatch(dispatch_uuid)) == [*SENT_AND_DELIVERED, (0, "opted_out"), (None, "stopped")]


def test_a_stop_on_one_channel_holds_on_every_channel_of_the_telephone(stack: Stack) -> None:
    customer = new_number()
    stack.simulator("PUT", f"/phones/sms/{customer}", {"mode": "on"})
    reply(stack, "sms", customer, "STOP", to=FROM)

    refused = stack.api("POST", "/v1/messages", whatsapp(customer))
    assert (refused.status_code, refused.json()["invalid_parameters"][0]["name"]) == (422, "to")


@pytest.mark.parametrize(("code", "opted_out"), [(1240, True), (1050, True), (1280, False)])
def test_a_rejection_opts_the_contact_out_if_its_code_says_so(stack: Stack, code: int, opted_out: bool) -> None:
    customer, other = new_number(), new_number()
    stack.simulator("PUT", f"/phones/sms/{customer}", {"mode": "blocked", "error": code})

    body = sms(customer, expiry_time=600, failover=[sms(other)])
    dispatch = stack.wait_for_dispatch(send(stack, body), over)
    stack.simulator("PUT", f"/phones/sms/{customer}", {"mode": "on"})
    later = stack.api("POST", "/v1/messages", sms(customer))

    assert (dispatch["outcome"], dispatch["succeeded_by"]) == ("succeeded", 1)
    thread = conversation(stack, "sms", customer)
    if opted_out:
        reported = thread["opt_out"]
        assert (reported["opted_out"], reported["by"], reported["why"]) == (True, "vonage", f"error {code}")
        assert later.status_code == 422
        assert recipients(stack, customer) == [customer]
    else:
        assert thread["opt_out"] is None
        assert later.status_code == 202
