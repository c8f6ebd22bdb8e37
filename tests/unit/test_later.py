"""The kernel of what is sent later: a time to send at, quiet hours, and steps that know none."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import (
    Answer,
    AnswerKind,
    Because,
    Dispatch,
    OnUnknown,
    Outcome,
    Step,
)
from getthrough.domain.dispatch.failover import Finish, Hold, Send, Skip, WaitUntil, decide, hold, wake_at
from getthrough.domain.message.status import Condition, Status
from getthrough.domain.values.quiet_hours import QuietHours, Then, quiet_until
from tests.builders import SECOND, at, dispatch, status_event, step
from tests.unit.stories import ACCEPTED, REFUSED, UNAVAILABLE, UNKNOWN, answered, claimed, reported, sent


def quiet(starts: float, ends: float, then: Then = Then.WAIT) -> QuietHours:
    """From some seconds after noon to others, every day, by UTC."""
    return QuietHours(time_zone="UTC", starts=at(starts).time(), ends=at(ends).time(), then=then)


def held(waiting: Dispatch, seconds: float) -> Dispatch:
    decision = decide(waiting, at(seconds))
    assert isinstance(decision, Hold), decision
    return hold(waiting, decision)


def urgent(**fields: Any) -> Step:
    return replace(step(**fields), urgent=True)


def test_nothing_is_sent_before_its_time() -> None:
    later = dispatch(send_at=at(60))

    assert wake_at(later) == at(60)
    assert decide(later, at(59.999)) == WaitUntil(at(60))
    assert decide(later, at(60)) == Send(0, Because.FIRST)


def test_a_step_that_is_due_in_quiet_hours_waits_for_their_end() -> None:
    new = dispatch(quiet_hours=quiet(0, 60))

    assert decide(new, at(0)) == Hold(at(60), Because.FIRST)
    waiting = held(new, 0)
    assert (waiting, wake_at(waiting)) == (replace(new, held_until=at(60)), at(60))
    assert decide(waiting, at(59)) == WaitUntil(at(60))
    assert decide(waiting, at(60)) == Send(0, Because.FIRST)


def test_quiet_hours_that_begin_before_its_time_hold_it_from_then_on() -> None:
    later = dispatch(send_at=at(30), quiet_hours=quiet(0, 60))

    assert decide(later, at(0)) == WaitUntil(at(30))
    assert decide(later, at(30)) == Hold(at(60), Because.FIRST)


def test_the_window_of_a_step_that_waited_begins_when_it_is_sent() -> None:
    waiting = held(sent(dispatch(step(15), step(15), quiet_hours=quiet(10, 60))), 15)

    out = sent(waiting, ACCEPTED, 60)

    assert (out.held_until, out.attempts[1].because) == (None, Because.WINDOW_ENDED)
    assert wake_at(out) == at(75)


def test_a_step_that_is_tried_again_has_its_whole_window_after_quiet_hours() -> None:
    refused = sent(dispatch(step(15), quiet_hours=quiet(0.25, 60)), UNAVAILABLE)
    waiting = held(refused, 2)

    assert wake_at(waiting) == at(60)
    assert decide(waiting, at(60)) == Send(0, Because.RETRY)
    assert claimed(waiting, 60).window_ends_at(0) == at(75)


def test_the_window_begins_again_but_once_however_many_nights_there_are() -> None:
    refused = sent(dispatch(step(30), quiet_hours=quiet(0.25, 60)), UNAVAILABLE)
    again = answered(claimed(held(refused, 2), 60), UNAVAILABLE, 60)
    night = replace(again, quiet_hours=quiet(60.25, 600))

    waiting = held(night, 65)

    assert waiting.window_ends_at(0) == at(90)
    assert (wake_at(waiting), decide(waiting, at(89))) == (at(90), WaitUntil(at(90)))
    assert decide(waiting, at(90)) == Finish(Outcome.EXHAUSTED)


def test_a_step_that_the_provider_may_have_keeps_its_window() -> None:
    unknown = sent(dispatch(step(90), on_unknown=OnUnknown.RESEND, quiet_hours=quiet(1, 600)), UNKNOWN, 0.5)

    waiting = held(unknown, 61)

    assert (wake_at(waiting), waiting.window_ends_at(0)) == (at(90.5), at(90.5))


def test_what_can_be_passed_over_is_passed_over() -> None:
    new = dispatch(step(), step(to=SECOND), quiet_hours=quiet(0, 60, Then.SKIP))
    assert decide(new, at(0)) == Skip(0, Because.FIRST)

    passed = new
    for number, because in enumerate((Because.FIRST, Because.FAILED)):
        assert decide(passed, at(number)) == Skip(number, because)
        passed = failover.claim(passed, Skip(number, because), claim_id="me", now=at(number))
        passed = failover.record_answer(passed, number, Answer(kind=AnswerKind.QUIET), claim_id="me", now=at(number))

    assert (passed.outcome, wake_at(passed)) == (Outcome.EXHAUSTED, None)
    assert [attempt.not_sent for attempt in passed.attempts] == [True, True]


def test_an_urgent_step_knows_no_quiet_hours() -> None:
    assert decide(dispatch(urgent(), quiet_hours=quiet(0, 60)), at(0)) == Send(0, Because.FIRST)


def test_an_urgent_step_does_not_wait_with_the_one_before_it() -> None:
    refused = sent(dispatch(step(15), urgent(), quiet_hours=quiet(0.25, 60)), UNAVAILABLE)
    failed = reported(held(refused, 2), status_event(Status.REJECTED))

    assert decide(failed, at(3)) == Send(1, Because.FAILED)
    assert wake_at(failed) == at(0)


@pytest.mark.parametrize("status", [Status.DELIVERED, Status.REJECTED])
def test_what_is_reported_of_a_step_while_the_next_one_waits_is_heard(status: Status) -> None:
    waiting = held(sent(dispatch(step(15), step(to=SECOND), quiet_hours=quiet(10, 60))), 15)

    now = reported(waiting, status_event(status))

    assert wake_at(now) == {Status.DELIVERED: None, Status.REJECTED: at(60)}[status]


def test_a_dispatch_that_waits_can_be_cancelled() -> None:
    for waiting in (dispatch(send_at=at(60)), held(dispatch(quiet_hours=quiet(0, 60)), 0)):
        cancelled = failover.finish(waiting, Outcome.CANCELLED, at(1))
        assert (cancelled.outcome, wake_at(cancelled)) == (Outcome.CANCELLED, None)


# Laws

moments = st.integers(0, 4 * 3600 * 24).map(lambda quarter: quarter / 4)
steps = st.builds(
    lambda window, condition, is_urgent: replace(step(window, condition, channel="whatsapp"), urgent=is_urgent),
    st.sampled_from([1, 15, 90, 3600, 200_000]),
    st.sampled_from(Condition),
    st.booleans(),
)
hours = st.builds(
    lambda starts, lasts, then, days: QuietHours(
        time_zone="UTC",
        starts=time(starts // 4, starts % 4 * 15),
        ends=(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * (starts + lasts))).time(),
        days=days,
        then=then,
    ),
    st.integers(0, 95),
    st.integers(1, 95),
    st.sampled_from(Then),
    st.frozensets(st.integers(0, 6), min_size=1),
)


@st.composite
def stories(draw: st.DrawFn) -> tuple[Dispatch, datetime]:
    """A dispatch to which anything happened, in the order of time, and the moment of the last thing."""
    now = at(0)
    story = dispatch(
        *draw(st.lists(steps, min_size=1, max_size=3)),
        on_unknown=draw(st.sampled_from(OnUnknown)),
        send_at=draw(st.none() | moments.map(at)),
        quiet_hours=draw(st.none() | hours),
    )
    for _ in range(draw(st.integers(0, 12))):
        wake = wake_at(story)
        if draw(st.booleans()):
            now += timedelta(seconds=draw(st.sampled_from([0.25, 1, 16, 600, 30_000])))
        elif wake is not None:
            now = max(now, wake)
        match decide(story, now):
            case Send() as send:
                assert quiet_free(story, send.step, now)
                story = failover.claim(story, send, claim_id="me", now=now)
                kind = draw(st.sampled_from([None, ACCEPTED, REFUSED, UNAVAILABLE, UNKNOWN]))
                story = answered(story, kind, (now - at(0)).total_seconds()) if kind else story
            case Skip() as skip:
                story = failover.claim(story, skip, claim_id="me", now=now)
                story = answered(story, AnswerKind.QUIET, (now - at(0)).total_seconds())
            case Hold() as waits:
                story = hold(story, waits)
            case Finish(outcome):
                story = failover.finish(story, outcome, now)
            case WaitUntil() if story.attempts:
                number = draw(st.integers(0, len(story.attempts) - 1))
                story = reported(story, status_event(draw(st.sampled_from(Status)), step=number))
    return story, now


def quiet_free(story: Dispatch, number: int, now: datetime) -> bool:
    early = story.send_at is not None and now < story.send_at
    loud = story.quiet_hours is None or quiet_until(story.quiet_hours, now) is None
    return not early and (loud or story.steps[number].urgent)


@given(stories())
def test_it_wakes_when_something_is_to_be_done_and_not_before(reported_until: tuple[Dispatch, datetime]) -> None:
    story, now = reported_until
    wake = wake_at(story)

    assert (wake is None) == (story.outcome is not None)
    if wake is not None:
        assert not isinstance(decide(story, max(wake, now)), WaitUntil)
        if now < wake:
            waits = decide(story, now)
            assert isinstance(waits, WaitUntil)
            assert now < waits.at <= wake


@given(stories())
def test_held_it_waits_and_is_not_held_again_before_the_end(reported_until: tuple[Dispatch, datetime]) -> None:
    story, now = reported_until
    decision = decide(story, now)
    if isinstance(decision, Hold):
        waiting = hold(story, decision)
        assert decide(waiting, now) == WaitUntil(min(decision.until, wake_at(waiting) or decision.until))


@given(stories())
def test_it_ends_on_its_own_timers_in_a_bounded_time(reported_until: tuple[Dispatch, datetime]) -> None:
    """Even if the provider never takes anything, and each night is quiet."""
    story, now = reported_until
    for _ in range(20_000):
        wake = wake_at(story)
        if wake is None:
            break
        now = max(now, wake)
        match decide(story, now):
            case Send() as send:
                story = answered(
                    failover.claim(story, send, claim_id="me", now=now), UNAVAILABLE, (now - at(0)).total_seconds()
                )
            case Skip() as skip:
                story = failover.claim(story, skip, claim_id="me", now=now)
                story = answered(story, AnswerKind.QUIET, (now - at(0)).total_seconds())
            case Hold() as waits:
                story = hold(story, waits)
            case Finish(outcome):
                story = failover.finish(story, outcome, now)
            case WaitUntil():
                pytest.fail(f"a timer fired for nothing: {story}")
    assert story.outcome is not None
    assert now - at(0) < timedelta(days=2 + 20 * len(story.steps))
