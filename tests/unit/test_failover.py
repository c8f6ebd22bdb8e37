"""The kernel's decisions: what to do now, and when to look again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Because, Closing, Dispatch, OnUnknown, Outcome
from getthrough.domain.dispatch.failover import Finish, Send, WaitUntil, decide, wake_at
from getthrough.domain.message.status import Condition, Status
from tests.builders import at, dispatch, status_event, step
from tests.unit.stories import ACCEPTED, REFUSED, UNAVAILABLE, UNKNOWN, answered, claimed, reported, sent

MILLISECOND = 0.001
DELIVERED, READ, SUBMITTED = Status.DELIVERED, Status.READ, Status.SUBMITTED
FAILURES = [Status.REJECTED, Status.UNDELIVERABLE]


def resending() -> Dispatch:
    return dispatch(step(120), step(), on_unknown=OnUnknown.RESEND)


# The beginning, and the window


def test_a_new_dispatch_sends_its_first_step_at_once() -> None:
    assert decide(dispatch(), at(0)) == Send(0, Because.FIRST)
    assert wake_at(dispatch()) == at(0)


@pytest.mark.parametrize(
    ("seconds", "decision"),
    [
        (0, WaitUntil(at(15))),
        (15 - MILLISECOND, WaitUntil(at(15))),
        (15, Send(1, Because.WINDOW_ENDED)),
        (9999, Send(1, Because.WINDOW_ENDED)),
    ],
)
@pytest.mark.parametrize("status", [None, SUBMITTED])
def test_a_silent_window_moves_on_at_its_very_end(
    seconds: float, decision: WaitUntil | Send, status: Status | None
) -> None:
    waiting = sent(dispatch(step(15), step()))
    if status:
        waiting = reported(waiting, status_event(status))
    assert decide(waiting, at(seconds)) == decision
    assert wake_at(waiting) == at(15)


@pytest.mark.parametrize(
    ("seconds", "decision"),
    [(60 - MILLISECOND, WaitUntil(at(60))), (60, Finish(Outcome.EXHAUSTED))],
)
def test_the_last_window_ends_the_story(seconds: float, decision: WaitUntil | Finish) -> None:
    assert decide(sent(dispatch(step(60))), at(seconds)) == decision


def test_a_window_runs_from_the_providers_answer() -> None:
    slow = answered(claimed(dispatch(step(15), step()), 0), ACCEPTED, 6)
    assert decide(slow, at(20)) == WaitUntil(at(21))
    assert decide(slow, at(21)) == Send(1, Because.WINDOW_ENDED)


def test_while_a_post_is_under_way_the_window_runs_from_the_claim() -> None:
    assert decide(claimed(dispatch(step(15), step())), at(1)) == WaitUntil(at(15))
    assert decide(claimed(dispatch(step(15), step())), at(15)) == Send(1, Because.WINDOW_ENDED)


# Failures


@pytest.mark.parametrize("status", FAILURES)
def test_a_failure_status_moves_on_at_once(status: Status) -> None:
    failed = reported(sent(dispatch()), status_event(status))
    assert decide(failed, at(1)) == Send(1, Because.FAILED)
    assert wake_at(failed) == at(0)  # in the past: it is due


def test_a_refused_message_moves_on_at_once() -> None:
    assert decide(sent(dispatch(), REFUSED), at(0)) == Send(1, Because.FAILED)


@pytest.mark.parametrize("status", FAILURES)
def test_when_the_last_step_fails_it_is_exhausted_before_its_window_ends(status: Status) -> None:
    over = reported(sent(dispatch(step(600))), status_event(status))
    assert decide(over, at(1)) == Finish(Outcome.EXHAUSTED)
    assert wake_at(over) is None


def test_when_the_last_step_is_refused_it_is_exhausted() -> None:
    assert decide(sent(dispatch(step(600)), REFUSED), at(0)) == Finish(Outcome.EXHAUSTED)


def test_a_refused_message_that_arrived_all_the_same_is_a_success() -> None:
    arrived = reported(sent(dispatch(), REFUSED), status_event(DELIVERED))
    assert decide(arrived, at(1)) == Finish(Outcome.SUCCEEDED)


def test_a_refused_message_of_which_a_webhook_says_submitted_stays_failed() -> None:
    """What was decided once is not undone: the next step may be out already, or the dispatch over."""
    refused = reported(sent(dispatch(step(600)), REFUSED), status_event(SUBMITTED))
    assert decide(refused, at(1)) == Finish(Outcome.EXHAUSTED)
    assert decide(reported(sent(dispatch(), REFUSED), status_event(SUBMITTED)), at(1)) == Send(1, Because.FAILED)


def test_a_refused_message_that_arrived_but_is_to_be_read_has_its_window() -> None:
    steps = step(30, Condition.READ, channel="whatsapp"), step()
    arrived = reported(sent(dispatch(*steps), REFUSED), status_event(DELIVERED))
    assert decide(arrived, at(29)) == WaitUntil(at(30))


# Success


@pytest.mark.parametrize("status", [DELIVERED, READ])
def test_a_met_condition_finishes_also_after_the_window(status: Status) -> None:
    met = reported(sent(dispatch()), status_event(status))
    assert [decide(met, at(seconds)) for seconds in (1, 9999)] == [Finish(Outcome.SUCCEEDED)] * 2
    assert wake_at(met) is None


def test_the_condition_read_is_not_met_by_delivered() -> None:
    waiting = sent(dispatch(step(30, Condition.READ, channel="whatsapp"), step()))
    delivered = reported(waiting, status_event(DELIVERED))
    assert decide(delivered, at(29)) == WaitUntil(at(30))
    assert decide(delivered, at(30)) == Send(1, Because.WINDOW_ENDED)
    assert decide(reported(delivered, status_event(READ)), at(29)) == Finish(Outcome.SUCCEEDED)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_closed_dispatch_sends_nothing_more(outcome: Outcome) -> None:
    closed = dispatch(closed=Closing(outcome, at(5)))
    assert decide(closed, at(9999)) == Finish(outcome)
    assert wake_at(closed) is None


# The provider did not take it: retry


def test_an_unavailable_provider_is_tried_again_inside_the_window() -> None:
    unavailable = sent(dispatch(step(60), step()), UNAVAILABLE)
    retry_at = unavailable.attempts[0].retry_at
    assert retry_at is not None
    assert decide(unavailable, retry_at - timedelta(milliseconds=1)) == WaitUntil(retry_at)
    assert decide(unavailable, retry_at) == Send(0, Because.RETRY)
    assert decide(unavailable, at(60)) == Send(1, Because.WINDOW_ENDED)
    assert wake_at(unavailable) == retry_at


def test_a_retry_that_would_come_after_the_window_is_not_made() -> None:
    late = answered(claimed(dispatch(step(15), step())), UNAVAILABLE, 14.9)
    assert late.attempts[0].retry_at is not None
    assert late.attempts[0].retry_at > at(15)
    assert decide(late, at(14.95)) == WaitUntil(at(15))
    assert decide(late, at(15)) == Send(1, Because.WINDOW_ENDED)


def test_an_unavailable_provider_does_not_prolong_the_window() -> None:
    unavailable = answered(claimed(dispatch(step(60), step())), UNAVAILABLE, 5)
    assert unavailable.window_ends_at(0) == at(60)


def test_a_status_shows_that_the_provider_accepted_it_and_ends_the_retries() -> None:
    taken = reported(sent(dispatch(step(60), step()), UNAVAILABLE), status_event(SUBMITTED))
    assert decide(taken, at(59)) == WaitUntil(at(60))


# No one knows whether it was accepted


@pytest.mark.parametrize("story", [sent(dispatch(step(120), step()), UNKNOWN), claimed(dispatch(step(120), step()))])
def test_an_unknown_is_never_sent_again_by_itself(story: Dispatch) -> None:
    assert decide(story, at(119)) == WaitUntil(at(120))
    assert decide(story, at(120)) == Send(1, Because.WINDOW_ENDED)


@pytest.mark.parametrize("story", [sent(resending(), UNKNOWN), claimed(resending())])
@pytest.mark.parametrize(
    ("seconds", "decision"),
    [
        (60 - MILLISECOND, WaitUntil(at(60))),
        (60, Send(0, Because.RETRY)),
        (119, Send(0, Because.RETRY)),
        (120, Send(1, Because.WINDOW_ENDED)),
    ],
)
def test_with_resend_an_unknown_goes_out_again_after_the_waiting_time(
    story: Dispatch, seconds: float, decision: WaitUntil | Send
) -> None:
    assert decide(story, at(seconds)) == decision


def test_the_waiting_time_runs_from_the_answer_or_else_from_the_last_try() -> None:
    slow = answered(claimed(resending()), UNKNOWN, 6)
    assert wake_at(slow) == at(66)
    died_at_its_second_try = claimed(sent(resending(), UNAVAILABLE), 5)
    assert wake_at(died_at_its_second_try) == at(65)


@pytest.mark.parametrize("kind", [UNKNOWN, None])
def test_resend_sends_again_only_once(kind: object) -> None:
    again = claimed(sent(resending(), UNKNOWN), 60)
    if kind:
        again = answered(again, UNKNOWN, 60)
    assert decide(again, at(119)) == WaitUntil(again.window_ends_at(0))


def test_after_a_resend_that_was_certainly_not_accepted_it_is_retried_but_never_resent_again() -> None:
    resent = answered(claimed(sent(resending(), UNKNOWN), 60), UNAVAILABLE, 60)
    assert decide(resent, at(63)) == Send(0, Because.RETRY)
    unknown_again = answered(claimed(resent, 63), UNKNOWN, 63)
    assert decide(unknown_again, at(150)) == WaitUntil(at(63 + 120))


def test_resend_does_nothing_where_the_window_is_shorter_than_the_waiting_time() -> None:
    short = sent(dispatch(step(60), step(), on_unknown=OnUnknown.RESEND), UNKNOWN)
    assert decide(short, at(59)) == WaitUntil(at(60))
    assert decide(short, at(60)) == Send(1, Because.WINDOW_ENDED)


@pytest.mark.parametrize(
    ("status", "decision"),
    [
        (SUBMITTED, WaitUntil(at(120))),
        (DELIVERED, Finish(Outcome.SUCCEEDED)),
        (Status.REJECTED, Send(1, Because.FAILED)),
    ],
)
def test_a_status_decides_an_unknown(status: Status, decision: object) -> None:
    completed = reported(sent(resending(), UNKNOWN), status_event(status))
    assert decide(completed, at(100)) == decision


# When to look again

moments = st.floats(0, 400, allow_nan=False)
kinds = st.sampled_from([None, ACCEPTED, REFUSED, UNAVAILABLE, UNKNOWN])
events = st.lists(st.builds(status_event, st.sampled_from(Status), st.integers(0, 2), moments), max_size=3)


@st.composite
def stories(draw: st.DrawFn) -> Dispatch:
    """A dispatch after any history that the kernel itself allows."""
    steps = [step(draw(st.integers(1, 200)), draw(st.sampled_from(Condition))) for _ in range(draw(st.integers(1, 3)))]
    story = dispatch(*steps, on_unknown=draw(st.sampled_from(OnUnknown)))
    for now in sorted(draw(st.lists(moments, max_size=5))):
        match decide(story, at(now)):
            case Send():
                story = claimed(story, now)
                if kind := draw(kinds):
                    story = answered(story, kind, now)
            case Finish(outcome):
                story = failover.finish(story, outcome, at(now))
        story = reported(story, *draw(events))
    return story


@given(stories(), moments)
def test_before_the_wake_time_there_is_nothing_to_do_but_wait_for_it(story: Dispatch, seconds: float) -> None:
    wake, now = wake_at(story), at(seconds)
    decision = decide(story, now)
    if wake is None:
        assert isinstance(decision, Finish)
    elif now < wake:
        due_already = isinstance(decide(story, at(-1)), Send)
        assert due_already or decision == WaitUntil(wake)
    else:
        assert not isinstance(decision, WaitUntil) or decision.at > now


@given(stories())
def test_every_dispatch_that_is_not_over_has_a_time_to_look_at_it_again(story: Dispatch) -> None:
    assert (wake_at(story) is None) == (story.outcome is not None)


@given(stories(), moments)
def test_at_the_wake_time_something_is_done(story: Dispatch, seconds: float) -> None:
    wake = wake_at(story)
    assert wake is None or isinstance(decide(story, max(wake, at(0))), Send | Finish)


@given(stories())
def test_the_index_has_a_dispatch_when_it_is_due_or_a_little_earlier(story: Dispatch) -> None:
    wake, indexed = wake_at(story), failover.indexed_at(story)
    assert (wake is None) == (indexed is None)
    assert wake is None or indexed is None or wake - failover.LONGEST_POST <= indexed <= wake


@pytest.mark.parametrize(("took", "moves"), [(0.2, False), (20, False), (20.001, True)])
def test_an_answer_moves_no_entry_of_the_index_unless_it_took_very_long(took: float, moves: bool) -> None:
    before = claimed(dispatch(step(600), step()))
    after = answered(before, ACCEPTED, took)
    assert wake_at(after) == at(600 + took)
    assert (failover.indexed_at(before), failover.indexed_at(after)) == (at(600), at(600 + took if moves else 600))


# The end


def test_finishing_closes_an_open_dispatch_with_its_moment() -> None:
    waiting = sent(dispatch(step(60)))
    closed = failover.finish(waiting, Outcome.EXHAUSTED, at(60))
    assert closed.closed == Closing(Outcome.EXHAUSTED, at(60))
    assert closed.outcome is Outcome.EXHAUSTED


@pytest.mark.parametrize(
    "over",
    [
        reported(sent(dispatch()), status_event(DELIVERED)),
        sent(dispatch(step()), REFUSED),
        dispatch(closed=Closing(Outcome.CANCELLED, at(3))),
    ],
)
def test_what_is_over_is_not_closed_again(over: Dispatch) -> None:
    assert failover.finish(over, Outcome.EXHAUSTED, at(60)) is over
