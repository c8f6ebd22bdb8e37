"""`"expiry_time": "auto"`: what a client may ask for, what a message gets, and what its dispatch shows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.adapters.dispatch_items import from_attributes, to_attributes
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.auto_window import Counts, added_by, choose_for, group_of, shown_by
from getthrough.domain.dispatch.canary import CANARY
from getthrough.domain.dispatch.description import describe
from getthrough.domain.dispatch.dispatch import Because, Dispatch, Outcome, Step
from getthrough.domain.dispatch.erased_dispatch import erased_dispatch, without_texts
from getthrough.domain.dispatch.request import LAST_WINDOW, parse_messages_request
from getthrough.domain.message.arrivals import LAST, UNCUT, Arrivals, Chosen, Group, Kind, Why, bucket, choose
from getthrough.domain.message.status import Status
from getthrough.domain.values.errors import InvalidRequestError, UnavailableError
from getthrough.usecases.ports import Sending
from getthrough.usecases.send_step import send_step
from tests.builders import FROM, SECOND, at, dispatch, message, status_event, step
from tests.unit.stories import UNAVAILABLE, answered, claimed, reported, sent
from tests.unit.world import World

GROUP, MONDAY = Group("sms", "44", FROM), date(2026, 3, 2)
FAST = Arrivals({bucket(4.0): 5_000})
"""An SMS arrives within about four seconds."""

UUIDS = [f"{number:08x}-8d47-4b60-9c11-a1b2c3d4e500" for number in range(1_000)]
IS_CUT = [choose_for(dispatch(dispatch_uuid=uuid), 0, []).cut for uuid in UUIDS]
CUT_UUID, UNCUT_UUID = (
    next((it for it, cut in zip(UUIDS, IS_CUT, strict=True) if cut is wanted), "") for wanted in (True, False)
)


def auto(**fields: Any) -> Step:
    return replace(step(30, **fields), tolerance=0.01)


def asked(**fields: Any) -> tuple[Step, ...]:
    return parse_messages_request(message(expiry_time="auto", failover=[message(to=SECOND)], **fields)).steps


# What is asked for


def test_an_automatic_window_is_asked_for_in_place_of_seconds() -> None:
    first, last = asked(false_failover_rate=0.05)

    assert (first.tolerance, first.expiry_time, "ttl" in first.message, "false_failover_rate" in first.message) == (
        0.05,
        30,
        False,
        False,
    )
    assert last.tolerance is None
    assert [it.tolerance for it in asked()] == [0.01, None]


def test_a_message_without_a_fallback_has_no_window_to_choose() -> None:
    [only] = parse_messages_request(message(expiry_time="auto")).steps

    assert (only.tolerance, only.expiry_time) == (None, LAST_WINDOW)


@pytest.mark.parametrize(
    ("fields", "name", "reason"),
    [
        ({"expiry_time": "automatic"}, "expiry_time", "must be a whole number from 1 to 604800, or auto."),
        ({"expiry_time": True}, "expiry_time", "must be a whole number from 1 to 604800, or auto."),
        ({"condition_status": "replied"}, "expiry_time", "can be auto only where condition_status is delivered."),
        ({"false_failover_rate": 0.5}, "false_failover_rate", "must be a number from 0.001 to 0.2."),
        ({"false_failover_rate": "1 %"}, "false_failover_rate", "must be a number from 0.001 to 0.2."),
        ({"expiry_time": 9, "false_failover_rate": 0.1}, "false_failover_rate", 'needs "expiry_time": "auto".'),
    ],
)
def test_what_makes_no_sense_is_named(fields: dict[str, Any], name: str, reason: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        parse_messages_request({**message(expiry_time="auto", failover=[message(to=SECOND)]), **fields})

    assert refused.value.violations == ((name, reason),)


# What a message gets


def sending(known: Sequence[Arrivals], subject: Dispatch, *, fails: bool = False) -> tuple[Dispatch, Mapping[str, Any]]:
    """The dispatch after its first step was sent, and the message that Vonage got."""
    world = World()
    stored = world.store(subject)

    def arrivals(group: Group) -> Sequence[Arrivals]:
        assert group == GROUP
        if fails:
            raise UnavailableError("dynamodb")
        return known

    ports = replace(world.ports(Sending), arrivals=arrivals)
    send_step(ports, stored, failover.Send(0, Because.FIRST))
    [submitted] = world.gateway.sent
    return world.stored(subject.dispatch_uuid), submitted


def test_the_window_is_chosen_when_the_step_is_claimed_and_is_its_time_to_live() -> None:
    plan = dispatch(auto(), step(), dispatch_uuid=CUT_UUID)
    sent_one, submitted = sending([Arrivals({bucket(40.0): 5_000})], plan)

    [attempt] = sent_one.attempts
    assert attempt.chosen is not None
    assert (attempt.chosen.why, attempt.chosen.seen, attempt.chosen.cut) == (Why.LEARNED, 5_000, True)
    assert 35 < attempt.chosen.window < 60
    assert sent_one.window_ends_at(0) - attempt.window_from == timedelta(seconds=attempt.chosen.window)
    assert submitted["ttl"] == attempt.chosen.window
    assert sent_one.steps == plan.steps, "the plan stays what was asked for"


def test_one_of_a_few_messages_has_no_time_to_live_so_that_late_ones_are_seen() -> None:
    sent_one, submitted = sending([Arrivals({bucket(40.0): 5_000})], dispatch(auto(), step(), dispatch_uuid=UNCUT_UUID))
    [chosen] = [attempt.chosen for attempt in sent_one.attempts]

    assert (chosen is not None and chosen.cut, "ttl" in submitted) == (False, False)
    assert IS_CUT.count(False) == pytest.approx(1_000 / UNCUT, rel=0.2)


def test_a_window_below_the_channels_shortest_time_to_live_and_the_clients_own_stay_as_they_are() -> None:
    slow = Arrivals({bucket(40.0): 5_000})

    assert "ttl" not in sending([FAST], dispatch(auto(), step(), dispatch_uuid=CUT_UUID))[1]
    assert sending([slow], dispatch(auto(ttl=99), step(), dispatch_uuid=CUT_UUID))[1]["ttl"] == 99


def test_what_is_known_is_not_waited_for() -> None:
    chosen = sending([FAST], dispatch(auto(), step()), fails=True)[0].attempts[0].chosen

    assert chosen is not None
    assert (chosen.why, chosen.seen) == (Why.USUAL, 0)


def test_another_try_keeps_the_window_of_the_first() -> None:
    chosen = Chosen(44, Why.LEARNED, 100)
    first = answered(claimed(dispatch(auto(), step())), UNAVAILABLE)
    first = failover.with_attempt(first, 0, replace(first.attempts[0], chosen=chosen))

    assert claimed(first, 40).attempts[0].chosen == chosen


def test_the_timeline_says_which_window_was_taken_and_why_and_the_table_keeps_it() -> None:
    chosen = Chosen(44, Why.CEILING, 100, changed=True, cut=False)
    subject = sent(dispatch(auto(), step()))
    subject = failover.with_attempt(subject, 0, replace(subject.attempts[0], chosen=chosen))

    kept = from_attributes(to_attributes(subject, timedelta(days=1)))
    view = describe(kept, [])

    assert kept == subject
    assert view["steps"][0]["expiry_time"] == 44
    assert view["timeline"][1] == {
        "at": "2026-03-02T12:00:00.000Z",
        "step": 0,
        "event": "window_chosen",
        "seconds": 44,
        "why": "ceiling",
        "arrivals": 100,
        "changed": True,
        "ttl": False,
    }


# What a dispatch shows


def arrived(number: int, seconds: float) -> Any:
    return status_event(Status.DELIVERED, number, seconds, timestamp=at(seconds).isoformat())


cut, uncut = step(30, ttl=30), step(30)
over = partial(failover.finish, outcome=Outcome.EXHAUSTED, now=at(99))


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        (reported(sent(dispatch(step())), arrived(0, 9)), {(Kind.ARRIVED, bucket(9.0)): 1}),
        (sent(dispatch(step())), {}),
        (over(sent(dispatch(cut))), {(Kind.CUT, bucket(30.0)): 1}),
        (over(sent(dispatch(uncut))), {(Kind.OPEN, 0): 1}),
        (
            reported(
                sent(reported(sent(dispatch(cut, step())), status_event(Status.REJECTED)), seconds=2), arrived(1, 6)
            ),
            {(Kind.FAILED, 0): 1, (Kind.ARRIVED, bucket(4.0)): 1},
        ),
        (
            reported(sent(sent(dispatch(cut, step())), seconds=31), status_event(Status.REJECTED), arrived(1, 35)),
            {(Kind.CUT, bucket(30.0)): 1, (Kind.ARRIVED, bucket(4.0)): 1},
        ),
        (
            reported(
                sent(reported(sent(dispatch(cut, step())), status_event(Status.REJECTED, seconds=29)), seconds=29),
                arrived(1, 33),
            ),
            {(Kind.CUT, bucket(30.0)): 1, (Kind.ARRIVED, bucket(4.0)): 1},
        ),
        (reported(sent(dispatch(step(), client_name=CANARY)), arrived(0, 9)), {}),
        (reported(sent(replace(dispatch(step()), test=True)), arrived(0, 9)), {}),
        (reported(sent(dispatch(step())), status_event(Status.DELIVERED, timestamp="2020-01-01T00:00:00Z")), {}),
    ],
    ids=[
        "arrived",
        "under way",
        "cut",
        "open",
        "failed",
        "cut and rejected for it",
        "cut and rejected just before",
        "a canary",
        "a test",
        "at no time",
    ],
)
def test_a_dispatch_that_has_ended_shows_what_became_of_each_message(
    subject: Dispatch, shown: dict[tuple[Kind, int], int]
) -> None:
    assert shown_by(subject) == Counts({(GROUP, MONDAY, *what): count for what, count in shown.items()})


def test_over_all_versions_of_a_dispatch_each_message_counts_once_as_what_is_known_at_last() -> None:
    first = sent(dispatch(cut, step()))
    second = sent(first, seconds=31)
    versions = [None, first, second, reported(second, arrived(1, 35)), reported(second, arrived(1, 35), arrived(0, 50))]

    total = Counts()
    for before, after in pairwise(versions):
        assert after is not None
        total.update(added_by(before, after))

    assert (
        +total
        == shown_by(versions[-1])
        == Counts({(GROUP, MONDAY, Kind.ARRIVED, bucket(50.0)): 1, (GROUP, MONDAY, Kind.ARRIVED, bucket(4.0)): 1})
    )
    assert min(total.values()) == 0


def test_what_a_message_showed_stays_counted_when_its_texts_go_and_when_its_customer_is_erased() -> None:
    ended = over(sent(dispatch(cut, step())))
    without = without_texts(ended, at(1_000))
    erased = erased_dispatch(ended, at(2_000))
    late = reported(erased, arrived(0, 50))

    assert added_by(ended, without) == Counts()
    assert shown_by(without) == shown_by(ended)
    assert added_by(ended, erased) == Counts()
    assert added_by(erased, late) == Counts()


def test_a_long_sender_is_counted_by_its_beginning() -> None:
    fields: dict[str, Any] = {"from": "B" * 500}

    assert group_of(step(**fields)) == Group("sms", "44", "B" * 100)


counts = st.dictionaries(st.integers(0, LAST), st.integers(0, 5_000), max_size=6)


@given(st.lists(st.builds(Arrivals, counts, counts, st.integers(0, 5_000), st.integers(0, 5_000)), max_size=5))
def test_whatever_was_counted_a_window_is_found_within_its_bounds(weeks: list[Arrivals]) -> None:
    assert 5 <= choose(weeks, "sms", 0.01).window <= 600
