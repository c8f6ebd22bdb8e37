"""Every change of clocks in two years, in every zone of the tz database: what is daily comes once a day, and nothing is
sent in quiet hours."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple
from zoneinfo import TZPATH, ZoneInfo

import pytest

from getthrough.domain.schedule.recurrence import Recurrence, from_on
from getthrough.domain.values.local_time import zones
from getthrough.domain.values.quiet_hours import QuietHours, quiet_until
from tests.unit.test_quiet_hours import shown_as_quiet

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 2 * 365
QUARTER = timedelta(minutes=15)


class Change(NamedTuple):
    """A moment before which clocks show another difference to UTC than after it."""

    at: datetime
    before: timedelta
    after: timedelta


def offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    found = moment.astimezone(zone).utcoffset()
    assert found is not None
    return found


def changes_in(zone: ZoneInfo) -> Iterator[Change]:
    """To the minute."""
    days = [FIRST_DAY + timedelta(days=number) for number in range(DAYS + 1)]
    offsets = [day.astimezone(zone).utcoffset() for day in days]
    if len(set(offsets)) == 1:
        return
    for earlier, before, after in zip(days, offsets, offsets[1:], strict=False):
        if before != after:
            assert before is not None
            assert after is not None
            low, high = 0, 24 * 60
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (
                    (middle, high) if offset(earlier + timedelta(minutes=middle), zone) == before else (low, middle)
                )
            yield Change(earlier + timedelta(minutes=high), before, after)


@cache
def every_change() -> dict[Change, str]:
    """Each change once, with a zone that has it: Berlin's clocks change as Madrid's do. Of zones with the same data,
    which have two names, the last one is looked at."""
    different = {zone_data(name): name for name in sorted(zones())}
    return {change: name for name in sorted(different.values()) for change in changes_in(ZoneInfo(name))}


def zone_data(name: str) -> bytes:
    """What the tz database has of a zone, as `zoneinfo` finds it."""
    for folder in map(Path, TZPATH):
        if (folder / name).is_file():
            return (folder / name).read_bytes()
    return files("tzdata").joinpath("zoneinfo", name).read_bytes()


CHANGES = [pytest.param(change, name, id=f"{name} {change.at:%Y-%m-%d}") for change, name in every_change().items()]


def about(change: Change) -> list[time]:
    """Times of day around the change, as clocks show them before and after it."""
    shown = [(change.at + difference).replace(tzinfo=None) for difference in (change.before, change.after)]
    around = range(-8, 9)
    return sorted({(moment + QUARTER * number).time() for moment in shown for number in around})


def test_every_zone_was_looked_at() -> None:
    changing = {change.at.date() for change in every_change()}
    assert len(zones()) > 400
    assert len(CHANGES) >= 40
    assert {datetime(2026, 3, 29, tzinfo=UTC).date(), datetime(2027, 10, 31, tzinfo=UTC).date()} <= changing


@pytest.mark.parametrize(("change", "name"), CHANGES)
def test_what_is_daily_comes_once_a_day(change: Change, name: str) -> None:
    """A day after the one before, but for what the clocks are put forward or back. (Not on each date: what comes at
    23:30 in Scoresbysund comes at 00:00 in the night in which clocks there go from 22:59 to midnight.)"""
    begin, most = change.at - timedelta(days=3), abs(change.after - change.before)
    for at in about(change):
        moments = list(islice(from_on(Recurrence(f"{at.minute} {at.hour} * * *", name), begin), 6))
        off = [abs(later - earlier - timedelta(days=1)) for earlier, later in pairwise(moments)]
        assert max(off) <= most, at


@pytest.mark.parametrize(("change", "name"), CHANGES)
def test_nothing_is_sent_in_quiet_hours(change: Change, name: str) -> None:
    moments = [change.at + QUARTER * number for number in range(-24, 25)]
    for at in about(change)[::4]:
        for starts, ends in ((at, time(12)), (time(18), at)):
            if starts == ends:
                continue
            quiet = QuietHours(time_zone=name, starts=starts, ends=ends)
            for moment in moments:
                until = quiet_until(quiet, moment)
                assert (until is not None) == shown_as_quiet(quiet, moment), (at, moment)
                assert until is None or (until > moment and not shown_as_quiet(quiet, until)), (at, moment)
