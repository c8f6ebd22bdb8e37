"""When something recurs, in the local time of a place: nothing missing, nothing double."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.schedule.recurrence import Recurrence, from_on, latest_before, violation_of
from getthrough.domain.values.local_time import zones

LONDON = "Europe/London"
CRONS: tuple[str, ...] = (
    "* * * * *",
    "*/15 * * * *",
    "30 * * * *",
    "30 2 * * *",
    "0 0 * * *",
    "15,45 0-3 * * *",
    "0 9 * * MON-FRI",
    "0 12 1 * *",
    "30 1 L * *",
    "0 3 * * SUN#2",
)
YEAR = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "since", "times"),
    [
        ("0 9 * * *", "2026-03-28T00:00", ["2026-03-28T09:00", "2026-03-29T08:00"]),
        ("0 9 * * MON-FRI", "2026-01-02T09:00", ["2026-01-02T09:00", "2026-01-05T09:00"]),
        ("30 1 * * *", "2026-03-28T12:00", ["2026-03-29T01:00", "2026-03-30T00:30"]),  # jumped over: right after
        ("30 1 * * *", "2026-10-24T12:00", ["2026-10-25T00:30", "2026-10-26T01:30"]),  # comes twice: once
        ("30 1 * * *", "2026-10-25T01:10", ["2026-10-26T01:30", "2026-10-27T01:30"]),  # not when it comes again
        ("30 * * * *", "2026-10-25T00:00", ["2026-10-25T00:30", "2026-10-25T01:30"]),  # hourly follows the clock
        ("0 12 L * *", "2026-02-01T00:00", ["2026-02-28T12:00", "2026-03-31T11:00"]),
        ("0 12 * * SUN#2", "2026-02-01T00:00", ["2026-02-08T12:00", "2026-03-08T12:00"]),
    ],
)
def test_it_recurs_in_the_local_time_of_its_place(cron: str, since: str, times: list[str]) -> None:
    assert list(islice(from_on(Recurrence(cron, LONDON), utc(since)), 2)) == [utc(time) for time in times]


@pytest.mark.parametrize(
    "cron",
    ["", "* * * *", "* * * * * *", "@daily", "60 * * * *", "0 0 30 2 *", "every day", "* " * 4 + "61"],
)
def test_what_never_comes_true_is_refused(cron: str) -> None:
    found = violation_of(cron)
    assert found is not None
    assert found.startswith("must be a cron expression of five fields, such as 0 9 * * MON-FRI.")


@pytest.mark.parametrize(
    ("cron", "why"),
    [("60 * * * *", "Bad minute."), ("0 0 30 2 *", "Bad day-of-month."), ("0 9 * * FRI-MON", "Bad day-of-week.")],
)
def test_the_reason_says_which_part_is_wrong(cron: str, why: str) -> None:
    assert (violation_of(cron) or "").endswith(f" {why}")


@pytest.mark.parametrize(
    ("days", "numbers"), [("SAT-SUN", "6-7"), ("MON-SUN", "1-7"), ("fri-sun", "5-7"), ("SUN", "0")]
)
def test_a_range_of_days_may_end_with_sunday(days: str, numbers: str) -> None:
    written, counted = (Recurrence(f"0 9 * * {field}", LONDON) for field in (days, numbers))
    start = utc("2026-11-23T00:00")
    assert list(islice(from_on(written, start), 10)) == list(islice(from_on(counted, start), 10))


@pytest.mark.parametrize("cron", [*CRONS, "0 0 29 2 *"])
def test_what_comes_true_is_taken(cron: str) -> None:
    assert violation_of(cron) is None


moments = st.datetimes(*(bound.replace(tzinfo=None) for bound in YEAR), timezones=st.just(UTC))
recurrences = st.builds(Recurrence, st.sampled_from(CRONS), st.sampled_from(sorted(zones())))


def changes_of(time_zone: str) -> list[datetime]:
    """Moments about which the clocks of a zone change, to the hour."""
    hours = (YEAR[0] + timedelta(hours=number) for number in range(0, 2 * 365 * 24, 6))
    offsets = [(hour, hour.astimezone(ZoneInfo(time_zone)).utcoffset()) for hour in hours]
    return [after for (_, one), (after, other) in pairwise(offsets) if one != other]


@st.composite
def starts(draw: st.DrawFn) -> tuple[Recurrence, datetime]:
    """Rather often near a change of the clocks: there it is that things go wrong."""
    recurrence = draw(recurrences)
    changes = changes_of(recurrence.time_zone)
    near = draw(st.booleans())
    if changes and near:
        return recurrence, draw(st.sampled_from(changes)) + timedelta(minutes=draw(st.integers(-600, 240)))
    return recurrence, draw(moments)


@given(starts(), st.integers(0, 11), st.integers(0, 86_400))
def test_one_who_begins_to_count_later_finds_the_same_times(
    start: tuple[Recurrence, datetime], after: int, seconds: int
) -> None:
    recurrence, since = start
    times = list(islice(from_on(recurrence, since), 12))

    assert times == sorted(set(times))
    assert times[0] >= since
    assert list(islice(from_on(recurrence, times[after]), 12 - after)) == times[after:]
    again = min(since + timedelta(seconds=seconds), times[-1])
    assert next(from_on(recurrence, again)) == next(at for at in times if at >= again)


@given(starts())
def test_the_latest_before_a_moment_is_the_last_of_those_that_were_counted(start: tuple[Recurrence, datetime]) -> None:
    recurrence, since = start
    times = list(islice(from_on(recurrence, since), 6))
    for earlier, later in pairwise(times):
        assert latest_before(recurrence, later) == earlier
        assert latest_before(recurrence, earlier + timedelta(microseconds=1)) == earlier


@given(st.sampled_from(sorted(zones())), moments)
def test_what_is_daily_comes_once_on_each_day_of_its_place(time_zone: str, since: datetime) -> None:
    times = list(islice(from_on(Recurrence("30 2 * * *", time_zone), since), 30))
    days = [at.astimezone(ZoneInfo(time_zone)).date() for at in times]

    assert [(later - earlier).days for earlier, later in pairwise(days)] == [1] * 29
