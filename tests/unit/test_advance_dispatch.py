"""What a timer does: whatever the kernel decides now, and nothing twice."""

from dataclasses import replace

import pytest

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Answer, Because, Closing, Dispatch, Outcome
from getthrough.domain.dispatch.failover import Send
from getthrough.domain.message.status import Status
from getthrough.domain.ports import Timer
from getthrough.domain.values.errors import UnavailableError, VersionConflictError
from getthrough.usecases.advance_dispatch import Finished
from getthrough.usecases.retrying import CONFLICTS
from getthrough.usecases.send_step import Sent
from tests.builders import DISPATCH_UUID, FIRST, SECOND, at, dispatch, status_event, step
from tests.unit.stories import REFUSED, UNAVAILABLE, reported, sent
from tests.unit.world import World, fail


@pytest.fixture
def world() -> World:
    """A dispatch of two steps, of which the first is out."""
    world = World()
    world.store(sent(dispatch()))
    return world


def test_a_timer_for_a_dispatch_that_is_not_there_does_nothing() -> None:
    world = World()
    assert world.advance() is None
    assert world.calls == ["dispatches.get"]


def test_a_window_that_ended_sends_the_next_step(world: World) -> None:
    world.clock.advance(15)
    result = world.advance()
    assert isinstance(result, Sent)
    assert result.send == Send(1, Because.WINDOW_ENDED)
    assert [message["to"] for message in world.gateway.sent] == [SECOND]


def test_a_failed_step_sends_the_next_one_before_the_window_ends(world: World) -> None:
    world.store(reported(world.stored(), status_event(Status.REJECTED)))
    world.clock.advance(1)
    result = world.advance()
    assert isinstance(result, Sent)
    assert result.send == Send(1, Because.FAILED)


def test_a_retry_sends_the_same_step_again() -> None:
    world = World()
    world.store(sent(dispatch(step(60)), UNAVAILABLE))
    world.clock.advance(1)
    result = world.advance()
    assert isinstance(result, Sent)
    assert result.send == Send(0, Because.RETRY)
    assert [message["to"] for message in world.gateway.sent] == [FIRST]
    assert world.stored().attempts[0].tries == 2


def test_a_timer_that_fires_early_arms_another_because_it_may_have_been_the_only_one(world: World) -> None:
    world.clock.advance(14.9)
    assert world.advance() == world.stored()
    assert world.calls == ["dispatches.get", "timers.arm"]
    assert world.timers.armed == [Timer(DISPATCH_UUID, at(15))]


def test_a_timer_for_another_moment_ends_because_what_moved_the_moment_armed_one() -> None:
    """Otherwise each of them would live as long as the dispatch, and every retry would add one."""
    world = World()
    world.store(sent(dispatch(step(120))))
    world.advance()
    assert world.timers.armed == []


def test_a_last_window_that_ended_closes_the_dispatch() -> None:
    world = World()
    before = world.store(sent(dispatch(step())))
    world.clock.advance(15.2)
    expected = replace(before, closed=Closing(Outcome.EXHAUSTED, at(15.2)), version=2)
    assert world.advance() == Finished(expected)
    assert world.stored() == expected
    assert world.calls == ["dispatches.get", "dispatches.save"]


@pytest.mark.parametrize(
    "over",
    [
        reported(sent(dispatch()), status_event(Status.DELIVERED)),
        sent(dispatch(step()), REFUSED),
        failover.finish(sent(dispatch()), Outcome.CANCELLED, at(3)),
    ],
    ids=["succeeded", "refused", "cancelled"],
)
def test_a_timer_for_a_dispatch_that_is_over_does_nothing(over: Dispatch) -> None:
    world = World()
    stored = world.store(over)
    world.clock.advance(9999)
    assert world.advance() == stored
    assert world.calls == ["dispatches.get"]


def test_a_timer_that_fires_twice_sends_once(world: World) -> None:
    world.clock.advance(15)
    world.advance()
    world.advance()
    assert len(world.gateway.sent) == 1


def test_a_success_that_comes_before_the_dispatch_is_closed_counts() -> None:
    world = World()
    world.store(sent(dispatch(step())))
    world.clock.advance(15)
    world.before["dispatches.save"] = lambda: world.store(reported(world.stored(), status_event(Status.DELIVERED)))
    result = world.advance()
    assert isinstance(result, Dispatch)
    assert (result.outcome, result.closed, result.late(0)) == (Outcome.SUCCEEDED, None, False)


def test_a_dispatch_that_keeps_changing_is_left_to_the_timer_that_comes_back(world: World) -> None:
    world.clock.advance(15)
    for count in range(1, CONFLICTS + 1):
        world.before[f"dispatches.save_claim {count}"] = lambda: world.store(world.stored())
    with pytest.raises(VersionConflictError):
        world.advance()
    assert world.gateway.sent == []


def test_a_dispatch_that_changes_often_is_advanced_all_the_same(world: World) -> None:
    world.clock.advance(15)
    for count in range(1, CONFLICTS):
        world.before[f"dispatches.save_claim {count}"] = lambda: world.store(world.stored())
    assert isinstance(world.advance(), Sent)
    assert len(world.gateway.sent) == 1


@pytest.mark.parametrize("call", ["dispatches.get", "timers.arm"])
def test_when_aws_fails_the_timer_comes_back(world: World, call: str) -> None:
    world.before[call] = fail
    with pytest.raises(UnavailableError):
        world.advance()


def test_a_whole_dispatch_runs_to_its_end_on_its_own_timers() -> None:
    """Every step refused, unavailable or silent: the timers that were armed are all that it needs."""
    world = World()
    world.gateway.answers = [Answer(kind=REFUSED), Answer(kind=UNAVAILABLE), Answer(kind=UNAVAILABLE)]
    world.send(step(15), step(15), step(15))
    [dispatch_uuid] = world.dispatches.stored
    while world.timers.armed:
        due = min(world.timers.armed, key=lambda due: due.at)
        world.timers.armed.remove(due)
        world.clock.now = max(world.clock.now, due.at)
        world.advance(dispatch_uuid)
    ended = world.stored(dispatch_uuid)
    assert (ended.outcome, [attempt.tries for attempt in ended.attempts]) == (Outcome.EXHAUSTED, [1, 3, 1])
    assert [attempt.because for attempt in ended.attempts] == [Because.FIRST, Because.FAILED, Because.WINDOW_ENDED]


def test_what_was_sent_is_removed_when_its_time_is_over_and_not_before(world: World) -> None:
    delivered = reported(world.stored(), status_event(Status.DELIVERED))
    world.store(replace(delivered, texts_until=at(60)))
    world.clock.advance(59)
    assert world.advance() == world.stored()
    assert world.stored().steps == delivered.steps
    world.clock.advance(1)
    for _ in range(2):
        world.advance()
    assert world.calls.count("dispatches.save") == 1
    assert (world.stored().texts_removed_at, world.stored().texts_until) == (at(60), None)
    assert all("text" not in planned.message for planned in world.stored().steps)
