"""Counts of arrivals in the table: what is added is learned from, week by week, and listed."""

from datetime import date, timedelta

import pytest

from getthrough.adapters.dynamo_arrivals import WEEKS, DynamoArrivals
from getthrough.domain.message.arrivals import Arrivals, ArrivalsOfWeek, Group, Kind
from getthrough.domain.values.page import PageRequest
from tests.builders import NOON
from tests.contract.conftest import create_table

ONE, OTHER = Group("sms", "44", "Bakery #1"), Group("email", "", "us@example.org")
WEEK = timedelta(weeks=1)
MONDAY = date(2026, 3, 2)


@pytest.fixture
def arrivals(in_memory: None) -> DynamoArrivals:
    return DynamoArrivals(create_table())


def test_counts_add_up_within_a_week_and_each_week_is_its_own(arrivals: DynamoArrivals) -> None:
    assert arrivals.of(ONE) == []

    of_one = {(ONE, MONDAY, Kind.ARRIVED, 12): 3, (ONE, MONDAY, Kind.CUT, 24): 1, (ONE, MONDAY, Kind.OPEN, 0): 2}
    arrivals.add({**of_one, (OTHER, MONDAY, Kind.OPEN, 0): 0}, NOON)
    known_later = {
        (ONE, MONDAY, Kind.ARRIVED, 12): 1,
        (ONE, MONDAY, Kind.CUT, 24): -1,
        (ONE, MONDAY, Kind.FAILED, 0): 4,
    }
    arrivals.add({**known_later, (ONE, MONDAY - WEEK, Kind.ARRIVED, 13): 1}, NOON + 2 * WEEK)

    assert arrivals.of(ONE) == [Arrivals({12: 4}, {24: 0}, 2, 4), Arrivals({13: 1}, {}, 0, 0)]
    assert arrivals.of(OTHER) == []


def test_what_is_subtracted_twice_is_no_count_below_zero(arrivals: DynamoArrivals) -> None:
    for _ in range(2):
        arrivals.add({(ONE, MONDAY, Kind.OPEN, 0): -1, (ONE, MONDAY, Kind.ARRIVED, 12): 1}, NOON)

    assert arrivals.of(ONE) == [Arrivals({12: 2}, {}, 0, 0)]


def test_the_newest_weeks_are_learned_from(arrivals: DynamoArrivals) -> None:
    for number in range(WEEKS + 2):
        arrivals.add({(ONE, MONDAY + number * WEEK, Kind.ARRIVED, number): 1}, NOON)

    assert [week.arrived for week in arrivals.of(ONE)] == [{WEEKS + 1 - number: 1} for number in range(WEEKS)]


def test_all_groups_are_listed_the_newest_week_first(arrivals: DynamoArrivals) -> None:
    arrivals.add({(ONE, MONDAY, Kind.ARRIVED, 12): 1, (OTHER, MONDAY - WEEK, Kind.OPEN, 0): 1}, NOON)

    first = arrivals.newest(PageRequest(1, None))
    assert first.items == [ArrivalsOfWeek(ONE, "2026-03-02", Arrivals({12: 1}, {}, 0, 0))]
    assert arrivals.newest(PageRequest(1, first.cursor)) == (
        [ArrivalsOfWeek(OTHER, "2026-02-23", Arrivals({}, {}, 1, 0))],
        None,
    )
