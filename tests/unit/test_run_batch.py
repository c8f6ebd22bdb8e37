"""Running a batch: a dispatch for each recipient, exactly one, wherever a function dies and however many run."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from getthrough.domain.batch.batch import LEAD, Recipient, State, Tally, dispatch_uuid
from getthrough.domain.contact.contact import ERASED
from getthrough.domain.dispatch.dispatch import InBatch, Outcome
from getthrough.domain.dispatch.failover import finish
from getthrough.domain.limit.limits import client_limits_of
from getthrough.domain.ports import Timer
from getthrough.domain.values.errors import InvalidRequestError, UnavailableError, VersionConflictError
from getthrough.usecases.retrying import CONFLICTS
from tests.builders import BATCH_UUID, LIST_ID, NOON, SECOND, at, batch, message, recipients
from tests.unit.world import CrashError, World, crash, fail

MEMBERS = [dispatch_uuid(BATCH_UUID, number) for number in range(120)]
CALLS = [
    "batches.get",
    "throughput.queue",
    "lists.some",
    "dispatches.save",
    "dispatches.save 2",
    "dispatches.save 3",
    "tallies.note",
    "timers.arm",
    "batches.save",
]
STARTED = CALLS[1:]


def stored(total: int = 3, **fields: Any) -> World:
    world = World()
    world.batches.save(batch(total, **fields))
    world.lists.put(LIST_ID, recipients(total), at(86_400))
    return world


def go_on(world: World) -> None:
    """Whatever its timers and the tick ask for, until it is over."""
    for _ in range(1_000):
        due = list(world.batches.due(world.clock() + timedelta(days=1)))
        if not due:
            return
        world.clock.now = max(world.clock.now, due[0].at)
        world.run_batch(due[0].at)
    raise AssertionError("it never ends")


def whom(world: World) -> list[tuple[str, str]]:
    """Who has a dispatch with which text, in the order of the recipients."""
    in_order = sorted(world.dispatches.stored.values(), key=lambda one: one.batch or InBatch("", 0))
    return [(one.steps[0].message["to"], one.steps[0].message["text"]) for one in in_order]


def every_recipient(total: int) -> list[tuple[str, str]]:
    return [(f"4477009{10_000 + number}", f"Hello Customer {number}") for number in range(total)]


def assert_each_exactly_once(world: World, total: int = 3) -> None:
    assert whom(world) == every_recipient(total)
    assert {*world.dispatches.stored} == {*MEMBERS[:total]}
    assert {due.uuid for due in world.timers.armed} >= {*MEMBERS[:total]}, "none waits for the tick"
    left = world.batches.stored[BATCH_UUID]
    assert (left.state, left.made) == (State.SENT, total)


def slots(world: World) -> list[float]:
    """Seconds after noon, in the order of the recipients."""
    found = [world.dispatches.stored[identifier] for identifier in MEMBERS if identifier in world.dispatches.stored]
    return [(one.slot_at - NOON).total_seconds() for one in found if one.slot_at]


def most_in_a_second(moments: list[float]) -> int:
    return max(sum(first <= moment < first + 1 for moment in moments) for first in moments)


def test_each_recipient_gets_a_dispatch_with_its_slot_and_then_the_batch_advances() -> None:
    world = stored()

    progressed = world.run_batch()

    assert world.calls == [call.partition(" ")[0] for call in CALLS]
    after = batch(made=3, next_at=at(0.3) - LEAD, version=2)
    assert progressed == (after, 3, [])
    assert world.batches.stored == {BATCH_UUID: after}
    assert_each_exactly_once(world)
    assert slots(world) == [0, 0.1, 0.2]
    assert world.timers.armed == [Timer(MEMBERS[number], at(number / 10)) for number in range(3)]
    one = world.stored(MEMBERS[1])
    assert (one.batch, one.client_name, one.created_at, one.version) == (InBatch(BATCH_UUID, 1), "bakery", NOON, 1)


def test_a_long_batch_arms_a_timer_for_its_next_round() -> None:
    world = stored(120)

    progressed = world.run_batch()

    after = world.batches.stored[BATCH_UUID]
    assert progressed == (after, 70, [])
    assert (after.next_at, after.state) == (at(7) - LEAD, State.SENDING)
    assert world.timers.armed[-1] == Timer(BATCH_UUID, after.next_at)


def test_a_recipient_whose_message_is_no_longer_valid_counts_as_failed_and_does_not_delay_the_others() -> None:
    """A newer release may check more than the one that accepted the batch. Here a number is invalid."""
    world = stored()
    world.lists.stored[LIST_ID][1] = world.lists.stored[LIST_ID][1]._replace(to="no number")

    progressed = world.run_batch()

    assert progressed == (world.batches.stored[BATCH_UUID], 3, [1])
    assert {*world.dispatches.stored} == {MEMBERS[0], MEMBERS[2]}
    assert world.tallies.of(BATCH_UUID) == Tally(1, 0, 0, 1, {})
    assert world.batches.stored[BATCH_UUID].state is State.SENT


@pytest.mark.parametrize("erased", [[1], [0, 1, 2]])
def test_a_recipient_who_was_erased_gets_nothing_even_if_the_message_names_another_address(erased: list[int]) -> None:
    world = stored()
    kept = world.batches.stored[BATCH_UUID]
    named = replace(kept.mailing, message=message(to=SECOND))
    world.batches.stored[BATCH_UUID] = replace(kept, mailing=named)
    for number in erased:
        world.lists.stored[LIST_ID][number] = Recipient(ERASED, {}, None)

    assert world.run_batch() == (world.batches.stored[BATCH_UUID], 3, erased)
    assert {*world.dispatches.stored} == {MEMBERS[number] for number in range(3) if number not in erased}


def test_a_batch_that_goes_on_tomorrow_keeps_its_recipients_until_then() -> None:
    world = stored(120, rate=1)
    needed = world.lists.needed_until[LIST_ID]
    world.run_batch()
    assert "lists.keep" not in world.calls

    world.clock.now = tomorrow = NOON + timedelta(hours=13)
    world.run_batch()

    left = world.batches.stored[BATCH_UUID]
    assert (left.state, left.next_at.date()) == (State.SENDING, tomorrow.date())
    assert world.lists.needed_until[LIST_ID] == left.mailing.needed_until(at(46_802) - LEAD) > needed
    go_on(world)
    assert world.calls.count("lists.keep") == 1


def test_the_dispatches_of_a_test_clients_batch_are_marked_from_the_beginning() -> None:
    world = stored()
    world.own_limits = client_limits_of({"guests": "simulated"})
    world.run_batch()

    assert [world.stored(member).test for member in MEMBERS[:3]] == [True] * 3


@pytest.mark.parametrize("rate", [1, 7, 10, 30])
def test_no_second_has_more_slots_than_the_rate(rate: int) -> None:
    world = stored(120, rate=rate)
    go_on(world)

    assert_each_exactly_once(world, 120)
    moments = slots(world)
    assert moments == sorted(moments)
    assert most_in_a_second(moments) <= rate + 1, "the first of a second, and the first of the next"
    assert moments[-1] <= 119 / rate + 0.1


def test_a_batch_that_begins_late_makes_up_for_nothing() -> None:
    world = stored(120, rate=10)
    world.clock.advance(3_600)
    go_on(world)

    assert most_in_a_second(slots(world)) <= 11
    assert slots(world)[0] == 3_600


def test_two_batches_share_what_the_account_may_send() -> None:
    world, other = stored(60, rate=30), BATCH_UUID.replace("5f1a", "6f1a")
    world.batches.save(batch(60, rate=30, batch_uuid=other))
    while due := sorted(world.batches.due(at(86_400)), key=lambda item: item.at):
        world.clock.now = max(world.clock.now, due[0].at)
        world.run_batch(due[0].at, due[0].uuid)

    found = [(one.slot_at - NOON).total_seconds() for one in world.dispatches.stored.values() if one.slot_at]
    assert len(found) == 120
    assert most_in_a_second(found) <= 31
    assert max(found) < 4.1


@pytest.mark.parametrize("total", [3, 120])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("stop", [crash, fail])
def test_after_a_crash_its_timer_comes_again_and_each_recipient_has_one_dispatch(
    total: int, call: str, when: str, stop: Any
) -> None:
    world = stored(total)
    getattr(world, when)[call] = stop
    with pytest.raises((CrashError, UnavailableError)):
        world.run_batch()
    getattr(world, when).clear()

    world.clock.advance(60)
    world.run_batch(NOON)
    go_on(world)

    assert_each_exactly_once(world, total)


def test_the_tick_finds_the_next_round_if_its_timer_was_not_armed() -> None:
    world = stored(120)
    world.before["timers.arm 5"] = crash
    with pytest.raises(CrashError):
        world.run_batch()
    world.timers.armed.clear()

    world.tick()

    assert Timer(BATCH_UUID, world.batches.stored[BATCH_UUID].next_at) in world.timers.armed


@pytest.mark.parametrize("call", STARTED)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("total", [3, 120])
def test_of_two_runs_at_once_each_recipient_gets_one_dispatch(call: str, when: str, total: int) -> None:
    world = stored(total)
    getattr(world, when)[call] = world.run_batch

    world.run_batch()
    go_on(world)

    assert_each_exactly_once(world, total)


def test_timers_do_not_multiply_however_often_the_tick_finds_it() -> None:
    """Each timer that fires arms one at most. Of timers that fire together, only one arms another."""
    world = stored(120, rate=1)
    waiting = [Timer(BATCH_UUID, NOON)]
    fired = Counter[int]()
    while waiting:
        due = min(waiting, key=lambda item: item.at)
        waiting.remove(due)
        world.clock.now = max(world.clock.now, due.at)
        if (world.clock.now - NOON).seconds // 10 not in fired:  # a tick
            waiting += world.batches.due(world.clock() + timedelta(minutes=10))
        fired[(world.clock.now - NOON).seconds // 10] += 1
        world.timers.armed.clear()
        world.run_batch(due.at)
        waiting += [armed for armed in world.timers.armed if armed.uuid == BATCH_UUID]

    assert {*world.dispatches.stored} == {*MEMBERS}
    assert max(fired.values()) <= 12, "five rounds in ten seconds, and what the tick adds"


def test_a_timer_that_fires_early_is_armed_again_and_one_of_an_earlier_moment_ends() -> None:
    world = stored(next_at=at(60))

    world.run_batch(at(60))
    assert world.timers.armed == [Timer(BATCH_UUID, at(60))]
    world.timers.armed.clear()
    world.run_batch(at(59))

    assert (world.timers.armed, world.dispatches.stored) == ([], {})


def test_one_that_is_over_or_unknown_makes_nothing() -> None:
    for world in (stored(made=3), stored(cancelled_at=NOON)):
        progressed = world.run_batch()
        assert progressed == (world.batches.stored[BATCH_UUID], 0, [])
        assert (world.dispatches.stored, world.timers.armed) == ({}, [])
    assert World().run_batch() is None


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_whenever_it_is_cancelled_it_does_not_go_on_and_it_stays_so(call: str, when: str) -> None:
    world = stored(120)
    getattr(world, when)[call] = world.cancel_batch

    progressed = world.run_batch()
    getattr(world, when).clear()
    world.clock.advance(60)
    again = world.run_batch()

    left = world.batches.stored[BATCH_UUID]
    assert (left.state, left.cancelled_at) == (State.CANCELLED, NOON)
    assert again == (left, 0, [])
    assert progressed is not None
    assert {*world.dispatches.stored} <= {*MEMBERS[:40]}
    assert list(world.batches.due(at(86_400))) == []


def test_a_dispatch_that_has_gone_on_meanwhile_is_left_as_it_is() -> None:
    world = stored()
    world.before["batches.save"] = crash
    with pytest.raises(CrashError):
        world.run_batch()
    world.before.clear()
    over = world.dispatches.save(finish(world.stored(MEMBERS[0]), Outcome.CANCELLED, NOON))

    world.run_batch()

    assert world.stored(MEMBERS[0]) == over
    assert_each_exactly_once(world)


def test_if_no_message_is_valid_any_more_the_batch_waits_for_another_release() -> None:
    world = stored()
    world.lists.stored[LIST_ID] = [recipient._replace(to="no number") for recipient in recipients()]

    with pytest.raises(InvalidRequestError):
        world.run_batch()

    assert (world.batches.stored[BATCH_UUID].made, world.dispatches.stored) == (0, {})


def test_without_its_recipients_it_waits_for_them() -> None:
    world = stored()
    world.lists.stored.clear()

    with pytest.raises(UnavailableError):
        world.run_batch()

    assert world.batches.stored[BATCH_UUID] == replace(batch(), version=1)


def test_one_that_keeps_changing_is_given_up_until_the_next_timer() -> None:
    world = stored(60)
    touched = lambda: world.batches.save(world.batches.stored[BATCH_UUID])  # noqa: E731
    world.before = {f"batches.save {number}": touched for number in range(1, CONFLICTS + 1)}

    with pytest.raises(VersionConflictError):
        world.run_batch()
    go_on(world)

    assert_each_exactly_once(world, 60)
