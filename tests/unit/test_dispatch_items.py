"""A dispatch as an item: how long it lives there, and what its plan keeps of what the client wrote."""

import json
import re
from dataclasses import fields, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from getthrough.adapters import table_keys
from getthrough.adapters.dispatch_items import LAYOUT, from_attributes, in_full, to_attributes
from getthrough.domain.contact.contact import contact_of
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import (
    Answer,
    AnswerKind,
    Attempt,
    Because,
    ClientSuccess,
    Closing,
    Dispatch,
    InBatch,
    Limited,
    OnUnknown,
    Outcome,
    Reserved,
    Revocation,
)
from getthrough.domain.dispatch.erased_dispatch import without_texts
from getthrough.domain.event.webhook import Usage
from getthrough.domain.message.arrivals import Chosen, Why
from getthrough.domain.message.status import Condition, Status
from getthrough.domain.values.quiet_hours import QuietHours
from getthrough.domain.values.rfc3339 import from_text, to_text
from tests.builders import DISPATCH_UUID, FIRST, FROM, NOON, SECOND, at, dispatch, status_event, step
from tests.unit.stories import ACCEPTED, UNAVAILABLE, answered, claimed, reported, sent
from tests.unit.test_failover import stories

DAY = 86_400
WEEK = timedelta(days=7)

out = sent(dispatch(step(7 * DAY), step(7 * DAY)))
both_out = sent(out, seconds=7 * DAY)


@pytest.mark.parametrize(
    ("subject", "expires"),
    [
        (dispatch(), NOON + WEEK),
        (out, at(7 * DAY) + WEEK),
        (both_out, at(14 * DAY) + WEEK),
        (reported(both_out, status_event(Status.DELIVERED, step=1)), at(7 * DAY) + WEEK),
    ],
    ids=["new", "under way", "under way for long", "over"],
)
def test_an_item_outlives_whatever_it_waits_for(subject: Dispatch, expires: datetime) -> None:
    assert to_attributes(subject, WEEK)["expires_at"] == int(expires.timestamp())


def test_when_a_message_arrived_is_kept_to_the_millisecond_and_the_dispatch_is_as_its_events_make_it() -> None:
    event = status_event(Status.DELIVERED, timestamp=at(18.0059).isoformat())
    kept = from_attributes(to_attributes(reported(out, event), WEEK))
    assert kept.attempts[0].arrived_at == at(18.005)
    assert failover.rebuild(kept, [event]) == kept


def test_what_the_client_wrote_is_kept_in_the_plan_and_takes_no_room_where_it_is_what_was_used() -> None:
    written = replace(step(), given={"to": "+44 7700 900001"})
    attributes = to_attributes(dispatch(written, step()), WEEK)
    assert from_attributes(attributes).steps == (written, step())
    assert ["given" in plan for plan in json.loads(attributes["plan"])] == [True, False]


ENDED = reported(sent(dispatch(step())), status_event(Status.DELIVERED))
ONE_DAY = timedelta(days=1)


def test_where_texts_are_kept_for_a_shorter_time_a_dispatch_that_has_ended_is_due_again_then() -> None:
    attributes = to_attributes(ENDED, WEEK, ONE_DAY)
    assert (attributes["texts_until"], attributes["due_at"]) == (to_text(NOON + ONE_DAY), to_text(NOON + ONE_DAY))
    assert attributes["expires_at"] == to_attributes(ENDED, WEEK)["expires_at"]
    # A changed setting counts for what ends from then on.
    kept = from_attributes(attributes)
    assert [to_attributes(kept, WEEK, texts).get("due_at") for texts in (None, 2 * ONE_DAY)] == [
        to_text(NOON + ONE_DAY)
    ] * 2


@pytest.mark.parametrize(
    ("subject", "due_at"),
    [
        (sent(dispatch(step(15))), at(15)),
        (replace(ENDED, erased_at=at(20)), None),
        (without_texts(ENDED, at(20)), None),
    ],
    ids=["under way", "erased", "without texts"],
)
def test_only_a_dispatch_that_has_ended_is_due_for_its_texts_and_only_once(
    subject: Dispatch, due_at: datetime | None
) -> None:
    attributes = to_attributes(subject, WEEK, ONE_DAY)
    assert ("texts_until" in attributes, attributes.get("due_at")) == (False, due_at and to_text(due_at))
    assert from_attributes(attributes) == subject


def test_without_its_texts_a_dispatch_says_to_whom_it_was_and_what_became_of_it() -> None:
    without = without_texts(ENDED, at(20))
    [kept] = without.steps
    assert kept.message == {"channel": "sms", "message_type": "text", "to": FIRST, "from": FROM}
    assert replace(without, steps=ENDED.steps, texts_removed_at=None) == ENDED


# The layout

FULL = replace(
    reported(
        sent(dispatch(step(), step(to=SECOND, condition_status=Condition.READ)), seconds=1),
        status_event(Status.DELIVERED),
    ),
    on_unknown=OnUnknown.RESEND,
    send_at=at(0),
    quiet_hours=QuietHours(time_zone="UTC", starts=time(21), ends=time(8)),
    held_until=at(1),
    batch=InBatch("batch", 7),
    slot_at=at(1),
    limited=(Limited(0, "messages_per_day", "5", at(0), None),),
    closed=Closing(Outcome.STOPPED, at(9)),
    client_success=ClientSuccess(at(10), "paid"),
    request_sha256="sha256",
    request_id="request",
    test=True,
    erased_at=at(20),
    texts_until=at(21),
    texts_removed_at=at(22),
    version=3,
)
FULL_ATTEMPT = Attempt(
    claimed_at=at(1.5),
    claim_id="claim",
    because=Because.WINDOW_ENDED,
    window_from=at(2.25),
    tried_at=at(1.75),
    tries=2,
    resent=True,
    answer=Answer(kind=UNAVAILABLE, http_status=503, vonage_message_uuid="v", problem={"title": "no"}, account=True),
    answered_at=at(2),
    retry_at=at(3),
    status=Status.DELIVERED,
    usage=Usage(Decimal("0.03"), "EUR"),
    arrived_at=at(-1.001),
    replied_at=at(5),
    stopped_at=at(6),
    revocation=Revocation(at(7), accepted=True),
    contact=contact_of("sms", FIRST),
    throttled=frozenset({"v"}),
    throttled_before=1,
    reserved=Reserved(Decimal("0.05"), "EUR", at(1), ("spending_per_day",)),
    chosen=Chosen(60, Why.LEARNED, 100),
)
ARCHITECTURE = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_the_page_about_the_architecture_names_every_attribute_and_no_other() -> None:
    ended = to_attributes(replace(FULL, attempts=(FULL_ATTEMPT,)), WEEK)
    planned = to_attributes(replace(FULL, erased_at=None, texts_removed_at=None), WEEK)
    stopped = to_attributes(replace(FULL, client_success=None, attempts=(), erased_at=None), WEEK)
    of_item, of_attempt, of_answer = (re.findall(rf"^\| {kind} \| `(\w+)` ", ARCHITECTURE, re.M) for kind in KINDS)

    assert set(of_item) == {*ended, *planned, *stopped, "write_id"} - {"pk", "sk"}
    assert set(of_attempt) == {*ended["attempts"][0]}
    assert set(of_answer) == {*ended["attempts"][0]["answer"]}


KINDS = "item", "attempt", "answer"


def test_what_is_as_usual_takes_no_room() -> None:
    usual = to_attributes(sent(dispatch(step()), http_status=202), WEEK)
    assert usual["attempts"] == [{"claim_id": "claim", "claimed_at": 0, "answered_at": 0, "answer": {}}]
    assert not usual.keys() & {"created_at", "on_unknown"}
    assert "condition_status" not in usual["plan"]


@pytest.mark.parametrize("attempt", [FULL_ATTEMPT, replace(FULL_ATTEMPT, answer=Answer(kind=AnswerKind.ACCEPTED))])
def test_a_dispatch_is_read_as_it_was_written(attempt: Attempt) -> None:
    subject = replace(FULL, attempts=(attempt,), erased_at=None, texts_removed_at=None)
    assert from_attributes(to_attributes(subject, WEEK)) == subject


@pytest.mark.parametrize("whole", [FULL, FULL_ATTEMPT, FULL_ATTEMPT.answer], ids=lambda whole: type(whole).__name__)
def test_the_one_with_everything_leaves_no_field_as_it_is_by_default(whole: Any) -> None:
    """So the test above fails if a field is written and not read, or not written."""
    assert [field.name for field in fields(whole) if getattr(whole, field.name) == field.default] == []


def test_an_erased_dispatch_is_read_as_it_was_written() -> None:
    subject = replace(FULL, attempts=(FULL_ATTEMPT,), texts_until=None)
    assert from_attributes(to_attributes(subject, WEEK)) == subject


@given(stories())
def test_every_dispatch_is_read_as_it_was_written_to_the_millisecond(story: Dispatch) -> None:
    kept = from_attributes(to_attributes(story, WEEK))
    assert from_attributes(to_attributes(kept, WEEK)) == kept
    for ours, theirs in zip(story.attempts, kept.attempts, strict=True):
        times = {field.name: getattr(ours, field.name) for field in fields(ours)}
        cut: dict[str, Any] = {name: from_text(to_text(at)) for name, at in times.items() if isinstance(at, datetime)}
        assert theirs == replace(ours, **cut)


def test_an_item_of_the_layout_before_is_understood() -> None:
    answer = {"kind": "accepted", "account": False, "http_status": 202, "vonage_message_uuid": "vonage-1"}
    before = {
        "pk": f"DISPATCH#{DISPATCH_UUID}",
        "sk": "DISPATCH",
        "version": 2,
        "client_name": "bakery",
        "created_at": to_text(NOON),
        **table_keys.newest(table_keys.DISPATCHES, NOON, DISPATCH_UUID),
        "plan": json.dumps([{"message": dict(step().message), "expiry_time": 15, "condition_status": "delivered"}]),
        "on_unknown": "move_on",
        "attempts": [
            {
                "claimed_at": to_text(NOON),
                "claim_id": "claim",
                "because": "first",
                "window_from": to_text(at(0.25)),
                "tried_at": to_text(NOON),
                "tries": 1,
                "resent": False,
                "answer": answer,
                "answered_at": to_text(at(0.25)),
            }
        ],
    }
    out = claimed(dispatch(step()))
    expected = answered(out, ACCEPTED, 0.25, http_status=202, vonage_message_uuid="vonage-1")

    assert from_attributes(before) == replace(expected, version=2)
    again = to_attributes(from_attributes(before), WEEK)
    assert (again["layout"], from_attributes(again)) == (LAYOUT, from_attributes(before))


def test_a_person_reads_all_times_in_full() -> None:
    full = in_full(to_attributes(replace(FULL, attempts=(FULL_ATTEMPT,)), WEEK))
    [attempt] = full["attempts"]
    assert full["created_at"] == to_text(NOON)
    assert (attempt["claimed_at"], attempt["arrived_at"]) == (to_text(at(1.5)), to_text(at(-1.001)))
