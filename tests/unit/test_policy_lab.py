"""The policy lab: what it knows of a dispatch, what a policy makes of its plan, and what it forecasts."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import AnswerKind, Outcome
from getthrough.domain.message.arrivals import Chosen, Group, Why
from getthrough.domain.message.status import Condition, Status
from tests.builders import FROM, SECOND, at, dispatch, status_event, step
from tests.lab.world import SMS, WHATSAPP, Customer, blank, plan, seen, truth_of
from tests.unit.stories import answered, claimed, reported
from tools.lab.compare import Comparison, Estimate, Lab, joined, wilson
from tools.lab.fates import Before, Draws, Known, under_ttl
from tools.lab.past import NEVER, Fate, Past, Way, needs_events, past_of
from tools.lab.play import Played, goes_the_same, play
from tools.lab.policy import Policy, plan_under, policy_of

DELIVERED, READ, REJECTED = Status.DELIVERED, Status.READ, Status.REJECTED
LATER = at(30 * 86_400)
LAST_WINDOW = 72 * 3_600
UUID = "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e500"
EXPIRED = {"title": "1360", "type": "https://developer.vonage.com/api-errors/messages#1360", "detail": "expired"}


def fate(**fields: Any) -> Fate:
    return Fate(AnswerKind.ACCEPTED, **{"answered": 0.2, **fields})


def timed(status: Status, number: int, seconds: float, **fields: Any) -> Any:
    return status_event(status, number, seconds, timestamp=at(seconds).isoformat(), **fields)


def learnt(*pasts: Past) -> Known:
    known = Known(Random(1))
    for past in pasts:
        known.add(past)
    return known


def compared(policy: Policy, pasts: Sequence[Past]) -> Comparison:
    return Lab(policy, learnt(*pasts)).compare(pasts)


def one(customer: Customer, number: int = 0, window: int = 60, *, ttl: bool = False) -> Past:
    return seen(customer, plan(window, ttl=ttl), f"{number:08x}-8d47-4b60-9c11-a1b2c3d4e500")


# What is known of a dispatch


def test_a_message_that_arrived_and_the_fallback_that_went_out_before_are_known_with_their_times_and_prices() -> None:
    usage = {"price": "0.05", "currency": "EUR"}
    subject = claimed(answered(claimed(dispatch(step(15), step(30, channel="whatsapp", to=SECOND))), seconds=1), 16)
    events = [timed(DELIVERED, 0, 40, usage=usage), timed(DELIVERED, 1, 18), timed(READ, 1, 90)]
    subject = reported(answered(subject, seconds=17), *events)

    past = past_of(subject, events, LATER)

    assert past == Past(
        dispatch_uuid=UUID,
        created_at=at(0),
        due_at=at(0),
        started_at=at(0),
        quiet_hours=None,
        ways=(
            Way(Group("sms", "44", FROM), 0, 15, Condition.DELIVERED, urgent=False, ttl=None, follows=False),
            Way(Group("whatsapp", "44", FROM), 1, 30, Condition.DELIVERED, urgent=False, ttl=None, follows=False),
        ),
        fates=(fate(answered=1.0, arrived=40.0), fate(answered=1.0, arrived=2.0, read=74.0)),
        prices=(("EUR", 0.05), None),
        ended=None,
        claimed=(0.0, 16.0),
    )


def test_a_message_whose_ttl_ended_is_cut_and_has_not_failed() -> None:
    subject = answered(claimed(dispatch(step(30, ttl=30), step())), seconds=1)
    events = [timed(REJECTED, 0, 31, error=EXPIRED)]
    past = past_of(reported(subject, *events), events, LATER)

    assert past is not None
    assert (past.fates[0], past.ways[0].ttl, past.ways[0].follows) == (fate(answered=1.0, cut=30.0), 30.0, True)


def test_a_rejection_before_the_ttl_is_a_failure_and_its_time_is_that_of_the_next_claim() -> None:
    subject = reported(answered(claimed(dispatch(step(30, ttl=30), step())), seconds=1), timed(REJECTED, 0, 4))
    past = past_of(claimed(subject, 5), [], LATER)

    assert past is not None
    assert past.fates == (fate(answered=1.0, failed=5.0), Fate(AnswerKind.UNAVAILABLE, cut=NEVER))
    assert needs_events(subject, reads=False)
    assert not needs_events(claimed(subject, 5), reads=False)


def test_an_automatic_window_is_known_as_it_was_chosen() -> None:
    planned = replace(step(30), tolerance=0.01)
    subject = answered(claimed(dispatch(planned, step(30, to=SECOND))), seconds=1)
    chosen = replace(subject.attempts[0], chosen=Chosen(120, Why.LEARNED, 900))
    subject = failover.with_attempt(subject, 0, chosen)

    past = past_of(reported(subject, timed(DELIVERED, 0, 80)), [], LATER)

    assert past is not None
    assert (past.ways[0].window, past.ways[0].ttl, past.ways[0].follows) == (120, 120.0, True)


@pytest.mark.parametrize(("seconds", "cut"), [(100, 100.0), (LAST_WINDOW, NEVER)], ids=["now", "for good"])
def test_a_message_without_a_report_is_known_up_to_now(seconds: float, cut: float) -> None:
    past = past_of(answered(claimed(dispatch(step()))), [], at(seconds))

    assert past is not None
    assert past.fates == (fate(answered=0.0, cut=cut),)


def test_a_dispatch_that_was_never_sent_tells_nothing_and_a_cancelled_one_ends_again() -> None:
    subject = answered(claimed(dispatch()))
    past = past_of(failover.finish(subject, Outcome.CANCELLED, at(9)), [], LATER)

    assert past_of(dispatch(), [], LATER) is None
    assert past is not None
    assert past.ended == (Outcome.CANCELLED, 9.0)
    again = play(past, past.ways, None, lambda _place, _claimed: fate(cut=NEVER))
    assert again == Played(Outcome.CANCELLED, None, (0,), 0, 9.0)


# Another plan


def test_a_window_is_for_messages_with_a_fallback_and_their_ttl_goes_with_it() -> None:
    past = blank(UUID, plan(60, ttl=True))

    assert [way for _, way in plan_under(Policy({"*": 25}), past)] == [*plan(25, ttl=True)]
    assert [way for _, way in plan_under(Policy({"sms": 5}), past)] == [
        past.ways[0]._replace(window=5, ttl=None),
        past.ways[1],
    ]
    assert [way for _, way in plan_under(Policy({"rcs": 5}), past)] == [*past.ways]


def test_another_order_gives_each_message_the_usual_window_of_its_new_place() -> None:
    past = blank(UUID, plan(60, ttl=True))

    assert plan_under(Policy({}, order=("whatsapp",)), past) == [
        (1, past.ways[1]._replace(window=60, follows=True)),
        (0, past.ways[0]._replace(window=LAST_WINDOW, ttl=None)),
    ]


def test_a_condition_that_a_channel_does_not_report_stays_as_it_was() -> None:
    past = blank(UUID, plan(60, ttl=False))

    changed = [way.condition for _, way in plan_under(Policy({}, condition=Condition.READ), past)]

    assert changed == [Condition.DELIVERED, Condition.READ]


def test_a_policy_is_read_from_the_command_line() -> None:
    quiet = {"from": "21:00", "to": "08:00", "time_zone": "Europe/London"}
    policy = policy_of({"windows": {"sms": 5}, "condition": "read", "order": ["sms"], "ttl": 0, "quiet_hours": quiet})

    assert policy[:4] == ({"sms": 5}, Condition.READ, ("sms",), 0)
    assert policy.quiet_hours is not None
    assert str(policy.quiet_hours.starts) == "21:00:00"


# Playing it


customers = st.builds(
    Customer,
    takes=st.tuples(*(st.one_of(st.just(inf), st.floats(0.25, 5_000)) for _ in range(2))),
    rejected=st.booleans(),
    on_at=st.sampled_from([0.0, 600.0]),
    second_too=st.booleans(),
)


@settings(max_examples=30)
@given(customer=customers, window=st.integers(20, 4_000), ttl=st.booleans())
def test_what_happened_is_played_again_as_it_was(customer: Customer, window: int, ttl: bool) -> None:
    ways = plan(window, ttl=ttl)
    truth, _ = truth_of(customer, ways, UUID)
    past = seen(customer, ways, UUID)

    again = Lab(Policy({}), learnt(past)).compare([past])

    assert again.today == again.policy
    assert again.different == []
    assert again.today.shares["failed_over"].value == truth.failed_over
    assert again.today.shares["reached"].value == (truth.reached is not None)


@given(customer=customers, window=st.integers(20, 4_000), other=st.integers(20, 4_000), ttl=st.booleans())
def test_what_is_not_played_twice_would_have_gone_the_same(
    customer: Customer, window: int, other: int, ttl: bool
) -> None:
    ways, others = plan(window, ttl=ttl), plan(other, ttl=ttl)
    truth, _ = truth_of(customer, ways, UUID)

    if goes_the_same(truth, ways[0], others[0]):
        assert truth == truth_of(customer, others, UUID)[0]


def test_a_time_to_live_ends_a_message_that_comes_later() -> None:
    assert under_ttl(fate(arrived=9.0), 10) == fate(arrived=9.0)
    assert under_ttl(fate(arrived=11.0, read=12.0), 10) == fate(failed=10)
    assert under_ttl(fate(cut=NEVER), 10) == fate(failed=10)
    assert under_ttl(fate(cut=NEVER), None) == fate(cut=NEVER)


# What no one knows


def test_the_rest_of_a_message_that_was_cut_is_that_of_one_that_was_watched_longer() -> None:
    watched = [blank(UUID, plan(60, ttl=False))._replace(fates=(fate(arrived=float(n)), None)) for n in range(1, 101)]
    draws = Draws(learnt(*watched), Random(1), hopeful=False)

    drawn = [draws.rest((SMS, False), fate(cut=50.0)).arrived or 0 for _ in range(2_000)]

    assert min(drawn) > 50
    assert sum(drawn) / len(drawn) == pytest.approx(75.5, abs=4)
    assert draws.guessed == 0


def test_where_nothing_was_watched_for_longer_both_extremes_are_drawn_and_counted() -> None:
    cut = blank(UUID, plan(60, ttl=True))._replace(fates=(fate(cut=60.0), None))
    hopeful, other = (Draws(learnt(*[cut] * 30), Random(1), hopeful=it) for it in (True, False))

    assert hopeful.rest((SMS, False), fate(cut=60.0)) == fate(arrived=60.0)
    assert other.rest((SMS, False), fate(cut=60.0)) == fate(cut=NEVER)
    assert (hopeful.guessed, other.guessed) == (1, 1)


def off_until(on_at: float, window: int = 60, uuid: str = UUID) -> Past:
    """What is seen of a customer whose phone, which has SMS and WhatsApp, is off for so many seconds."""
    return seen(Customer((5.0, 2.0), on_at=on_at, second_too=True), plan(window, ttl=False), uuid)


@pytest.mark.parametrize(("window", "seconds"), [(15, 100.0), (300, 100.0)])
def test_what_waited_for_the_phone_arrives_when_it_is_switched_on_whenever_it_is_sent(
    window: int, seconds: float
) -> None:
    past = off_until(100.0)
    assert (past.together(0), past.together(1)) == (True, True)

    usual = seen(Customer((90.0, 3.0)), plan(60, ttl=False), UUID)
    compared = Lab(Policy({"*": window}), learnt(past, *[usual] * 20)).compare([past])

    assert compared.policy.seconds[50].value == pytest.approx(seconds)
    assert compared.policy.shares["doubles"].value == (window < seconds)


def test_a_fallback_that_never_went_out_waits_for_the_phone_too_if_those_after_similar_messages_did() -> None:
    others = [off_until(75.0 + number) for number in range(20)]
    usual = seen(Customer((inf, 3.0)), plan(60, ttl=False), UUID)
    past = off_until(50.0)

    compared = Lab(Policy({"*": 15}), learnt(*others, *[usual] * 40)).compare([past])

    assert (past.fates[1], compared.policy.shares["failed_over"].value) == (None, 1.0)
    assert compared.policy.seconds[50].value == pytest.approx(50.0)


@pytest.mark.parametrize(("first", "together"), [(90.0, False), (64.0, True)])
def test_messages_that_arrive_apart_or_only_by_chance_together_did_not_wait_for_the_phone(
    first: float, together: bool
) -> None:
    past = seen(Customer((first, 3.0)), plan(60, ttl=False), UUID)
    assert (past.arrived_at(0), past.together(1)) == (first, together)

    usual = seen(Customer((90.0, 3.0)), plan(60, ttl=False), UUID)

    compared = Lab(Policy({"*": 15}), learnt(past, *[usual] * 20)).compare([past])

    assert compared.policy.seconds[50].value == pytest.approx(18.2)


def test_a_fallback_that_never_went_out_gets_the_fate_of_one_after_a_similar_message() -> None:
    def fell_over(first: float | None, second: float) -> Past:
        sent = (fate(arrived=first) if first else fate(cut=NEVER), fate(arrived=second))
        return blank(UUID, plan(5, ttl=False))._replace(fates=sent)

    known = learnt(*[fell_over(10.0, 1.0)] * 20, *[fell_over(None, 500.0)] * 20, *[fell_over(1_000.0, 30.0)] * 20)
    draws = Draws(known, Random(1), hopeful=False)

    assert [draws.unsent((WHATSAPP, True), Before(before, before)).arrived for before in (9.0, 800.0, inf)] == [
        1.0,
        30.0,
        500.0,
    ]


def test_a_fallback_like_none_that_was_ever_sent_is_drawn_at_both_extremes_and_counted() -> None:
    found = compared(Policy({"*": 2}), [one(Customer((5.0, 1.0)), number) for number in range(10)]).policy

    assert (found.guessed, found.shares["failed_over"].value, found.shares["doubles"].value) == (1.0, 1.0, 0.5)
    assert (found.shares["doubles"].low, found.shares["doubles"].high) == (0.0, 1.0)


# The figures


def test_a_shorter_window_is_forecast_from_what_happened() -> None:
    """30 messages took 40 seconds and 70 took 5; after 60 seconds ten more had a fallback, which took 2."""
    takes = [(5.0, 2.0)] * 60 + [(40.0, 2.0)] * 30 + [(inf, 2.0)] * 10
    found = compared(Policy({"*": 20}), [one(Customer(it), number) for number, it in enumerate(takes)])

    shares = {name: (found.today.shares[name].value, found.policy.shares[name].value) for name in found.today.shares}
    assert shares == {"reached": (1.0, 1.0), "failed_over": (0.1, 0.4), "doubles": (0.0, 0.3)}
    assert [found.today.seconds[it].value for it in (50, 90, 99)] == [5.0, 40.0, 62.2]
    assert [found.policy.seconds[it].value for it in (50, 90, 99)] == [5.0, 22.2, 22.2]
    assert found.policy.cost["EUR"].value - found.today.cost["EUR"].value == pytest.approx(30 * 0.02)
    assert len(found.different) == 40
    assert (found.different[0].before.copies, found.different[0].after.copies) == (1, 2)


def test_with_few_dispatches_the_slowest_may_take_longer_than_any_that_was_seen() -> None:
    few = compared(Policy({"*": 20}), [one(Customer((5.0, 2.0)), number) for number in range(50)]).policy

    assert (few.seconds[50].high, few.seconds[99]) == (5.0, Estimate(5.0, 5.0, inf))


def test_the_interval_knows_that_none_of_a_few_is_not_never_and_that_sets_of_draws_differ() -> None:
    assert wilson(0.0, 10, 1.645) == pytest.approx((0.0, 0.0, 0.285), abs=0.001)
    assert joined([0.5, 0.5], 0.01, 0.9) == pytest.approx((0.01, 1.645), abs=0.001)
    spread, factor = joined([0.4, 0.6], 0.01, 0.9)
    assert spread == pytest.approx(0.04)
    assert factor > 1.645
