"""How long a dispatch lives in the table: as long as it was told to, counted from the last thing that has to happen."""

from datetime import datetime, timedelta

import pytest

from getthrough.adapters.dispatch_items import to_attributes
from getthrough.domain.dispatch import Dispatch
from getthrough.domain.status import Status
from tests.builders import NOON, at, dispatch, status_event, step
from tests.unit.stories import sent, told

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
        (told(both_out, status_event(Status.DELIVERED, step=1)), at(7 * DAY) + WEEK),
    ],
    ids=["new", "under way", "under way for long", "over"],
)
def test_an_item_outlives_whatever_it_waits_for(subject: Dispatch, expires: datetime) -> None:
    assert to_attributes(subject, WEEK)["expires_at"] == int(expires.timestamp())
