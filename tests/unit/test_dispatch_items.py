"""A dispatch as an item: how long it lives there, and what its plan keeps of what the client wrote."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from getthrough.adapters.dispatch_items import from_attributes, to_attributes
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.message.status import Status
from tests.builders import NOON, at, dispatch, status_event, step
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
