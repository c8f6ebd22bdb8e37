"""The use-cases of what is sent later: at its time, after quiet hours, once for each key; or passed over."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from getthrough.domain.dispatch.dispatch import Because, Outcome
from getthrough.domain.ports import Timer
from getthrough.domain.values.errors import IdempotencyConflictError, InvalidRequestError
from getthrough.domain.values.local_time import LONGEST_AHEAD
from getthrough.domain.values.quiet_hours import QuietHours, Then
from getthrough.usecases.advance_dispatch import Finished
from getthrough.usecases.send_dispatch import Replayed, Scheduled
from getthrough.usecases.send_step import POST_TIME, Sent
from tests.builders import FIRST, SECOND, at, dispatch, step
from tests.unit.world import CrashError, World, crash

LUNCH = QuietHours(time_zone="UTC", starts=at(0).time(), ends=at(600).time())
NO_LUNCH = replace(LUNCH, then=Then.SKIP)


def scheduled(world: World, send_at: datetime | None = None, **more: Any) -> str:
    result = world.request(step(), step(to=SECOND), send_at=send_at, **more)
    assert isinstance(result, Scheduled)
    assert world.gateway.sent == []
    return result.dispatch.dispatch_uuid


def test_it_is_stored_for_its_time_with_a_timer_and_sent_then() -> None:
    world = World()
    identifier = scheduled(world, at(600))
    assert world.calls == ["timers.arm", "dispatches.save"]
    assert world.timers.armed == [Timer(identifier, at(600))]
    assert world.stored(identifier).attempts == ()

    world.clock.now = at(600)
    sent = world.advance(identifier)

    assert isinstance(sent, Sent)
    assert (sent.send.because, [message["to"] for message in world.gateway.sent]) == (Because.FIRST, [FIRST])


def test_its_timer_does_not_fire_before_it_is_stored() -> None:
    world = World()
    identifier = scheduled(world, at(0.25))
    assert world.timers.armed == [Timer(identifier, at(0) + POST_TIME)]


def test_a_timer_that_fires_early_is_armed_again() -> None:
    world = World()
    identifier = scheduled(world, at(600))
    world.clock.now = at(599)
    world.advance(identifier, at(600))
    assert (world.timers.armed[1:], world.gateway.sent) == ([Timer(identifier, at(600))], [])


@pytest.mark.parametrize("call", ["timers.arm", "dispatches.save"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_after_a_crash_it_is_stored_with_a_timer_or_not_there(call: str, when: str) -> None:
    world = World()
    getattr(world, when)[call] = crash
    with pytest.raises(CrashError):
        world.request(step(), send_at=at(60))
    assert {*world.dispatches.stored} <= {due.uuid for due in world.timers.armed}


def test_the_same_key_makes_one_dispatch_even_when_its_time_has_passed() -> None:
    world = World()
    identifier = scheduled(world, at(60), key="order 7")
    world.clock.now = at(86_400)

    again = world.request(step(), step(to=SECOND), key="order 7", send_at=at(60))

    assert again == Replayed(world.stored(identifier))
    with pytest.raises(IdempotencyConflictError):
        world.request(step(), key="order 7", sha256="other", send_at=at(60))


def test_one_whose_write_was_made_twice_is_scheduled_all_the_same() -> None:
    world = World()

    def first_write() -> None:
        world.store(dispatch(step(), dispatch_uuid=world.timers.armed[0].uuid, send_at=at(60)))

    world.before["dispatches.save"] = first_write
    assert isinstance(world.request(step(), send_at=at(60)), Scheduled)


@pytest.mark.parametrize(
    ("send_at", "reason"),
    [
        (at(-60.001), "is in the past."),
        (at(0) + LONGEST_AHEAD + timedelta(seconds=1), "is more than a year ahead."),
    ],
)
def test_a_time_that_cannot_be_is_refused_and_nothing_is_stored(send_at: datetime, reason: str) -> None:
    world = World()
    with pytest.raises(InvalidRequestError) as refused:
        world.request(step(), send_at=send_at)
    assert [(violation.name, violation.reason) for violation in refused.value.violations] == [("send_at", reason)]
    assert (world.dispatches.stored, world.timers.armed) == ({}, [])


@pytest.mark.parametrize("send_at", [at(-60), at(0)])
def test_a_time_that_has_just_passed_is_now(send_at: datetime) -> None:
    assert isinstance(World().request(step(), send_at=send_at), Sent)


def test_what_is_due_in_quiet_hours_is_stored_and_sent_when_they_end() -> None:
    world = World()
    identifier = scheduled(world, quiet_hours=LUNCH)
    assert (world.timers.armed, world.stored(identifier).held_until) == ([Timer(identifier, at(600))], at(600))

    world.clock.now = at(600)
    assert isinstance(world.advance(identifier), Sent)
    assert world.stored(identifier).window_ends_at(0) == at(615)


def test_a_step_due_in_quiet_hours_is_held_once() -> None:
    world = World()
    identifier = scheduled(world, at(30), quiet_hours=LUNCH)
    world.clock.now = at(30)
    world.advance(identifier)
    version = world.stored(identifier).version
    assert (world.timers.armed[-1], world.stored(identifier).held_until) == (Timer(identifier, at(600)), at(600))

    world.advance(identifier, at(30))

    assert (world.stored(identifier).version, len(world.timers.armed)) == (version, 2), (
        "a useless timer changes nothing"
    )


def test_a_crash_before_the_hold_is_stored_leaves_a_timer_for_the_end() -> None:
    world = World()
    identifier = scheduled(world, at(30), quiet_hours=LUNCH)
    world.clock.now = at(30)
    world.before["dispatches.save 2"] = crash
    with pytest.raises(CrashError):
        world.advance(identifier)
    assert world.timers.armed[-1] == Timer(identifier, at(600))


def test_steps_that_are_passed_over_end_the_dispatch_one_after_another() -> None:
    world = World()
    identifier = scheduled(world, quiet_hours=NO_LUNCH)
    assert world.timers.armed == [Timer(identifier, at(0) + POST_TIME)], (
        "for the next step, armed before the first is over"
    )

    ended = world.advance(identifier)

    assert isinstance(ended, Finished)
    assert (ended.dispatch.outcome, world.gateway.sent) == (Outcome.EXHAUSTED, [])
    assert world.stored(identifier) == ended.dispatch


def test_an_urgent_step_is_sent_after_one_that_was_passed_over() -> None:
    world = World()
    world.request(step(), replace(step(to=SECOND), urgent=True), quiet_hours=NO_LUNCH)
    (identifier,) = world.dispatches.stored
    assert isinstance(world.advance(identifier), Sent)
    assert [message["to"] for message in world.gateway.sent] == [SECOND]


@pytest.mark.parametrize("more", [{"send_at": at(60)}, {"quiet_hours": LUNCH}])
def test_what_waits_can_be_cancelled_and_is_never_sent(more: dict[str, Any]) -> None:
    world = World()
    identifier = scheduled(world, **more)
    assert world.cancel(identifier).outcome is Outcome.CANCELLED

    world.clock.now = at(3600)
    world.advance(identifier)

    assert (world.gateway.sent, list(world.dispatches.due(at(10**6), at(10**6)))) == ([], [])


def test_the_tick_finds_what_waits() -> None:
    world = World()
    identifier = scheduled(world, at(1200))
    assert world.tick().timers == 0
    world.clock.now = at(600)
    world.tick()
    assert world.timers.armed[1:] == [Timer(identifier, at(1200))]
