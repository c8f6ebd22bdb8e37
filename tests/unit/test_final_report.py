"""The final report in the Dispatch API's shape, and what the timeline tells of numbers that were normalised."""

import json
from dataclasses import replace
from typing import Any

import pytest

from getthrough.domain.dispatch.description import describe
from getthrough.domain.dispatch.dispatch import AnswerKind, Closing, Dispatch, Outcome, Step
from getthrough.domain.dispatch.request import parse_messages_request
from getthrough.domain.dispatch.responses import describe_accepted, describe_accepted_v0_1
from getthrough.domain.event.webhook import StatusEvent
from getthrough.domain.message.status import Status
from tests.builders import DISPATCH_UUID, SECOND, at, dispatch, message, status_event, step
from tests.unit.stories import REFUSED, claimed, reported, sent

PRICE = {"currency": "EUR", "price": "0.0333"}


def final_report(story: Dispatch, *events: StatusEvent) -> Any:
    return json.loads(json.dumps(describe(reported(story, *events), events)["final_report"]))


def two_sent() -> Dispatch:
    return sent(sent(dispatch(step(), step(channel="viber_service", to=SECOND))), seconds=16)


@pytest.mark.parametrize(
    "story",
    [dispatch(), claimed(dispatch()), sent(dispatch(step())), sent(dispatch(), REFUSED)],
    ids=["new", "claimed", "sent", "refused with a fallback"],
)
def test_there_is_no_final_report_while_the_dispatch_is_under_way(story: Dispatch) -> None:
    assert final_report(story) is None


def test_a_success_is_completed_and_lists_what_was_sent_with_channels_as_v0_1_names_them() -> None:
    events = [status_event(Status.SUBMITTED, 0, 1), status_event(Status.READ, 1, 20, usage=PRICE)]
    assert final_report(two_sent(), *events) == {
        "template": "failover",
        "status": "completed",
        "dispatch_uuid": DISPATCH_UUID,
        "timestamp": "2026-03-02T12:00:20.000Z",
        "usage": PRICE,
        "_links": {
            "messages": [
                {
                    "message_uuid": f"{DISPATCH_UUID[:-2]}01",
                    "href": f"/v1/messages/{DISPATCH_UUID[:-2]}01",
                    "channel": "sms",
                    "status": "submitted",
                },
                {
                    "message_uuid": f"{DISPATCH_UUID[:-2]}02",
                    "href": f"/v1/messages/{DISPATCH_UUID[:-2]}02",
                    "channel": "viber_service_msg",
                    "status": "read",
                    "usage": PRICE,
                },
            ]
        },
    }


def test_a_step_that_was_never_sent_is_not_in_it() -> None:
    event = status_event(Status.DELIVERED, 0, 1)
    messages = final_report(sent(dispatch(step(), step(to=SECOND))), event)["_links"]["messages"]
    assert [one["message_uuid"] for one in messages] == [f"{DISPATCH_UUID[:-2]}01"]


def test_a_contact_that_had_opted_out_was_sent_nothing() -> None:
    report = final_report(sent(dispatch(step()), AnswerKind.OPTED_OUT, 3))
    assert (report["status"], report["timestamp"], report["usage"], report["_links"]) == (
        "error",
        "2026-03-02T12:00:03.000Z",
        None,
        {"messages": []},
    )


@pytest.mark.parametrize("outcome", [Outcome.EXHAUSTED, Outcome.CANCELLED])
def test_every_end_without_success_is_an_error(outcome: Outcome) -> None:
    report = final_report(replace(sent(dispatch(step())), closed=Closing(outcome, at(90))))
    assert (report["status"], report["timestamp"]) == ("error", "2026-03-02T12:01:30.000Z")


@pytest.mark.parametrize(
    ("first", "second", "total"),
    [
        (None, None, None),
        (PRICE, None, PRICE),
        (PRICE, {"currency": "EUR", "price": "0.02"}, {"currency": "EUR", "price": "0.0533"}),
        (PRICE, {"currency": "USD", "price": "0.02"}, None),
    ],
    ids=["nothing known", "one known", "one currency", "two currencies"],
)
def test_usage_is_the_sum_where_one_currency_can_say_it(first: Any, second: Any, total: Any) -> None:
    events = [
        status_event(Status.SUBMITTED, 0, 1, **({"usage": first} if first else {})),
        status_event(Status.DELIVERED, 1, 20, **({"usage": second} if second else {})),
    ]
    assert final_report(two_sent(), *events)["usage"] == total


# Numbers


def test_the_answer_and_the_timeline_tell_which_numbers_were_normalised() -> None:
    body = message(to="+44 7700 900001", failover=[message(to=SECOND, **{"from": "0044 (0)7700 900000"})])
    steps: tuple[Step, ...] = parse_messages_request(body).steps
    accepted = dispatch(*steps)
    normalised = [
        {"step": 0, "field": "to", "given": "+44 7700 900001", "used": "447700900001"},
        {"step": 1, "field": "from", "given": "0044 (0)7700 900000", "used": "447700900000"},
    ]
    assert describe_accepted(accepted)["normalised"] == normalised
    assert describe_accepted_v0_1(accepted)["normalised"] == normalised
    assert describe(accepted, [])["timeline"] == [
        {"at": "2026-03-02T12:00:00.000Z", "step": None, "event": "accepted"},
        {
            "at": "2026-03-02T12:00:00.000Z",
            "step": 0,
            "event": "normalised",
            "field": "to",
            "given": "+44 7700 900001",
            "used": "447700900001",
        },
        {
            "at": "2026-03-02T12:00:00.000Z",
            "step": 1,
            "event": "normalised",
            "field": "from",
            "given": "0044 (0)7700 900000",
            "used": "447700900000",
        },
    ]
