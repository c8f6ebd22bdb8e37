"""The condition `replied`: a customer's answer ends the dispatch, in whatever way and order the webhooks arrive."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from getthrough.domain.dispatch import description, failover
from getthrough.domain.dispatch.dispatch import AnswerKind, Because, Dispatch, Outcome
from getthrough.domain.dispatch.failover import Finish, Send, WaitUntil, decide, wake_at
from getthrough.domain.event.webhook import InboundMessage, parse_inbound
from getthrough.domain.message.channels import WINDOW
from getthrough.domain.message.status import Condition, Status
from getthrough.domain.ports import Seen, Timer
from getthrough.usecases.change_dispatch import Changed
from getthrough.usecases.change_opt_out import LONGEST_WAIT
from getthrough.usecases.receive_inbound import Received
from tests.builders import FIRST, FROM, SECOND, at, dispatch, status_event, step
from tests.unit.stories import REFUSED, reported, sent
from tests.unit.world import CrashError, World, crash

REPLIED, READ = Condition.REPLIED, Condition.READ
NEW = Seen(new=True)


def asking(**fields: Any) -> Dispatch:
    """A question was sent, with a window of a minute, and a fallback to the second phone is planned."""
    return sent(dispatch(step(60, REPLIED), step(to=SECOND), **fields))


# The kernel


@pytest.mark.parametrize("status", list(Status))
def test_no_status_is_an_answer(status: Status) -> None:
    out = reported(asking(), status_event(status))
    assert (out.outcome, out.condition_met(0)) == (None, False)


def test_an_answer_in_its_window_is_a_success_in_time() -> None:
    answered = failover.reply(asking(), 0, at(30))
    assert decide(answered, at(30)) == Finish(Outcome.SUCCEEDED)
    assert (answered.succeeded_by, answered.late(0), wake_at(answered)) == (0, False, None)


def test_an_answer_after_the_next_step_went_out_counts_and_is_late() -> None:
    answered = failover.reply(sent(asking(), seconds=60), 0, at(61))
    assert (answered.outcome, answered.succeeded_by, answered.late(0)) == (Outcome.SUCCEEDED, 0, True)


def test_an_answer_after_the_last_window_counts_and_is_late() -> None:
    exhausted = failover.finish(sent(dispatch(step(60, REPLIED))), Outcome.EXHAUSTED, at(60))
    answered = failover.reply(exhausted, 0, at(99))
    assert (answered.outcome, answered.late(0)) == (Outcome.SUCCEEDED, True)


def test_without_an_answer_the_window_ends() -> None:
    delivered = reported(asking(), status_event(Status.READ))
    assert decide(delivered, at(59)) == WaitUntil(at(60))
    assert decide(delivered, at(60)) == Send(1, Because.WINDOW_ENDED)


@pytest.mark.parametrize("condition", [Condition.DELIVERED, READ])
def test_an_answer_changes_nothing_where_it_is_not_waited_for(condition: Condition) -> None:
    out = sent(dispatch(step(60, condition, channel="whatsapp")))
    assert failover.reply(out, 0, at(30)) is out


@pytest.mark.parametrize("kind", [REFUSED, AnswerKind.OPTED_OUT])
def test_what_never_went_out_cannot_be_answered(kind: AnswerKind) -> None:
    out = sent(dispatch(step(60, REPLIED), step(60, REPLIED)), kind)
    both = failover.reply(failover.reply(sent(out, seconds=1), 0, at(30)), 1, at(30))
    assert [attempt.replied_at for attempt in both.attempts] == [None, at(30)]
    assert (both.succeeded_by, both.double_messages) == (1, 0)


@pytest.mark.parametrize("order", list(permutations((20, 30, 40))))
def test_of_several_answers_the_first_counts_in_whatever_order_they_come(order: tuple[int, ...]) -> None:
    answered = asking()
    for seconds in order:
        answered = failover.reply(answered, 0, at(seconds))
    assert answered == failover.reply(asking(), 0, at(20))


def test_answers_and_statuses_give_one_state_in_whatever_order_they_come() -> None:
    changes: list[Callable[[Dispatch], Dispatch]] = [
        lambda subject: failover.reply(subject, 0, at(30)),
        lambda subject: failover.apply(subject, status_event(Status.REJECTED)),
        lambda subject: failover.apply(subject, status_event(Status.DELIVERED, 1)),
    ]
    out = sent(asking(), seconds=60)
    ends = []
    for order in permutations(changes):
        end = out
        for change in order:
            end = change(end)
        ends.append(end)
    assert all(end == ends[0] for end in ends)
    assert (ends[0].outcome, ends[0].succeeded_by, ends[0].double_messages) == (Outcome.SUCCEEDED, 1, 1)


def test_a_contact_that_answered_has_the_message_whatever_the_network_says() -> None:
    answered = reported(failover.reply(asking(), 0, at(30)), status_event(Status.REJECTED))
    assert (answered.attempts[0].arrived, answered.attempts[0].failed, answered.outcome) == (True, False, "succeeded")


# What a customer writes


@pytest.fixture
def world() -> World:
    """A question was sent to the first phone at noon."""
    world = World()
    world.send(step(600, REPLIED), step(to=SECOND))
    return world


def only(world: World) -> Dispatch:
    [stored] = world.dispatches.stored.values()
    return stored


def says(
    text: str | None = "Yes please", seconds: float = 30, quotes: str | None = None, **fields: Any
) -> InboundMessage:
    payload = {"channel": "sms", "message_uuid": "in-1", "from": FIRST, "to": FROM, "text": text, **fields}
    payload.setdefault("timestamp", at(seconds).isoformat())
    if quotes is not None:
        payload["context"] = {"message_uuid": quotes}
    return parse_inbound(payload, received_at=at(seconds))


def test_an_answer_succeeds_the_dispatch_that_waits_for_it(world: World) -> None:
    before = only(world)
    after = replace(failover.reply(before, 0, at(30)), version=before.version + 1)
    assert world.receive(says()) == Received(NEW, None, (Changed(before, after),))
    assert only(world) == after
    assert after.outcome is Outcome.SUCCEEDED


def test_what_is_done_about_an_answer_is_noted_last(world: World) -> None:
    world.calls.clear()
    world.receive(says())
    assert world.calls == [
        "conversations.add",
        "conversations.sent",
        "dispatches.get",
        "dispatches.save",
        "conversations.complete",
    ]


def test_after_an_answer_no_fallback_is_sent(world: World) -> None:
    world.receive(says())
    world.clock.advance(600)
    world.advance(only(world).dispatch_uuid)
    assert [message["to"] for message in world.gateway.sent] == [FIRST]


def test_without_words_it_is_an_answer_too(world: World) -> None:
    world.receive(says(message_type="image", image={"url": "https://example.com/1.jpg"}, text=None))
    assert only(world).outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize(("text", "outcome"), [("STOP", None), ("START", None), ("stop it, yes", "succeeded")])
def test_stop_and_start_are_no_answers(world: World, text: str, outcome: Outcome | None) -> None:
    world.receive(says(text))
    stored = only(world)
    assert (stored.attempts[0].replied_at is None, stored.outcome) == (outcome is None, outcome)


@pytest.mark.parametrize("channel", ["mms", "whatsapp", "rcs", "viber_service"])
def test_an_answer_may_come_on_another_channel_of_the_same_telephone(world: World, channel: str) -> None:
    world.receive(says(channel=channel))
    assert only(world).outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize(
    "fields", [{"from": SECOND}, {"channel": "messenger"}], ids=["another phone", "another account"]
)
def test_what_another_contact_says_is_no_answer(world: World, fields: dict[str, Any]) -> None:
    world.receive(says(**fields))
    assert only(world).outcome is None


@pytest.mark.parametrize(("seconds", "answers"), [(-60, False), (-1.001, False), (-1, True), (0, True)])
def test_what_was_said_before_the_question_is_no_answer_but_vonage_cuts_seconds_off(
    world: World, seconds: float, answers: bool
) -> None:
    world.receive(says(seconds=seconds))
    assert (only(world).outcome is Outcome.SUCCEEDED) is answers


def test_an_answer_without_a_time_of_vonages_came_when_it_was_received(world: World) -> None:
    world.receive(says(timestamp=None, seconds=45))
    assert only(world).attempts[0].replied_at == at(45)


def test_a_step_that_is_tried_for_its_whole_window_and_then_waits_for_another_is_still_found() -> None:
    assert timedelta(seconds=2 * WINDOW["maximum"]) < LONGEST_WAIT


@pytest.mark.parametrize(("age", "answers"), [(LONGEST_WAIT, True), (LONGEST_WAIT + timedelta(seconds=1), False)])
def test_an_answer_to_what_is_long_over_is_none(world: World, age: timedelta, answers: bool) -> None:
    world.receive(says(seconds=age.total_seconds()))
    assert (only(world).attempts[0].replied_at is not None) is answers


def test_only_steps_that_wait_for_an_answer_get_one() -> None:
    world = World()
    world.send(step(600))
    stored = only(world)
    assert world.receive(says()) == Received(NEW)
    assert only(world) == stored


# Which question?


@pytest.fixture
def two() -> World:
    """Two questions were sent to the first phone, vonage-1 and vonage-2, and a notice, vonage-3."""
    world = World()
    world.send(step(600, REPLIED))
    world.send(step(600, REPLIED))
    world.send(step(600))
    return world


def replied(world: World) -> list[bool]:
    return [stored.attempts[0].replied_at is not None for stored in world.dispatches.stored.values()]


@pytest.mark.parametrize(
    ("quotes", "expected"),
    [
        (None, [True, True, False]),
        ("vonage-1", [True, False, False]),
        ("vonage-2", [False, True, False]),
        ("vonage-3", [False, False, True]),
        ("no one's", [True, True, False]),
    ],
    ids=["none", "the first", "the second", "the notice", "what we do not know"],
)
def test_a_quoted_question_is_answered_and_else_all_that_wait(
    two: World, quotes: str | None, expected: list[bool]
) -> None:
    two.receive(says(quotes=quotes))
    assert replied(two) == expected


def test_an_answer_that_quotes_the_question_counts_whatever_its_clock_says(two: World) -> None:
    """The customer must have had the question. It counts from the question's claim."""
    two.receive(says(quotes="vonage-1", timestamp=at(-3600).isoformat()))
    [first, *_] = two.dispatches.stored.values()
    assert replied(two) == [True, False, False]
    assert first.attempts[0].replied_at == first.attempts[0].claimed_at


def test_who_quotes_a_question_was_asked_it_whatever_address_the_answer_comes_from(two: World) -> None:
    two.send(step(600, REPLIED, to=SECOND))
    two.receive(says(quotes="vonage-4"))
    assert replied(two) == [False, False, False, True]


def test_an_answer_is_kept_with_what_it_answers(two: World) -> None:
    two.receive(says(quotes="vonage-2"))
    [(_, _, answers)] = two.conversations.messages.values()
    assert answers == list(two.dispatches.stored.values())[1].message_uuid(0)


# Copies, crashes


def test_a_copy_of_an_answer_is_looked_at_no_further(world: World) -> None:
    world.receive(says())
    stored = only(world)
    world.calls.clear()
    assert world.receive(says()) == Received(Seen(new=False, completed=True))
    assert (world.calls, only(world)) == (["conversations.add"], stored)


@pytest.mark.parametrize(
    ("when", "call"),
    [
        ("after", "conversations.add"),
        ("after", "conversations.sent"),
        ("before", "dispatches.save"),
        ("after", "dispatches.save"),
        ("before", "conversations.complete"),
    ],
)
def test_a_copy_makes_up_for_an_answer_that_died_half_way(two: World, when: str, call: str) -> None:
    two.calls.clear()
    getattr(two, when)[call] = crash
    with pytest.raises(CrashError):
        two.receive(says())
    two.before.clear()
    two.after.clear()
    assert two.receive(says()).seen == Seen(new=False)
    assert replied(two) == [True, True, False]
    assert two.receive(says()).seen == Seen(new=False, completed=True)


def test_an_answer_that_meets_a_claim_is_noted_on_top_of_it(world: World) -> None:
    stored = only(world)
    world.calls.clear()
    world.before["dispatches.save"] = lambda: world.store(sent(stored, seconds=600))
    world.receive(says())
    answered = only(world)
    assert (len(answered.attempts), answered.succeeded_by, answered.late(0)) == (2, 0, True)


def test_an_answer_after_the_window_finds_the_dispatch_succeeded_and_arms_nothing(world: World) -> None:
    world.clock.advance(700)
    armed = list(world.timers.armed)
    world.receive(says(seconds=700))
    assert (only(world).outcome, world.timers.armed) == (Outcome.SUCCEEDED, armed)
    assert Timer(only(world).dispatch_uuid, at(600)) in armed


def test_the_timeline_says_when_the_customer_answered_and_that_this_was_the_end() -> None:
    reported_of = description.describe(failover.reply(asking(), 0, at(30)), [])
    assert reported_of["timeline"][-2:] == [
        {"at": "2026-03-02T12:00:30.000Z", "step": 0, "event": "replied"},
        {"at": "2026-03-02T12:00:30.000Z", "step": 0, "event": "finished", "outcome": "succeeded"},
    ]
    assert (reported_of["steps"][0]["condition_status"], reported_of["steps"][0]["condition_met"]) == ("replied", True)
