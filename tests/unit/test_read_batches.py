"""How far batches are, and what has become of each recipient: read, listed, counted."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from getthrough.domain.batch.batch import Tally, dispatch_uuid
from getthrough.domain.dispatch.dispatch import AnswerKind, Dispatch, InBatch
from getthrough.domain.values.errors import InvalidRequestError, NotFoundError
from getthrough.usecases.read_batches import list_batches, list_dispatches, read_batch, tally_dispatches
from tests.builders import BATCH_UUID, NOON, batch, dispatch, status_event
from tests.fakes import FakeBatches, FakeDispatches, FakeTallies
from tests.unit.stories import answered, claimed, reported

NOTHING = Tally(0, 0, 0, 0, {})


def member(number: int) -> Dispatch:
    return dispatch(dispatch_uuid=dispatch_uuid(BATCH_UUID, number), batch=InBatch(BATCH_UUID, number))


def stored(total: int, made: int) -> dict[str, Any]:
    batches, dispatches = FakeBatches(), FakeDispatches()
    batches.save(batch(total, made=made))
    for number in range(made):
        dispatches.save(member(number))
    return {"batches": batches, "dispatches": dispatches}


def numbers(limit: int, cursor: str | None, ports: dict[str, Any]) -> tuple[list[int], str | None]:
    page = list_dispatches(BATCH_UUID, limit, cursor, **ports)
    return [found.batch.number for found in page.dispatches if found.batch], page.cursor


def test_a_batch_is_read_with_its_tally() -> None:
    batches, tallies = FakeBatches(), FakeTallies()
    saved = batches.save(batch())
    tally_dispatches([claimed(member(0))], tallies=tallies)

    assert read_batch(BATCH_UUID, batches=batches, tallies=tallies) == (saved, Tally(1, 1, 0, 0, {}))


@pytest.mark.parametrize("identifier", ["", "nobody", BATCH_UUID, BATCH_UUID[:-2] + "ff", BATCH_UUID[:-2] + "00"])
def test_one_that_nobody_knows_is_not_found(identifier: str) -> None:
    with pytest.raises(NotFoundError):
        read_batch(identifier, batches=FakeBatches(), tallies=FakeTallies())
    with pytest.raises(NotFoundError):
        list_dispatches(identifier, 20, None, batches=FakeBatches(), dispatches=FakeDispatches())


def test_they_are_listed_newest_first_each_with_its_own_tally() -> None:
    batches, tallies = FakeBatches(), FakeTallies()
    other = BATCH_UUID.replace("5f1a", "6f1a")
    first = batches.save(batch())
    second = batches.save(batch(batch_uuid=other, created_at=NOON + timedelta(hours=1)))
    tally_dispatches([claimed(member(0))], tallies=tallies)

    page = list_batches(1, None, batches=batches, tallies=tallies)
    rest = list_batches(1, page.cursor, batches=batches, tallies=tallies)

    assert page.batches == [(second, NOTHING)]
    assert (rest.batches, rest.cursor) == ([(first, Tally(1, 1, 0, 0, {}))], None)


def test_dispatches_are_listed_in_the_order_of_the_recipients_page_by_page() -> None:
    ports = stored(100, 7)

    first, cursor = numbers(3, None, ports)
    second, more = numbers(3, cursor, ports)
    third, end = numbers(3, more, ports)

    assert (first, second, third, end) == ([0, 1, 2], [3, 4, 5], [6], None)
    assert numbers(7, None, ports) == ([0, 1, 2, 3, 4, 5, 6], None)


def test_of_one_that_has_not_begun_there_are_none() -> None:
    assert numbers(20, None, stored(5, 0)) == ([], None)


def test_those_that_have_expired_are_left_out() -> None:
    ports = stored(5, 5)
    del ports["dispatches"].stored[dispatch_uuid(BATCH_UUID, 1)]
    assert numbers(3, None, ports) == ([0, 2], "0003#recipient")


@pytest.mark.parametrize("cursor", ["2026-03-02T12:00:00.000Z#x", "0003#x", "#recipient", "x#recipient", "0003"])
def test_the_cursor_of_another_list_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        numbers(3, cursor, stored(5, 5))
    assert [violation.name for violation in refused.value.violations] == ["cursor"]


def test_a_cursor_beyond_the_end_finds_nothing() -> None:
    assert numbers(3, "9999#recipient", stored(5, 5)) == ([], None)


def test_what_changes_is_counted_once_and_what_is_in_no_batch_is_not() -> None:
    tallies = FakeTallies()
    out = answered(claimed(member(0)))
    delivered = reported(out, status_event("delivered"))
    refused = answered(claimed(replace(member(1), steps=dispatch().steps[:1])), AnswerKind.REFUSED)

    changes = [member(0), claimed(member(0)), out, dispatch(), delivered, refused]
    assert tally_dispatches(changes, tallies=tallies) == 5
    assert tally_dispatches([delivered, refused], tallies=tallies) == 2

    assert tallies.of(BATCH_UUID) == Tally(begun=2, sent=2, delivered=1, failed=1, cost={})
