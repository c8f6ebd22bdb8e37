"""A day of the real use-cases on a virtual clock: a queue with SQS's delays, and the tick every five minutes."""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from getthrough.domain.dispatch.dispatch import Dispatch, OnUnknown
from getthrough.domain.dispatch.request import Request
from getthrough.domain.ports import Timer
from getthrough.domain.values.identifiers import is_batch_uuid, is_schedule_uuid
from getthrough.usecases.advance_dispatch import advance_dispatch
from getthrough.usecases.queue_due import queue_due
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
)

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
        return send_dispatch(request, "bakery", **self.sending()).dispatch

    def pass_until(self, end: datetime) -> None:
        for tick in [*(at(seconds) for seconds in self.ticks if self.clock() <= at(seconds) < end), end]:
            while self.queue and self.queue[0][0] < tick:
                self.clock.now, _, due = heapq.heappop(self.queue)
                self.fire(due)
            self.clock.now = tick
            queue_due(dispatches=self.dispatches, timers=self, clock=self.clock)

    def lateness(self, since: datetime = NOON) -> list[timedelta]:
        """How long after its time each dispatch was claimed whose time was then or later."""
        return [
            dispatch.attempts[0].claimed_at - dispatch.send_at
            for dispatch in self.dispatches.stored.values()
            if dispatch.send_at is not None and dispatch.send_at >= since
        ]

    def fire(self, due: Timer) -> None:
        if is_schedule_uuid(due.uuid):
            run_schedule(due, schedules=self.dispatches.schedules, lists=self.lists, **self.making())
        elif is_batch_uuid(due.uuid):
            run_batch(due, lists=self.lists, tallies=self.tallies, throughput=self.throughput, **self.making())
        else:
            for_batches: dict[str, Any] = {"batches": self.dispatches.batches, "throughput": self.throughput}
            advance_dispatch(due, **for_batches, **self.sending())

    def making(self) -> dict[str, Any]:
        stores: dict[str, Any] = {"dispatches": self.dispatches, "batches": self.dispatches.batches}
        return {**stores, "timers": self, "clock": self.clock}

    def sending(self) -> dict[str, Any]:
        ports: dict[str, Any] = {"dispatches": self.dispatches, "events": FakeStatusEvents(), "timers": self}
        return {**ports, "gateway": self.gateway, "clock": self.clock, "new_id": self.ids}
