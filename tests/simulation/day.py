"""A day of the real use-cases on a virtual clock: the queue of timers as AWS runs it, a tick every five minutes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
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
    FakeGateway,
    FakeIds,
    FakeRecipientLists,
    FakeStatusEvents,
    FakeTallies,
    FakeThroughput,
)
from tests.simulation.aws import Agenda, Queue
from tests.simulation.aws_limits import LONGEST_DELAY, REAL, Limits
from tests.simulation.history import IndexedDispatches

TICK = 300
PER_SECOND = 30
"""`MessagesPerSecond`, by default."""
ON_TIME = tuple(137.4 + TICK * number for number in range(288))
"""Ticks of a day, in seconds: at no round time, so that the whole seconds of a delay cost something."""


@dataclass
class Day:
    """A day from noon on."""

    ticks: tuple[float, ...] = ON_TIME
    limits: Limits = REAL
    seed: int = 1
    clock: FakeClock = field(default_factory=FakeClock)
    dispatches: IndexedDispatches = field(default_factory=IndexedDispatches)
    gateway: FakeGateway = field(default_factory=FakeGateway)
    ids: FakeIds = field(default_factory=FakeIds)
    lists: FakeRecipientLists = field(default_factory=FakeRecipientLists)
    tallies: FakeTallies = field(default_factory=FakeTallies)
    throughput: FakeThroughput = field(default_factory=FakeThroughput)

    def __post_init__(self) -> None:
        self.agenda = Agenda(self.clock)
        self.queue = Queue(self.agenda, self.fire, self.limits, self.seed)
        self._dice = Random(f"invocations {self.seed}")
        for tick in self.ticks:
            self.agenda.after((at(tick) - self.clock()).total_seconds(), self._tick)

    def arm(self, due: Iterable[Timer]) -> None:
        for item in due:
            delay = max(0.0, (item.at - self.clock()).total_seconds())
            if delay <= LONGEST_DELAY:
                self.queue.send(item, delay)

    def request(self, **when: Any) -> Dispatch:
        request = Request((step(),), OnUnknown.MOVE_ON, "", **when)
        return send_dispatch(request, "bakery", **self.sending()).dispatch

    def pass_until(self, end: datetime) -> None:
        self.agenda.run_until(end)

    def lateness(self, since: datetime = NOON) -> list[timedelta]:
        """How long after its time each dispatch was claimed whose time was then or later."""
        return [
            dispatch.attempts[0].claimed_at - dispatch.send_at
            for dispatch in self.dispatches.stored.values()
            if dispatch.send_at is not None and dispatch.send_at >= since
        ]

    def fire(self, due: Timer) -> float:
        """Carry out what a timer asks for; the seconds that it takes."""
        sent = len(self.gateway.sent)
        if is_schedule_uuid(due.uuid):
            run_schedule(due, schedules=self.dispatches.schedules, lists=self.lists, **self.making())
        elif is_batch_uuid(due.uuid):
            run_batch(due, lists=self.lists, tallies=self.tallies, throughput=self.throughput, **self.making())
        else:
            for_batches: dict[str, Any] = {"batches": self.dispatches.batches, "throughput": self.throughput}
            advance_dispatch(due, **for_batches, **self.sending())
        return self._dice.uniform(*(self.limits.sending if len(self.gateway.sent) > sent else self.limits.looking))

    def making(self) -> dict[str, Any]:
        stores: dict[str, Any] = {"dispatches": self.dispatches, "batches": self.dispatches.batches}
        return {**stores, "timers": self, "clock": self.clock}

    def sending(self) -> dict[str, Any]:
        ports: dict[str, Any] = {"dispatches": self.dispatches, "events": FakeStatusEvents(), "timers": self}
        return {**ports, "gateway": self.gateway, "clock": self.clock, "new_id": self.ids}

    def _tick(self) -> None:
        queue_due(dispatches=self.dispatches, timers=self, clock=self.clock, per_second=PER_SECOND)
