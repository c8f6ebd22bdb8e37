"""`condition_status` "replied", on the running stack: what the customer answers decides."""

from datetime import UTC, datetime
from typing import Any

from tests.integration.scenes import (
    LATEST,
    conversation,
    first_is,
    over,
    received,
    recipients,
    reply,
    said,
    seconds_between,
    send,
    sms,
    story,
    until,
    whatsapp,
)
from tests.running_stack import Stack, new_number


def question(to: str, fallback: str, seconds: int) -> dict[str, Any]:
    """Asks on WhatsApp, and by SMS if that is not answered in time."""
    text = "May we keep your cupcakes?"
    return whatsapp(
        to, text=text, condition_status="replied", expiry_time=seconds, failover=[sms(fallback, text="Call us.")]
    )


def test_an_answer_in_time_is_the_success_and_no_fallback_goes_out(stack: Stack) -> None:
    customer, other = new_number(), new_number()
    dispatch_uuid = send(stack, question(customer, other, seconds=LATEST))
    stack.wait_for_dispatch(dispatch_uuid, first_is("delivered"))

    reply(stack, "whatsapp", customer, "Yes, please")

    answered = stack.dispatch(dispatch_uuid)
    assert story(answered) == [
        (None, "accepted"),
        (0, "sent"),
        (0, "accepted"),
        (0, "submitted"),
        (0, "delivered"),
        (0, "replied"),
        (0, "succeeded"),
    ]
    assert (answered["succeeded_by"], answered["steps"][0]["condition_met"], answered["late"]) == (0, True, False)
    until(lambda: seconds_between(answered["steps"][0]["window_ends_at"], datetime.now(UTC).isoformat()) > 2)
    assert recipients(stack, customer, other) == [customer]


def test_an_answer_that_quotes_another_message_is_none_and_one_that_quotes_it_is(stack: Stack) -> None:
    customer, other = new_number(), new_number()
    asked = send(stack, question(customer, other, seconds=60))
    reported = send(stack, whatsapp(customer, text="We open at nine."))
    for dispatch_uuid in (asked, reported):
        stack.wait_for_dispatch(dispatch_uuid, first_is("delivered"))
    [question_uuid, news_uuid] = [post["message_uuid"] for post in received(stack, customer)]

    reply(stack, "whatsapp", customer, "Good to know", context={"message_uuid": news_uuid})
    assert (stack.dispatch(asked)["outcome"], stack.dispatch(reported)["outcome"]) == (None, "succeeded")

    reply(stack, "whatsapp", customer, "Keep them", context={"message_uuid": question_uuid})
    assert (stack.dispatch(asked)["outcome"], stack.dispatch(asked)["succeeded_by"]) == ("succeeded", 0)

    thread = conversation(stack, "whatsapp", customer)
    assert said(thread) == [
        ("inbound", "Keep them"),
        ("inbound", "Good to know"),
        ("outbound", "We open at nine."),
        ("outbound", "May we keep your cupcakes?"),
    ]
    ours = [entry["message_uuid"] for entry in thread["messages"] if entry["direction"] == "outbound"]
    assert [entry["in_reply_to"] for entry in thread["messages"][:2]] == [ours[1], ours[0]]


def test_without_an_answer_the_fallback_goes_out_when_the_window_ends(stack: Stack) -> None:
    customer, other = new_number(), new_number()

    dispatch = stack.wait_for_dispatch(send(stack, question(customer, other, seconds=2)), over)

    assert story(dispatch) == [
        (None, "accepted"),
        (0, "sent"),
        (0, "accepted"),
        (0, "submitted"),
        (0, "delivered"),
        (0, "window_ended"),
        (1, "sent"),
        (1, "accepted"),
        (1, "submitted"),
        (1, "delivered"),
        (1, "succeeded"),
    ]
    first, second = dispatch["steps"]
    assert 0 <= seconds_between(first["window_ends_at"], second["claimed_at"]) <= LATEST
    assert (dispatch["succeeded_by"], dispatch["double_messages"]) == (1, 1)

    reply(stack, "whatsapp", customer, "Sorry, I was asleep")
    late = stack.dispatch(dispatch["dispatch_uuid"])
    assert ([step["late"] for step in late["steps"]], late["succeeded_by"]) == ([True, False], 1)
    assert story(late)[-1] == (0, "replied")
