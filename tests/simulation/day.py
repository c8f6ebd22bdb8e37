"""A day of the real use-cases on a virtual clock: the queue of timers as AWS runs it, a tick every five minutes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from getthrough.domain.dispatch.defaults import NONE
from getthrough.domain.dispatch.dispatch import Dispatch, OnUnknown
from getthrough.domain.dispatch.request import Request
from getthrough.domain.limit.limits import NO_LIMITS
from getthrough.domain.ports import Timer
from getthrough.domain.values.identifiers import is_batch_uuid, is_schedule_uuid
from getthrough.usecases.advance_dispatch import advance_dispatch
from getthrough.usecases.ports import Advancing, RunningBatches, RunningSchedules, Sending, Ticking
from getthrough.usecases.queue_due import queue_due
from getthrough.usecases.retrying import Origin
from getthrough.usecases.run_batch import run_batch
from getthrough.usecases.run_schedule import run_schedule
from getthrough.usecases.send_dispatch import send_dispatch
from tests.builders import NOON, at, step
from tests.fakes import (
    FakeAliases,
    FakeClock,
    FakeCounters,
    FakeGateway,
    FakeIds,
    FakeRecipientLists,
    FakeStatusEvents,
    FakeTallies,
    FakeThroughput,
    ports_of,
)
from tests.simulation.aws import Agenda, Queue
from tests.simulation.aws_limits import LONGEST_DELAY, REAL, Limits
from tests.simulation.history import IndexedDispatches

B = TypeVar("B")

RATE = 30
"""Messages that the account may send in a second: `MessagesPerSecond`, by default."""

TICK = 300
ON_TIME = tuple(137.99 + TICK * number for number in range(288))
"""Ticks of a day, in seconds: right before a whole second, so that rounding a delay up costs nearly all of one."""


@dataclass
class Day:
    """A day from noon on."""

    ticks: tuple[float, ...] = ON_TIME
    limits: Limits = REAL
    seed: int = 1
    clock: FakeClock = field(default_factory=FakeClock)
    aliases: FakeAliases = field(default_factory=FakeAliases)
    counters: FakeCounters = field(default_factory=FakeCounters)
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
        return send_dispatch(self.ports(Sending), request, Origin("bakery")).dispatch

    def pass_until(self, end: datetime) -> None:
        self.agenda.run_until(end)

    def lateness(self, since: datetime = NOON) -> list[timedelta]:
        """How long after its time each dispatch was claimed whose time was then or later."""
        return [
            dispatch.attempts[0].claimed_at - dispatch.send_at
            for dispatch in self.dispatches.stored.values()
            if dispatch.send_at is not None and dispatch.send_at >= since
        ]

    def fire(self, timer: Timer) -> float:
        """Carry out what a timer asks for; the seconds that it takes."""
        sent = len(self.gateway.sent)
        if is_schedule_uuid(timer.uuid):
            run_schedule(self.ports(RunningSchedules), timer)
        elif is_batch_uuid(timer.uuid):
            run_batch(self.ports(RunningBatches), timer)
        else:
            advance_dispatch(self.ports(Advancing), timer)
        return self._dice.uniform(*(self.limits.sending if len(self.gateway.sent) > sent else self.limits.looking))

    def ports(self, kind: type[B]) -> B:
        stores = {"batches": self.dispatches.batches, "schedules": self.dispatches.schedules}
        return ports_of(
            self,
            kind,
            **stores,
            events=FakeStatusEvents(),
            timers=self,
            new_id=self.ids,
            messages_per_second=RATE,
            limits=NO_LIMITS,
            defaults=NONE,
        )

    def _tick(self) -> None:
        queue_due(self.ports(Ticking))
