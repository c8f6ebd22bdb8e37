"""What is sent later goes out within two seconds of its time: the real use-cases on a virtual clock, a queue with SQS's
delays, and the tick every five minutes; or, when the tick itself is late, as soon as it runs again."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import pytest

from getthrough.domain.dispatch import Dispatch, OnUnknown
from getthrough.domain.identifiers import is_batch_uuid, is_schedule_uuid
from getthrough.domain.message import Request
from getthrough.domain.ports import Due
from getthrough.domain.quiet_hours import QuietHours
from getthrough.domain.schedule import Missed
from getthrough.usecases.advance_dispatch import advance_dispatch
from getthrough.usecases.queue_due import queue_due
from getthrough.usecases.run_batch import run_batch
from getthrough.usecases.run_schedule import run_schedule
from getthrough.usecases.send_dispatch import send_dispatch
from tests.builders import NOON, SCHEDULE_UUID, at, schedule, step
from tests.fakes import (
    FakeClock,
    FakeDispatches,
    FakeGateway,
    FakeIds,
    FakeRecipientLists,
    FakeStatusEvents,
    FakeThroughput,
)

TICK = 300
LONGEST_DELAY = 900
IN_TIME = timedelta(seconds=2)
ON_TIME = tuple(range(137, 86_400, TICK))
"""Ticks of a day, in seconds: at no round time."""

OUTAGE = tuple(tick for tick in ON_TIME if not 3_400 < tick < 7_000)


@dataclass
class Day:
    """A day from noon on. `queue` holds timers by the whole second in which they can be received."""

    ticks: tuple[int, ...] = ON_TIME
    clock: FakeClock = field(default_factory=FakeClock)
    dispatches: FakeDispatches = field(default_factory=FakeDispatches)
    gateway: FakeGateway = field(default_factory=FakeGateway)
    ids: FakeIds = field(default_factory=FakeIds)
    lists: FakeRecipientLists = field(default_factory=FakeRecipientLists)
    throughput: FakeThroughput = field(default_factory=FakeThroughput)
    queue: list[tuple[datetime, int, Due]] = field(default_factory=list)
    armed: int = 0
    most_alive: int = 0

    def arm(self, due: Iterable[Due]) -> None:
        for item in due:
            delay = max(0, ceil((item.at - self.clock()).total_seconds()))
            if delay <= LONGEST_DELAY:
                self.armed += 1
                heapq.heappush(self.queue, (self.clock() + timedelta(seconds=delay), self.armed, item))
        self.most_alive = max(self.most_alive, len(self.queue))

    def request(self, **when: Any) -> Dispatch:
        request = Request((step(),), OnUnknown.MOVE_ON, "", **when)
        return send_dispatch(request, "bakery", **self._sending()).dispatch

    def pass_until(self, end: datetime) -> None:
        for tick in [*(at(seconds) for seconds in self.ticks if self.clock() <= at(seconds) < end), end]:
            while self.queue and self.queue[0][0] < tick:
                self.clock.now, _, due = heapq.heappop(self.queue)
                self._ring(due)
            self.clock.now = tick
            queue_due(dispatches=self.dispatches, timers=self, clock=self.clock)

    def lateness(self, since: datetime = NOON) -> list[timedelta]:
        """How long after its time each dispatch was claimed whose time was then or later."""
        return [
            dispatch.attempts[0].claimed_at - dispatch.send_at
            for dispatch in self.dispatches.stored.values()
            if dispatch.send_at is not None and dispatch.send_at >= since
        ]

    def _ring(self, due: Due) -> None:
        if is_schedule_uuid(due.uuid):
            run_schedule(due, schedules=self.dispatches.schedules, lists=self.lists, **self._making())
        elif is_batch_uuid(due.uuid):
            run_batch(due, lists=self.lists, throughput=self.throughput, **self._making())
        else:
            for_batches: dict[str, Any] = {"batches": self.dispatches.batches, "throughput": self.throughput}
            advance_dispatch(due, **for_batches, **self._sending())

    def _making(self) -> dict[str, Any]:
        stores: dict[str, Any] = {"dispatches": self.dispatches, "batches": self.dispatches.batches}
        return {**stores, "timers": self, "clock": self.clock}

    def _sending(self) -> dict[str, Any]:
        ports: dict[str, Any] = {"dispatches": self.dispatches, "events": FakeStatusEvents(), "timers": self}
        return {**ports, "gateway": self.gateway, "clock": self.clock, "new_id": self.ids}


@pytest.mark.parametrize("seconds", [0.25, 1, 59.5, 600, 899.75, 900.25, 1200, 1201.5, 3600, 80_000])
def test_a_message_goes_out_within_two_seconds_of_its_time(seconds: float) -> None:
    day = Day()
    day.request(send_at=at(seconds))

    day.pass_until(at(86_400))

    (late,) = day.lateness()
    assert timedelta() <= late <= IN_TIME
    assert len(day.gateway.sent) == 1


@pytest.mark.parametrize("ends", [120, 1200, 40_000])
def test_what_waits_for_the_end_of_quiet_hours_goes_out_within_two_seconds_of_it(ends: int) -> None:
    day = Day()
    waiting = day.request(quiet_hours=QuietHours(time_zone="UTC", starts=NOON.time(), ends=at(ends).time()))

    day.pass_until(at(86_400))

    attempt = day.dispatches.stored[waiting.dispatch_uuid].attempts[0]
    assert timedelta() <= attempt.claimed_at - at(ends) <= IN_TIME


@pytest.mark.parametrize("cron", ["* * * * *", "*/7 * * * *", "17 * * * *"])
def test_each_occurrence_goes_out_within_two_seconds_and_its_timers_do_not_multiply(cron: str) -> None:
    day = Day()
    day.dispatches.schedules.save(schedule(cron))

    day.pass_until(at(86_400))

    made = sorted(dispatch.send_at for dispatch in day.dispatches.stored.values() if dispatch.send_at)
    expected = {"* * * * *": 1440, "*/7 * * * *": 24 * 9, "17 * * * *": 24}[cron]
    assert len(made) == len(day.gateway.sent) == expected
    late = day.lateness(since=at(ON_TIME[0]))  # no timer was armed for those before the first tick
    assert timedelta() <= min(late) <= max(late) <= IN_TIME
    assert day.most_alive < 1500 + 10, "one for the end of each window, and a handful"


def test_when_the_tick_comes_an_hour_late_everything_goes_out_then() -> None:
    day = Day(OUTAGE)
    day.request(send_at=at(5000))
    day.dispatches.schedules.save(schedule("*/20 * * * *", next_at=at(1200), missed=Missed.ALL))

    day.pass_until(at(9000))

    again = next(tick for tick in OUTAGE if tick > 5000)
    stored = day.dispatches.schedules.stored[SCHEDULE_UUID]
    assert (stored.runs, stored.next_at) == (7, at(9600))
    claimed = [dispatch.attempts[0].claimed_at for dispatch in day.dispatches.stored.values()]
    assert len(claimed) == len(day.gateway.sent) == 8
    assert sorted(day.lateness(since=at(7000)))[-1] <= IN_TIME
    assert sum(at(again) <= moment <= at(again) + IN_TIME for moment in claimed) == 3, "those of the hour"
