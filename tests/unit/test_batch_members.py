"""Sending what is in a batch: in its slot, with a token for every try, and not at all once the batch was cancelled."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from getthrough.domain.contact.contact import contact_of
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Dispatch, InBatch, Outcome
from getthrough.domain.ports import Timer
from getthrough.domain.values.quiet_hours import QuietHours, Then
from getthrough.usecases.advance_dispatch import Finished
from getthrough.usecases.send_step import Sent
from tests.builders import BATCH_UUID, DISPATCH_UUID, FIRST, NOON, SECOND, at, batch, dispatch, status_event, step
from tests.fakes import FakeThroughput
from tests.unit.stories import claimed
from tests.unit.world import CrashError, World, crash

UNAVAILABLE = Answer(kind=AnswerKind.UNAVAILABLE, http_status=429)
REFUSED = Answer(kind=AnswerKind.REFUSED, http_status=422)
SENDING = ["dispatches.save_claim", "gateway.submit"]


def stored(**fields: Any) -> World:
    """A batch, and its first recipient's dispatch, whose slot it is now."""
    world = World()
    world.batches.save(batch(made=3))
    world.store(replace(dispatch(), batch=InBatch(BATCH_UUID, 0), slot_at=NOON, **fields))
    return world


INTERVAL = timedelta(milliseconds=100)
"""Between two messages of the batch."""


def without_tokens(world: World, whose: str = "") -> World:
    """All that the account (or a batch) may send at once has been sent just now."""
    world.throughput.taken_until[whose] = world.clock() + timedelta(seconds=1, microseconds=1)
    return world


def in_queue(world: World, count: int) -> None:
    """So many messages of the batch have their slot before the next that finds no token."""
    world.throughput.queued_until[BATCH_UUID] = world.clock() + count * INTERVAL


def quiet(starts: float, ends: float, then: Then = Then.WAIT) -> QuietHours:
    return QuietHours(time_zone="UTC", starts=at(starts).time(), ends=at(ends).time(), then=then)


def test_the_batch_is_read_and_a_token_taken_right_before_it_is_sent() -> None:
    world = stored()

    assert isinstance(world.advance(), Sent)

    assert world.calls[:3] == ["dispatches.get", "batches.get", "throughput.take"]
    assert [call for call in world.calls[3:] if call in SENDING] == SENDING
    assert [sent["to"] for sent in world.gateway.sent] == [FIRST]
    assert world.stored().slot_at is None
    assert world.throughput.taken_until == {BATCH_UUID: at(0.1), "": NOON + timedelta(microseconds=33_334)}


def test_what_is_in_no_batch_needs_no_token() -> None:
    world = without_tokens(World())
    world.store(dispatch())

    assert isinstance(world.advance(), Sent)
    assert {call for call in world.calls if call.startswith(("batches", "throughput"))} == set()


def test_nothing_is_sent_before_its_slot() -> None:
    world = stored()
    world.clock.advance(-1)

    assert world.advance(due_at=NOON) == world.stored()

    assert (world.gateway.sent, world.throughput.taken_until) == ([], {})
    assert world.timers.armed == [Timer(DISPATCH_UUID, NOON)]


def test_without_a_token_it_waits_for_another_slot_and_has_a_timer_for_it() -> None:
    world = without_tokens(stored())
    in_queue(world, 15)
    slot_at = NOON + 15 * INTERVAL

    waiting = world.advance()

    assert waiting == replace(stored().stored(), slot_at=slot_at, version=2) == world.stored()
    assert world.calls[-3:] == ["throughput.take", "dispatches.save", "timers.arm"]
    assert world.timers.armed == [Timer(DISPATCH_UUID, slot_at)]
    assert world.gateway.sent == []

    world.clock.now = slot_at
    assert isinstance(world.advance(), Sent)
    assert len(world.gateway.sent) == 1


def test_a_slow_batch_has_tokens_of_its_own() -> None:
    world = without_tokens(stored(), BATCH_UUID)

    waiting = world.advance()

    assert isinstance(waiting, Dispatch)
    assert (waiting.slot_at, world.gateway.sent) == (NOON, [])
    assert world.throughput.queued_until == {BATCH_UUID: at(0.1)}


@pytest.mark.parametrize("call", ["throughput.take", "timers.arm", "dispatches.save"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_after_a_crash_without_a_token_it_still_has_its_slot(call: str, when: str) -> None:
    world = without_tokens(stored())
    getattr(world, when)[call] = crash
    with pytest.raises(CrashError):
        world.advance()
    getattr(world, when).clear()

    [due] = world.dispatches.due(at(60), at(60))
    world.clock.now = max(at(30), due.at)
    assert isinstance(world.advance(due_at=NOON), Sent)
    assert len(world.gateway.sent) == 1


def test_another_try_takes_a_token_or_waits_for_its_slot() -> None:
    world = stored()
    world.gateway.answers = [UNAVAILABLE]
    world.advance()
    retry_at = world.stored().attempts[0].retry_at
    assert retry_at is not None
    world.clock.now = retry_at
    without_tokens(world)
    in_queue(world, 1)

    waiting = world.advance()

    assert isinstance(waiting, Dispatch)
    assert waiting.slot_at == retry_at + INTERVAL
    assert len(world.gateway.sent) == 1
    world.clock.now = waiting.slot_at
    assert isinstance(world.advance(), Sent)
    assert (len(world.gateway.sent), world.stored().attempts[0].tries) == (2, 2)


@pytest.mark.parametrize("refused", [True, False])
def test_a_fallback_takes_a_token_or_waits_for_its_slot(refused: bool) -> None:
    world = stored()
    world.gateway.answers = [REFUSED] if refused else []
    world.advance()
    world.clock.advance(16)
    without_tokens(world)
    in_queue(world, 3)

    waiting = world.advance()

    assert isinstance(waiting, Dispatch)
    assert waiting.slot_at == at(16) + 3 * INTERVAL
    assert [sent["to"] for sent in world.gateway.sent] == [FIRST]
    world.clock.now = waiting.slot_at
    world.advance()
    assert [sent["to"] for sent in world.gateway.sent] == [FIRST, SECOND]


def test_a_first_step_that_arrives_while_its_fallback_waits_for_its_slot_is_all_that_is_sent() -> None:
    world = stored()
    world.advance()
    world.clock.advance(16)
    without_tokens(world)
    world.advance()

    world.record(status_event("delivered", seconds=16))
    world.clock.advance(60)
    world.advance()

    assert (world.stored().outcome, len(world.gateway.sent)) == (Outcome.SUCCEEDED, 1)


def test_when_its_window_ends_while_another_try_waits_for_its_slot_the_fallback_has_that_slot() -> None:
    world = stored()
    world.gateway.answers = [UNAVAILABLE]
    world.advance()
    world.clock.advance(2)
    without_tokens(world)
    in_queue(world, 30 * 60)
    world.advance()

    [due] = world.dispatches.due(at(3_600), at(3_600))
    assert due.at == at(2) + 30 * 60 * INTERVAL
    world.clock.now = due.at
    world.advance()
    assert [sent["to"] for sent in world.gateway.sent] == [FIRST, SECOND]


def test_in_quiet_hours_it_waits_without_a_token_and_takes_one_when_they_end() -> None:
    world = stored(quiet_hours=quiet(0, 60))

    held = world.advance()

    assert isinstance(held, Dispatch)
    assert held.held_until == at(60)
    assert {call for call in world.calls if call.startswith("throughput")} == set()
    world.clock.now = at(60)
    without_tokens(world)
    in_queue(world, 30)
    waiting = world.advance()
    assert isinstance(waiting, Dispatch)
    assert waiting.slot_at == at(60) + 30 * INTERVAL
    world.clock.now = waiting.slot_at
    assert isinstance(world.advance(), Sent)


def test_a_slot_that_comes_in_quiet_hours_waits_for_their_end() -> None:
    world = without_tokens(stored(quiet_hours=quiet(0.5, 60)))
    in_queue(world, 20)
    world.advance()
    world.clock.now = at(2.01)

    held = world.advance()

    assert isinstance(held, Dispatch)
    assert (held.held_until, world.gateway.sent) == (at(60), [])


def cancelled(world: World) -> World:
    world.cancel_batch()
    return world


def test_of_a_cancelled_batch_nothing_is_sent_and_no_token_taken() -> None:
    world = cancelled(stored())

    finished = world.advance()

    assert isinstance(finished, Finished)
    assert (finished.dispatch, finished.dispatch.outcome) == (world.stored(), Outcome.CANCELLED)
    assert (world.gateway.sent, "throughput.take" in world.calls) == ([], False)
    assert list(world.dispatches.due(at(86_400), at(86_400))) == []


def test_what_waits_for_a_slot_or_for_the_night_to_end_is_cancelled_with_its_batch() -> None:
    waits, sleeps = without_tokens(stored()), stored(quiet_hours=quiet(0, 60))
    for world in (waits, sleeps):
        world.advance()
        world.cancel_batch()
        world.clock.now = at(61)
        world.advance()
        assert (world.stored().outcome, world.gateway.sent) == (Outcome.CANCELLED, [])


def test_what_is_out_already_gets_no_fallback_once_its_batch_was_cancelled() -> None:
    world = stored()
    world.advance()
    world.cancel_batch()
    world.clock.advance(16)

    world.advance()

    assert (world.stored().outcome, len(world.gateway.sent)) == (Outcome.CANCELLED, 1)


def test_what_is_out_already_may_still_arrive_after_its_batch_was_cancelled() -> None:
    world = stored()
    world.advance()
    world.cancel_batch()
    world.record(status_event("delivered"))
    assert world.stored().outcome is Outcome.SUCCEEDED


def test_one_whose_batch_is_gone_is_sent() -> None:
    world = stored()
    world.batches.stored.clear()
    assert isinstance(world.advance(), Sent)


def test_of_two_timers_that_fire_at_once_one_sends() -> None:
    world = stored()
    world.after["throughput.take"] = world.advance

    world.advance()

    assert len(world.gateway.sent) == 1


def test_a_contact_that_opted_out_gets_nothing() -> None:
    world = stored(steps=(step(),))
    world.set_opt_out(contact_of("sms", FIRST), True)
    world.advance()
    assert (world.stored().outcome, world.gateway.sent) == (Outcome.STOPPED, [])


def test_a_claimed_one_has_no_slot_any_more() -> None:
    waiting = replace(dispatch(), batch=InBatch(BATCH_UUID, 0), slot_at=at(5))
    assert claimed(waiting, 5).slot_at is None


@pytest.mark.parametrize("rate", [1, 5, 30])
def test_in_no_second_leaves_more_than_the_rate_and_one_seconds_burst(rate: int) -> None:
    """Even if a hundred have their slot at once, as when quiet hours end."""
    world, left = World(throughput=FakeThroughput(rate)), list[datetime]()
    world.batches.save(batch(100, rate=rate, made=100))
    waiting = [Timer(f"{number:08x}{DISPATCH_UUID[8:]}", NOON) for number in range(100)]
    for number, due in enumerate(waiting):
        world.store(dispatch(dispatch_uuid=due.uuid, batch=InBatch(BATCH_UUID, number), slot_at=NOON))
    while waiting:
        due = min(waiting, key=lambda item: item.at)
        waiting.remove(due)
        world.clock.now = max(world.clock.now, due.at)
        world.timers.armed.clear()
        if isinstance(world.advance(due.uuid, due.at), Sent):
            left.append(world.clock.now)
        else:
            waiting += [armed for armed in world.timers.armed if armed.uuid == due.uuid]
            world.clock.advance(0.001)

    assert len(left) == len(world.gateway.sent) == 100
    second = timedelta(seconds=1)
    assert max(sum(first <= moment <= first + second for moment in left) for first in left) <= 2 * rate + 1
    assert (left[-1] - NOON).total_seconds() < 100 / rate + 5
