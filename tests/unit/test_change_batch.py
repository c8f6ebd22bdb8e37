"""Accepting a batch, and cancelling it: stored whole or not at all, once for each key."""

from datetime import timedelta
from typing import Any

import pytest

from getthrough.domain.batch.batch import State
from getthrough.domain.dispatch.request import sha256_of
from getthrough.domain.ports import Timer
from getthrough.domain.values.errors import (
    IdempotencyConflictError,
    InvalidRequestError,
    NotFoundError,
    UnavailableError,
    VersionConflictError,
)
from getthrough.domain.values.identifiers import is_batch_uuid
from getthrough.usecases.change_batch import list_id
from getthrough.usecases.retrying import CONFLICTS
from getthrough.usecases.send_step import POST_TIME
from tests.builders import BATCH_UUID, NOON, at, batch, message, recipients
from tests.unit.world import CrashError, World, crash, fail

CALLS = ["lists.put", "timers.arm", "batches.save"]


def body(total: int = 3, **fields: Any) -> dict[str, Any]:
    people = [{"to": one.to, "variables": one.variables} for one in recipients(total)]
    return {"message": message(to=None, text="Hello {{ name }}"), "recipients": people, "rate": 10, **fields}


def stored(**fields: Any) -> World:
    world = World()
    world.batches.save(batch(**fields))
    return world


def test_its_recipients_and_a_timer_are_there_before_it_is() -> None:
    world = World()

    accepted = world.accept(body())

    made = accepted.batch
    assert world.calls == CALLS
    assert (accepted.replayed, world.batches.stored) == (False, {made.batch_uuid: made})
    assert is_batch_uuid(made.batch_uuid)
    assert (made.client_name, made.next_at, made.mailing.total, made.state) == ("bakery", NOON, 3, State.WAITING)
    assert world.lists.stored == {made.mailing.list_id: recipients()}
    assert world.lists.needed_until[made.mailing.list_id] == made.mailing.needed_until(NOON)
    assert world.timers.armed == [Timer(made.batch_uuid, NOON + POST_TIME)]


def test_one_for_later_has_its_timer_then_and_its_recipients_through_two_weeks_of_failures() -> None:
    world = World()

    made = world.accept(body(send_at="2026-06-02T12:00:00Z")).batch

    assert world.timers.armed == [Timer(made.batch_uuid, made.next_at)]
    assert made.next_at > at(86_400 * 91)
    needed_until = world.lists.needed_until[made.mailing.list_id]
    assert needed_until is not None
    assert needed_until > made.next_at + timedelta(days=14)


def test_without_a_key_each_request_makes_a_batch() -> None:
    world = World()
    assert world.accept(body()).batch.batch_uuid != world.accept(body()).batch.batch_uuid
    assert len(world.lists.stored) == 2


def test_the_same_key_makes_one_however_far_it_is() -> None:
    world, once = World(), body(send_at="2026-03-02T12:00:30Z")
    first = world.accept(once, "spring")
    world.clock.advance(86_400)
    world.run_batch(batch_uuid=first.batch.batch_uuid)

    again = world.accept(once, "spring")

    assert (again.replayed, again.batch) == (True, world.batches.stored[first.batch.batch_uuid])
    assert again.batch.state is State.SENT
    assert (len(world.batches.stored), len(world.lists.stored)) == (1, 1)


def test_the_same_key_for_another_request_is_refused() -> None:
    world = World()
    world.accept(body(), "spring")
    mine = world.batches.stored.copy(), world.lists.stored[list_id(next(iter(world.batches.stored)), sha256_of(body()))]

    others: list[object] = [body(2), body(rate=11), body(rate=0), [], None, {}]
    for other in others:
        with pytest.raises(IdempotencyConflictError):
            world.accept(other, "spring")

    [left] = world.batches.stored.values()
    assert (world.batches.stored, world.lists.stored[left.mailing.list_id]) == mine
    assert all(world.lists.needed_until.values()), "an unneeded list is deleted one day"


def test_a_key_is_that_of_its_client() -> None:
    world = World()
    one, other = world.accept(body(), "spring"), world.accept(body(), "spring", "florist")
    assert one.batch.batch_uuid != other.batch.batch_uuid
    assert [one.replayed, other.replayed] == [False, False]


def test_violations_are_reported_for_a_new_key_and_nothing_is_stored() -> None:
    for key in (None, "spring"):
        world = World()
        with pytest.raises(InvalidRequestError):
            world.accept(body(rate=0), key)
        assert (world.lists.stored, world.timers.armed, world.batches.stored) == ({}, [], {})


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_after_a_crash_it_is_stored_whole_or_not_there_and_the_same_request_makes_it_once(call: str, when: str) -> None:
    world = World()
    getattr(world, when)[call] = crash
    with pytest.raises(CrashError):
        world.accept(body(), "spring")
    assert {*world.batches.stored} <= {due.uuid for due in world.timers.armed}
    assert {one.mailing.list_id for one in world.batches.stored.values()} <= {*world.lists.stored}
    getattr(world, when).clear()

    accepted = world.accept(body(), "spring")

    assert accepted.replayed is (call == "batches.save" and when == "after")
    assert (len(world.batches.stored), list(world.lists.stored)) == (1, [accepted.batch.mailing.list_id])


@pytest.mark.parametrize("call", CALLS)
def test_what_could_not_be_stored_is_not_accepted(call: str) -> None:
    world = World()
    world.before[call] = fail
    with pytest.raises(UnavailableError):
        world.accept(body())
    assert world.batches.stored == {}


def test_lists_of_other_owners_and_other_requests_have_other_ids() -> None:
    identifiers = [list_id("a", "1"), list_id("a", "2"), list_id("b", "1"), list_id("a", None)]
    assert len({*identifiers}) == 4
    assert list_id("a", "1") == identifiers[0]
    assert all(len(identifier) == 32 for identifier in identifiers)


@pytest.mark.parametrize("fields", [{}, {"made": 1}, {"made": 3}, {"next_at": at(86_400)}])
def test_it_can_be_cancelled_however_far_it_is(fields: dict[str, Any]) -> None:
    world = stored(**fields)
    world.clock.advance(5)

    cancelled = world.cancel_batch()

    assert cancelled == batch(**fields, cancelled_at=at(5), version=2) == world.batches.stored[BATCH_UUID]
    assert list(world.batches.due(at(100_000))) == []
    world.clock.advance(5)
    assert world.cancel_batch() == cancelled


@pytest.mark.parametrize("identifier", ["", "unknown", BATCH_UUID, BATCH_UUID[:-2] + "00"])
def test_an_unknown_batch_cannot_be_cancelled(identifier: str) -> None:
    with pytest.raises(NotFoundError):
        World().cancel_batch(identifier)


def test_one_that_goes_on_meanwhile_is_cancelled_all_the_same() -> None:
    world = stored()
    world.lists.put(batch().mailing.list_id, recipients(), at(60))
    world.before["batches.save"] = world.run_batch

    cancelled = world.cancel_batch()

    assert (cancelled.state, cancelled.made, cancelled.version) == (State.CANCELLED, 3, 3)


def test_one_that_keeps_changing_is_not_said_to_be_cancelled() -> None:
    world = stored()
    someone_else = lambda: world.batches.save(world.batches.stored[BATCH_UUID])  # noqa: E731
    world.before = {f"batches.save {number}": someone_else for number in range(1, CONFLICTS + 1)}

    with pytest.raises(VersionConflictError):
        world.cancel_batch()
    assert world.batches.stored[BATCH_UUID].cancelled_at is None
