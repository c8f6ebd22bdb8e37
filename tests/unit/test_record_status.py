"""A status webhook is stored first, then applied to its dispatch, which shows that it was."""

from dataclasses import replace

import pytest

from getthrough.domain.dispatch.dispatch import Dispatch, Outcome
from getthrough.domain.event.webhook import StatusEvent, parse_status
from getthrough.domain.message.status import Condition, Status
from getthrough.domain.ports import Seen, Timer
from getthrough.domain.values.errors import UnavailableError, VersionConflictError
from getthrough.usecases.record_status import Recorded
from getthrough.usecases.retrying import CONFLICTS
from tests.builders import DISPATCH_UUID, at, dispatch, status_event, status_payload, step
from tests.unit.stories import UNKNOWN, reported, sent
from tests.unit.world import CrashError, World, crash, fail

DELIVERED = status_event(Status.DELIVERED)
NEW, COPY, COMPLETED = Seen(new=True), Seen(new=False), Seen(new=False, completed=True)


@pytest.fixture
def world() -> World:
    """A dispatch of two steps, of which the first is out; a second has passed."""
    world = World()
    world.store(sent(dispatch()))
    world.clock.advance(1)
    return world


def test_a_new_event_is_stored_then_applied_to_its_dispatch(world: World) -> None:
    before = world.stored()
    after = replace(reported(before, DELIVERED), version=2)
    assert world.record(DELIVERED) == Recorded(DELIVERED, NEW, before, after)
    assert world.stored() == after
    assert world.events.of(DISPATCH_UUID) == [DELIVERED]
    assert world.calls == ["dispatches.get", "events.add", "dispatches.save"]


def test_a_copy_of_an_event_that_was_applied_writes_nothing(world: World) -> None:
    world.record(DELIVERED)
    stored = world.stored()
    world.calls.clear()
    assert world.record(DELIVERED) == Recorded(DELIVERED, COPY, stored, stored)
    assert (world.calls, world.stored()) == (["dispatches.get", "events.add"], stored)


def test_an_event_that_opts_its_contact_out_is_completed_after_that_and_its_copies_have_no_effect(
    world: World,
) -> None:
    said_no = status_event(Status.REJECTED, error={"title": "1240", "detail": "no"})
    world.before["events.complete"] = crash
    with pytest.raises(CrashError):
        world.record(said_no)
    world.before.clear()
    assert len(world.opt_outs.opted_out) == 1
    assert world.record(said_no).opted_out
    world.calls.clear()
    assert world.record(said_no) == Recorded(said_no, COMPLETED, None, None)
    assert world.calls == ["dispatches.get", "events.add"]


def test_a_copy_with_the_same_token_is_distinguished_from_a_retry(world: World) -> None:
    first, retry = replace(DELIVERED, jti="token 1"), replace(DELIVERED, jti="token 2")
    seen = [world.record(event).seen for event in (first, retry, first)]
    assert seen == [NEW, COPY, Seen(new=False, replayed=True)]


@pytest.mark.parametrize(
    ("when", "call"),
    [
        ("after", "events.add"),
        ("before", "dispatches.save"),
        ("after", "dispatches.save"),
    ],
)
def test_a_copy_heals_what_the_first_one_died_of(world: World, when: str, call: str) -> None:
    getattr(world, when)[call] = crash
    with pytest.raises(CrashError):
        world.record(DELIVERED)
    world.before.clear()
    world.after.clear()
    assert (world.record(DELIVERED).seen, world.stored().outcome) == (COPY, Outcome.SUCCEEDED)


def test_a_copy_of_a_failure_arms_the_timer_that_the_first_one_did_not(world: World) -> None:
    world.before["timers.arm"] = fail
    with pytest.raises(UnavailableError):
        world.record(status_event(Status.REJECTED))
    world.before.clear()
    world.record(status_event(Status.REJECTED))
    assert world.timers.armed == [Timer(DISPATCH_UUID, at(1))]


def test_a_copy_of_a_failure_arms_no_timer_once_the_next_step_is_out(world: World) -> None:
    world.record(status_event(Status.REJECTED))
    world.advance(DISPATCH_UUID)
    world.timers.armed.clear()
    world.record(status_event(Status.REJECTED))
    assert world.timers.armed == []


@pytest.mark.parametrize("failure", [Status.REJECTED, Status.UNDELIVERABLE])
def test_a_failure_arms_a_timer_at_once_after_it_was_stored(world: World, failure: Status) -> None:
    world.record(status_event(failure))
    assert world.timers.armed == [Timer(DISPATCH_UUID, at(1))]
    assert world.calls == ["dispatches.get", "events.add", "dispatches.save", "timers.arm"]


def test_a_failure_of_the_last_step_ends_the_story_and_needs_no_timer() -> None:
    world = World()
    world.store(sent(dispatch(step())))
    recorded = world.record(status_event(Status.REJECTED))
    assert recorded.after is not None
    assert (recorded.after.outcome, world.timers.armed) == (Outcome.EXHAUSTED, [])


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.DELIVERED, Status.READ])
def test_other_statuses_arm_nothing(world: World, status: Status) -> None:
    world.record(status_event(status))
    assert world.timers.armed == []


def test_an_event_after_the_window_finds_the_step_overdue_and_arms_a_timer(world: World) -> None:
    world.clock.advance(60)
    world.record(status_event(Status.SUBMITTED))
    assert world.timers.armed == [Timer(DISPATCH_UUID, at(61))]


def test_a_late_success_is_applied_and_sends_nothing(world: World) -> None:
    world.store(sent(world.stored(), seconds=15))
    recorded = world.record(DELIVERED)
    assert recorded.after is not None
    assert (recorded.after.outcome, recorded.after.late(0), world.timers.armed) == (Outcome.SUCCEEDED, True, [])


def test_a_status_resolves_an_unknown_answer() -> None:
    world = World()
    world.store(sent(dispatch(), UNKNOWN))
    recorded = world.record(DELIVERED)
    assert recorded.after is not None
    assert recorded.after.outcome is Outcome.SUCCEEDED


# Whose is it?


def without_our_id(**fields: object) -> StatusEvent:
    return parse_status(status_payload("delivered", client_ref=None, **fields), received_at=at(1))


def test_an_event_without_our_id_is_found_by_the_providers(world: World) -> None:
    event = without_our_id(message_uuid="vonage-1")
    world.dispatches.refer("vonage-1", f"{DISPATCH_UUID[:-2]}01", at(0))
    recorded = world.record(event)
    assert recorded.event == replace(event, dispatch_uuid=DISPATCH_UUID, step=0)
    assert world.stored().outcome is Outcome.SUCCEEDED
    assert world.events.of(DISPATCH_UUID) == [recorded.event]


def test_an_event_of_nobodys_message_is_kept_and_changes_nothing(world: World) -> None:
    event = without_our_id()
    stored = world.stored()
    assert world.record(event) == Recorded(event, NEW, None, None)
    assert world.record(event) == Recorded(event, COPY, None, None)
    assert (world.stored(), list(world.events.stored.values())) == (stored, [event])


def test_an_event_of_a_dispatch_that_is_not_there_any_more_is_kept() -> None:
    world = World()
    assert world.record(DELIVERED) == Recorded(DELIVERED, NEW, None, None)
    assert world.events.of(DISPATCH_UUID) == [DELIVERED]


@pytest.mark.parametrize("event", [status_event("accepted"), status_event(Status.DELIVERED, step=1)])
def test_an_event_that_changes_nothing_is_kept_and_not_saved(world: World, event: StatusEvent) -> None:
    stored = world.stored()
    assert world.record(event) == Recorded(event, NEW, stored, stored)
    assert world.calls == ["dispatches.get", "events.add"]


# Another writer was faster


def test_a_conflict_is_tried_again_on_the_newer_dispatch(world: World) -> None:
    world.before["dispatches.save"] = lambda: world.store(sent(world.stored(), seconds=15))
    recorded = world.record(DELIVERED)
    assert isinstance(recorded.after, Dispatch)
    assert len(recorded.after.attempts) == 2
    assert [attempt.status for attempt in world.stored().attempts] == [Status.DELIVERED, None]


def test_endless_conflicts_make_the_webhook_come_again(world: World) -> None:
    for count in range(1, CONFLICTS + 2):
        world.before[f"dispatches.save {count}"] = lambda: world.store(world.stored())
    with pytest.raises(VersionConflictError):
        world.record(DELIVERED)


@pytest.mark.parametrize("call", ["dispatches.get", "events.add", "dispatches.save"])
def test_when_aws_fails_the_webhook_comes_again(world: World, call: str) -> None:
    world.before[call] = fail
    with pytest.raises(UnavailableError):
        world.record(DELIVERED)


def test_nothing_of_the_dispatch_is_changed_before_the_event_is_kept(world: World) -> None:
    world.before["events.add"] = fail
    with pytest.raises(UnavailableError):
        world.record(DELIVERED)
    assert world.calls == ["dispatches.get", "events.add"]


def test_a_dispatch_that_a_webhook_reopens_after_its_window_is_closed_again() -> None:
    world = World()
    first = world.send(step(15, Condition.READ, channel="whatsapp"))
    uuid = first.dispatch.dispatch_uuid
    for status in (Status.REJECTED, Status.DELIVERED):
        world.clock.advance(60)
        client_ref = first.dispatch.message_uuid(0)
        event = parse_status(status_payload(status, client_ref=client_ref), received_at=world.clock())
        world.record(event)

    assert world.stored(uuid).outcome is None
    assert world.timers.armed[-1] == Timer(uuid, world.clock())
    world.advance(uuid)
    assert world.stored(uuid).outcome == "exhausted"
