"""Setting up a schedule, pausing, resuming and ending it."""

from functools import partial
from typing import Any

import pytest

from getthrough.domain.ports import Timer
from getthrough.domain.schedule.schedule import Schedule, State
from getthrough.domain.values.errors import (
    IdempotencyConflictError,
    InvalidRequestError,
    NotFoundError,
    VersionConflictError,
)
from getthrough.domain.values.identifiers import is_schedule_uuid
from getthrough.usecases.change_schedule import cancel, pause, resume
from getthrough.usecases.retrying import CONFLICTS
from getthrough.usecases.send_step import POST_TIME
from tests.builders import NOON, SCHEDULE_UUID, at, message, schedule
from tests.unit.world import CrashError, World, crash


def body(**fields: Any) -> dict[str, Any]:
    return {"message": message(), "cron": "5 * * * *", "time_zone": "UTC", **fields}


def stored(**fields: Any) -> World:
    world = World()
    world.schedules.save(schedule(**fields))
    return world


def test_it_is_stored_with_a_timer_for_its_first_time() -> None:
    world = World()
    created = world.set_up(body())
    identifier = created.schedule.schedule_uuid
    assert world.calls == ["timers.arm", "schedules.save"]
    assert is_schedule_uuid(identifier)
    assert (created.replayed, world.schedules.stored) == (False, {identifier: created.schedule})
    assert (created.schedule.next_at, created.schedule.client_name) == (at(300), "bakery")
    assert world.timers.armed == [Timer(identifier, at(300))]


def test_its_timer_does_not_fire_before_it_is_stored() -> None:
    world = World()
    world.set_up({"message": message(), "send_at": "2026-03-02T12:00:00Z"})
    assert [due.at for due in world.timers.armed] == [NOON + POST_TIME]


def test_the_same_key_makes_one_even_when_its_time_has_passed() -> None:
    world, once = World(), {"message": message(), "send_at": "2026-03-02T12:05:00Z"}
    first = world.set_up(once, "weekly")
    world.clock.advance(86_400)

    assert world.set_up(once, "weekly") == (first.schedule, True)
    assert world.set_up(once, "weekly").schedule.schedule_uuid == first.schedule.schedule_uuid
    others: list[object] = [body(), {**once, "send_at": "2026-03-02T12:06:00Z"}, [], None]
    for other in others:
        with pytest.raises(IdempotencyConflictError):
            world.set_up(other, "weekly")
    assert len(world.schedules.stored) == 1


def test_violations_are_reported_for_a_new_key() -> None:
    for key in (None, "weekly"):
        with pytest.raises(InvalidRequestError):
            World().set_up(body(cron="never"), key)


@pytest.mark.parametrize("call", ["timers.arm", "schedules.save"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_after_a_crash_it_is_stored_with_a_timer_or_not_there(call: str, when: str) -> None:
    world = World()
    getattr(world, when)[call] = crash
    with pytest.raises(CrashError):
        world.set_up(body())
    assert {*world.schedules.stored} <= {due.uuid for due in world.timers.armed}


def test_a_paused_one_has_nothing_to_do_until_it_is_resumed() -> None:
    world = stored(next_at=at(60))
    assert world.alter(pause).state is State.PAUSED
    assert list(world.schedules.due(at(3600))) == []
    world.clock.advance(301)

    resumed = world.alter(partial(resume, clock=world.clock))

    assert (resumed.state, resumed.next_at, resumed.runs) == (State.ACTIVE, at(360), 0)
    assert world.timers.armed == [Timer(SCHEDULE_UUID, at(360))]


def test_one_whose_only_time_was_in_the_pause_is_over() -> None:
    world = stored(cron=None, next_at=at(60), paused=True)
    world.clock.advance(61)
    assert world.alter(partial(resume, clock=world.clock)).state is State.FINISHED


def test_a_cancelled_one_stays_so() -> None:
    world = stored()
    cancelled = world.alter(partial(cancel, clock=world.clock))
    assert (cancelled.state, cancelled.cancelled_at) == (State.CANCELLED, NOON)
    world.clock.advance(1)
    for change in (pause, partial(resume, clock=world.clock), partial(cancel, clock=world.clock)):
        assert world.alter(change) == cancelled
    assert world.timers.armed == []


@pytest.mark.parametrize("identifier", ["", "unknown", SCHEDULE_UUID, SCHEDULE_UUID[:-2] + "00"])
def test_an_unknown_schedule_cannot_be_changed(identifier: str) -> None:
    with pytest.raises(NotFoundError):
        World().alter(pause, identifier)


def test_a_change_that_meets_another_is_made_again_on_top_of_it() -> None:
    world = stored()
    world.before["schedules.save"] = world.run
    paused = world.alter(pause)
    assert (paused.state, paused.runs, paused.next_at) == (State.PAUSED, 1, at(60))


def test_one_that_keeps_changing_is_given_up() -> None:
    world, runs = stored(), 0

    def someone_else(current: Schedule) -> Schedule:
        nonlocal runs
        runs += 1
        world.schedules.save(current)
        return pause(current)

    with pytest.raises(VersionConflictError):
        world.alter(someone_else)
    assert runs == CONFLICTS
