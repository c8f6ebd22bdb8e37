"""The tick: what is due soon, and what is overdue, goes on the queue."""

from datetime import timedelta
from unittest.mock import Mock

import pytest

from getthrough.domain.message.status import Status
from getthrough.domain.ports import Timer
from getthrough.domain.values.errors import UnavailableError
from getthrough.usecases.ports import Ticking
from getthrough.usecases.queue_due import HORIZON, TIMERS_AT_ONCE, Queued, queue_due
from tests.builders import SCHEDULE_UUID, at, dispatch, status_event, step
from tests.fakes import FakeClock, FakeTimers
from tests.unit.stories import reported, sent
from tests.unit.world import World, fail

MINUTE, HOUR = 60, 3600


def uuid(number: int) -> str:
    return f"5f1a2c3e-8d47-4b60-9c11-a1b2c3d4{number:02x}00"


def waiting(world: World, number: int, until: int) -> Timer:
    """A dispatch whose only step was sent an hour before noon, and waits until so many seconds after it."""
    world.store(sent(dispatch(step(HOUR + until), dispatch_uuid=uuid(number)), seconds=-HOUR))
    return Timer(uuid(number), at(until))


def test_nothing_due_arms_nothing() -> None:
    world = World()
    assert world.tick() == Queued(0, 0.0)
    assert world.timers.armed == []


@pytest.mark.parametrize(("window", "queued"), [(1, 1), (600, 1), (601, 0), (86_400, 0)])
def test_what_is_due_within_ten_minutes_is_queued(window: int, queued: int) -> None:
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


@pytest.mark.parametrize(("window", "seconds", "queued"), [(840, 839, 0), (840, 840, 1), (841, 300, 1)])
def test_what_got_its_timer_when_it_was_stored_is_queued_once_it_is_overdue(
    window: int, seconds: int, queued: int
) -> None:
    world = World()
    world.store(sent(dispatch(step(window))))
    world.clock.advance(seconds)

    assert world.tick().timers == queued


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
    due = [waiting(world, number, 400 + number) for number in range(TIMERS_AT_ONCE + 1)]
    left = iter([timedelta(seconds=30), timedelta(seconds=9)])

    assert world.tick(lambda: next(left)) == Queued(TIMERS_AT_ONCE, 0.0, left=1)
    assert world.timers.armed == due[:TIMERS_AT_ONCE]

    assert world.tick() == Queued(TIMERS_AT_ONCE + 1, 0.0)
    assert world.timers.armed[TIMERS_AT_ONCE:] == due


def test_a_tick_without_any_time_queues_nothing_and_says_so() -> None:
    world = World()
    waiting(world, 1, 5)
    assert world.tick(lambda: timedelta(seconds=1)) == Queued(0, 0.0, left=1)
    assert world.timers.armed == []


def test_of_a_crowd_only_so_many_stay_in_their_second_and_the_rest_moves_to_where_there_is_room() -> None:
    """Two a second: seven are a crowd, three are not. What moves takes what the next seconds leave of two."""
    world = World(messages_per_second=2)
    moments = [5, 5, 5, 5, 5, 5, 5, 6, 7, 7, 7, 300]
    due = [waiting(world, number, window) for number, window in enumerate(moments)]

    world.tick()

    fire_at = {timer.uuid: timer.at for timer in world.timers.armed}
    assert [fire_at[timer.uuid] for timer in due] == [at(seconds) for seconds in (5, 5, 6, 8, 8, 9, 9, 6, 7, 7, 7, 300)]


def test_a_crowd_that_is_overdue_fires_now_and_in_the_seconds_after() -> None:
    world = World(messages_per_second=2)
    for number in range(7):
        waiting(world, number, 10)
    world.clock.advance(100.5)

    world.tick()

    assert [timer.at for timer in world.timers.armed] == [at(10), at(10), at(101), at(101), at(102), at(102), at(103)]


def test_two_ticks_move_the_same_timers_to_the_same_seconds() -> None:
    world = World(messages_per_second=7)
    for number in range(50):
        waiting(world, number, 590)

    world.tick()
    world.clock.advance(300)
    world.tick()

    assert sorted(world.timers.armed[:50]) == sorted(world.timers.armed[50:])
    assert max(timer.at for timer in world.timers.armed) == at(590 + 7)


def test_a_schedule_that_is_due_in_the_second_of_a_crowd_keeps_its_time() -> None:
    crowd = [Timer(uuid(number), at(60)) for number in range(50)]
    last = Timer(SCHEDULE_UUID, at(60.4))
    timers = FakeTimers()
    ports = Ticking(
        dispatches=Mock(due=Mock(return_value=[*crowd, last])), timers=timers, clock=FakeClock(), messages_per_second=2
    )

    queue_due(ports, lambda: timedelta(minutes=1))

    assert [timer for timer in timers.armed if timer.uuid == SCHEDULE_UUID] == [last]
