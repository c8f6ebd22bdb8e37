"""Moments as clients write them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.values.local_time import LONGEST_AHEAD, PAST, parse_moment, resolve, violation_of, zones
from tests.builders import NOON

LONDON = "Europe/London"


@pytest.mark.parametrize(
    ("text", "time_zone", "moment"),
    [
        ("2026-12-24T09:00:00Z", None, "2026-12-24T09:00:00"),
        ("2026-12-24T09:00:00+01:00", None, "2026-12-24T08:00:00"),
        ("2026-12-24T09:00:00+01:00", LONDON, "2026-12-24T08:00:00"),
        ("2026-12-24T09:00", LONDON, "2026-12-24T09:00:00"),
        ("2026-07-24T09:00", LONDON, "2026-07-24T08:00:00"),
        ("2026-03-29T01:30", LONDON, "2026-03-29T01:30:00"),  # skipped: clocks show 02:30
        ("2026-10-25T01:30", LONDON, "2026-10-25T00:30:00"),  # comes twice: the first
    ],
)
def test_a_time_means_one_moment(text: str, time_zone: str | None, moment: str) -> None:
    assert parse_moment(text, time_zone) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize("name", ["localtime", "Factory"])
def test_a_zone_that_is_no_place_is_not_known(name: str) -> None:
    assert name not in zones()


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-12-24", "09:00", "2026-13-01T00:00Z", 7, None, "T"])
def test_an_invalid_time_is_reported_with_an_example(text: object) -> None:
    assert parse_moment(text, None) == (
        "must be a time such as 2026-12-24T09:00:00+01:00, or 2026-12-24T09:00:00 with a time_zone."
    )


def test_a_time_of_nowhere_is_refused() -> None:
    assert parse_moment("2026-12-24T09:00", None) == ("has no offset. Add an offset or a time_zone.")


@pytest.mark.parametrize(
    ("send_at", "violation"),
    [
        (NOON - PAST, None),
        (NOON - PAST - timedelta(microseconds=1), "is in the past."),
        (NOON + LONGEST_AHEAD, None),
        (NOON + LONGEST_AHEAD + timedelta(microseconds=1), "is more than a year ahead."),
    ],
)
def test_a_time_to_send_at_is_from_now_to_a_year_ahead(send_at: datetime, violation: str | None) -> None:
    assert violation_of(send_at, NOON) == violation


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001
    st.sampled_from(sorted(zones())),
)
def test_clocks_show_the_time_that_was_meant_or_had_jumped_over_it(local: datetime, time_zone: str) -> None:
    shown = resolve(local, time_zone).astimezone(ZoneInfo(time_zone)).replace(tzinfo=None, fold=0)

    assert local <= shown <= local + timedelta(hours=24)
