"""Claims and answers: who may send, what an answer does, and how long a retry waits."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Attempt, Because, Dispatch, OnUnknown
from getthrough.domain.dispatch.failover import RETRY_CAP, Send
from getthrough.domain.message.status import Status
from tests.builders import at, dispatch, status_event, step
from tests.unit.stories import ACCEPTED, REFUSED, UNAVAILABLE, UNKNOWN, answered, claimed, reported, sent


def test_a_claim_adds_an_attempt_whose_window_begins_now() -> None:
    claimed = failover.claim(dispatch(), Send(0, Because.FIRST), claim_id="mine", now=at(3))
    attempt = Attempt(
        claimed_at=at(3), claim_id="mine", because=Because.FIRST, window_from=at(3), tried_at=at(3), tries=1
    )
    assert claimed == replace(dispatch(), attempts=(attempt,))


def test_the_next_claim_leaves_the_attempt_before_it_alone() -> None:
    first = sent(dispatch())
    both = failover.claim(first, Send(1, Because.WINDOW_ENDED), claim_id="mine", now=at(15))
    assert both.attempts[0] == first.attempts[0]
    assert (both.attempts[1].because, both.attempts[1].claimed_at) == (Because.WINDOW_ENDED, at(15))


def test_a_retry_is_the_same_attempt_under_a_new_claim_in_the_same_window() -> None:
    unavailable = answered(claimed(dispatch(step(60), step()), 0, "old"), UNAVAILABLE, 1)
    again = failover.claim(unavailable, Send(0, Because.RETRY), claim_id="new", now=at(4))
    assert again.attempts == (
        Attempt(claimed_at=at(0), claim_id="new", because=Because.FIRST, window_from=at(0), tried_at=at(4), tries=2),
    )


@pytest.mark.parametrize(("kind", "resent"), [(UNAVAILABLE, False), (UNKNOWN, True), (None, True)])
def test_a_retry_is_a_resend_unless_the_provider_certainly_did_not_accept_it(
    kind: AnswerKind | None, resent: bool
) -> None:
    before = claimed(dispatch(step(120), on_unknown=OnUnknown.RESEND))
    if kind:
        before = answered(before, kind)
    assert claimed(before, 61).attempts[0].resent is resent


def test_that_it_was_resent_is_never_forgotten() -> None:
    resent = claimed(sent(dispatch(step(600), on_unknown=OnUnknown.RESEND), UNKNOWN), 60)
    retried = claimed(answered(resent, UNAVAILABLE, 60), 65)
    assert (retried.attempts[0].resent, retried.attempts[0].tries) == (True, 3)


def test_a_claim_is_known_by_its_id() -> None:
    out = claimed(dispatch(), claim_id="mine")
    assert failover.is_claimed_by(out, 0, "mine")
    assert not failover.is_claimed_by(out, 0, "theirs")
    assert not failover.is_claimed_by(out, 1, "mine")


# Answers


@pytest.mark.parametrize(("kind", "window_from"), [(ACCEPTED, 4), (UNKNOWN, 4), (REFUSED, 0), (UNAVAILABLE, 0)])
def test_the_window_begins_again_when_the_provider_has_or_may_have_it(kind: AnswerKind, window_from: float) -> None:
    attempt = answered(claimed(dispatch()), kind, 4).attempts[0]
    assert attempt.answer == Answer(kind=kind)
    assert (attempt.answered_at, attempt.window_from) == (at(4), at(window_from))
    assert (attempt.retry_at is not None) == (kind is UNAVAILABLE)


@pytest.mark.parametrize("kind", list(AnswerKind))
def test_an_answer_to_a_claim_that_was_superseded_is_dropped(kind: AnswerKind) -> None:
    out = claimed(dispatch(), claim_id="new")
    assert failover.record_answer(out, 0, Answer(kind=kind), claim_id="old", now=at(9)) is out


def test_an_answer_is_recorded_once() -> None:
    out = answered(claimed(dispatch()), ACCEPTED, 1)
    assert answered(out, UNKNOWN, 2) is out


def test_an_answer_keeps_a_status_that_came_before_it() -> None:
    quick = reported(claimed(dispatch()), status_event(Status.DELIVERED))
    assert answered(quick, ACCEPTED, 2).attempts[0].status is Status.DELIVERED


def test_an_answer_for_a_step_keeps_the_others() -> None:
    out = claimed(sent(dispatch()), 15)
    assert answered(out, REFUSED, 16).attempts[0] == out.attempts[0]


# Backoff


def unavailable_after(tries: int, seconds: float = 0) -> Dispatch:
    """The dispatch whose try number `tries` found the provider unavailable."""
    out = claimed(dispatch(step(86_400)))
    out = replace(out, attempts=(replace(out.attempts[0], tries=tries),))
    return answered(out, UNAVAILABLE, seconds)


def backoff(tries: int) -> timedelta:
    retry_at = unavailable_after(tries).attempts[0].retry_at
    assert retry_at is not None
    return retry_at - at(0)


@pytest.mark.parametrize(
    ("tries", "whole"), [(1, 1), (2, 2), (3, 4), (4, 8), (8, 128), (9, 256), (10, 300), (11, 300), (500, 300)]
)
def test_a_retry_waits_twice_as_long_each_time_up_to_the_cap_in_the_upper_half(tries: int, whole: int) -> None:
    assert timedelta(seconds=whole / 2) <= backoff(tries) <= timedelta(seconds=whole)
    assert timedelta(seconds=300) == RETRY_CAP


def test_a_retry_waits_from_the_answer() -> None:
    retry_at = unavailable_after(1, seconds=7).attempts[0].retry_at
    assert retry_at == at(7) + backoff(1)


@given(st.integers(1, 10_000))
def test_the_wait_is_the_same_each_time_it_is_asked(tries: int) -> None:
    assert backoff(tries) == backoff(tries)
    assert timedelta(seconds=0.5) <= backoff(tries) <= RETRY_CAP


@given(st.integers(1, 10_000))
def test_the_wait_is_whole_milliseconds_because_that_is_what_the_table_keeps(tries: int) -> None:
    assert backoff(tries) % timedelta(milliseconds=1) == timedelta(0)


def test_two_dispatches_wait_differently_long() -> None:
    waits = {
        answered(claimed(dispatch(dispatch_uuid=f"5f1a2c3e-8d47-4b60-9c11-a1b2c3d4{n:02x}00")), UNAVAILABLE)
        .attempts[0]
        .retry_at
        for n in range(20)
    }
    assert len(waits) > 15
