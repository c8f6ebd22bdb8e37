"""Moments as text."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.values.rfc3339 import from_text, parse_lenient, to_text

moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 3, 2, 12, 0, tzinfo=UTC), "2026-03-02T12:00:00.000Z"),
        (datetime(2026, 3, 2, 12, 0, 1, 123_999, tzinfo=UTC), "2026-03-02T12:00:01.123Z"),
        (datetime(2026, 3, 2, 14, 0, tzinfo=timezone(timedelta(hours=2))), "2026-03-02T12:00:00.000Z"),
    ],
)
def test_a_moment_is_written_in_utc_with_milliseconds(moment: datetime, text: str) -> None:
    assert to_text(moment) == text


@given(moments)
def test_what_was_written_is_read_as_the_same_millisecond(moment: datetime) -> None:
    assert from_text(to_text(moment)) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@given(moments, moments)
def test_texts_sort_as_the_moments_do(one: datetime, other: datetime) -> None:
    assert one > other or to_text(one) <= to_text(other)
    assert len(to_text(one)) == len(to_text(other))


TWELVE = datetime(2025, 2, 3, 12, 14, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-02-03T12:14:25Z", TWELVE),
        ("2025-02-03T12:14:25.010Z", TWELVE.replace(microsecond=10_000)),
        ("2025-02-03T12:14:25.1Z", TWELVE.replace(microsecond=100_000)),
        ("2025-02-03T12:14:25.123456789Z", TWELVE.replace(microsecond=123_456)),
        ("2025-02-03T13:14:25+01:00", TWELVE),
        ("2025-02-03T13:14:25 01:00", TWELVE),  # a plus in a query
        ("2025-02-03T12:14:25+0000", TWELVE),
        ("2025-02-03 12:14:25 UTC", TWELVE),
        ("2025-02-03 12:14:25 +0000", TWELVE),
        ("2025-02-03 10:14:25 -0200", TWELVE),
        ("2025-02-03 10:14:25 -02:00", TWELVE),
        ("2025-02-03 12:14:25", TWELVE),
        ("2025-02-03T12:14:25", TWELVE),
        ("\t2025-02-03T12:14:25Z\n", TWELVE),
    ],
)
def test_every_format_that_was_seen_is_read_as_utc(text: str, moment: datetime) -> None:
    read = parse_lenient(text)
    assert read == moment
    assert read is not None
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        " ",
        "soon",
        1738584865,
        1.5,
        True,
        [],
        {},
        "2025-13-03T12:14:25Z",
        "25:00",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_what_is_no_moment_is_none(text: object) -> None:
    assert parse_lenient(text) is None


@given(st.text())
def test_any_text_is_a_moment_or_none(text: str) -> None:
    read = parse_lenient(text)
    assert read is None or read.tzinfo is UTC
