"""A message that Vonage accepts and then throws away (code 1000, "wait and retry") is sent again in its window."""

from dataclasses import replace
from itertools import permutations

import pytest

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Because, Dispatch, OnUnknown, Outcome
from getthrough.domain.dispatch.failover import Finish, Send, WaitUntil
from getthrough.domain.event.webhook import StatusEvent
from getthrough.domain.message.status import Status
from tests.builders import SECOND, at, dispatch, status_event, step
from tests.unit.world import World

THROTTLED = {"title": "1000", "detail": "Throttled"}


def throttled(vonage_message_uuid: str, seconds: float = 1) -> StatusEvent:
    return status_event(Status.REJECTED, 0, seconds, error=THROTTLED, message_uuid=vonage_message_uuid)


def accepted(story: Dispatch, vonage_message_uuid: str, seconds: float, because: Because = Because.FIRST) -> Dispatch:
    """The first step is claimed, and Vonage accepts it."""
    story = failover.claim(story, Send(0, because), claim_id=vonage_message_uuid, now=at(seconds))
    answer = Answer(kind=AnswerKind.ACCEPTED, http_status=202, vonage_message_uuid=vonage_message_uuid)
    return failover.record_answer(story, 0, answer, claim_id=vonage_message_uuid, now=at(seconds))


def two_steps(on_unknown: OnUnknown = OnUnknown.MOVE_ON) -> Dispatch:
    return dispatch(step(15), step(to=SECOND), on_unknown=on_unknown)


def test_it_is_sent_again_after_a_moment_and_the_fallback_waits() -> None:
    story = failover.apply(accepted(two_steps(), "one", 0), throttled("one"))
    assert isinstance(waits := failover.decide(story, at(0)), WaitUntil)
    assert at(0.5) <= waits.at <= at(1)
    assert failover.decide(story, at(2)) == Send(0, Because.RETRY)
    assert failover.decide(story, at(15)) == Send(1, Because.WINDOW_ENDED)


def test_a_copy_of_the_report_on_an_earlier_try_says_nothing_of_the_next_one() -> None:
    story = failover.apply(accepted(two_steps(), "one", 0), throttled("one"))
    story = accepted(story, "two", 2, Because.RETRY)
    assert failover.apply(story, throttled("one", 3)) == story
    assert failover.decide(story, at(3)) == WaitUntil(at(15))
    again = failover.apply(story, throttled("two", 3))
    assert failover.decide(again, at(10)) == Send(0, Because.RETRY)


def test_however_often_it_is_thrown_away_its_window_ends() -> None:
    story = accepted(two_steps(), "0", 0)
    for number in range(1, 8):
        story = failover.apply(story, throttled(str(number - 1), number))
        story = accepted(story, str(number), number, Because.RETRY)
    assert failover.decide(story, at(15)) == Send(1, Because.WINDOW_ENDED)


def test_the_order_and_the_copies_of_webhooks_do_not_matter() -> None:
    story = failover.apply(accepted(two_steps(), "one", 0), throttled("one"))
    story = accepted(story, "two", 2, Because.RETRY)
    events = [
        throttled("one"),
        throttled("two", 3),
        status_event(Status.SUBMITTED, 0, 1, message_uuid="one"),
        status_event(Status.SUBMITTED, 0, 3, message_uuid="two"),
        throttled("two", 4),
    ]
    results = [failover.rebuild(story, order) for order in permutations(events)]
    assert results == [results[0]] * len(results)
    assert failover.decide(results[0], at(10)) == Send(0, Because.RETRY)


def test_a_message_that_arrives_is_not_sent_again() -> None:
    story = failover.apply(accepted(two_steps(), "one", 0), throttled("one"))
    story = failover.apply(story, status_event(Status.DELIVERED, 0, 2, message_uuid="one"))
    assert failover.decide(story, at(10)) == Finish(Outcome.SUCCEEDED)


@pytest.mark.parametrize("code", ["1010", "1241", "1330"])
def test_every_other_code_fails_over_at_once(code: str) -> None:
    error = {"title": code, "detail": "No"}
    story = failover.apply(accepted(two_steps(), "one", 0), status_event(Status.REJECTED, 0, 1, error=error))
    assert failover.decide(story, at(1)) == Send(1, Because.FAILED)


def test_a_try_after_a_lost_answer_is_not_made_again() -> None:
    """The first try may be on its way: one of the two that was thrown away proves nothing about the other."""
    story = failover.claim(two_steps(on_unknown=OnUnknown.RESEND), Send(0, Because.FIRST), claim_id="0", now=at(0))
    story = failover.record_answer(story, 0, Answer(kind=AnswerKind.UNKNOWN), claim_id="0", now=at(1))
    story = failover.apply(accepted(story, "two", 61, Because.RETRY), throttled("two", 62))
    assert failover.decide(story, at(63)) == WaitUntil(at(76))


def test_the_timer_sends_it_again() -> None:
    world = World()
    sent = world.send(step(15), step(to=SECOND))
    answer = sent.dispatch.attempts[0].answer
    assert answer is not None
    event = throttled(str(answer.vonage_message_uuid))
    world.record(replace(event, dispatch_uuid=sent.dispatch.dispatch_uuid))
    world.clock.advance(2)
    world.advance(sent.dispatch.dispatch_uuid)
    assert [message["to"] for message in world.gateway.sent] == [step().message["to"]] * 2
    assert world.stored(sent.dispatch.dispatch_uuid).attempts[0].tries == 2
