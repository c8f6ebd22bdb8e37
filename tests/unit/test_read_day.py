"""The picture of a day, of as much of it as there is time for."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from getthrough.domain.dispatch.day import Day, describe_day
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.usecases import read as subject
from getthrough.usecases.ports import Reading
from getthrough.usecases.read import LONGEST_READING, read_day
from tests.builders import at, dispatch
from tests.fakes import FakeClock, FakeDispatches, ports_of
from tests.unit.world import World

DAY = Day(date(2026, 3, 2), "Europe/London", datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC))
LENGTH = (DAY.before - DAY.since).total_seconds()
BEGINNING = (DAY.since - at(0)).total_seconds()


def uuid(number: int) -> str:
    return f"{number:08x}-8d47-4b60-9c11-a1b2c3d4e500"


def stored(*seconds: float) -> FakeDispatches:
    """One dispatch for each time since the day began."""
    dispatches = FakeDispatches()
    for number, moment in enumerate(seconds):
        dispatches.save(dispatch(dispatch_uuid=uuid(number), created_at=at(BEGINNING + moment)))
    return dispatches


def read(dispatches: FakeDispatches, clock: FakeClock) -> Mapping[str, Any]:
    return read_day(ports_of(World(dispatches, clock=clock), Reading), DAY)


def test_a_day_is_all_that_was_made_on_it() -> None:
    dispatches = stored(-0.001, 0, 3600, LENGTH - 0.001, LENGTH)
    of_the_day = [dispatches.stored[uuid(number)] for number in (3, 2, 1)]

    assert read(dispatches, FakeClock()) == describe_day(DAY, of_the_day, complete=True)


@pytest.mark.parametrize(("count", "counted", "complete"), [(2, 2, True), (3, 3, True), (4, 3, False)])
def test_of_a_day_with_very_many_only_the_newest_are_looked_at(
    monkeypatch: pytest.MonkeyPatch, count: int, counted: int, complete: bool
) -> None:
    monkeypatch.setattr(subject, "MOST_EXAMINED", 3)
    dispatches = stored(*range(count))
    newest = [dispatches.stored[uuid(number)] for number in reversed(range(count - counted, count))]

    found = read(dispatches, FakeClock())

    assert found == describe_day(DAY, newest, complete=complete)
    assert (found["dispatches"], found["complete"]) == (counted, complete)


class Slow(FakeDispatches):
    """Each dispatch takes three seconds to read."""

    clock: FakeClock

    def created(self, since: datetime, before: datetime) -> Iterator[Dispatch]:
        for found in super().created(since, before):
            self.clock.advance(3)
            yield found


def test_what_takes_too_long_is_cut_where_the_time_is_over() -> None:
    dispatches = Slow(stored(*range(10)).stored)
    dispatches.clock = FakeClock()

    found = read(dispatches, dispatches.clock)

    assert (found["dispatches"], found["complete"]) == (LONGEST_READING // timedelta(seconds=3), False)
