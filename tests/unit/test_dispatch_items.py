"""A dispatch as an item: how long it lives there, and what its plan keeps of what the client wrote."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from getthrough.adapters.dispatch_items import from_attributes, to_attributes
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.dispatch.erased_dispatch import without_texts
from getthrough.domain.message.status import Status
from getthrough.domain.values.rfc3339 import to_text
from tests.builders import FIRST, FROM, NOON, at, dispatch, status_event, step
from tests.unit.stories import reported, sent

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
