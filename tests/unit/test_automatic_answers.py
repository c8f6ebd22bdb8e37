"""Automatic answers: one to each customer a day, only to people; past an opt-out goes only what confirms it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from getthrough.domain.contact.contact import Contact
from getthrough.domain.dispatch.automatic import HELP, STARTED, STOPPED, is_automatic
from getthrough.domain.dispatch.automatic_answer import Answers, texts
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Dispatch, Outcome
from getthrough.domain.event.webhook import InboundMessage, parse_inbound
from getthrough.domain.limit.limits import limits_of
from tests.builders import FIRST, FROM, SECOND, at, step
from tests.unit.world import CrashError, World, crash

TEXTS = {STOPPED: "You get no more messages.", STARTED: "Welcome back!", HELP: "We are Cupcakes Ltd."}


def answering() -> World:
    return World(answers=Answers(TEXTS, hash_of=lambda contact: f"keyed {contact.address}"))


def said(text: str, seconds: float = 5, by: str = FIRST, to: str | None = FROM, **fields: Any) -> InboundMessage:
    """A message that arrives as it is sent."""
    sms = {"channel": "sms", "message_type": "text", "from": by, "to": to, "message_uuid": f"{text} {seconds}"}
    moment = at(seconds)
    return parse_inbound({**sms, "text": text, "timestamp": moment.isoformat(), **fields}, received_at=moment)


def answers(world: World) -> list[Dispatch]:
    return [dispatch for dispatch in world.dispatches.stored.values() if is_automatic(dispatch)]


def answered(world: World) -> list[str]:
    """The texts that went out once every answer that is due was sent."""
    for dispatch in answers(world):
        if not dispatch.outcome:
            world.advance(dispatch.dispatch_uuid)
    return [sent["text"] for sent in world.gateway.sent]


@pytest.mark.parametrize(
    ("text", "name"), [("STOP", STOPPED), ("Start please", STARTED), ("Help!", HELP), ("INFO", HELP)]
)
def test_stop_start_and_help_have_an_answer_each_from_the_number_that_was_written_to(text: str, name: str) -> None:
    world = answering()
    world.receive(said(text))
    assert answered(world) == [TEXTS[name]]
    [message] = world.gateway.sent
    assert {**message, "client_ref": ""} == {
        "channel": "sms",
        "message_type": "text",
        "to": FIRST,
        "from": FROM,
        "text": TEXTS[name],
        "client_ref": "",
        "webhook_version": "v1",
    }
    [stored] = answers(world)
    assert (stored.client_name, stored.steps[0].expiry_time) == (name, 3600)


@pytest.mark.parametrize(("text", "given"), [("STOP", {}), ("STOP", {HELP: "Call us."}), ("HELP", {STOPPED: "Bye."})])
def test_an_answer_that_the_stack_does_not_have_is_not_given(text: str, given: dict[str, str]) -> None:
    world = World(answers=Answers(given, hash_of=str)) if given else World()
    world.receive(said(text))
    assert (answered(world), world.timers.armed) == ([], [])


AUTOMATIC = {
    "an out-of-office note": said("I am out of the office until Monday. In urgent cases, STOP by at reception."),
    "our own text, echoed": said(TEXTS[STOPPED]),
    "our question, echoed": said("Reply STOP to unsubscribe, HELP for help"),
    "a name, which no one can answer": said("STOP", by="Vonage"),
    "a short number": said("HELP", by="60777"),
    "our own number": said("HELP", by=FROM),
    "a notice of the channel": said("STOP", channel="whatsapp", message_type="system"),
    "a reaction": said("STOP", channel="whatsapp", message_type="reaction"),
    "no address of ours": said("STOP", to=None),
    "email, which needs more than a text": said("STOP", channel="email", by="a@example.org", to="b@example.org"),
    "a channel that is not known": said("STOP", channel="pigeon"),
    "a button that the sender named": parse_inbound(
        {
            "channel": "whatsapp",
            "from": FIRST,
            "to": FROM,
            "message_uuid": "tap",
            "message_type": "button",
            "button": {"text": "Help", "payload": "HELP"},
        },
        received_at=at(5),
    ),
}


@pytest.mark.parametrize("message", AUTOMATIC.values(), ids=AUTOMATIC)
def test_what_no_person_wrote_gets_no_answer(message: InboundMessage) -> None:
    world = answering()
    world.receive(message)
    assert answers(world) == []


def test_what_comes_more_than_an_hour_late_gets_no_answer() -> None:
    world = answering()
    world.clock.advance(3606)
    world.receive(said("STOP", 3606, timestamp=at(5).isoformat()))
    assert (answers(world), [*world.opt_outs.opted_out]) == ([], [Contact("phone", FIRST)])


@pytest.mark.parametrize("text", ["Stop", "HELP", "please unsubscribe me", "Start", "Info!", " "])
def test_an_answer_that_would_itself_be_answered_is_none(text: str) -> None:
    assert texts(text, "Welcome!", text) == {STARTED: "Welcome!"}


def test_each_is_given_once_a_day_however_often_it_is_asked_for() -> None:
    world = answering()
    for seconds, text in enumerate(("STOP", "STOP", "START", "HELP", "STOP", "Help", "START")):
        world.receive(said(text, seconds))
        answered(world)
    assert sorted(answered(world)) == sorted(TEXTS.values())
    world.clock.advance(24 * 3600)
    world.receive(said("HELP", 24 * 3600))
    assert answered(world).count(TEXTS[HELP]) == 2


def test_who_asks_again_on_that_day_changes_nothing() -> None:
    world = answering()
    world.receive(said("HELP"))
    world.calls.clear()
    world.receive(said("HELP", 6))
    assert [call for call in world.calls if call in ("dispatches.save", "timers.arm")] == []


def test_an_answer_that_meets_a_limit_is_not_given_later() -> None:
    world = answering()
    world.limits = limits_of({"messages_per_minute": 1})
    world.send(step(to=SECOND))
    world.receive(said("STOP"))
    answered(world)
    assert [(one.outcome, one.slot_at) for one in answers(world)] == [(Outcome.EXHAUSTED, None)]


@pytest.mark.parametrize(("seconds", "given"), [(3604, [TEXTS[HELP]]), (3605, [])])
def test_an_answer_that_was_not_sent_within_an_hour_is_not_given(seconds: float, given: list[str]) -> None:
    world = answering()
    world.receive(said("HELP"))
    world.clock.advance(seconds)
    assert answered(world) == given
    assert [one.outcome for one in answers(world)] == [None if given else Outcome.EXHAUSTED]


def test_two_addresses_of_one_telephone_have_one_answer() -> None:
    world = answering()
    world.receive(said("HELP"))
    world.receive(said("HELP", 6, channel="whatsapp"))
    assert answered(world) == [TEXTS[HELP]]


def test_the_id_of_an_answer_does_not_tell_whom_it_is_for() -> None:
    one, other = answering(), World(answers=Answers(TEXTS, hash_of=lambda contact: f"another key {contact.address}"))
    for world in (one, other):
        world.receive(said("HELP"))
    assert answers(one)[0].dispatch_uuid != answers(other)[0].dispatch_uuid


def test_two_stacks_that_answer_each_other_fall_silent() -> None:
    ours, theirs = answering(), answering()
    ours.receive(said("HELP"))
    for text in answered(ours):
        theirs.receive(said(text, by=FROM, to=FIRST))
    assert (answered(ours), answered(theirs)) == ([TEXTS[HELP]], [])


def test_past_a_stop_goes_its_confirmation_and_nothing_else() -> None:
    world = answering()
    world.receive(said("STOP"))
    assert answered(world) == [TEXTS[STOPPED]]
    refused = world.send(step())
    assert refused.answer.kind is AnswerKind.OPTED_OUT
    world.receive(said("HELP", 7))
    assert answered(world) == [TEXTS[STOPPED]]
    assert [dispatch.outcome for dispatch in answers(world) if dispatch.client_name == HELP] == [Outcome.STOPPED]


def test_a_stop_is_not_confirmed_to_someone_who_has_opted_in_again() -> None:
    world = answering()
    world.receive(said("STOP"))
    world.receive(said("START", 6))
    assert answered(world) == [TEXTS[STARTED]]


def test_a_copy_of_a_stop_leaves_its_confirmation_that_waits_for_another_try() -> None:
    world = answering()
    died = said("STOP")
    world.before["conversations.complete"] = crash
    with pytest.raises(CrashError):
        world.receive(died)
    world.gateway.answers.append(Answer(kind=AnswerKind.UNAVAILABLE))
    world.advance(answers(world)[0].dispatch_uuid)
    world.before.clear()
    world.receive(died)
    world.clock.advance(10)
    assert answered(world)[1:] == [TEXTS[STOPPED]]


def _crashes() -> Iterator[tuple[str, int]]:
    """Each port call that receiving a STOP makes, before it and after it."""
    world = answering()
    world.receive(said("STOP"))
    for number, call in enumerate(world.calls):
        yield call, world.calls[: number + 1].count(call)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("call", "number"), [*_crashes()])
def test_a_stop_that_dies_anywhere_and_comes_again_twice_is_confirmed_once(call: str, number: int, when: str) -> None:
    world = answering()
    deaths: dict[str, Callable[[], object]] = getattr(world, when)
    deaths[f"{call} {number}"] = crash
    with pytest.raises(CrashError):
        world.receive(said("STOP"))
    deaths.clear()
    world.receive(said("STOP"))
    world.receive(said("STOP"))
    [answer] = answers(world)
    assert {timer.uuid for timer in world.timers.armed} == {answer.dispatch_uuid}
    assert answered(world) == [TEXTS[STOPPED]]
