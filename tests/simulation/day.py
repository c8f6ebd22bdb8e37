"""A day of the real use-cases on a virtual clock: a queue with SQS's delays, and the tick every five minutes."""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any, TypeVar

from getthrough.domain.dispatch.dispatch import Dispatch, OnUnknown
from getthrough.domain.dispatch.request import Request
from getthrough.domain.ports import Timer
from getthrough.domain.values.identifiers import is_batch_uuid, is_schedule_uuid
from getthrough.usecases.advance_dispatch import advance_dispatch
from getthrough.usecases.ports import Advancing, Changing, RunningBatches, RunningSchedules, Sending
from getthrough.usecases.queue_due import queue_due
from getthrough.usecases.retrying import Origin
from getthrough.usecases.run_batch import run_batch
from getthrough.usecases.run_schedule import run_schedule
from getthrough.usecases.send_dispatch import send_dispatch
from tests.builders import NOON, at, step
from tests.fakes import (
    FakeClock,
    FakeDispatches,
    FakeGateway,
    FakeIds,
    FakeRecipientLists,
    FakeStatusEvents,
    FakeTallies,
    FakeThroughput,
    ports_of,
)

B = TypeVar("B")

RATE = 30
"""Messages that the account may send in a second."""

TICK = 300
LONGEST_DELAY = 900
ON_TIME = tuple(range(137, 86_400, TICK))
"""Ticks of a day, in seconds: at no round time."""


@dataclass
class Day:
    """A day from noon on. `queue` holds timers by the whole second in which they can be received, to which `lag` adds
    what each takes until it rings."""

    ticks: tuple[int, ...] = ON_TIME
    clock: FakeClock = field(default_factory=FakeClock)
    dispatches: FakeDispatches = field(default_factory=FakeDispatches)
    gateway: FakeGateway = field(default_factory=FakeGateway)
    ids: FakeIds = field(default_factory=FakeIds)
    lists: FakeRecipientLists = field(default_factory=FakeRecipientLists)
    tallies: FakeTallies = field(default_factory=FakeTallies)
    throughput: FakeThroughput = field(default_factory=FakeThroughput)
    lag: Callable[[], float] = lambda: 0.0
    queue: list[tuple[datetime, int, Timer]] = field(default_factory=list)
    armed: int = 0
    most_alive: int = 0

    def arm(self, due: Iterable[Timer]) -> None:
        for item in due:
            delay = max(0, ceil((item.at - self.clock()).total_seconds()))
            if delay <= LONGEST_DELAY:
                self.armed += 1
                rings_at = self.clock() + timedelta(seconds=delay + self.lag())
                heapq.heappush(self.queue, (rings_at, self.armed, item))
        self.most_alive = max(self.most_alive, len(self.queue))

    def request(self, **when: Any) -> Dispatch:
        request = Request((step(),), OnUnknown.MOVE_ON, "", **when)
        return send_dispatch(self.ports(Sending), request, Origin("bakery")).dispatch

    def pass_until(self, end: datetime) -> None:
        for tick in [*(at(seconds) for seconds in self.ticks if self.clock() <= at(seconds) < end), end]:
            while self.queue and self.queue[0][0] < tick:
                self.clock.now, _, due = heapq.heappop(self.queue)
                self.fire(due)
            self.clock.now = tick
            queue_due(self.ports(Changing))

    def lateness(self, since: datetime = NOON) -> list[timedelta]:
        """How long after its time each dispatch was claimed whose time was then or later."""
        return [
            dispatch.attempts[0].claimed_at - dispatch.send_at
            for dispatch in self.dispatches.stored.values()
            if dispatch.send_at is not None and dispatch.send_at >= since
        ]

    def fire(self, timer: Timer) -> None:
        if is_schedule_uuid(timer.uuid):
            run_schedule(self.ports(RunningSchedules), timer)
        elif is_batch_uuid(timer.uuid):
            run_batch(self.ports(RunningBatches), timer)
        else:
            advance_dispatch(self.ports(Advancing), timer)

    def ports(self, kind: type[B]) -> B:
        stores = {"batches": self.dispatches.batches, "schedules": self.dispatches.schedules}
        return ports_of(
            self, kind, **stores, events=FakeStatusEvents(), timers=self, new_id=self.ids, messages_per_second=RATE
        )
