"""A contact opts out while a step is under way to it: the step is given up, and the next contact is tried at once."""

from dataclasses import replace
from typing import Any

import pytest

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address, Contact, contact_of
from getthrough.domain.dispatch import description, failover
from getthrough.domain.dispatch.dispatch import Because, Closing, Dispatch, Outcome
from getthrough.domain.dispatch.failover import Finish, Send, decide, wake_at
from getthrough.domain.event.webhook import InboundMessage, parse_inbound
from getthrough.domain.message.status import Condition, Status
from getthrough.domain.ports import Seen, Timer
from getthrough.domain.values.errors import UnavailableError
from getthrough.usecases.receive_inbound import Received
from tests.builders import FIRST, FROM, SECOND, at, dispatch, status_event, step
from tests.unit.stories import REFUSED, UNAVAILABLE, answered, claimed, reported, sent
from tests.unit.world import CrashError, World, crash, fail

CONTACT, OTHER = contact_of("sms", FIRST), contact_of("sms", SECOND)
ERROR = {"title": "1240", "detail": "The recipient does not want this."}


# The kernel


def test_the_next_step_goes_out_at_once() -> None:
    stopped = failover.stop(sent(dispatch()), CONTACT, at(3))
    assert stopped.attempts[0].stopped_at == at(3)
    assert decide(stopped, at(3)) == Send(1, Because.OPTED_OUT)
    assert wake_at(stopped) == at(0)


def test_a_dispatch_without_a_next_step_is_stopped() -> None:
    stopped = failover.stop(sent(dispatch(step())), CONTACT, at(3))
    assert decide(stopped, at(3)) == Finish(Outcome.STOPPED)
    assert wake_at(stopped) is None


def test_what_arrives_all_the_same_counts() -> None:
    delivered = reported(failover.stop(sent(dispatch(step())), CONTACT, at(3)), status_event(Status.DELIVERED))
    assert (delivered.outcome, delivered.succeeded_by, delivered.late(0)) == (Outcome.SUCCEEDED, 0, False)


def test_who_says_stop_to_a_message_that_arrived_gets_no_message_elsewhere() -> None:
    steps = step(60, Condition.READ, channel="whatsapp"), step(to=SECOND)
    stopped = failover.stop(
        reported(sent(dispatch(*steps)), status_event(Status.DELIVERED)), contact_of("whatsapp", FIRST), at(3)
    )
    assert (stopped.outcome, stopped.closed, decide(stopped, at(3))) == (
        Outcome.STOPPED,
        Closing(Outcome.STOPPED, at(3)),
        Finish(Outcome.STOPPED),
    )


@pytest.mark.parametrize("contact", [OTHER, contact_of("messenger", FIRST)], ids=["another phone", "another account"])
def test_what_is_out_to_another_contact_goes_on(contact: Contact) -> None:
    out = sent(dispatch())
    assert failover.stop(out, contact, at(3)) is out


def test_a_step_that_is_passed_over_is_not_stopped_any_more() -> None:
    out = sent(sent(dispatch()), seconds=15)
    assert failover.stop(out, CONTACT, at(20)) is out


def test_a_step_is_stopped_once() -> None:
    stopped = failover.stop(sent(dispatch()), CONTACT, at(3))
    assert failover.stop(stopped, CONTACT, at(9)) is stopped


@pytest.mark.parametrize(
    "over",
    [
        reported(sent(dispatch()), status_event(Status.DELIVERED)),
        sent(dispatch(step()), REFUSED),
        failover.finish(sent(dispatch()), Outcome.CANCELLED, at(2)),
    ],
    ids=["succeeded", "refused", "cancelled"],
)
def test_a_dispatch_that_is_over_stays_as_it_ended(over: Dispatch) -> None:
    assert failover.stop(over, CONTACT, at(3)) is over


def test_a_step_that_waits_for_another_try_is_not_tried_again() -> None:
    unavailable = sent(dispatch(step(60)), UNAVAILABLE)
    assert failover.stop(unavailable, CONTACT, at(0.1)).outcome is Outcome.STOPPED


def test_an_answer_that_comes_after_the_stop_is_recorded_and_changes_nothing() -> None:
    stopped = answered(failover.stop(claimed(dispatch()), CONTACT, at(1)), seconds=2)
    assert stopped.attempts[0].answered_at == at(2)
    assert decide(stopped, at(2)) == Send(1, Because.OPTED_OUT)


# What a customer writes


def says(text: str, seconds: float = 30, address: str = FIRST, **fields: Any) -> InboundMessage:
    payload = {"channel": "sms", "message_uuid": f"{text}-{seconds}", "from": address, "to": FROM, "text": text}
    return parse_inbound({**payload, "timestamp": at(seconds).isoformat(), **fields}, received_at=at(seconds))


@pytest.fixture
def world() -> World:
    """Ten seconds ago, at noon, a message was sent to the first phone, with a fallback to the second one."""
    world = World()
    world.send(step(600), step(to=SECOND))
    world.clock.advance(10)
    world.calls.clear()
    world.timers.armed.clear()
    return world


def only(world: World) -> Dispatch:
    [stored] = world.dispatches.stored.values()
    return stored


def test_a_stop_is_stored_then_applied_to_what_is_out_and_sets_off_the_next_step(world: World) -> None:
    before = only(world)
    assert world.receive(says("STOP", 5)) == Received(Seen(new=True), opted_out=True)
    assert world.opt_outs.opted_out == {CONTACT}
    assert only(world) == replace(failover.stop(before, CONTACT, at(5)), version=before.version + 1)
    assert world.timers.armed == [Timer(before.dispatch_uuid, at(10))]
    assert world.calls == [
        "conversations.add",
        "opt_outs.change",
        "aliases.accounts_of",
        "opt_outs.of",
        "conversations.sent",
        "dispatches.get",
        "dispatches.save",
        "timers.arm",
        "conversations.complete",
    ]


def test_the_timer_that_a_stop_sets_off_tells_the_next_contact(world: World) -> None:
    world.receive(says("STOP", 5))
    world.advance(only(world).dispatch_uuid)
    assert [message["to"] for message in world.gateway.sent] == [FIRST, SECOND]
    assert [attempt.because for attempt in only(world).attempts] == [Because.FIRST, Because.OPTED_OUT]


def test_the_next_step_to_the_same_contact_is_passed_over_too() -> None:
    world = World()
    world.send(step(600), step(600), step(to=SECOND))
    world.receive(says("STOP"))
    for _ in range(3):
        world.advance(only(world).dispatch_uuid)
    assert [message["to"] for message in world.gateway.sent] == [FIRST, SECOND]
    assert [attempt.opted_out for attempt in only(world).attempts] == [True, True, False]


def test_every_dispatch_that_is_out_to_the_contact_hears_of_it_and_no_other() -> None:
    world = World()
    for steps in ((step(600),), (step(600),), (step(600, to=SECOND),), (step(600, channel="whatsapp"),)):
        world.send(*steps)
    world.receive(says("STOP"))
    outcomes = [stored.outcome for stored in world.dispatches.stored.values()]
    assert outcomes == [Outcome.STOPPED, Outcome.STOPPED, None, Outcome.STOPPED]


def test_a_stop_that_comes_late_tells_its_own_time(world: World) -> None:
    world.receive(says("STOP", 4))
    assert only(world).attempts[0].stopped_at == at(4)


def test_a_stop_that_seems_older_than_what_it_stops_is_not(world: World) -> None:
    world.receive(says("STOP", -5))
    assert only(world).attempts[0].stopped_at == at(0)


def test_a_stop_that_is_older_than_a_start_stops_nothing(world: World) -> None:
    world.receive(says("START", 8))
    before = only(world)
    assert world.receive(says("STOP", 5)) == Received(Seen(new=True), opted_out=True)
    assert (world.opt_outs.opted_out, only(world), world.timers.armed) == (set(), before, [])


def test_a_start_that_is_older_than_a_stop_starts_nothing(world: World) -> None:
    world.receive(says("STOP", 8))
    before = only(world)
    world.receive(says("START", 5))
    assert (world.opt_outs.opted_out, only(world)) == ({CONTACT}, before)


def test_a_start_does_not_bring_back_what_was_stopped(world: World) -> None:
    world.receive(says("STOP", 5))
    before = only(world)
    world.receive(says("START", 8))
    assert (world.opt_outs.opted_out, only(world)) == (set(), before)


def test_a_second_stop_carries_out_what_the_first_one_may_have_died_of(world: World) -> None:
    world.after["opt_outs.change"] = crash
    with pytest.raises(CrashError):
        world.receive(says("STOP", 5))
    world.after.clear()
    assert only(world).attempts[0].stopped_at is None
    world.receive(says("STOP", 3))
    assert only(world).attempts[0].stopped_at == at(5)


@pytest.mark.parametrize(
    ("when", "call"),
    [
        ("after", "conversations.add"),
        ("after", "opt_outs.change"),
        ("after", "conversations.sent"),
        ("before", "dispatches.save"),
        ("after", "dispatches.save"),
        ("before", "conversations.complete"),
    ],
)
def test_a_copy_makes_up_for_a_stop_that_died_half_way(world: World, when: str, call: str) -> None:
    getattr(world, when)[call] = crash
    with pytest.raises(CrashError):
        world.receive(says("STOP", 5))
    world.before.clear()
    world.after.clear()
    assert world.receive(says("STOP", 5)).seen == Seen(new=False)
    assert (only(world).attempts[0].stopped_at, world.opt_outs.opted_out) == (at(5), {CONTACT})
    assert Timer(only(world).dispatch_uuid, at(10)) in world.timers.armed
    assert world.receive(says("STOP", 5)) == Received(Seen(new=False, completed=True))


def test_a_stop_that_meets_a_claim_for_the_contact_stops_that_too(world: World) -> None:
    """The claim is stored before the opt-out, so the conversation that is read after it has it."""
    world.before["opt_outs.change"] = lambda: world.send(step(600))
    world.receive(says("STOP", 15))
    assert [stored.attempts[0].stopped_at for stored in world.dispatches.stored.values()] == [at(15), at(15)]


# What a client or Vonage says of a contact


def consent(opted_out: bool, seconds: float, by: str = "bakery") -> OptOut:
    return OptOut(
        contact=CONTACT,
        address=Address("sms", FIRST),
        opted_out=opted_out,
        changed_at=at(seconds),
        why="asked us",
        by=by,
    )


def test_a_clients_choice_is_obeyed_like_the_customers(world: World) -> None:
    assert world.change_opt_out(consent(True, 5)) is True
    assert only(world).attempts[0].stopped_at == at(5)
    assert [world.change_opt_out(consent(False, 4)), world.change_opt_out(consent(False, 6))] == [False, True]


@pytest.mark.parametrize("code", ["1050", "1240"])
def test_an_error_that_says_never_again_opts_the_contact_out(world: World, code: str) -> None:
    event = replace(
        status_event(Status.REJECTED, error={**ERROR, "title": code}), dispatch_uuid=only(world).dispatch_uuid
    )
    recorded = world.record(event)
    expected = OptOut(
        contact=CONTACT,
        address=Address("sms", FIRST),
        opted_out=True,
        changed_at=at(1),
        why=f"error {code}",
        by="vonage",
    )
    assert (recorded.opted_out, world.opt_outs.stored) == (True, {CONTACT: expected})
    assert world.record(event).opted_out is False


@pytest.mark.parametrize("error", [{**ERROR, "title": "1270"}, {**ERROR, "title": "1360"}, {"detail": "?"}, None])
def test_other_errors_opt_no_one_out(world: World, error: dict[str, str] | None) -> None:
    event = status_event(Status.REJECTED, error=error)
    recorded = world.record(replace(event, dispatch_uuid=only(world).dispatch_uuid))
    assert (recorded.opted_out, world.opt_outs.stored) == (False, {})


def test_an_opt_out_by_an_error_stops_the_contacts_other_dispatches(world: World) -> None:
    second = world.send(step(600)).dispatch.dispatch_uuid
    first = next(iter(world.dispatches.stored))
    world.record(replace(status_event(Status.REJECTED, error=ERROR), dispatch_uuid=first))
    assert world.stored(second).outcome is Outcome.STOPPED
    assert world.stored(first).attempts[0].stopped_at == at(1)


def test_a_copy_carries_out_an_opt_out_by_an_error_that_died_half_way(world: World) -> None:
    event = replace(status_event(Status.REJECTED, error=ERROR), dispatch_uuid=only(world).dispatch_uuid)
    world.before["opt_outs.change"] = crash
    with pytest.raises(CrashError):
        world.record(event)
    world.before.clear()
    assert world.record(event).opted_out is True
    assert world.opt_outs.opted_out == {CONTACT}


def test_an_error_for_a_step_that_is_not_planned_opts_no_one_out(world: World) -> None:
    event = replace(status_event(Status.REJECTED, step=2, error=ERROR), dispatch_uuid=only(world).dispatch_uuid)
    world.record(event)
    assert world.opt_outs.stored == {}


def test_the_timeline_says_when_the_contact_opted_out_and_that_this_was_the_end() -> None:
    entries = description.describe(failover.stop(sent(dispatch(step())), CONTACT, at(3)), [])["timeline"]
    assert entries[-2:] == [
        {"at": "2026-03-02T12:00:03.000Z", "step": 0, "event": "opted_out"},
        {"at": "2026-03-02T12:00:03.000Z", "step": None, "event": "finished", "outcome": "stopped"},
    ]


def test_the_timeline_of_a_dispatch_that_went_on_says_why() -> None:
    stopped = failover.stop(sent(dispatch()), CONTACT, at(3))
    entries = description.describe(sent(stopped, seconds=4), [])["timeline"]
    assert [(entry["step"], entry["event"], entry.get("because")) for entry in entries] == [
        (None, "accepted", None),
        (0, "sent", "first"),
        (0, "answered", None),
        (0, "opted_out", None),
        (1, "sent", "opted_out"),
        (1, "answered", None),
    ]


def test_of_a_stop_and_something_else_in_one_second_the_stop_counts(world: World) -> None:
    world.receive(says("START", 5))
    world.receive(says("STOP", 5))
    world.receive(says("START", 5, message_uuid="another"))
    assert world.opt_outs.opted_out == {CONTACT}


def test_a_stop_is_not_older_than_what_someone_did_in_the_same_second(world: World) -> None:
    world.opt_outs.change(
        OptOut(
            contact=CONTACT,
            address=Address("sms", FIRST),
            opted_out=False,
            changed_at=at(5.066),
            why="asked us",
            by="bakery",
        )
    )
    world.receive(replace(says("STOP", 5), received_at=at(5.3)))
    assert world.opt_outs.opted_out == {CONTACT}


def test_a_choice_from_a_clock_that_is_ahead_can_be_changed_by_the_next_one(world: World) -> None:
    world.receive(replace(says("STOP", 365 * 86_400), received_at=at(5)))
    world.receive(says("START", 6))
    assert world.opt_outs.opted_out == set()


def test_one_dispatch_that_cannot_be_changed_does_not_keep_the_others_waiting() -> None:
    world = World()
    for _ in range(3):
        world.send(step(600))
    world.calls.clear()
    world.before["dispatches.save"] = fail
    with pytest.raises(UnavailableError):
        world.receive(says("STOP"))
    outcomes = [stored.outcome for stored in world.dispatches.stored.values()]
    assert sorted(outcomes, key=str) == [None, Outcome.STOPPED, Outcome.STOPPED]
