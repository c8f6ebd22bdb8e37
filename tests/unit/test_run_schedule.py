"""Running a schedule: every occurrence once, wherever a function dies and however many run."""

from dataclasses import replace
from typing import Any

import pytest

from getthrough.domain.limit.limits import client_limits_of
from getthrough.domain.ports import Timer
from getthrough.domain.schedule.schedule import Missed, State, occurrence
from getthrough.usecases.change_schedule import pause
from tests.builders import NOON, SCHEDULE_UUID, at, schedule
from tests.unit.world import CrashError, World, crash

FIRST = occurrence(schedule(), NOON, NOON).dispatch_uuid
CALLS = ["schedules.get", "dispatches.save", "timers.arm", "schedules.save", "timers.arm 2"]


def stored(**fields: Any) -> World:
    world = World()
    world.schedules.save(schedule(**fields))
    return world


def test_the_dispatch_is_made_before_the_schedule_goes_on_and_the_next_time_has_a_timer() -> None:
    world = stored()

    ran = world.run()

    assert world.calls == ["schedules.get", "dispatches.save", "timers.arm", "schedules.save", "timers.arm"]
    assert ran is not None
    assert ran.made == [FIRST] == list(world.dispatches.stored)
    assert (
        ran.schedule
        == world.schedules.stored[SCHEDULE_UUID]
        == schedule(next_at=at(60), runs=1, last_at=NOON, version=2)
    )
    assert world.timers.armed == [Timer(FIRST, NOON), Timer(SCHEDULE_UUID, at(60))]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_after_a_crash_its_timer_comes_again_and_everything_is_there_once(call: str, when: str) -> None:
    world = stored()
    getattr(world, when)[call] = crash
    with pytest.raises(CrashError):
        world.run()
    getattr(world, when).clear()

    world.clock.advance(30)
    world.run(NOON)

    assert list(world.dispatches.stored) == [FIRST]
    assert Timer(FIRST, NOON) in world.timers.armed or Timer(FIRST, at(30)) in world.timers.armed
    assert world.schedules.stored[SCHEDULE_UUID] == schedule(next_at=at(60), runs=1, last_at=NOON, version=2)


def test_of_two_that_run_at_once_one_brings_it_forward_and_leaves_a_timer() -> None:
    world = stored()
    world.before["schedules.save"] = world.run

    ran = world.run()

    assert ran is not None
    assert (ran.made, list(world.dispatches.stored)) == ([], [FIRST])
    assert world.schedules.stored[SCHEDULE_UUID].runs == 1
    assert world.timers.armed.count(Timer(SCHEDULE_UUID, at(60))) == 1


def test_one_that_is_paused_meanwhile_stays_paused() -> None:
    world = stored()
    world.before["schedules.save"] = lambda: world.schedules.save(pause(world.schedules.stored[SCHEDULE_UUID]))

    ran = world.run()

    assert ran is not None
    assert (ran.schedule.state, ran.schedule.runs) == (State.PAUSED, 0)


def test_a_timer_that_fires_early_is_armed_again_and_one_of_another_time_dies() -> None:
    world = stored(next_at=at(60))
    world.run(at(60))
    assert world.timers.armed == [Timer(SCHEDULE_UUID, at(60))]
    world.run(at(0))
    assert len(world.timers.armed) == 1
    assert world.schedules.stored[SCHEDULE_UUID].version == 1


@pytest.mark.parametrize("over", [{"paused": True}, {"cancelled_at": NOON}, {"next_at": None}])
def test_what_is_not_active_is_left_alone(over: dict[str, Any]) -> None:
    world = stored(**over)
    ran = world.run()
    assert ran is not None
    assert (ran.schedule.version, world.dispatches.stored, world.timers.armed) == (1, {}, [])


def test_the_dispatches_of_a_test_clients_schedule_are_marked_from_the_beginning() -> None:
    world = stored()
    world.own_limits = client_limits_of({"guests": "simulated"})
    ran = world.run()

    assert ran is not None
    assert [world.stored(dispatch_uuid).test for dispatch_uuid in ran.made] == [True]


def test_a_schedule_that_no_one_knows_is_none() -> None:
    assert World().run() is None


def test_a_backlog_is_made_part_by_part_each_part_setting_off_the_next() -> None:
    world = stored(missed=Missed.ALL)
    world.clock.advance(60 * 119)
    fired = 0
    while world.schedules.stored[SCHEDULE_UUID].next_at != at(60 * 120):
        world.run()
        fired += 1
        assert Timer(SCHEDULE_UUID, world.schedules.stored[SCHEDULE_UUID].next_at or NOON) in world.timers.armed
    assert (fired, len(world.dispatches.stored)) == (3, 120)


def test_those_that_are_skipped_leave_a_timer_for_the_next_one() -> None:
    world = stored(cron="0 12 * * *", missed=Missed.SKIP)
    world.clock.advance(86_400 - 60)
    world.run()
    assert (world.dispatches.stored, world.timers.armed) == ({}, [Timer(SCHEDULE_UUID, at(86_400))])


def test_the_last_one_leaves_nothing_to_wait_for() -> None:
    world = stored(max_runs=1)
    world.run()
    assert world.schedules.stored[SCHEDULE_UUID] == replace(
        schedule(max_runs=1, next_at=None), runs=1, last_at=NOON, version=2
    )
    assert list(world.schedules.due(at(10**8))) == []
