"""The dispatches of a batch, page by page."""

import pytest

from getthrough.domain.batch.batch import dispatch_uuid
from getthrough.domain.dispatch.dispatch import Dispatch, InBatch
from getthrough.domain.values.errors import InvalidRequestError, NotFoundError
from getthrough.domain.values.page import PageRequest
from getthrough.usecases.change_batch import list_dispatches
from getthrough.usecases.ports import Batching
from tests.builders import BATCH_UUID, batch, dispatch
from tests.unit.world import World


def member(number: int) -> Dispatch:
    return dispatch(dispatch_uuid=dispatch_uuid(BATCH_UUID, number), batch=InBatch(BATCH_UUID, number))


def stored(total: int, made: int) -> World:
    world = World()
    world.batches.save(batch(total, made=made))
    for number in range(made):
        world.dispatches.save(member(number))
    return world


def numbers(limit: int, cursor: str | None, world: World) -> tuple[list[int], str | None]:
    page = list_dispatches(world.ports(Batching), BATCH_UUID, PageRequest(limit, cursor))
    return [found.batch.number for found in page.items if found.batch], page.cursor


@pytest.mark.parametrize("identifier", ["", "unknown", BATCH_UUID, BATCH_UUID[:-2] + "ff", BATCH_UUID[:-2] + "00"])
def test_an_unknown_batch_is_not_found(identifier: str) -> None:
    with pytest.raises(NotFoundError):
        list_dispatches(World().ports(Batching), identifier, PageRequest(20, None))


def test_dispatches_are_listed_in_the_order_of_the_recipients_page_by_page() -> None:
    world = stored(100, 7)

    first, cursor = numbers(3, None, world)
    second, more = numbers(3, cursor, world)
    third, end = numbers(3, more, world)

    assert (first, second, third, end) == ([0, 1, 2], [3, 4, 5], [6], None)
    assert numbers(7, None, world) == ([0, 1, 2, 3, 4, 5, 6], None)


def test_of_one_that_has_not_begun_there_are_none() -> None:
    assert numbers(20, None, stored(5, 0)) == ([], None)


def test_those_that_have_expired_are_left_out() -> None:
    world = stored(5, 5)
    del world.dispatches.stored[dispatch_uuid(BATCH_UUID, 1)]
    assert numbers(3, None, world) == ([0, 2], "0003#recipient")


@pytest.mark.parametrize("cursor", ["2026-03-02T12:00:00.000Z#x", "0003#x", "#recipient", "x#recipient", "0003"])
def test_the_cursor_of_another_list_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        numbers(3, cursor, stored(5, 5))
    assert [violation.name for violation in refused.value.violations] == ["cursor"]


def test_a_cursor_beyond_the_end_finds_nothing() -> None:
    assert numbers(3, "9999#recipient", stored(5, 5)) == ([], None)
