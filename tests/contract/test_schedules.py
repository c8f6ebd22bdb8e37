"""Port Schedules: what every store of schedules does; and each occurrence once, however many run at a time."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import time, timedelta

import pytest

from getthrough.domain.dispatch.dispatch import OnUnknown
from getthrough.domain.ports import Dispatches, Schedules, Timer
from getthrough.domain.schedule.schedule import Missed, Schedule, occurrence
from getthrough.domain.values.errors import VersionConflictError
from getthrough.domain.values.quiet_hours import QuietHours, Then
from getthrough.usecases.ports import RunningSchedules, Ticking
from getthrough.usecases.queue_due import queue_due
from getthrough.usecases.run_schedule import run_schedule
from tests.builders import NOON, SCHEDULE_UUID, SECOND, at, dispatch, schedule, step
from tests.contract.conftest import RACES
from tests.fakes import FakeBatches, FakeClock, FakeRecipientLists, FakeTimers

NIGHT = QuietHours(time_zone="Europe/London", starts=time(21), ends=time(8, 30), days=frozenset({0, 6}), then=Then.SKIP)


def uuid(number: int) -> str:
    return f"{number:08x}-8d47-4b60-9c11-a1b2c3d4e5ff"


def full() -> Schedule:
    """A schedule with every field filled."""
    return schedule(
        "0 9 * * MON-FRI",
        steps=(replace(step(custom={"pi": 3.14, "ü": [None, True]}), urgent=True), step(to=SECOND)),
        next_at=at(60),
        on_unknown=OnUnknown.RESEND,
        quiet_hours=NIGHT,
        starts_at=at(1),
        ends_at=at(86_400.5),
        max_runs=7,
        missed=Missed.ALL,
        runs=3,
        last_at=at(-60),
        paused=True,
        cancelled_at=at(70.25),
        request_sha256="0a",
    )


@pytest.mark.parametrize("stored", [full(), schedule(), schedule(None), schedule(next_at=None)])
def test_a_schedule_comes_back_as_it_was_saved(schedules: Schedules, stored: Schedule) -> None:
    saved = schedules.save(stored)

    assert saved == replace(stored, version=1)
    assert schedules.get(SCHEDULE_UUID) == saved
    assert schedules.get(uuid(1)) is None


def test_a_save_under_a_version_that_was_superseded_changes_nothing(schedules: Schedules) -> None:
    first = schedules.save(schedule())
    second = schedules.save(replace(first, paused=True))

    for stale in (schedule(), first):
        with pytest.raises(VersionConflictError):
            schedules.save(replace(stale, runs=9))
    assert schedules.get(SCHEDULE_UUID) == second


def test_a_dispatch_that_waits_comes_back_as_it_was_saved(dispatches: Dispatches) -> None:
    stored = dispatch(
        replace(step(), urgent=True), step(), send_at=at(1800.25), quiet_hours=NIGHT, held_until=at(30_600)
    )

    saved = dispatches.save(stored)

    assert dispatches.get(saved.dispatch_uuid) == replace(stored, version=1) == saved


def test_what_is_due_are_dispatches_and_schedules_that_have_something_to_do(
    schedules: Schedules, dispatches: Dispatches
) -> None:
    waits = dispatches.save(dispatch(send_at=at(50)))
    for number, one in enumerate(
        [
            schedule(next_at=at(60)),
            schedule(None, next_at=at(60)),
            schedule(next_at=at(60.001)),
            schedule(next_at=at(5), paused=True),
            schedule(next_at=at(5), cancelled_at=at(1)),
            schedule(next_at=None),
        ]
    ):
        schedules.save(replace(one, schedule_uuid=uuid(number)))

    assert sorted(dispatches.due(at(60), at(60)), key=str) == sorted(
        [Timer(waits.dispatch_uuid, at(50)), Timer(uuid(0), at(60)), Timer(uuid(1), at(60))], key=str
    )


def test_they_are_listed_newest_first_page_by_page(schedules: Schedules, dispatches: Dispatches) -> None:
    dispatches.save(dispatch())
    made = [
        schedules.save(schedule(schedule_uuid=uuid(number), created_at=NOON + timedelta(hours=number)))
        for number in range(5)
    ]

    first = schedules.newest(2)
    second = schedules.newest(2, first.cursor)
    third = schedules.newest(2, second.cursor)

    assert [*first.items, *second.items, *third.items] == made[::-1]
    assert third.cursor is None
    assert schedules.newest(5).cursor is None


def test_a_run_makes_the_dispatches_whose_time_has_come(schedules: Schedules, dispatches: Dispatches) -> None:
    stored, timers = schedules.save(schedule()), FakeTimers()

    for _ in range(2):
        run(schedules, dispatches, FakeClock(at(125)), timers)

    assert schedules.get(SCHEDULE_UUID) == replace(stored, next_at=at(180), last_at=at(120), runs=3, version=2)
    due = [at(0), at(60), at(120)]
    assert [found.send_at for found in dispatches.newest(10).items[::-1]].count(None) == 0
    assert {found.send_at for found in dispatches.newest(10).items} == set(due)
    made = {occurrence(stored, moment, at(125)).dispatch_uuid for moment in due}
    assert {found.dispatch_uuid for found in dispatches.newest(10).items} == made
    assert {due.uuid for due in timers.armed} == {*made, SCHEDULE_UUID}


@RACES
@pytest.mark.parametrize("_again", range(5))
def test_however_many_run_at_once_each_occurrence_is_made_once_and_counted_once(
    schedules: Schedules, dispatches: Dispatches, _again: int
) -> None:
    schedules.save(schedule(missed=Missed.ALL))
    timers, clock = FakeTimers(), FakeClock(at(601))
    with ThreadPoolExecutor(6) as threads:
        ticking = Ticking(dispatches=dispatches, timers=FakeTimers(), clock=clock, messages_per_second=30)
        ticks = [threads.submit(queue_due, ticking) for _ in range(2)]
        runs = [threads.submit(run, schedules, dispatches, clock, timers) for _ in range(4)]
        assert all(tick.result() for tick in ticks)
        assert all(ran.result() for ran in runs)

    stored = schedules.get(SCHEDULE_UUID)
    assert stored is not None
    assert (stored.runs, stored.last_at, stored.next_at, stored.version) == (11, at(600), at(660), 2)
    made = dispatches.newest(100).items
    assert sorted(found.send_at for found in made if found.send_at) == [at(60 * minute) for minute in range(11)]
    assert [due.at for due in timers.armed].count(at(660)) == 1, "only one of them leaves a timer for the next time"


def run(schedules: Schedules, dispatches: Dispatches, clock: FakeClock, timers: FakeTimers) -> object:
    ports = RunningSchedules(
        schedules=schedules,
        dispatches=dispatches,
        batches=FakeBatches(),
        lists=FakeRecipientLists(),
        timers=timers,
        clock=clock,
    )
    return run_schedule(ports, Timer(SCHEDULE_UUID, clock()))
