"""Limits on spending: what is reserved, what Vonage then says it cost, and what is free again."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.adapters.dispatch_items import from_attributes, to_attributes
from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address, contact_of
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Because, OnUnknown, Outcome, Reserved
from getthrough.domain.limit.limits import (
    Limit,
    LimitReachedError,
    Per,
    Period,
    WhenReached,
    bounds,
    client_limits_of,
    limits_of,
    never,
)
from getthrough.domain.message.status import Status
from getthrough.domain.values.errors import UnavailableError, VersionConflictError
from getthrough.domain.values.phone_numbers import calling_code
from getthrough.usecases.send_step import Sent
from tests.builders import FIRST, NOON, SECOND, at, dispatch, status_event, step
from tests.contract.conftest import RETENTION
from tests.unit.world import World

A_DAY = limits_of({"spending_per_day": "1 EUR", "price_ceiling": "0.30"})
REFUSED = Answer(kind=AnswerKind.REFUSED, http_status=422)
UNAVAILABLE = Answer(kind=AnswerKind.UNAVAILABLE, http_status=503)
UNKNOWN = Answer(kind=AnswerKind.UNKNOWN)


def spent(world: World) -> dict[str, str]:
    """What the counters have, by their limit."""
    return {counter.limit.name: f"{amount:f}" for counter, amount in world.counters.taken.items()}


def usage(price: str, currency: str = "EUR") -> dict[str, Any]:
    return {"usage": {"price": price, "currency": currency}}


def sent(world: World, *steps: Any, **more: Any) -> str:
    return world.send(*(steps or (step(600),)), **more).dispatch.dispatch_uuid


def report(world: World, dispatch_uuid: str, status: Status, seconds: float = 1, **fields: Any) -> None:
    event = status_event(status, seconds=seconds, **fields)
    world.record(replace(event, dispatch_uuid=dispatch_uuid))


# Settings


def test_an_amount_is_written_with_its_currency_and_comes_after_the_narrow_limits() -> None:
    found = limits_of({"spending_per_day": "50 EUR", "spending_per_month": "1000.50EUR", "messages_per_day": 5})
    own = client_limits_of({"spending_per_month": "20 EUR"})

    assert found.rows == (
        Limit("messages_per_day", Per.STACK, Period.DAY, 5),
        Limit("spending_per_day", Per.STACK, Period.DAY, Decimal(50), "EUR"),
        Limit("spending_per_month", Per.STACK, Period.MONTH, Decimal("1000.50"), "EUR"),
    )
    assert own.rows == (Limit("client_spending_per_month", Per.CLIENT, Period.MONTH, Decimal(20), "EUR"),)
    assert found.rows[2].value == "1000.50 EUR"


@pytest.mark.parametrize("text", ["50", "EUR", "50 euros", "-5 EUR", "1e9 EUR", "50 EUR a day", "0 EUR", "0.00EUR"])
def test_what_is_no_amount_is_not_taken_for_none(text: str) -> None:
    with pytest.raises(ValueError, match="amount of money"):
        client_limits_of({"spending_per_day": text})


@pytest.mark.parametrize("price", ["0", "0.00", "-1.5"])
def test_a_price_that_is_none_leaves_what_was_reserved_and_is_not_remembered(price: str) -> None:
    world = World(limits=A_DAY)
    report(world, sent(world), Status.SUBMITTED, **usage(price))
    sent(world)

    assert (spent(world), world.counters.prices) == ({"spending_per_day": "0.60"}, {})


def test_what_never_fits_is_refused_for_good_and_does_not_wait() -> None:
    world = World(limits=limits_of({"spending_per_day": "0.20 EUR", "price_ceiling": "0.3"}))

    with pytest.raises(LimitReachedError) as refused:
        sent(world)

    assert (refused.value.free_at, never(refused.value)) == (
        None,
        "may cost more than the limit spending_per_day, which is 0.20 EUR.",
    )


def test_with_limits_in_two_currencies_nothing_is_sent() -> None:
    own = client_limits_of({"spending_per_day": "50 USD"})
    world = World(limits=A_DAY, own_limits=own)

    with pytest.raises(UnavailableError, match="EUR and USD"):
        sent(world)


def test_a_month_begins_on_its_first_day() -> None:
    december = NOON.replace(month=12, day=31)

    assert bounds(Period.MONTH, december) == (
        december.replace(day=1, hour=0),
        december.replace(year=2027, month=1, day=1, hour=0),
    )


@pytest.mark.parametrize(
    ("number", "code"), [("447700900000", "44"), ("15005550100", "1"), ("353871234567", "353"), ("79991234567", "7")]
)
def test_a_number_begins_with_one_calling_code(number: str, code: str) -> None:
    assert calling_code(number) == code


# What is counted


def test_a_message_reserves_the_ceiling_until_a_price_is_known_and_then_the_highest_one_seen() -> None:
    world = World(limits=A_DAY)
    first = sent(world)
    assert spent(world) == {"spending_per_day": "0.30"}

    report(world, first, Status.SUBMITTED, **usage("0.05"))
    assert spent(world) == {"spending_per_day": "0.05"}
    sent(world)
    assert spent(world) == {"spending_per_day": "0.10"}
    sent(world, step(600, channel="whatsapp"))
    assert spent(world) == {"spending_per_day": "0.40"}
    assert world.counters.prices == {"sms 44 EUR": Decimal("0.05")}


def test_a_price_that_is_higher_than_what_was_reserved_is_counted_and_remembered() -> None:
    world = World(limits=A_DAY)
    report(world, sent(world), Status.SUBMITTED, **usage("0.70"))

    assert (spent(world), world.counters.prices) == ({"spending_per_day": "0.70"}, {"sms 44 EUR": Decimal("0.70")})


def test_a_copy_of_a_webhook_and_a_second_one_with_the_same_price_count_nothing_more() -> None:
    world = World(limits=A_DAY)
    first = sent(world)
    for status in (Status.DELIVERED, Status.SUBMITTED, Status.SUBMITTED, Status.READ):
        report(world, first, status, **usage("0.05"))

    assert spent(world) == {"spending_per_day": "0.05"}


@pytest.mark.parametrize(
    ("answer", "reserved"), [(REFUSED, "0.00"), (UNAVAILABLE, "0.00"), (UNKNOWN, "0.30"), (None, "0.30")]
)
def test_what_vonage_certainly_did_not_accept_is_given_back(answer: Answer | None, reserved: str) -> None:
    world = World(limits=A_DAY)
    world.gateway.answers = [answer] if answer else []
    sent(world)

    assert spent(world) == {"spending_per_day": reserved}


def test_what_is_not_sent_because_of_a_stop_is_given_back_once() -> None:
    world = World(limits=limits_of({"messages_per_day": 5, "spending_per_day": "1 EUR", "price_ceiling": "0.30"}))
    sent(world, step(600, to=SECOND))
    contact = contact_of("sms", FIRST)
    stop = OptOut(contact=contact, address=Address("sms", FIRST), opted_out=True, changed_at=NOON, why="", by="client")
    world.opt_outs.change(stop)
    assert world.send(step(600)).answer.kind is AnswerKind.OPTED_OUT

    assert spent(world) == {"messages_per_day": "1.000000", "spending_per_day": "0.30"}


def test_a_message_that_failed_without_a_price_is_given_back_and_a_price_that_comes_late_counts() -> None:
    world = World(limits=A_DAY)
    first = sent(world)
    report(world, first, Status.REJECTED)
    assert spent(world) == {"spending_per_day": "0.00"}

    report(world, first, Status.SUBMITTED, seconds=2, **usage("0.05"))
    assert spent(world) == {"spending_per_day": "0.05"}


def test_another_try_reserves_again_what_was_given_back() -> None:
    world = World(limits=A_DAY)
    world.gateway.answers = [UNAVAILABLE]
    first = sent(world)
    world.clock.advance(5)
    assert isinstance(world.advance(first), Sent)

    assert spent(world) == {"spending_per_day": "0.30"}


def test_a_message_that_may_have_been_sent_twice_is_counted_twice() -> None:
    world = World(limits=A_DAY)
    world.gateway.answers = [UNKNOWN]
    first = sent(world, on_unknown=OnUnknown.RESEND)
    world.clock.advance(61)
    assert isinstance(world.advance(first), Sent)
    assert spent(world) == {"spending_per_day": "0.60"}

    report(world, first, Status.DELIVERED, **usage("0.05"))
    assert spent(world) == {"spending_per_day": "0.35"}


def test_a_price_in_another_currency_leaves_what_was_reserved() -> None:
    world = World(limits=A_DAY)
    report(world, sent(world), Status.DELIVERED, **usage("0.05", "USD"))

    assert (spent(world), world.counters.prices) == ({"spending_per_day": "0.30"}, {})


def test_a_price_counts_in_the_period_in_which_the_message_was_sent() -> None:
    world = World(limits=A_DAY)
    first = sent(world)
    world.clock.advance(86_400)
    report(world, first, Status.DELIVERED, seconds=86_400, **usage("0.05"))

    assert spent(world) == {"spending_per_day": "0.05"}


def test_a_client_has_a_budget_of_its_own() -> None:
    world = World(limits=A_DAY, own_limits=client_limits_of({"spending_per_month": "0.40 EUR"}))
    report(world, sent(world), Status.DELIVERED, **usage("0.25"))
    assert spent(world) == {"client_spending_per_month": "0.25", "spending_per_day": "0.25"}

    with pytest.raises(LimitReachedError) as refused:
        world.send(step())
    assert (refused.value.limit, refused.value.most) == ("client_spending_per_month", "0.40 EUR")
    assert refused.value.free_at == NOON.replace(month=4, day=1, hour=0)


# Where there is no room


def test_nothing_is_refused_that_fits_exactly_and_nothing_is_sent_beyond() -> None:
    world = World(limits=limits_of({"spending_per_day": "0.60 EUR", "price_ceiling": "0.30"}))
    for _ in range(2):
        sent(world)

    with pytest.raises(LimitReachedError, match="spending_per_day"):
        world.send(step())
    assert (len(world.gateway.sent), spent(world)) == (2, {"spending_per_day": "0.60"})


def test_a_fallback_without_room_waits_until_the_day_is_over() -> None:
    world = World(limits=limits_of({"spending_per_day": "0.30 EUR", "price_ceiling": "0.30"}))
    first = sent(world, step(15), step())
    world.clock.advance(16)
    world.advance(first)

    [met] = world.stored(first).limited
    assert (met.limit, met.most, met.until) == ("spending_per_day", "0.30 EUR", NOON.replace(day=3, hour=0))


def test_a_fallback_is_passed_over_where_the_stack_has_it_so() -> None:
    limits = limits_of({"spending_per_day": "0.30 EUR", "price_ceiling": "0.30"})
    world = World(limits=limits._replace(when_reached=WhenReached.SKIP))
    first = sent(world, step(15), step())
    world.clock.advance(16)
    world.advance(first)

    assert (world.stored(first).outcome, spent(world)) == (Outcome.EXHAUSTED, {"spending_per_day": "0.30"})


def test_an_attack_on_ten_thousand_numbers_costs_at_most_the_limit() -> None:
    world = World(limits=limits_of({"spending_per_day": "5 EUR", "price_ceiling": "0.50"}))
    accepted = 0
    for number in range(10_000):
        world.calls.clear()
        try:
            attacked = sent(world, step(600, to=f"4477{number:08}"))
        except LimitReachedError:
            continue
        accepted += 1
        report(world, attacked, Status.DELIVERED, **usage("0.05"))

    assert (accepted, spent(world)) == (100, {"spending_per_day": "5.00"})


# Whatever happens in between


def test_a_higher_price_is_counted_before_it_is_stored_and_taken_back_if_another_writer_was_first() -> None:
    world = World(limits=A_DAY)
    first = sent(world)
    world.calls.clear()

    def lose() -> None:
        world.before.pop("dispatches.save")
        raise VersionConflictError("first")

    world.before["dispatches.save"] = lose
    report(world, first, Status.DELIVERED, **usage("0.70"))

    assert spent(world) == {"spending_per_day": "0.70"}
    assert [it for it in world.calls if it in ("counters.correct", "dispatches.save")] == [
        "counters.correct",
        "dispatches.save",
        "counters.correct",
        "counters.correct",
        "dispatches.save",
    ]


def test_a_lower_price_that_cannot_be_counted_leaves_what_was_reserved() -> None:
    world = World(limits=A_DAY)
    first = sent(world)

    def fail() -> None:
        raise UnavailableError("dynamodb")

    world.calls.clear()
    world.before["counters.correct"] = fail
    report(world, first, Status.DELIVERED, **usage("0.05"))

    assert spent(world) == {"spending_per_day": "0.30"}


def test_without_limits_on_spending_nothing_is_read_counted_or_stored() -> None:
    world = World()
    first = sent(world)
    report(world, first, Status.DELIVERED, **usage("0.05"))

    assert [call for call in world.calls if call.startswith("counters")] == []
    assert world.stored(first).attempts[0].reserved is None


AMOUNTS = st.decimals(Decimal("0.001"), Decimal("0.5"), places=3)
STATUSES = st.sampled_from(Status)


@given(st.lists(st.tuples(STATUSES, st.none() | AMOUNTS), max_size=5))
def test_whatever_webhooks_say_in_whatever_order_the_counter_has_what_the_dispatch_says(
    reports: list[tuple[Status, Decimal | None]],
) -> None:
    world = World(limits=A_DAY)
    first = sent(world)
    for number, (status, price) in enumerate(reports):
        report(world, first, status, seconds=number, **(usage(f"{price:f}") if price is not None else {}))

    [counted] = world.counters.taken.values()
    assert counted == world.stored(first).attempts[0].spent


def test_what_is_reserved_is_stored() -> None:
    reserved = Reserved(Decimal("0.0333"), "EUR", at(0), ("spending_per_day", "client_spending_per_month"))
    claimed = failover.claim(dispatch(), failover.Send(0, Because.FIRST), claim_id="me", now=at(0))
    stored = replace(claimed, attempts=(replace(claimed.attempts[0], reserved=reserved),))
    attributes: Mapping[str, Any] = to_attributes(stored, RETENTION)

    assert from_attributes(dict(attributes)) == stored
