"""Port Batches: what every store of batches does; and each recipient's dispatch once, however many run at a time."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from getthrough.domain.batch.batch import Batch, Mailing, State, dispatch_uuid
from getthrough.domain.dispatch.dispatch import InBatch
from getthrough.domain.ports import Batches, Dispatches, RecipientLists, Schedules, Tallies, Throughput, Timer
from getthrough.domain.values.errors import UnavailableError, VersionConflictError
from getthrough.usecases.ports import RunningBatches
from getthrough.usecases.run_batch import run_batch
from tests.builders import (
    BATCH_UUID,
    FIRST,
    LIST_ID,
    NOON,
    SCHEDULE_UUID,
    SECOND,
    at,
    batch,
    dispatch,
    message,
    recipients,
    schedule,
)
from tests.contract.conftest import RACES
from tests.fakes import FakeClock, FakeTimers


def uuid(number: int) -> str:
    return f"{number:08x}-8d47-4b60-9c11-a1b2c3d4e5fe"


def full() -> Batch:
    """A batch with every field filled."""
    text = message(to=None, custom={"pi": 3.14, "ü": [None, True], "n": 10**18}, failover=[message(text="{{ ü }}")])
    return batch(
        mailing=Mailing(message=text, list_id="f" * 32, total=10_000, rate=1_000),
        next_at=at(60.25),
        send_at=at(60),
        schedule_uuid=SCHEDULE_UUID,
        made=50,
        cancelled_at=at(61.5),
        request_sha256="0a",
    )


@pytest.mark.parametrize("stored", [full(), batch(), batch(made=3)], ids=["full", "new", "sent"])
def test_a_batch_comes_back_as_it_was_saved(batches: Batches, stored: Batch) -> None:
    saved = batches.save(stored)

    assert saved == replace(stored, version=1)
    assert batches.get(BATCH_UUID) == saved
    assert batches.get(uuid(1)) is None


def test_a_save_under_a_version_that_was_superseded_changes_nothing(batches: Batches) -> None:
    first = batches.save(batch())
    second = batches.save(replace(first, made=1))

    for stale in (batch(), first, replace(second, version=3)):
        with pytest.raises(VersionConflictError):
            batches.save(replace(stale, made=3))
    assert batches.get(BATCH_UUID) == second


def test_a_dispatch_in_a_batch_comes_back_as_it_was_saved(dispatches: Dispatches) -> None:
    stored = dispatch(batch=InBatch(BATCH_UUID, 9_999), slot_at=at(1.234))

    saved = dispatches.save(stored)

    assert dispatches.get(saved.dispatch_uuid) == replace(stored, version=1) == saved


def test_what_is_due_are_batches_that_have_something_to_do_beside_all_else(
    batches: Batches, dispatches: Dispatches
) -> None:
    waits = dispatches.save(dispatch(batch=InBatch(BATCH_UUID, 0), slot_at=at(50)))
    for number, one in enumerate(
        [
            batch(next_at=at(60)),
            batch(next_at=at(59), made=1),
            batch(next_at=at(60.001)),
            batch(next_at=at(5), made=3),
            batch(next_at=at(5), cancelled_at=at(1)),
        ]
    ):
        batches.save(replace(one, batch_uuid=uuid(number)))

    assert sorted(dispatches.due(at(60), at(60)), key=str) == sorted(
        [Timer(waits.dispatch_uuid, at(50)), Timer(uuid(0), at(60)), Timer(uuid(1), at(59))], key=str
    )


def test_they_are_listed_newest_first_page_by_page(batches: Batches, dispatches: Dispatches) -> None:
    dispatches.save(dispatch())
    made = [
        batches.save(batch(batch_uuid=uuid(number), created_at=NOON + timedelta(hours=number))) for number in range(5)
    ]

    first = batches.newest(2)
    second = batches.newest(2, first.cursor)
    third = batches.newest(2, second.cursor)

    assert [*first.items, *second.items, *third.items] == made[::-1]
    assert [len(page.items) for page in (first, second, third)] == [2, 2, 1]
    assert third.cursor is None
    assert batches.newest(5).cursor is None


def test_a_schedule_with_recipients_comes_back_as_it_was_saved(schedules: Schedules) -> None:
    stored = schedule(steps=(), mailing=full().mailing)

    saved = schedules.save(stored)

    assert schedules.get(SCHEDULE_UUID) == replace(stored, version=1) == saved


# Recipients


def test_what_a_recipient_reaches_is_kept_too(lists: RecipientLists) -> None:
    one, other = recipients(2)
    lists.put(LIST_ID, [one, other._replace(reaches=(FIRST, SECOND))], at(60))
    assert lists.some(LIST_ID, range(2)) == [one, other._replace(reaches=(FIRST, SECOND))]


def test_a_list_is_read_chunk_by_chunk_as_it_was_put(lists: RecipientLists) -> None:
    all_of_them = recipients(120)
    all_of_them[70] = all_of_them[70]._replace(
        to=None, variables={"ü": "{{ x }}", "i": 10**18, "f": 0.1, "t": True, "e": ""}, time_zone="Asia/Tokyo"
    )
    lists.put(LIST_ID, all_of_them, at(60))

    assert lists.some(LIST_ID, range(50)) == all_of_them[:50]
    assert lists.some(LIST_ID, range(60, 75)) == all_of_them[60:75]
    assert lists.some(LIST_ID, range(119, 120)) == all_of_them[119:]


def test_what_is_put_again_is_there_once(lists: RecipientLists) -> None:
    for _ in range(2):
        lists.put(LIST_ID, recipients(60), at(60))
    assert lists.some(LIST_ID, range(50, 60)) == recipients(60)[50:]


def test_a_list_that_is_not_there_may_come_yet(lists: RecipientLists) -> None:
    lists.put(LIST_ID, recipients(), at(60))
    with pytest.raises(UnavailableError):
        lists.some("0" * 32, range(3))


def test_how_long_a_list_is_needed_changes_nothing_in_it(lists: RecipientLists) -> None:
    lists.put(LIST_ID, recipients(60), at(60))
    for needed_until in (at(60), at(59), at(61)):
        assert lists.keep(LIST_ID, 60, needed_until)
        assert [*lists.some(LIST_ID, range(50)), *lists.some(LIST_ID, range(50, 60))] == recipients(60)


def test_keeping_what_is_not_there_makes_nothing_and_says_so(lists: RecipientLists) -> None:
    assert not lists.keep(LIST_ID, 60, at(60))
    with pytest.raises(UnavailableError):
        lists.some(LIST_ID, range(3))


# Running


def run(  # noqa: PLR0917 - the ports of a use-case
    batches: Batches,
    dispatches: Dispatches,
    lists: RecipientLists,
    tallies: Tallies,
    throughput: Throughput,
    clock: FakeClock,
    timers: FakeTimers,
) -> object:
    ports = RunningBatches(
        batches=batches,
        lists=lists,
        dispatches=dispatches,
        tallies=tallies,
        throughput=throughput,
        timers=timers,
        clock=clock,
    )
    return run_batch(ports, Timer(BATCH_UUID, clock()))


def test_a_finished_batch_has_a_dispatch_for_each_recipient(
    batches: Batches, dispatches: Dispatches, lists: RecipientLists, tallies: Tallies, throughput: Throughput
) -> None:
    batches.save(batch(60, rate=30))
    lists.put(LIST_ID, recipients(60), at(60))
    clock, timers = FakeClock(at(1)), FakeTimers()

    for _ in range(4):
        run(batches, dispatches, lists, tallies, throughput, clock, timers)
        clock.advance(1)

    after = batches.get(BATCH_UUID)
    assert after is not None
    assert (after.state, after.made) == (State.SENT, 60)
    found = dispatches.get_many(dispatch_uuid(BATCH_UUID, number) for number in range(60))
    members = sorted(found.values(), key=lambda one: one.batch or InBatch("", 0))
    assert [one.steps[0].message["text"] for one in members] == [f"Hello Customer {number}" for number in range(60)]
    assert [one.slot_at for one in members] == sorted(one.slot_at for one in members if one.slot_at)
    assert {due.uuid for due in timers.armed} == {*found}, "nothing is left to do"


@RACES
@pytest.mark.parametrize("_again", range(3))
def test_however_many_run_at_once_each_recipient_gets_one_dispatch(
    batches: Batches,
    dispatches: Dispatches,
    lists: RecipientLists,
    tallies: Tallies,
    throughput: Throughput,
    _again: int,
) -> None:
    batches.save(batch(30, rate=10))
    lists.put(LIST_ID, recipients(30), at(60))
    clock, timers = FakeClock(at(1)), FakeTimers()
    with ThreadPoolExecutor(4) as threads:
        runs = [threads.submit(run, batches, dispatches, lists, tallies, throughput, clock, timers) for _ in range(4)]
        assert all(ran.result() for ran in runs)

    after = batches.get(BATCH_UUID)
    assert after is not None
    assert after.made >= 20
    listed = dispatches.newest(100).items
    numbers = sorted(one.batch.number for one in listed if one.batch)
    assert numbers == list(range(len(listed)))
    assert numbers[: after.made] == list(range(after.made))
    assert all(one.version == 1 for one in listed)
