"""Limits: what is counted, where there is no room, and what happens then."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.batch.mailing_request import parse_mailing
from getthrough.domain.contact.contact import Contact, contact_of
from getthrough.domain.dispatch.defaults import Defaults
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Dispatch, Limited, OnUnknown, Outcome
from getthrough.domain.dispatch.dispatch_v0_1 import parse_dispatch_request
from getthrough.domain.dispatch.request import parse_messages_request
from getthrough.domain.limit.limit_view import describe_limits
from getthrough.domain.limit.limits import (
    NO_LIMITS,
    Counter,
    Limit,
    LimitReachedError,
    Per,
    Period,
    Taken,
    WhenReached,
    WrongLimitError,
    bounds,
    client_limits_of,
    counters,
    limits_of,
    spacing,
)
from getthrough.domain.values.errors import InvalidRequestError, UnavailableError, VersionConflictError
from getthrough.usecases.send_dispatch import Replayed
from getthrough.usecases.send_step import Sent
from tests.builders import FIRST, NOON, SECOND, at, dispatch, message, step
from tests.unit.world import World

IRISH = "353871234567"
A_DAY = limits_of({"messages_per_day": 2})
A_MINUTE = limits_of({"messages_per_minute": 1})
EARLIEST, LATEST = datetime(2000, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001 - hypothesis adds the time zone
UNAVAILABLE, UNKNOWN = Answer(kind=AnswerKind.UNAVAILABLE), Answer(kind=AnswerKind.UNKNOWN)


def counts(world: World) -> dict[str, int]:
    """What the counters have, by their limit and by whose they are."""
    return {f"{it.limit.name} {_named(it)}".strip(): count for it, count in world.counters.taken.items() if count}


def _named(counter: Counter) -> str:
    return "#".join(counter.whose) if isinstance(counter.whose, Contact) else counter.whose


# Settings


def test_without_settings_nothing_is_limited() -> None:
    assert limits_of({}) == limits_of({"messages_per_day": 0, "countries": "", "when_reached": ""}) == NO_LIMITS


def test_the_narrow_limits_are_asked_first() -> None:
    everything = {
        "messages_per_minute": 1,
        "messages_per_day": 2,
        "messages_per_number": 3,
        "new_numbers_per_prefix": 4,
    }

    assert limits_of({**everything, "countries": " 44, 353", "when_reached": "skip"})[:3] == (
        (
            Limit("messages_per_number", Per.NUMBER, Period.HOUR, 3),
            Limit("new_numbers_per_prefix", Per.PREFIX, Period.HOUR, 4),
            Limit("messages_per_day", Per.STACK, Period.DAY, 2),
            Limit("messages_per_minute", Per.STACK, Period.MINUTE, 1),
        ),
        ("44", "353"),
        WhenReached.SKIP,
    )


@pytest.mark.parametrize(
    ("countries", "default_country", "codes"),
    [("", "", ()), ("", "GB", ("44",)), ("353", "GB", ("353",)), ("all", "GB", ()), ("", "ZZ", ())],
)
def test_the_only_country_is_the_one_whose_national_numbers_are_understood_unless_others_are_set(
    countries: str, default_country: str, codes: tuple[str, ...]
) -> None:
    assert limits_of({"countries": countries}, default_country).countries == codes


def test_a_limit_that_is_off_is_not_shown_though_another_one_needs_its_counter() -> None:
    shown = describe_limits([(None, limits_of({"new_numbers_per_prefix": 4}))], {}, NOON)["limits"]

    assert [each["limit"] for each in shown] == ["new_numbers_per_prefix"]


# Periods and counters


@given(st.datetimes(timezones=st.just(UTC), min_value=EARLIEST, max_value=LATEST), st.sampled_from(Period))
def test_every_moment_is_in_one_period(moment: datetime, period: Period) -> None:
    starts_at, ends_at = bounds(period, moment)

    assert starts_at <= moment < ends_at
    assert bounds(period, ends_at)[0] == ends_at
    assert bounds(period, ends_at - timedelta(microseconds=1)) == (starts_at, ends_at)


def test_an_account_has_no_prefix_and_a_number_is_counted_in_the_spelling_of_its_contact() -> None:
    rows = limits_of({"messages_per_number": 3, "new_numbers_per_prefix": 4}).rows
    mexican, account = contact_of("whatsapp", "5215512345678"), Contact("messenger", "0123456")

    assert [it.whose for it in counters(rows, mexican, NOON)] == [("phone", "525512345678"), "5255123"]
    assert [it.whose for it in counters(rows, account, NOON)] == [account]


# A new message


def test_a_message_over_the_limit_is_refused_and_not_stored() -> None:
    world = World(limits=A_DAY)
    world.send(step())
    world.send(step())

    with pytest.raises(LimitReachedError) as refused:
        world.send(step())

    assert (refused.value.limit, refused.value.most) == ("messages_per_day", "2")
    assert refused.value.free_at == datetime(2026, 3, 3, tzinfo=UTC)
    assert (len(world.dispatches.stored), len(world.gateway.sent)) == (2, 2)
    assert counts(world) == {"messages_per_day": 2}


def test_the_next_period_has_room_again() -> None:
    world = World(limits=A_MINUTE)
    world.send(step())
    world.clock.advance(60)

    world.send(step())

    assert len(world.gateway.sent) == 2


def test_what_one_limit_refuses_counts_in_none() -> None:
    world = World(limits=limits_of({"messages_per_number": 5, "messages_per_day": 5, "messages_per_minute": 1}))
    world.send(step())

    with pytest.raises(LimitReachedError):
        world.send(step())

    assert counts(world) == {
        "messages_per_number phone#447700900001": 1,
        "messages_per_day": 1,
        "messages_per_minute": 1,
    }


def test_a_number_gets_so_many_messages_an_hour_on_all_its_channels() -> None:
    world = World(limits=limits_of({"messages_per_number": 2}))
    world.send(step(to=FIRST))
    world.send(step(to=FIRST, channel="whatsapp"))
    world.send(step(to=SECOND))

    with pytest.raises(LimitReachedError, match="messages_per_number"):
        world.send(step(to=FIRST, channel="mms"))


def test_so_many_numbers_that_begin_alike_get_a_first_message_in_an_hour() -> None:
    world = World(limits=limits_of({"new_numbers_per_prefix": 2}))
    world.send(step(to="447700900001"))
    world.send(step(to="447700900001"))
    world.send(step(to="447700900002"))
    world.send(step(to="447700800003"))

    with pytest.raises(LimitReachedError, match="new_numbers_per_prefix"):
        world.send(step(to="447700900004"))
    world.send(step(to="447700900002"))

    assert [sent["to"] for sent in world.gateway.sent][-1] == "447700900002"
    assert counts(world)["new_numbers_per_prefix 4477009"] == 2


def test_a_number_that_was_refused_is_still_new() -> None:
    world = World(limits=limits_of({"new_numbers_per_prefix": 1}))
    world.send(step(to="447700900001"))

    for _ in range(2):
        with pytest.raises(LimitReachedError, match="new_numbers_per_prefix"):
            world.send(step(to="447700900002"))


def test_a_copy_of_a_request_gets_its_answer_when_the_limit_is_reached_and_counts_nothing() -> None:
    world = World(limits=A_MINUTE)
    world.request(step(), key="one")

    assert isinstance(world.request(step(), key="one"), Replayed)
    assert counts(world) == {"messages_per_minute": 1}


def test_a_copy_of_a_request_counts_nothing_while_there_is_room() -> None:
    world = World(limits=A_DAY)
    world.request(step(), key="one")

    assert isinstance(world.request(step(), key="one"), Replayed)
    assert counts(world) == {"messages_per_day": 1}


def test_a_customer_who_opted_out_counts_nothing() -> None:
    world = World(limits=A_DAY)
    world.set_opt_out(step().contact, opted_out=True)

    world.send(step())

    assert counts(world) == {}


def test_an_opt_out_is_seen_before_a_limit_that_is_reached() -> None:
    world = World(limits=A_MINUTE)
    waits = world.send(step(15), step(to=SECOND)).dispatch.dispatch_uuid
    world.set_opt_out(step().contact, opted_out=True)
    world.set_opt_out(step(to=SECOND).contact, opted_out=True)

    assert world.send(step()).answer.kind is AnswerKind.OPTED_OUT
    world.clock.advance(16)
    world.advance(waits)
    stopped = world.stored(waits)
    assert (stopped.outcome, stopped.limited, len(world.gateway.sent)) == (Outcome.STOPPED, (), 1)


def test_a_message_stays_counted_if_it_cannot_be_given_back() -> None:
    world = World(limits=A_DAY)
    world.before["dispatches.save_claim"] = raises(VersionConflictError("first"))
    world.before["counters.correct"] = raises(UnavailableError("dynamodb"))

    with pytest.raises(VersionConflictError):
        world.send(step())

    assert counts(world) == {"messages_per_day": 1}


def raises(error: Exception) -> Callable[[], object]:
    def fail() -> None:
        raise error

    return fail


# A client's own limits


def test_a_clients_own_limit_binds_it_beside_those_of_the_stack() -> None:
    world = World(limits=A_DAY, own_limits=client_limits_of({"messages_per_day": 1, "countries": "44"}))
    world.send(step())

    with pytest.raises(LimitReachedError, match="client_messages_per_day"):
        world.send(step())
    with pytest.raises(LimitReachedError, match="client_countries"):
        world.send(step(to=IRISH))

    assert counts(world) == {"client_messages_per_day bakery": 1, "messages_per_day": 1}


def test_a_test_client_sends_to_its_guests_and_simulated_numbers_only_also_what_was_stored_before() -> None:
    world = World()
    dispatch_uuid = world.send(step(15), step(to=IRISH)).dispatch.dispatch_uuid
    world.own_limits = client_limits_of({"guests": "353861111111,Ann@x.example"})
    world.clock.advance(16)
    world.advance(dispatch_uuid)

    stored = world.stored(dispatch_uuid)
    assert [(met.limit, met.most, met.until) for met in stored.limited] == [("client_guests", "guests", None)]
    assert (stored.outcome, stored.test, len(world.gateway.sent)) == (Outcome.EXHAUSTED, True, 1)
    assert world.send(step(to="353861111111")).dispatch.test
    assert world.send(step(channel="email", to="ann@x.example")).dispatch.test
    strangers = [step(to=number) for number in (IRISH, "4477009000010", "44770090001")]
    for stranger in (*strangers, step(channel="messenger", to="353861111111")):
        with pytest.raises(LimitReachedError, match="client_guests"):
            world.send(stranger)


def test_a_guest_is_a_guest_in_every_spelling_of_the_number() -> None:
    world = World(own_limits=client_limits_of({"guests": "5215512345678"}))
    assert world.send(step(to="525512345678")).dispatch.test


def test_what_a_test_client_never_sends_is_marked_too() -> None:
    world = World(own_limits=client_limits_of({"guests": "simulated"}))
    world.set_opt_out(step().contact, opted_out=True)
    planned = world.request(step(to=SECOND), send_at=at(3600)).dispatch.dispatch_uuid
    stopped = world.send(step()).dispatch

    assert (stopped.outcome, stopped.test) == (Outcome.STOPPED, True)
    cancelled = world.cancel(planned)
    assert (cancelled.outcome, cancelled.test) == (Outcome.CANCELLED, True)


@pytest.mark.parametrize("most", [0, -1, "many", "5", 2.5, True, None])
def test_a_clients_limit_that_is_no_number_above_0_is_refused_by_its_name(most: object) -> None:
    with pytest.raises(WrongLimitError, match="messages_per_day is no whole number above 0"):
        client_limits_of({"messages_per_day": most})


def test_a_limit_that_is_not_understood_is_not_taken_for_none() -> None:
    with pytest.raises(WrongLimitError, match="not known"):
        client_limits_of({"per_day": 5})


# What a request may have


def test_a_request_has_no_more_steps_than_the_stack_allows() -> None:
    two = message(failover=[message(to=SECOND)])
    parse_messages_request(two, Defaults(steps=2))

    with pytest.raises(InvalidRequestError) as refused:
        parse_messages_request(two, Defaults(steps=1))

    assert refused.value.violations == (("failover", "must be a list of at most 0 messages."),)


def test_a_batch_has_no_more_recipients_than_the_stack_allows() -> None:
    body = {"message": message(to=None), "recipients": [{"to": FIRST}, {"to": SECOND}]}
    assert parse_mailing(body, 30, Defaults(recipients=2))[2] == []

    assert parse_mailing(body, 30, Defaults(recipients=1))[2] == [("recipients", "must be a list of 1 to 1.")]


# A dispatch under way


def test_a_fallback_waits_for_its_place_after_the_period_and_the_timeline_knows_it() -> None:
    world = World(limits=A_MINUTE)
    sent = world.send(step(expiry_time=15), step(to=SECOND)).dispatch.dispatch_uuid
    world.clock.advance(16)

    waiting = world.advance(sent)

    assert isinstance(waiting, Dispatch)
    assert waiting.limited == (Limited(1, "messages_per_minute", "1", at(16), at(60)),)
    assert waiting.slot_at == at(60)
    assert world.timers.armed[-1].at == at(60)
    world.clock.advance(44)
    assert isinstance(world.advance(sent), Sent)
    assert [it["to"] for it in world.gateway.sent] == [FIRST, SECOND]
    assert world.stored(sent).limited == waiting.limited
    assert world.stored(sent).slot_at is None


def test_those_who_wait_get_places_as_far_apart_as_the_limit_allows() -> None:
    world = World(limits=limits_of({"messages_per_minute": 2}))
    [counter] = counters(world.limits.rows, step().contact, NOON)

    assert [world.counters.queue(Taken(counter, 1)) for _ in range(3)] == [at(60), at(90), at(120)]
    assert spacing(Taken(counter, 1)) == timedelta(seconds=30)


def test_a_step_that_waits_again_has_waited_since_the_first_time() -> None:
    world = World(limits=A_MINUTE)
    sent = world.send(step(expiry_time=15), step(to=SECOND)).dispatch.dispatch_uuid
    world.clock.advance(16)
    world.advance(sent)
    world.clock.advance(44)
    world.counters.taken.update(dict.fromkeys(counters(A_MINUTE.rows, step().contact, world.clock()), 1))

    world.advance(sent)

    assert world.stored(sent).limited == (Limited(1, "messages_per_minute", "1", at(16), at(120)),)


def test_a_step_is_passed_over_where_the_stack_has_it_so_and_the_dispatch_ends() -> None:
    world = World(limits=A_MINUTE._replace(when_reached=WhenReached.SKIP))
    sent = world.send(step(expiry_time=15), step(to=SECOND)).dispatch.dispatch_uuid
    world.clock.advance(16)

    world.advance(sent)

    assert world.stored(sent).outcome is Outcome.EXHAUSTED
    assert world.stored(sent).limited == (Limited(1, "messages_per_minute", "1", at(16), None),)
    assert len(world.gateway.sent) == 1


def test_a_step_to_a_country_that_is_forbidden_is_passed_over_however_long_it_would_wait() -> None:
    world = World()
    world.store(dispatch(step(to=IRISH), step(to=FIRST), send_at=at(5)))
    world.limits = limits_of({"countries": "44"})
    world.clock.advance(5)

    world.advance()
    world.advance()

    assert world.stored().limited == (Limited(0, "countries", "44", at(5), None),)
    assert [sent["to"] for sent in world.gateway.sent] == [FIRST]


def test_a_try_after_a_refusal_of_our_account_counts_no_second_time_and_a_resend_does() -> None:
    world = World(limits=A_DAY)
    world.gateway.answers = [UNAVAILABLE]
    sent = world.send(step()).dispatch.dispatch_uuid
    world.clock.advance(5)
    assert isinstance(world.advance(sent), Sent)
    assert counts(world) == {"messages_per_day": 1}

    again = World(limits=A_DAY)
    again.gateway.answers = [UNKNOWN]
    sent = again.send(step(expiry_time=600), on_unknown=OnUnknown.RESEND).dispatch.dispatch_uuid
    again.clock.advance(61)
    assert isinstance(again.advance(sent), Sent)
    assert counts(again) == {"messages_per_day": 2}


# An attack


def test_an_attack_on_ten_thousand_numbers_sends_what_the_limits_allow_and_no_more() -> None:
    world = World(limits=limits_of({"new_numbers_per_prefix": 50, "messages_per_number": 10, "messages_per_day": 500}))
    refused: dict[str, int] = {}

    for number in range(10_000):
        world.calls.clear()
        try:
            world.send(step(to=f"4477{number % 3:03}{number:05}"))
        except LimitReachedError as reached:
            refused[reached.limit] = refused.get(reached.limit, 0) + 1

    assert len(world.gateway.sent) == 150
    assert refused == {"new_numbers_per_prefix": 9_850}


# Countries in requests

ONLY_GB = Defaults(countries=("44",))
REASON = "is in a country to which this stack does not send. It sends to numbers that begin with 44."


def test_a_request_to_a_forbidden_country_names_each_field() -> None:
    with pytest.raises(InvalidRequestError) as refused:
        parse_messages_request(message(to=IRISH, failover=[message(), message(to=IRISH)]), ONLY_GB)

    assert refused.value.violations == (("to", REASON), ("failover[1].to", REASON))


def test_a_request_of_the_dispatch_api_does_so_in_its_own_words() -> None:
    item = {
        "from": {"type": "sms", "number": "447700900000"},
        "to": {"type": "sms", "number": IRISH},
        "message": {"content": {"type": "text", "text": "Hello"}},
    }
    with pytest.raises(InvalidRequestError) as refused:
        parse_dispatch_request({"template": "failover", "workflow": [item]}, ONLY_GB)

    assert refused.value.violations == (("workflow[0].to.number", REASON),)


def test_an_account_without_a_number_is_in_no_country() -> None:
    parse_messages_request(message(channel="messenger", to="0123456789"), ONLY_GB)


def test_counters_of_different_periods_are_different() -> None:
    limit = Limit("messages_per_minute", Per.STACK, Period.MINUTE, 1)

    assert Counter(limit, "", *bounds(Period.MINUTE, NOON)) != Counter(limit, "", *bounds(Period.MINUTE, at(60)))
