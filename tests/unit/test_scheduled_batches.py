"""Schedules with recipients: each occurrence makes one batch, and the recipients are kept while they are needed."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from getthrough.domain.batch.batch import Batch, State
from getthrough.domain.ports import Timer
from getthrough.domain.schedule.schedule import Schedule
from getthrough.domain.schedule.schedule_request import parse_schedule_request
from getthrough.domain.values.errors import InvalidRequestError
from getthrough.usecases.change_schedule import cancel, pause, resume, revise
from getthrough.usecases.ports import Scheduling
from tests.builders import NOON, at, message, recipients, step
from tests.fakes import ports_of
from tests.unit.world import MOST_A_SECOND, CrashError, World, crash

CALLS = ["schedules.get", "batches.save", "timers.arm", "lists.keep", "schedules.save", "timers.arm 2"]


def body(total: int = 3, **fields: Any) -> dict[str, Any]:
    people = [{"to": one.to, "variables": one.variables} for one in recipients(total)]
    every_minute = {"cron": "* * * * *", "time_zone": "UTC"}
    return {"message": message(to=None, text="Hello {{ name }}"), "recipients": people, **every_minute, **fields}


def set_up(**fields: Any) -> tuple[World, Schedule]:
    world = World()
    schedule = world.set_up(body(**fields)).schedule
    world.calls.clear()
    world.timers.armed.clear()
    return world, schedule


def revised(world: World, schedule: Schedule, change: object) -> Schedule:
    ports = ports_of(world, Scheduling)
    return world.alter(lambda current: revise(ports, current, change, "bakery"), schedule.schedule_uuid)


def made(world: World) -> list[Batch]:
    return sorted(world.batches.stored.values(), key=lambda batch: batch.next_at)


def needed_until(world: World, schedule: Schedule) -> datetime | None:
    assert schedule.mailing is not None
    return world.lists.needed_until[schedule.mailing.list_id]


def for_one_at(schedule: Schedule, moment: datetime) -> datetime:
    """As long as an occurrence of that moment needs the recipients."""
    assert schedule.mailing is not None
    return schedule.mailing.needed_until(moment)


def test_its_recipients_are_stored_before_it_and_until_its_first_occurrence_has_made_its_batch() -> None:
    world = World()
    schedule = world.set_up(body()).schedule

    assert world.calls[-1] == "schedules.save"
    assert world.calls.index("lists.put") < world.calls.index("schedules.save")
    assert schedule.mailing is not None
    assert (schedule.steps, schedule.mailing.total, schedule.mailing.rate) == ((), 3, MOST_A_SECOND)
    assert world.lists.stored[schedule.mailing.list_id] == recipients()
    assert needed_until(world, schedule) == for_one_at(schedule, NOON)


def test_an_occurrence_becomes_a_batch() -> None:
    world, schedule = set_up(rate=7)
    assert schedule.mailing is not None

    ran = world.run(NOON, schedule.schedule_uuid)

    [batch] = made(world)
    assert ran is not None
    assert ran.made == [batch.batch_uuid]
    assert batch == Batch(
        batch_uuid=batch.batch_uuid,
        client_name="bakery",
        created_at=NOON,
        mailing=schedule.mailing,
        next_at=NOON,
        send_at=NOON,
        schedule_uuid=schedule.schedule_uuid,
        version=1,
    )
    assert (batch.mailing.rate, world.dispatches.stored) == (7, {})
    assert world.timers.armed == [Timer(batch.batch_uuid, NOON), Timer(schedule.schedule_uuid, at(60))]


def test_each_of_its_batches_goes_to_every_recipient() -> None:
    world, schedule = set_up()
    for minute in range(2):
        world.clock.now = at(60 * minute)
        world.run(None, schedule.schedule_uuid)
    for batch in made(world):
        world.run_batch(batch_uuid=batch.batch_uuid)

    texts = sorted(one.steps[0].message["text"] for one in world.dispatches.stored.values())
    assert texts == sorted(2 * [f"Hello Customer {number}" for number in range(3)])


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_after_a_crash_its_timer_comes_again_and_the_batch_is_there_once(call: str, when: str) -> None:
    world, schedule = set_up(max_runs=1)
    getattr(world, when)[call] = crash
    with pytest.raises(CrashError):
        world.run(NOON, schedule.schedule_uuid)
    getattr(world, when).clear()

    world.clock.advance(30)
    world.run(NOON, schedule.schedule_uuid)

    [batch] = made(world)
    assert batch.batch_uuid in {due.uuid for due in world.timers.armed}
    assert world.schedules.stored[schedule.schedule_uuid].runs == 1


def test_of_two_that_run_at_once_one_makes_the_batch() -> None:
    world, schedule = set_up()
    world.before["batches.save"] = partial(world.run, NOON, schedule.schedule_uuid)

    world.run(NOON, schedule.schedule_uuid)

    assert len(made(world)) == 1
    assert world.schedules.stored[schedule.schedule_uuid].runs == 1


def test_a_batch_that_has_begun_is_not_begun_again() -> None:
    world, schedule = set_up()
    world.before["schedules.save"] = crash
    with pytest.raises(CrashError):
        world.run(NOON, schedule.schedule_uuid)
    world.before.clear()
    [batch] = made(world)
    world.run_batch(batch_uuid=batch.batch_uuid)

    world.run(NOON, schedule.schedule_uuid)

    [after] = made(world)
    assert (after.state, after.made) == (State.SENT, 3)


def test_each_occurrence_keeps_them_for_the_next_however_far_that_is() -> None:
    world, schedule = set_up(cron="0 12 2 3 *")

    world.run(NOON, schedule.schedule_uuid)

    after = world.schedules.stored[schedule.schedule_uuid]
    assert after.next_at == NOON + timedelta(days=365)
    assert needed_until(world, schedule) == for_one_at(schedule, after.next_at)


def test_after_its_last_occurrence_its_recipients_are_kept_for_the_batch_and_no_longer() -> None:
    world, schedule = set_up(max_runs=1)

    world.run(NOON, schedule.schedule_uuid)

    assert needed_until(world, schedule) == for_one_at(schedule, NOON)
    [batch] = made(world)
    world.run_batch(batch_uuid=batch.batch_uuid)
    assert len(world.dispatches.stored) == 3


def test_resumed_after_a_long_pause_it_keeps_its_recipients_for_its_next_occurrence() -> None:
    world, schedule = set_up()
    world.alter(pause, schedule.schedule_uuid)
    world.clock.advance(86_400 * 30)

    resumed = world.alter(partial(resume, clock=world.clock), schedule.schedule_uuid)

    assert resumed.next_at == world.clock()
    assert needed_until(world, schedule) == for_one_at(schedule, world.clock())


def test_whose_recipients_were_deleted_in_the_pause_cannot_be_resumed_without_new_ones() -> None:
    world, schedule = set_up()
    paused = world.alter(pause, schedule.schedule_uuid)
    world.lists.stored.clear()

    with pytest.raises(InvalidRequestError) as refused:
        world.alter(partial(resume, clock=world.clock), schedule.schedule_uuid)
    assert [violation.name for violation in refused.value.violations] == ["recipients"]
    assert world.schedules.stored == {schedule.schedule_uuid: paused}
    fields = {name: value for name, value in body(2).items() if name in ("message", "recipients")}
    assert revised(world, schedule, {**fields, "paused": False}).state == "active"


def test_it_can_be_cancelled_even_if_its_recipients_were_deleted() -> None:
    world, schedule = set_up()
    world.lists.stored.clear()
    assert world.alter(partial(cancel, clock=world.clock), schedule.schedule_uuid).state == "cancelled"


@pytest.mark.parametrize("call", ["lists.put", "timers.arm", "schedules.save"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_wherever_a_request_dies_no_list_is_kept_for_ever(call: str, when: str) -> None:
    world = World()
    getattr(world, when)[call] = crash
    with pytest.raises(CrashError):
        world.set_up(body())
    assert {*world.lists.needed_until} == {*world.lists.stored}
    assert {one.mailing.list_id for one in world.schedules.stored.values() if one.mailing} <= {*world.lists.stored}


def test_one_that_is_over_and_gets_more_runs_keeps_its_recipients_again() -> None:
    world, schedule = set_up(max_runs=1)
    world.run(NOON, schedule.schedule_uuid)
    world.clock.advance(1)

    revised(world, schedule, {"max_runs": 2})

    assert needed_until(world, schedule) == for_one_at(schedule, at(60))
    world.clock.advance(60)
    world.run(None, schedule.schedule_uuid)
    assert len(made(world)) == 2


def test_other_recipients_take_the_place_of_those_before_which_its_batches_still_have() -> None:
    world, schedule = set_up()
    world.run(NOON, schedule.schedule_uuid)
    fields = {name: value for name, value in body(2).items() if name in ("message", "recipients")}

    changed = revised(world, schedule, {**fields, "rate": 5})

    assert changed.mailing is not None
    assert (changed.mailing.total, changed.mailing.rate) == (2, 5)
    assert needed_until(world, changed) == for_one_at(changed, at(60))
    assert needed_until(world, schedule) == for_one_at(schedule, at(60)), "those before die by themselves"
    world.clock.advance(61)
    world.run(None, schedule.schedule_uuid)
    for batch in made(world):
        world.run_batch(batch_uuid=batch.batch_uuid)
    assert [batch.made for batch in made(world)] == [3, 2]


def test_what_else_is_changed_leaves_the_recipients_alone() -> None:
    world, schedule = set_up()
    changed = revised(world, schedule, {"cron": "5 * * * *"})
    assert changed.mailing == schedule.mailing
    assert needed_until(world, changed) == for_one_at(schedule, at(300))


TOGETHER = [("recipients", "and message must be changed together.")]


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        ({"message": message(text="Hi")}, TOGETHER),
        ({"recipients": [{"to": "447700900001"}]}, TOGETHER),
        ({"rate": 5}, ["rate"]),
        ({"message": message(to=None, text="{{ nick }}"), "recipients": body()["recipients"]}, 3),
        ({"message": message(), "recipients": []}, ["recipients"]),
    ],
)
def test_an_invalid_change_is_reported_and_changes_nothing(change: object, reported: Any) -> None:
    world, schedule = set_up()
    lists = {**world.lists.needed_until}
    with pytest.raises(InvalidRequestError) as refused:
        revised(world, schedule, change)

    found = [(violation.name, violation.reason) for violation in refused.value.violations]
    match reported:
        case int():
            assert len(found) == reported
        case [tuple(), *_]:
            assert found == reported
        case _:
            assert [name for name, _ in found] == reported
    assert world.schedules.stored == {schedule.schedule_uuid: schedule}
    assert world.lists.needed_until == lists


def test_a_schedule_to_one_can_become_one_to_many() -> None:
    world = World()
    one = world.set_up({"message": message(), "cron": "* * * * *", "time_zone": "UTC"}).schedule
    fields = {name: value for name, value in body().items() if name in ("message", "recipients")}

    many = revised(world, one, fields)

    assert (many.steps, many.mailing is None, one.steps[0].message) == ((), False, step().message)


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"rate": MOST_A_SECOND + 1}, ["rate"]),
        ({"recipients": []}, ["recipients"]),
        ({"recipients": [{"to": "447700910000"}]}, ["recipients[0].variables.name"]),
        ({"message": message(to=None, send_at="2026-03-02T13:00:00Z", text="Hi")}, ["message.send_at"]),
        ({"cron": "never", "rate": 0}, ["rate", "cron"]),
    ],
)
def test_violations_in_recipients_are_reported_as_for_a_batch(fields: dict[str, Any], names: list[str]) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        parse_schedule_request(body(**fields), "bakery", NOON, MOST_A_SECOND)
    assert [violation.name for violation in refused.value.violations] == names


def test_the_same_key_makes_one_schedule_with_one_list() -> None:
    world = World()
    first = world.set_up(body(), "weekly")
    assert world.set_up(body(), "weekly") == (first.schedule, True)
    assert (len(world.schedules.stored), len(world.lists.stored)) == (1, 1)


def test_what_an_outage_swallowed_comes_as_batches() -> None:
    world, schedule = set_up(missed="all")
    world.clock.now = at(0) + timedelta(minutes=3, seconds=1)
    world.run(NOON, schedule.schedule_uuid)
    assert [batch.send_at for batch in made(world)] == [at(0), at(60), at(120), at(180)]
