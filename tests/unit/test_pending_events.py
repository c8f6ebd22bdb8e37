"""A status webhook without our id that comes before anybody can know whose it is: kept, and applied as soon as the
provider's answer tells. The second to come sees what the first one did, whichever that is."""

from dataclasses import replace

import pytest

from getthrough.domain.dispatch.dispatch import Because, Dispatch, Outcome
from getthrough.domain.event.webhook import StatusEvent, parse_status
from getthrough.domain.message.status import Status
from getthrough.domain.ports import Seen, Timer
from getthrough.usecases.record_status import Recorded
from tests.builders import at, status_payload, step
from tests.unit.world import CrashError, World, crash, fail

NEW, COPY = Seen(new=True), Seen(new=False)


def unaddressed(status: Status = Status.DELIVERED, message_uuid: str = "vonage-1") -> StatusEvent:
    payload = status_payload(status, client_ref=None, message_uuid=message_uuid)
    return parse_status(payload, received_at=at(0))


def addressed(event: StatusEvent, subject: Dispatch, step: int = 0) -> StatusEvent:
    return replace(event, dispatch_uuid=subject.dispatch_uuid, step=step)


def only(world: World) -> Dispatch:
    [stored] = world.dispatches.stored.values()
    return stored


def test_an_event_that_came_before_the_answer_is_applied_with_it() -> None:
    world = World()
    event = unaddressed()
    assert world.record(event) == Recorded(event, NEW)
    sent = world.send(step())
    assert (sent.recorded, sent.dispatch) == (True, only(world))
    assert (only(world).outcome, only(world).attempts[0].status) == (Outcome.SUCCEEDED, Status.DELIVERED)
    assert world.events.of(only(world).dispatch_uuid) == [addressed(event, only(world))]


def test_all_that_came_is_applied_at_once_and_nothing_of_another_message() -> None:
    world = World()
    for event in (
        unaddressed(Status.DELIVERED),
        unaddressed(Status.SUBMITTED),
        unaddressed(Status.READ, message_uuid="vonage-2"),
    ):
        world.record(event)
    world.calls.clear()
    world.send(step())
    assert only(world).attempts[0].status is Status.DELIVERED
    assert world.calls[-5:] == ["events.pending", "events.add", "events.add", "dispatches.get", "dispatches.save"]


def test_a_failure_that_came_before_the_answer_sets_off_the_next_step() -> None:
    world = World()
    world.record(unaddressed(Status.REJECTED))
    world.send(step(600), step())
    assert world.timers.armed[-1] == Timer(only(world).dispatch_uuid, at(0))
    world.advance(only(world).dispatch_uuid)
    assert [attempt.because for attempt in only(world).attempts] == [Because.FIRST, Because.FAILED]


def test_an_event_of_a_fallback_is_applied_to_the_fallback() -> None:
    world = World()
    world.send(step(15), step())
    world.record(unaddressed(message_uuid="vonage-2"))
    world.clock.advance(15)
    world.advance(only(world).dispatch_uuid)
    assert [attempt.status for attempt in only(world).attempts] == [None, Status.DELIVERED]


def test_an_event_that_comes_while_the_message_goes_out_is_applied() -> None:
    world = World()
    world.after["gateway.submit"] = lambda: world.record(unaddressed())
    world.send(step())
    assert only(world).outcome is Outcome.SUCCEEDED


def test_an_event_that_is_stored_just_before_the_reference_is_found_by_the_sender() -> None:
    world = World()
    world.before["dispatches.refer"] = lambda: world.record(unaddressed())
    world.send(step())
    assert only(world).outcome is Outcome.SUCCEEDED


def test_an_event_that_is_stored_just_after_the_sender_looked_finds_the_reference_itself() -> None:
    """The webhook's first look is before the reference is written, its storing after the sender has looked."""
    world = World()
    event = unaddressed()
    world.after["dispatches.resolve"] = lambda: world.send(step())
    recorded = world.record(event)
    assert (recorded.event, recorded.seen) == (addressed(event, only(world)), NEW)
    assert recorded.after == only(world)
    assert only(world).outcome is Outcome.SUCCEEDED
    assert world.events.of(only(world).dispatch_uuid) == [recorded.event]


@pytest.mark.parametrize(
    ("when", "call"),
    [
        ("after", "dispatches.resolve"),
        ("before", "events.add"),
        ("after", "events.add"),
        ("before", "dispatches.resolve 2"),
    ],
)
def test_whenever_the_sender_comes_between_the_event_is_applied(when: str, call: str) -> None:
    world = World()
    getattr(world, when)[call] = lambda: world.send(step())
    world.record(unaddressed())
    assert only(world).outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize(
    ("when", "call"),
    [
        ("before", "dispatches.refer"),
        ("after", "dispatches.refer"),
        ("before", "events.pending"),
        ("after", "events.pending"),
    ],
)
def test_whenever_the_event_comes_between_it_is_applied(when: str, call: str) -> None:
    world = World()
    getattr(world, when)[call] = lambda: world.record(unaddressed())
    world.send(step())
    assert only(world).outcome is Outcome.SUCCEEDED


def test_a_copy_of_a_pending_event_is_a_copy_also_once_its_message_is_known() -> None:
    world = World()
    event = unaddressed()
    assert [world.record(event).seen, world.record(event).seen] == [NEW, COPY]
    world.send(step())
    assert [world.record(event).seen, world.record(event).seen] == [COPY, COPY]


def test_a_copy_makes_up_for_a_sender_that_died_before_it_looked() -> None:
    world = World()
    event = unaddressed()
    world.record(event)
    world.before["events.pending"] = crash
    with pytest.raises(CrashError):
        world.send(step())
    assert only(world).outcome is None
    assert world.record(event).seen == NEW
    assert only(world).outcome is Outcome.SUCCEEDED


def test_when_the_pending_events_cannot_be_read_the_step_is_sent_all_the_same_and_nothing_raises() -> None:
    world = World()
    world.before["events.pending"] = fail
    sent = world.send(step())
    assert (sent.recorded, sent.answer.vonage_message_uuid, len(world.gateway.sent)) == (False, "vonage-1", 1)
    assert world.timers.armed


def test_a_copy_of_an_event_that_the_sender_applied_does_not_save_the_dispatch_again() -> None:
    world = World()
    world.record(unaddressed())
    world.send(step())
    applied = only(world)
    world.record(unaddressed())
    assert only(world) == applied


def test_what_a_sender_that_died_did_not_look_for_is_found_before_its_fallback_goes_out() -> None:
    world = World()
    world.record(unaddressed(Status.DELIVERED))
    world.before["dispatches.refer"] = crash
    with pytest.raises(CrashError):
        world.send(step(15), step())
    world.before.clear()
    world.clock.advance(16)

    world.advance(only(world).dispatch_uuid)

    assert (only(world).outcome, len(world.gateway.sent)) == (Outcome.SUCCEEDED, 1)
