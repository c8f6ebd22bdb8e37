"""Whole stories as a client reads them."""

import json
from dataclasses import replace
from typing import Any

import pytest

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.description import describe, describe_step, summarize
from getthrough.domain.dispatch.dispatch import Dispatch, Outcome
from getthrough.domain.event.webhook import StatusEvent
from getthrough.domain.message.status import Condition, Status
from tests.builders import DISPATCH_UUID, FIRST, FROM, SECOND, at, dispatch, status_event, status_payload, step
from tests.unit.stories import ACCEPTED, REFUSED, UNAVAILABLE, answered, claimed, reported, sent

FIRST_MESSAGE, SECOND_MESSAGE = f"{DISPATCH_UUID[:-2]}01", f"{DISPATCH_UUID[:-2]}02"
PRICE = {"currency": "EUR", "price": "0.0333"}


def described(dispatch: Dispatch, *events: StatusEvent) -> Any:
    """The description, sent through JSON as a client gets it."""
    return json.loads(json.dumps(describe(reported(dispatch, *events), events)))


def second(seconds: float) -> str:
    return f"2026-03-02T12:00:{seconds:06.3f}Z"


def accepted(story: Dispatch, seconds: float, number: int) -> Dispatch:
    return answered(story, ACCEPTED, seconds, http_status=202, vonage_message_uuid=f"vonage-{number}")


def planned(number: int, **fields: Any) -> dict[str, Any]:
    """A step that was not sent, unless the fields say more."""
    return {
        "step": number,
        "channel": "sms",
        "to": (FIRST, SECOND)[number],
        "from": FROM,
        "message_type": "text",
        "content": {"text": "The cupcakes are ready!"},
        "expiry_time": 15,
        "condition_status": "delivered",
        "message_uuid": (FIRST_MESSAGE, SECOND_MESSAGE)[number],
        "vonage_message_uuid": None,
        "sent_because": None,
        "claimed_at": None,
        "window_ends_at": None,
        "tries": 0,
        "answer": None,
        "problem": None,
        "status": None,
        "arrived_at": None,
        "condition_met": False,
        "late": False,
        "usage": None,
        **fields,
    }


def status_entry(seconds: float, event: StatusEvent, **fields: Any) -> dict[str, Any]:
    return {
        "at": second(seconds),
        "step": event.step,
        "event": "status",
        "status": None,
        "timestamp": "2026-03-02T12:00:01.000Z",
        "late": False,
        "usage": None,
        "error": None,
        "raw": json.loads(event.body),
        **fields,
    }


def reported_message(message_uuid: str, **fields: Any) -> dict[str, Any]:
    """A message of the final report."""
    return {"message_uuid": message_uuid, "href": f"/v1/messages/{message_uuid}", "channel": "sms", **fields}


def cupcakes() -> tuple[Dispatch, list[StatusEvent]]:
    """No word from the first phone for 15 seconds; the second one gets the message, and then the first one too."""
    story = accepted(claimed(dispatch(step(client_ref="order 7"), step(to=SECOND))), 0.4, 1)
    story = accepted(claimed(story, 15.5), 15.9, 2)
    return story, [
        status_event(Status.SUBMITTED, 0, 1, usage=PRICE),
        status_event(Status.SUBMITTED, 1, 17, usage=PRICE),
        status_event(Status.DELIVERED, 1, 20),
        status_event(Status.DELIVERED, 0, 31.25),
    ]


def test_the_cupcakes_reach_the_second_number_and_late_to_the_first() -> None:
    story, events = cupcakes()
    assert described(story, *events) == {
        "dispatch_uuid": DISPATCH_UUID,
        "created_at": second(0),
        "client_name": "bakery",
        "client_ref": "order 7",
        "batch_uuid": None,
        "outcome": "succeeded",
        "succeeded_by": 1,
        "late": True,
        "double_messages": 1,
        "send_at": None,
        "held_until": None,
        "request_id": None,
        "usage": [{"currency": "EUR", "price": "0.0666"}],
        "steps": [
            planned(
                0,
                vonage_message_uuid="vonage-1",
                sent_because="first",
                claimed_at=second(0),
                window_ends_at=second(15.4),
                tries=1,
                answer="accepted",
                status="delivered",
                arrived_at=second(1),
                condition_met=True,
                late=True,
                usage=PRICE,
            ),
            planned(
                1,
                vonage_message_uuid="vonage-2",
                sent_because="window_ended",
                claimed_at=second(15.5),
                window_ends_at=second(30.9),
                tries=1,
                answer="accepted",
                status="delivered",
                arrived_at=second(1),
                condition_met=True,
                usage=PRICE,
            ),
        ],
        "timeline": [
            {"at": second(0), "step": None, "event": "accepted"},
            {"at": second(0), "step": 0, "event": "sent", "because": "first"},
            {"at": second(0.4), "step": 0, "event": "answered", "answer": "accepted", "http_status": 202, "tries": 1},
            status_entry(1, events[0], status="submitted", usage=PRICE),
            {"at": second(15.4), "step": 0, "event": "window_ended"},
            {"at": second(15.5), "step": 1, "event": "sent", "because": "window_ended"},
            {"at": second(15.9), "step": 1, "event": "answered", "answer": "accepted", "http_status": 202, "tries": 1},
            status_entry(17, events[1], status="submitted", usage=PRICE),
            status_entry(20, events[2], status="delivered"),
            {"at": second(20), "step": 1, "event": "finished", "outcome": "succeeded"},
            status_entry(31.25, events[3], status="delivered", late=True),
        ],
        "final_report": {
            "template": "failover",
            "status": "completed",
            "dispatch_uuid": DISPATCH_UUID,
            "timestamp": second(20),
            "usage": {"currency": "EUR", "price": "0.0666"},
            "_links": {
                "messages": [
                    reported_message(FIRST_MESSAGE, status="delivered", usage=PRICE),
                    reported_message(SECOND_MESSAGE, status="delivered", usage=PRICE),
                ]
            },
        },
    }


def test_the_cupcakes_in_one_line_of_a_list() -> None:
    story, events = cupcakes()
    assert json.loads(json.dumps(summarize(reported(story, *events)))) == {
        "dispatch_uuid": DISPATCH_UUID,
        "created_at": second(0),
        "client_name": "bakery",
        "client_ref": "order 7",
        "batch_uuid": None,
        "canary": False,
        "test": False,
        "outcome": "succeeded",
        "late": True,
        "to": [{"channel": "sms", "address": FIRST}, {"channel": "sms", "address": SECOND}],
        "steps_total": 2,
        "steps_sent": 2,
        "status": "delivered",
        "text": "The cupcakes are ready!",
        "answer": "accepted",
        "due_at": None,
    }


def test_the_line_of_a_list_says_what_it_waits_for_until_it_is_sent_or_over() -> None:
    waiting = dispatch(step(), send_at=at(50))
    lines = [
        waiting,
        dispatch(step(), send_at=at(50), held_until=at(55)),
        replace(claimed(dispatch(step())), send_at=at(50)),
    ]
    assert [summarize(line)["due_at"] for line in lines] == [second(50), second(55), None]


def test_it_does_not_matter_in_which_order_the_events_are_read() -> None:
    story, events = cupcakes()
    assert described(story, *reversed(events)) == described(story, *events)


def test_a_plain_message_with_its_price() -> None:
    event = status_event(Status.DELIVERED, 0, 2, usage=PRICE)
    assert described(accepted(claimed(dispatch(step(60))), 0.5, 1), event) == {
        "dispatch_uuid": DISPATCH_UUID,
        "created_at": second(0),
        "client_name": "bakery",
        "client_ref": None,
        "batch_uuid": None,
        "outcome": "succeeded",
        "succeeded_by": 0,
        "late": False,
        "double_messages": 0,
        "send_at": None,
        "held_until": None,
        "request_id": None,
        "usage": [PRICE],
        "steps": [
            planned(
                0,
                expiry_time=60,
                vonage_message_uuid="vonage-1",
                sent_because="first",
                claimed_at=second(0),
                window_ends_at="2026-03-02T12:01:00.500Z",
                tries=1,
                answer="accepted",
                status="delivered",
                arrived_at=second(1),
                condition_met=True,
                usage=PRICE,
            )
        ],
        "timeline": [
            {"at": second(0), "step": None, "event": "accepted"},
            {"at": second(0), "step": 0, "event": "sent", "because": "first"},
            {"at": second(0.5), "step": 0, "event": "answered", "answer": "accepted", "http_status": 202, "tries": 1},
            status_entry(2, event, status="delivered", usage=PRICE),
            {"at": second(2), "step": 0, "event": "finished", "outcome": "succeeded"},
        ],
        "final_report": {
            "template": "failover",
            "status": "completed",
            "dispatch_uuid": DISPATCH_UUID,
            "timestamp": second(2),
            "usage": PRICE,
            "_links": {"messages": [reported_message(FIRST_MESSAGE, status="delivered", usage=PRICE)]},
        },
    }


def test_a_dispatch_that_waits_shows_the_step_that_is_not_sent_yet() -> None:
    waiting = described(accepted(claimed(dispatch()), 0.4, 1))
    assert (waiting["outcome"], waiting["succeeded_by"], waiting["usage"]) == (None, None, [])
    assert waiting["steps"][1] == planned(1)
    assert [entry["event"] for entry in waiting["timeline"]] == ["accepted", "sent", "answered"]


def test_a_step_whose_sender_died_has_no_answer() -> None:
    died = described(claimed(dispatch()))
    assert (died["steps"][0]["sent_because"], died["steps"][0]["answer"]) == ("first", None)
    assert [entry["event"] for entry in died["timeline"]] == ["accepted", "sent"]


def test_a_refused_message_shows_vonages_own_problem_and_ends_with_it() -> None:
    problem = {"title": "Invalid sender", "detail": "Not a number of yours."}
    refused = answered(claimed(dispatch(step())), REFUSED, 0.4, http_status=422, problem=problem)
    story = described(refused)
    assert (story["outcome"], story["succeeded_by"], story["late"]) == ("exhausted", None, False)
    assert story["steps"][0] == planned(
        0,
        sent_because="first",
        claimed_at=second(0),
        window_ends_at=second(15),
        tries=1,
        answer="refused",
        problem=problem,
    )
    assert story["timeline"][2:] == [
        {"at": second(0.4), "step": 0, "event": "answered", "answer": "refused", "http_status": 422, "tries": 1},
        {"at": second(0.4), "step": None, "event": "finished", "outcome": "exhausted"},
    ]


def test_a_rejected_message_shows_why_and_ends_when_that_was_reported() -> None:
    error = {"title": "1240", "detail": "The recipient does not want this."}
    shown = {"code": 1240, "title": "Illegal Number", "meaning": "never_again", "detail": error["detail"]}
    event = status_event(Status.REJECTED, 0, 3, error=error)
    story = described(sent(dispatch(step())), event)
    assert story["timeline"][-2:] == [
        status_entry(3, event, status="rejected", error=shown),
        {"at": second(3), "step": None, "event": "finished", "outcome": "exhausted"},
    ]


def test_an_exhausted_dispatch_ends_after_its_last_window() -> None:
    closed = failover.finish(sent(dispatch(step())), Outcome.EXHAUSTED, at(15.8))
    assert described(closed)["timeline"][-2:] == [
        {"at": second(15), "step": 0, "event": "window_ended"},
        {"at": second(15.8), "step": None, "event": "finished", "outcome": "exhausted"},
    ]


def test_a_success_after_exhaustion_ends_it_late() -> None:
    closed = failover.finish(sent(dispatch(step())), Outcome.EXHAUSTED, at(15.8))
    event = status_event(Status.DELIVERED, 0, 40)
    story = described(closed, event)
    assert (story["outcome"], story["late"], story["double_messages"]) == ("succeeded", True, 0)
    assert story["timeline"][-3:] == [
        {"at": second(15), "step": 0, "event": "window_ended"},
        status_entry(40, event, status="delivered", late=True),
        {"at": second(40), "step": 0, "event": "finished", "outcome": "succeeded"},
    ]


def test_a_success_in_time_is_the_end_although_a_late_one_was_reported_before_it() -> None:
    story, _ = cupcakes()
    late, in_time = status_event(Status.DELIVERED, 0, 18), status_event(Status.DELIVERED, 1, 20)
    timeline = described(story, late, in_time)["timeline"]
    assert timeline[-3:] == [
        status_entry(18, late, status="delivered", late=True),
        status_entry(20, in_time, status="delivered"),
        {"at": second(20), "step": 1, "event": "finished", "outcome": "succeeded"},
    ]


def test_a_dispatch_that_was_cancelled_ends_then() -> None:
    closed = failover.finish(sent(dispatch()), Outcome.CANCELLED, at(5))
    expected = {"at": second(5), "step": None, "event": "finished", "outcome": "cancelled"}
    assert described(closed)["timeline"][-1] == expected


def test_a_step_that_was_tried_often_tells_how_often() -> None:
    tried = answered(claimed(sent(dispatch(step(60)), UNAVAILABLE), 1.5), ACCEPTED, 2, http_status=202)
    story = described(tried)
    assert (story["steps"][0]["tries"], story["steps"][0]["claimed_at"]) == (2, second(0))
    assert story["timeline"][1:] == [
        {"at": second(0), "step": 0, "event": "sent", "because": "first"},
        {"at": second(2), "step": 0, "event": "answered", "answer": "accepted", "http_status": 202, "tries": 2},
    ]


def test_an_event_that_we_do_not_understand_is_shown_as_it_came() -> None:
    event = status_event("accepted", 0, 1)
    assert described(sent(dispatch()), event)["timeline"][-1] == status_entry(1, event, status="accepted")


def test_an_event_of_a_step_that_was_never_sent_is_shown_and_counts_nothing() -> None:
    event = status_event(Status.DELIVERED, 5, 1)
    story = described(sent(dispatch()), event)
    assert story["outcome"] is None
    assert story["timeline"][-1] == status_entry(1, event, status="delivered")


def test_a_delivered_message_that_was_to_be_read_is_not_the_end() -> None:
    story = sent(dispatch(step(60, Condition.READ, channel="whatsapp")))
    delivered, read = status_event(Status.DELIVERED, 0, 2), status_event(Status.READ, 0, 9)
    assert described(story, delivered)["steps"][0]["condition_met"] is False
    finished = {"at": second(9), "step": 0, "event": "finished", "outcome": "succeeded"}
    assert described(story, delivered, read)["timeline"][-1] == finished


@pytest.mark.parametrize(
    ("prices", "total"),
    [
        ([("0.1", "EUR"), ("0.2", "EUR")], [("EUR", "0.3")]),
        ([("0.0333", "EUR"), ("0.0333", "EUR")], [("EUR", "0.0666")]),
        ([("1", "USD"), ("0.5", "EUR")], [("EUR", "0.5"), ("USD", "1")]),
        ([("0.00000000", "EUR")], [("EUR", "0.00000000")]),
        ([("0.0000001", "EUR")], [("EUR", "0.0000001")]),
        ([("999999999999999.999999999999", "EUR")] * 2, [("EUR", "1999999999999999.999999999998")]),
        ([], []),
    ],
)
def test_costs_are_added_up_exactly_by_currency(prices: list[tuple[str, str]], total: list[tuple[str, str]]) -> None:
    story = sent(sent(dispatch()), seconds=15)
    events = [
        status_event(Status.SUBMITTED, number, usage={"price": price, "currency": currency})
        for number, (price, currency) in enumerate(prices)
    ]
    expected = [{"currency": currency, "price": price} for currency, price in total]
    description = described(story, *events)
    assert description["usage"] == expected
    shown = [(step["usage"]["price"], step["usage"]["currency"]) for step in description["steps"] if step["usage"]]
    assert shown == prices


def test_the_content_of_a_step_is_the_message_without_its_envelope() -> None:
    image = {"url": "https://example.com/cupcake.jpg"}
    plan = dispatch(
        step(
            channel="whatsapp",
            message_type="image",
            text=None,
            image=image,
            client_ref="order 7",
            webhook_url="https://example.com",
            webhook_version="v1",
            ttl=300,
        )
    )
    assert describe_step(plan, 0)["content"] == {"image": image, "ttl": 300}


def test_a_status_is_shown_with_everything_that_came() -> None:
    event = status_event(Status.SUBMITTED, sms={"count_total": "2"})
    raw = described(sent(dispatch()), event)["timeline"][-1]["raw"]
    assert raw == status_payload("submitted", sms={"count_total": "2"})
