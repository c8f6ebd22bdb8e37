"""How a day went: when it begins and ends, and what is counted."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.contact.contact import contact_of
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.day import Day, day_of, describe_day, percentile
from getthrough.domain.dispatch.dispatch import AnswerKind, Dispatch, Outcome
from getthrough.domain.dispatch.erased_dispatch import erased_dispatch
from getthrough.domain.dispatch.figures import added_by, middle, quarter_of, total
from getthrough.domain.event.webhook import Usage
from getthrough.domain.message.status import Condition, Status
from getthrough.domain.values.local_time import zones
from tests.builders import FIRST, SECOND, at, dispatch, status_event, step
from tests.unit.stories import REFUSED, answered, claimed, reported, sent

DELIVERED, READ, REJECTED, SUBMITTED = Status.DELIVERED, Status.READ, Status.REJECTED, Status.SUBMITTED
TODAY = Day(date(2026, 3, 2), "UTC", datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC))


def pictured(*dispatches: Dispatch) -> Any:
    """The picture, sent through JSON as a client gets it."""
    return json.loads(json.dumps(describe_day(TODAY, total(added_by(None, each) for each in dispatches))))


def arrived(status: Status, number: int, seconds: float, **fields: Any) -> Any:
    return status_event(status, number, seconds, timestamp=at(seconds).isoformat(), **fields)


def about(seconds: float) -> Any:
    """As exact as the times of a day are."""
    return pytest.approx(seconds, rel=0.011)


def price(text: str, currency: str = "EUR") -> dict[str, str]:
    return {"price": text, "currency": currency}


# Which day


@pytest.mark.parametrize(
    ("text", "zone", "since", "before"),
    [
        ("2026-11-23", "UTC", "2026-11-23T00:00", "2026-11-24T00:00"),
        ("2026-07-01", "Europe/London", "2026-06-30T23:00", "2026-07-01T23:00"),
        ("2026-03-29", "Europe/London", "2026-03-29T00:00", "2026-03-29T23:00"),
        ("2026-10-25", "Europe/London", "2026-10-24T23:00", "2026-10-26T00:00"),
        ("2026-04-05", "Australia/Lord_Howe", "2026-04-04T13:00", "2026-04-05T13:30"),
        ("2026-10-25", "Atlantic/Azores", "2026-10-25T00:00", "2026-10-26T01:00"),
        ("2026-03-29", "Asia/Beirut", "2026-03-28T22:00", "2026-03-29T21:00"),
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00", "2011-12-30T10:00"),
        ("2024-02-29", "Asia/Kathmandu", "2024-02-28T18:15", "2024-02-29T18:15"),
    ],
    ids=[
        "24 hours",
        "in summer",
        "23 hours",
        "25 hours",
        "24 hours and a half",
        "midnight comes twice",
        "there is no midnight",
        "a day that never was",
        "a leap day",
    ],
)
def test_a_day_is_from_midnight_to_midnight_in_the_local_time_of_the_zone(
    text: str, zone: str, since: str, before: str
) -> None:
    moments = (datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in (since, before))
    assert day_of(text, zone) == Day(date.fromisoformat(text), zone, *moments)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "today",
        "20261123",
        "2026-W48-1",
        "2026-02-29",
        "2026-1-1",
        "2026-11-23T00:00",
        "9999-12-31",
        "2026-11-2\u0663",
    ],
)
def test_what_is_no_date_is_no_day(text: str) -> None:
    assert day_of(text, "Europe/London") is None


def test_a_day_that_begins_before_all_time_is_none() -> None:
    assert day_of("0001-01-01", "Asia/Tokyo") is None


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.sampled_from(sorted(zones())))
def test_a_day_ends_when_the_next_one_begins(first: date, zone: str) -> None:
    today, tomorrow = (day_of(date.fromordinal(first.toordinal() + n).isoformat(), zone) for n in (0, 1))
    assert today is not None
    assert tomorrow is not None
    assert today.before == tomorrow.since
    assert today.since <= today.before


# What is counted


def test_nothing_was_sent() -> None:
    assert pictured() == {
        "date": "2026-03-02",
        "time_zone": "UTC",
        "from": "2026-03-02T00:00:00.000Z",
        "until": "2026-03-03T00:00:00.000Z",
        "dispatches": 0,
        "succeeded": 0,
        "exhausted": 0,
        "stopped": 0,
        "cancelled": 0,
        "open": 0,
        "planned": 0,
        "messages_sent": 0,
        "failed_over": 0,
        "late": 0,
        "cost": [],
        "channels": [],
    }


def test_a_day_with_one_of_each() -> None:
    whatsapp = step(channel="whatsapp", condition_status=Condition.READ)
    out = sent(sent(dispatch(whatsapp, step(to=SECOND))), seconds=15)
    at_once = reported(sent(dispatch(step())), arrived(DELIVERED, 0, 2.5, usage=price("0.0333")))
    fallback = reported(
        out,
        arrived(REJECTED, 0, 14, usage=price("0.01", "USD")),
        arrived(DELIVERED, 1, 19, usage=price("0.0333")),
        arrived(READ, 1, 40),
    )
    late = reported(out, arrived(READ, 0, 3600))
    exhausted = failover.finish(sent(dispatch(step())), Outcome.EXHAUSTED, at(15))
    refused = sent(dispatch(step()), REFUSED)
    stopped = failover.stop(reported(sent(dispatch(step())), arrived(DELIVERED, 0, 1)), contact_of("sms", FIRST), at(9))
    cancelled = failover.finish(dispatch(), Outcome.CANCELLED, at(1))
    waiting = reported(sent(dispatch()), arrived(SUBMITTED, 0, 1, usage=price("1.20")))
    tomorrow = replace(dispatch(), send_at=at(86_400))
    everything = [at_once, fallback, late, exhausted, refused, stopped, cancelled, waiting, tomorrow]

    assert [found.outcome or "open" for found in everything] == [
        "succeeded",
        "succeeded",
        "succeeded",
        "exhausted",
        "exhausted",
        "succeeded",
        "cancelled",
        "open",
        "open",
    ]
    assert pictured(*everything) == {
        "date": "2026-03-02",
        "time_zone": "UTC",
        "from": "2026-03-02T00:00:00.000Z",
        "until": "2026-03-03T00:00:00.000Z",
        "dispatches": 9,
        "succeeded": 4,
        "exhausted": 2,
        "stopped": 0,
        "cancelled": 1,
        "open": 2,
        "planned": 1,
        "messages_sent": 9,
        "failed_over": 2,
        "late": 1,
        "cost": [{"currency": "EUR", "price": "1.2666"}, {"currency": "USD", "price": "0.01"}],
        "channels": [
            {
                "channel": "sms",
                "sent": 7,
                "delivered": 3,
                "failed": 1,
                "median_seconds": about(2.5),
                "p95_seconds": about(4.0),
            },
            {
                "channel": "whatsapp",
                "sent": 2,
                "delivered": 1,
                "failed": 1,
                "median_seconds": about(3600.0),
                "p95_seconds": about(3600.0),
            },
        ],
    }


@pytest.mark.parametrize("kind", [AnswerKind.OPTED_OUT, AnswerKind.QUIET])
def test_a_step_that_was_passed_over_is_no_message(kind: AnswerKind) -> None:
    passed_over = answered(claimed(dispatch(step(), step(channel="whatsapp"))), kind)
    then = sent(passed_over)
    picture = pictured(passed_over, then)
    assert (picture["messages_sent"], picture["failed_over"]) == (1, 1)
    assert [channel["channel"] for channel in picture["channels"]] == ["whatsapp"]


def test_where_nothing_but_the_first_step_went_out_nothing_was_failed_over() -> None:
    first = reported(sent(dispatch()), arrived(REJECTED, 0, 1))
    assert pictured(answered(claimed(first, 1), AnswerKind.OPTED_OUT, 1))["failed_over"] == 0


def test_a_customer_who_stopped_before_it_arrived_is_stopped_and_the_message_failed() -> None:
    stopped = failover.stop(sent(dispatch(step())), contact_of("sms", FIRST), at(9))
    picture = pictured(stopped)
    assert (picture["stopped"], picture["exhausted"], picture["open"]) == (1, 0, 0)
    assert picture["channels"] == [
        {"channel": "sms", "sent": 1, "delivered": 0, "failed": 1, "median_seconds": None, "p95_seconds": None}
    ]


def test_a_customer_who_stopped_once_it_had_arrived_is_stopped_and_the_message_was_delivered() -> None:
    to_be_read = step(channel="whatsapp", condition_status=Condition.READ)
    delivered = reported(sent(dispatch(to_be_read)), arrived(DELIVERED, 0, 4))
    picture = pictured(failover.stop(delivered, contact_of("whatsapp", FIRST), at(9)))
    assert (picture["stopped"], picture["succeeded"]) == (1, 0)
    assert picture["channels"] == [
        {
            "channel": "whatsapp",
            "sent": 1,
            "delivered": 1,
            "failed": 0,
            "median_seconds": about(4.0),
            "p95_seconds": about(4.0),
        }
    ]


def test_an_answer_is_a_delivery_of_which_no_one_knows_how_long_it_took() -> None:
    asked = dispatch(step(channel="whatsapp", condition_status=Condition.REPLIED))
    [channel] = pictured(failover.reply(sent(asked), 0, at(7)))["channels"]
    assert channel == {
        "channel": "whatsapp",
        "sent": 1,
        "delivered": 1,
        "failed": 0,
        "median_seconds": None,
        "p95_seconds": None,
    }


def test_a_channel_of_v0_1_is_counted_under_its_name_in_v1() -> None:
    picture = pictured(sent(dispatch(step(channel="viber_service_msg"))), sent(dispatch(step(channel="viber_service"))))
    assert [(channel["channel"], channel["sent"]) for channel in picture["channels"]] == [("viber_service", 2)]


def test_another_clock_than_ours_makes_no_time_below_zero() -> None:
    early = reported(sent(dispatch(step()), seconds=0.9), arrived(DELIVERED, 0, 0))
    [channel] = pictured(early)["channels"]
    assert (channel["median_seconds"], channel["p95_seconds"]) == (0.0, 0.0)


def test_time_runs_from_the_first_try() -> None:
    unavailable = answered(claimed(dispatch(step(600))), AnswerKind.UNAVAILABLE)
    again = answered(claimed(unavailable, 2), seconds=2)
    [channel] = pictured(reported(again, arrived(DELIVERED, 0, 5)))["channels"]
    assert (again.attempts[0].tries, channel["median_seconds"]) == (2, about(5.0))


def test_a_large_day_costs_exactly_what_its_messages_cost() -> None:
    def costs(text: str) -> Dispatch:
        one = sent(dispatch(step()))
        return replace(one, attempts=(replace(one.attempts[0], usage=Usage(Decimal(text), "EUR")),))

    picture = pictured(*[costs("999999999999999.999999999999")] * 999, costs("-0.000000000001"))
    assert picture["cost"] == [{"currency": "EUR", "price": "998999999999999999.999999999000"}]


# How long it took


@pytest.mark.parametrize(
    ("count", "median", "p95"),
    [(1, 1, 1), (2, 1, 2), (3, 2, 3), (4, 2, 4), (19, 10, 19), (20, 10, 19), (21, 11, 20), (100, 50, 95)],
)
def test_a_percentile_is_the_value_of_the_nearest_rank(count: int, median: int, p95: int) -> None:
    times = dict.fromkeys(range(1, count + 1), 1)
    assert (percentile(times, 50), percentile(times, 95)) == (middle(median), middle(p95))


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile({}, 50) is None
    assert percentile({3: 0}, 50) is None


@given(st.dictionaries(st.integers(0, 700), st.integers(0, 5)), st.sampled_from([50, 95]))
def test_so_many_percent_took_no_longer(drawn: dict[int, int], percent: int) -> None:
    times = dict(sorted(drawn.items()))
    values = [middle(bucket) for bucket, messages in times.items() for _ in range(messages)]
    found = percentile(times, percent)
    assert (found is None) == (not values)
    if found is not None:
        assert sum(value <= found for value in values) * 100 >= len(values) * percent
        assert sum(value < found for value in values) * 100 < len(values) * percent


@given(st.integers(110, 7 * 86_400_000))
def test_a_time_is_shown_to_within_two_per_cent(milliseconds: int) -> None:
    seconds = milliseconds / 1000
    arrived_late = reported(sent(dispatch(step())), arrived(DELIVERED, 0, seconds))
    [channel] = pictured(arrived_late)["channels"]
    assert channel["median_seconds"] == pytest.approx(seconds, rel=0.02)


# What a change adds


VERSIONS = [
    [dispatch(), sent(dispatch()), reported(sent(dispatch()), arrived(DELIVERED, 0, 4, usage=price("0.03")))],
    [
        sent(dispatch()),
        sent(sent(dispatch()), seconds=15),
        failover.finish(sent(sent(dispatch()), seconds=15), Outcome.EXHAUSTED, at(30)),
        reported(sent(sent(dispatch()), seconds=15), arrived(DELIVERED, 0, 40)),
    ],
    [dispatch(), failover.finish(dispatch(), Outcome.CANCELLED, at(1))],
]


@pytest.mark.parametrize("versions", VERSIONS, ids=["delivered", "a late success", "cancelled"])
def test_over_all_its_versions_a_dispatch_is_counted_once_as_it_is_at_last(versions: list[Dispatch]) -> None:
    changes = pairwise([None, *versions])
    assert total(added_by(before, after) for before, after in changes if after) == added_by(None, versions[-1])


def test_what_changes_no_figure_adds_nothing() -> None:
    submitted = reported(sent(dispatch()), arrived(SUBMITTED, 0, 1))
    assert (added_by(sent(dispatch()), submitted), added_by(submitted, submitted)) == ({}, {})


def test_a_dispatch_stays_counted_after_its_customer_is_erased() -> None:
    before = reported(sent(dispatch(step())), arrived(DELIVERED, 0, 4))
    assert added_by(before, erased_dispatch(before, at(60))) == {}


def test_one_that_is_under_way_when_its_customer_is_erased_is_cancelled_and_what_comes_later_counts() -> None:
    open_, gone = sent(dispatch(step())), erased_dispatch(sent(dispatch(step())), at(60))
    late = reported(gone, arrived(DELIVERED, 0, 90, usage=price("0.03")))
    picture = pictured(late)

    assert total(added_by(before, after) for before, after in pairwise([None, open_, gone, late]) if after) == added_by(
        None, late
    )
    assert (picture["dispatches"], picture["open"], picture["cost"]) == (1, 0, [price("0.03")])


@pytest.mark.parametrize("minute", [0, 14, 15, 59])
def test_a_quarter_begins_every_fifteen_minutes(minute: int) -> None:
    assert quarter_of(datetime(2026, 3, 2, 7, minute, 59, 9, tzinfo=UTC)) == datetime(
        2026, 3, 2, 7, minute // 15 * 15, tzinfo=UTC
    )


def test_every_day_of_every_zone_is_a_sum_of_quarters() -> None:
    moments = {edge for zone in zones() if (day := day_of("2026-11-23", zone)) for edge in (day.since, day.before)}
    assert {quarter_of(moment) == moment for moment in moments} == {True}
