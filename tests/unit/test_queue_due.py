"""The tick: what falls due soon, and what is overdue, goes on the queue."""

from datetime import timedelta

import pytest

from getthrough.domain.message.status import Status
from getthrough.domain.ports import Timer
from getthrough.domain.values.errors import UnavailableError
from getthrough.usecases.queue_due import AT_ONCE, HORIZON, Queued
from tests.builders import at, dispatch, status_event, step
from tests.unit.stories import reported, sent
from tests.unit.world import World, fail

MINUTE = 60


def uuid(number: int) -> str:
    return f"5f1a2c3e-8d47-4b60-9c11-a1b2c3d4{number:02x}00"


def waiting(world: World, number: int, window: int) -> Timer:
    """A dispatch whose only step waits that many seconds from noon."""
    world.store(sent(dispatch(step(window), dispatch_uuid=uuid(number))))
    return Timer(uuid(number), at(window))


def test_nothing_due_arms_nothing() -> None:
    world = World()
    assert world.tick() == Queued(0, 0.0)
    assert world.timers.armed == []


@pytest.mark.parametrize(("window", "queued"), [(1, 1), (600, 1), (601, 0), (86_400, 0)])
def test_what_falls_due_within_ten_minutes_is_queued(window: int, queued: int) -> None:
    world = World()
    due = waiting(world, 1, window)
    assert world.tick() == Queued(queued, 0.0)
    assert world.timers.armed == [due] * queued
    assert HORIZON.total_seconds() == 10 * MINUTE


def test_what_is_overdue_is_queued_oldest_first_and_tells_how_far_behind_it_is() -> None:
    world = World()
    third, first, second = (waiting(world, n, window) for n, window in enumerate((500, 20, 100)))
    world.clock.advance(110)
    assert world.tick() == Queued(3, 90.0)
    assert world.timers.armed == [first, second, third]


def test_what_is_over_is_left_alone() -> None:
    world = World()
    world.store(reported(sent(dispatch()), status_event(Status.DELIVERED)))
    assert world.tick() == Queued(0, 0.0)


def test_a_tick_only_reads_the_table_so_the_next_one_finds_the_same() -> None:
    world = World()
    waiting(world, 1, 300)
    stored = dict(world.dispatches.stored)
    assert world.tick() == world.tick()
    assert world.dispatches.stored == stored
    assert world.calls == ["dispatches.due", "timers.arm"] * 2


@pytest.mark.parametrize("call", ["dispatches.due", "timers.arm"])
def test_when_aws_fails_the_tick_fails(call: str) -> None:
    world = World()
    waiting(world, 1, 300)
    world.before[call] = fail
    with pytest.raises(UnavailableError):
        world.tick()


def test_when_time_runs_out_the_oldest_are_queued_and_the_next_tick_goes_on_with_the_rest() -> None:
    world = World()
    due = [waiting(world, number, 400 + number) for number in range(AT_ONCE + 1)]
    left = iter([timedelta(seconds=30), timedelta(seconds=9)])

    assert world.tick(lambda: next(left)) == Queued(AT_ONCE, 0.0, left=1)
    assert world.timers.armed == due[:AT_ONCE]

    assert world.tick() == Queued(AT_ONCE + 1, 0.0)
    assert world.timers.armed[AT_ONCE:] == due


def test_a_tick_without_any_time_queues_nothing_and_says_so() -> None:
    world = World()
    waiting(world, 1, 5)
    assert world.tick(lambda: timedelta(seconds=1)) == Queued(0, 0.0, left=1)
    assert world.timers.armed == []
