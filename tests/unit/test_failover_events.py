"""Applying status events: the same state for every order and number of copies, and what it says."""

from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Dispatch, Outcome
from getthrough.domain.event.webhook import StatusEvent, Usage
from getthrough.domain.message.status import Condition, Status
from tests.builders import at, dispatch, status_event, step
from tests.unit.stories import reported, sent

SUBMITTED, DELIVERED, READ, REJECTED = Status.SUBMITTED, Status.DELIVERED, Status.READ, Status.REJECTED


def two_steps_out() -> Dispatch:
    """Both steps were sent: the second because the first one's window ended."""
    return sent(sent(dispatch(), seconds=0), seconds=15)


def usage(price: str, currency: str = "EUR") -> dict[str, str]:
    return {"price": price, "currency": currency}


# One state

prices = st.sampled_from(["0", "0.0333", "0.0666", "1.5"])
timestamps = st.sampled_from(["2026-03-02T12:00:01.0019Z", "2026-03-02T12:00:01.0011Z", "2026-03-02T12:00:09Z", "?"])
priced = st.builds(
    lambda status, step, price, currency, timestamp: status_event(
        status, step, usage=usage(price, currency), timestamp=timestamp
    ),
    st.sampled_from([*Status, "accepted"]),
    st.integers(0, 3),
    prices,
    st.sampled_from(["EUR", "USD"]),
    timestamps,
)
plain = st.builds(status_event, st.sampled_from([*Status, "accepted"]), st.integers(0, 3))


@given(st.data(), st.lists(st.one_of(priced, plain), max_size=6))
def test_any_order_and_any_copies_of_the_same_events_give_one_state(
    data: st.DataObject, events: list[StatusEvent]
) -> None:
    copies = data.draw(st.lists(st.sampled_from(events), max_size=6)) if events else []
    shuffled = data.draw(st.permutations(events + copies))
    assert reported(two_steps_out(), *shuffled) == reported(two_steps_out(), *events)


def test_every_order_of_a_whole_story_ends_the_same() -> None:
    story = [
        status_event(SUBMITTED, 0),
        status_event(REJECTED, 0),
        status_event(SUBMITTED, 1),
        status_event(DELIVERED, 1, usage=usage("0.0333")),
        status_event(READ, 1),
    ]
    ends = [reported(two_steps_out(), *order) for order in permutations(story)]
    assert all(end == ends[0] for end in ends)
    assert [attempt.status for attempt in ends[0].attempts] == [REJECTED, READ]


@pytest.mark.parametrize("prices", [("0.0333", "0.0666"), ("0.0666", "0.0333")])
def test_an_attempt_costs_the_highest_price_that_was_reported(prices: tuple[str, str]) -> None:
    end = reported(two_steps_out(), *(status_event(SUBMITTED, usage=usage(price)) for price in prices))
    assert end.attempts[0].usage == Usage(Decimal("0.0666"), "EUR")


def test_a_price_that_was_reported_is_kept_when_a_later_event_has_none() -> None:
    end = reported(two_steps_out(), status_event(SUBMITTED, usage=usage("0.0333")), status_event(DELIVERED))
    assert end.attempts[0].usage == Usage(Decimal("0.0333"), "EUR")


def test_equal_prices_written_differently_are_kept_as_one_text_in_any_order() -> None:
    events = [status_event(SUBMITTED, usage=usage("0.10")), status_event(DELIVERED, usage=usage("0.1"))]
    ends = [reported(two_steps_out(), *order).attempts[0].usage for order in permutations(events)]
    assert len({str(end.price) for end in ends if end}) == 1


def test_a_message_arrived_when_the_provider_first_says_that_it_was_delivered_or_read() -> None:
    times = [(SUBMITTED, 2), (READ, 31), (DELIVERED, 18.0059), (DELIVERED, 20)]
    story = [status_event(status, seconds=60, timestamp=at(seconds).isoformat()) for status, seconds in times]
    ends = [reported(two_steps_out(), *order) for order in permutations(story)]
    assert {(end.attempts[0].arrived_at, end.attempts[1].arrived_at) for end in ends} == {(at(18.005), None)}


def test_no_one_knows_when_a_message_arrived_of_which_only_other_things_have_a_time() -> None:
    story = [status_event(SUBMITTED), status_event(REJECTED), status_event(READ, timestamp="at noon")]
    end = reported(two_steps_out(), *story)
    assert (end.attempts[0].status, end.attempts[0].arrived_at) == (READ, None)


@pytest.mark.parametrize(
    "event",
    [
        status_event(DELIVERED, step=2),
        replace(status_event(DELIVERED), dispatch_uuid=None, step=None),
        status_event("accepted"),
    ],
    ids=["a step that is not sent", "no one's message", "a word that we do not know"],
)
def test_an_event_that_tells_nothing_about_an_attempt_changes_nothing(event: StatusEvent) -> None:
    assert reported(two_steps_out(), event) == two_steps_out()


def test_an_event_changes_its_own_attempt_and_nothing_else() -> None:
    before = two_steps_out()
    after = reported(before, status_event(DELIVERED, 1))
    assert after.attempts[0] == before.attempts[0]
    assert after.attempts[1].status is DELIVERED
    assert (after.steps, after.closed, after.version) == (before.steps, before.closed, before.version)


# What it says


def test_a_success_in_its_window_is_not_late() -> None:
    end = reported(sent(dispatch()), status_event(DELIVERED))
    assert (end.outcome, end.succeeded_by, end.late(0), end.double_messages) == (Outcome.SUCCEEDED, 0, False, 0)


def test_a_success_after_the_next_step_went_out_counts_and_is_late() -> None:
    end = reported(two_steps_out(), status_event(DELIVERED, 0))
    assert (end.outcome, end.succeeded_by, end.late(0), end.double_messages) == (Outcome.SUCCEEDED, 0, True, 0)


def test_of_two_successes_the_one_in_time_reached_the_customer_and_one_message_was_double() -> None:
    end = reported(two_steps_out(), status_event(DELIVERED, 0), status_event(READ, 1))
    assert (end.outcome, end.succeeded_by, end.double_messages) == (Outcome.SUCCEEDED, 1, 1)
    assert [end.late(0), end.late(1)] == [True, False]


def test_of_two_late_successes_the_first_step_reached_the_customer() -> None:
    exhausted = failover.finish(two_steps_out(), Outcome.EXHAUSTED, at(30))
    end = reported(exhausted, status_event(DELIVERED, 1), status_event(DELIVERED, 0))
    assert (end.outcome, end.succeeded_by, end.double_messages) == (Outcome.SUCCEEDED, 0, 1)
    assert [end.late(0), end.late(1)] == [True, True]


def test_a_success_after_exhaustion_counts_and_is_late() -> None:
    exhausted = failover.finish(sent(dispatch(step())), Outcome.EXHAUSTED, at(15))
    end = reported(exhausted, status_event(DELIVERED))
    assert (end.outcome, end.succeeded_by, end.late(0)) == (Outcome.SUCCEEDED, 0, True)


@pytest.mark.parametrize("outcome", [Outcome.CANCELLED, Outcome.STOPPED])
def test_a_success_after_the_client_cancelled_counts_and_is_in_time(outcome: Outcome) -> None:
    end = reported(failover.finish(sent(dispatch()), outcome, at(5)), status_event(DELIVERED))
    assert (end.outcome, end.late(0)) == (Outcome.SUCCEEDED, False)


def test_a_message_that_was_delivered_but_not_read_as_asked_is_still_a_message() -> None:
    steps = step(15, Condition.READ, channel="whatsapp"), step()
    out = sent(sent(dispatch(*steps), seconds=0), seconds=15)
    end = reported(out, status_event(DELIVERED, 0), status_event(DELIVERED, 1))
    assert (end.succeeded_by, end.late(0), end.double_messages) == (1, False, 1)


def test_three_messages_that_arrived_are_two_too_many() -> None:
    out = sent(sent(sent(dispatch(step(), step(), step())), seconds=15), seconds=30)
    assert reported(out, *(status_event(DELIVERED, n) for n in range(3))).double_messages == 2


def test_messages_that_did_not_arrive_are_not_double() -> None:
    end = reported(two_steps_out(), status_event(SUBMITTED, 0), status_event(REJECTED, 1))
    assert end.double_messages == 0


@pytest.mark.parametrize("failure", [Status.REJECTED, Status.UNDELIVERABLE])
def test_a_failure_after_a_success_changes_nothing(failure: Status) -> None:
    success = reported(sent(dispatch()), status_event(DELIVERED))
    assert reported(success, status_event(failure)) == success
