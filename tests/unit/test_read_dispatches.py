"""Questions about dispatches, and who is not found."""

import pytest

from getthrough.domain.dispatch import timeline
from getthrough.domain.message.status import Status
from getthrough.domain.ports import EVERYTHING, Only, PageRequest
from getthrough.domain.values.errors import NotFoundError
from getthrough.usecases.read_dispatches import list_dispatches, read_dispatch, read_message
from tests.builders import DISPATCH_UUID, at, dispatch, status_event
from tests.fakes import FakeDispatches, FakeStatusEvents
from tests.unit.stories import sent

FIRST_MESSAGE, SECOND_MESSAGE, THIRD_MESSAGE = (f"{DISPATCH_UUID[:-2]}{n:02x}" for n in (1, 2, 3))
VONAGES = "0c4d9a52-3b1f-4e7e-8a55-77c0ffee00aa"


@pytest.fixture
def dispatches() -> FakeDispatches:
    dispatches = FakeDispatches()
    dispatches.save(sent(dispatch()))
    return dispatches


def test_a_dispatch_is_read_with_its_events(dispatches: FakeDispatches) -> None:
    events = FakeStatusEvents()
    event = status_event(Status.SUBMITTED)
    events.add(event)
    expected = timeline.describe(dispatches.stored[DISPATCH_UUID], [event])
    assert read_dispatch(DISPATCH_UUID, dispatches=dispatches, events=events) == expected


@pytest.mark.parametrize(
    "dispatch_uuid", ["", "hello", FIRST_MESSAGE, "6" + DISPATCH_UUID[1:], DISPATCH_UUID.upper(), DISPATCH_UUID + "\n"]
)
def test_a_dispatch_that_does_not_exist_is_not_found(dispatches: FakeDispatches, dispatch_uuid: str) -> None:
    with pytest.raises(NotFoundError):
        read_dispatch(dispatch_uuid, dispatches=dispatches, events=FakeStatusEvents())


@pytest.mark.parametrize(("message_uuid", "step"), [(FIRST_MESSAGE, 0), (SECOND_MESSAGE, 1)])
def test_a_message_is_read_by_our_id(dispatches: FakeDispatches, message_uuid: str, step: int) -> None:
    stored = dispatches.stored[DISPATCH_UUID]
    expected = {"dispatch_uuid": DISPATCH_UUID, **timeline.describe_step(stored, step)}
    assert read_message(message_uuid, dispatches=dispatches) == expected


@pytest.mark.parametrize("vonages", [VONAGES, VONAGES[:-2] + "01", VONAGES[:-2] + "0a"])
def test_a_message_is_read_by_vonages_id_also_where_that_looks_like_ours(
    dispatches: FakeDispatches, vonages: str
) -> None:
    dispatches.refer(vonages, SECOND_MESSAGE, at(0))
    assert read_message(vonages, dispatches=dispatches)["message_uuid"] == SECOND_MESSAGE


@pytest.mark.parametrize(
    "message_uuid", ["", "hello", DISPATCH_UUID, THIRD_MESSAGE, "6" + FIRST_MESSAGE[1:], VONAGES, VONAGES[:-2] + "01"]
)
def test_a_message_that_does_not_exist_is_not_found(dispatches: FakeDispatches, message_uuid: str) -> None:
    with pytest.raises(NotFoundError):
        read_message(message_uuid, dispatches=dispatches)


def test_a_reference_to_a_dispatch_that_is_gone_is_not_found(dispatches: FakeDispatches) -> None:
    dispatches.refer(VONAGES, "6" + FIRST_MESSAGE[1:], at(0))
    with pytest.raises(NotFoundError):
        read_message(VONAGES, dispatches=dispatches)


def test_a_list_has_one_line_for_each_dispatch_and_the_cursor_of_the_next_page(dispatches: FakeDispatches) -> None:
    newer = dispatches.save(dispatch(dispatch_uuid="6" + DISPATCH_UUID[1:], created_at=at(1)))
    older = dispatches.stored[DISPATCH_UUID]

    first = list_dispatches(PageRequest(1, None), EVERYTHING, dispatches=dispatches)
    second = list_dispatches(PageRequest(1, first["cursor"]), EVERYTHING, dispatches=dispatches)

    assert first["dispatches"] == [timeline.summarize(newer)]
    assert second == {"dispatches": [timeline.summarize(older)], "cursor": None}


def test_a_list_is_narrowed_to_what_is_asked_for(dispatches: FakeDispatches) -> None:
    listed = list_dispatches(PageRequest(20, None), Only(outcome="succeeded"), dispatches=dispatches)
    assert listed == {"dispatches": [], "cursor": None}
