"""Quiet hours: only what the clock on the wall shows counts, in every zone and through every clock change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.values.quiet_hours import QuietHours, quiet_until

LONDON = "Europe/London"
NIGHT = QuietHours(time_zone=LONDON, starts=time(21), ends=time(8))
LUNCH = QuietHours(time_zone=LONDON, starts=time(12), ends=time(13, 30))
WEEKEND = QuietHours(time_zone=LONDON, starts=time(0), ends=time(0), days=frozenset({5, 6}))
ZONES = sorted(available_timezones())


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "now", "ends"),
    [
        (LUNCH, "2026-01-05T11:59:59.999", None),
        (LUNCH, "2026-01-05T12:00", "2026-01-05T13:30"),
        (LUNCH, "2026-01-05T13:29:59.999", "2026-01-05T13:30"),
        (LUNCH, "2026-01-05T13:30", None),
        (NIGHT, "2026-01-05T20:59", None),
        (NIGHT, "2026-01-05T21:00", "2026-01-06T08:00"),
        (NIGHT, "2026-01-06T07:59", "2026-01-06T08:00"),
        (NIGHT, "2026-07-05T20:00", "2026-07-06T07:00"),
        (WEEKEND, "2026-01-09T23:59", None),
        (WEEKEND, "2026-01-10T00:00", "2026-01-12T00:00"),
        (WEEKEND, "2026-01-11T23:59", "2026-01-12T00:00"),
    ],
)
def test_they_begin_with_their_first_moment_and_end_before_their_last(
    quiet: QuietHours, now: str, ends: str | None
) -> None:
    assert quiet_until(quiet, utc(now)) == (utc(ends) if ends else None)


def test_days_are_those_on_which_they_start() -> None:
    friday_night = QuietHours(time_zone=LONDON, starts=time(22), ends=time(6), days=frozenset({4}))

    assert quiet_until(friday_night, utc("2026-01-10T05:00")) == utc("2026-01-10T06:00")
    assert quiet_until(friday_night, utc("2026-01-10T23:00")) is None


def test_an_hour_that_comes_twice_is_quiet_twice() -> None:
    quiet = QuietHours(time_zone=LONDON, starts=time(0, 30), ends=time(1, 30))  # 2026-10-25: 02:00 becomes 01:00

    assert quiet_until(quiet, utc("2026-10-25T00:15")) == utc("2026-10-25T00:30")
    assert quiet_until(quiet, utc("2026-10-25T00:30")) is None
    assert quiet_until(quiet, utc("2026-10-25T01:15")) == utc("2026-10-25T01:30")


def test_an_end_that_clocks_jump_over_comes_as_much_later() -> None:
    quiet = QuietHours(time_zone=LONDON, starts=time(0), ends=time(1, 30))  # 2026-03-29: 01:00 becomes 02:00

    assert quiet_until(quiet, utc("2026-03-29T00:45")) == utc("2026-03-29T01:30")


@st.composite
def quiet_hours(draw: st.DrawFn) -> QuietHours:
    minutes = st.integers(0, 24 * 4 - 1).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
    starts, ends = draw(minutes), draw(minutes)
    most = 6 if starts == ends else 7
    days = draw(st.frozensets(st.integers(0, 6), min_size=1, max_size=most))
    return QuietHours(time_zone=draw(st.sampled_from(ZONES)), starts=starts, ends=ends, days=days)


def shown_as_quiet(quiet: QuietHours, moment: datetime) -> bool:
    """The same question, asked of the clock's face in minutes of the week."""
    local = moment.astimezone(ZoneInfo(quiet.time_zone))
    minute = local.weekday() * 1440 + local.hour * 60 + local.minute
    starts = quiet.starts.hour * 60 + quiet.starts.minute
    lasts = (quiet.ends.hour * 60 + quiet.ends.minute - starts) % 1440 or 1440
    return any((minute - (day * 1440 + starts)) % (7 * 1440) < lasts for day in quiet.days)


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(quiet_hours(), moments)
def test_no_moment_at_which_they_end_is_quiet_and_every_moment_before_was_waited_for(
    quiet: QuietHours, now: datetime
) -> None:
    until = quiet_until(quiet, now)

    assert (until is not None) == shown_as_quiet(quiet, now)
    if until is not None:
        assert now < until < now + timedelta(days=8)
        assert not shown_as_quiet(quiet, until)
