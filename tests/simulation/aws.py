"""A queue of SQS and the function that it invokes, on a virtual clock, as AWS runs them (`aws_limits.py`)."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from random import Random
from typing import Any

from getthrough.domain.values.errors import GetthroughError
from tests.fakes import FakeClock
from tests.simulation.aws_limits import FIRST_POLLERS, LONGEST_DELAY, POLLERS_PER_MINUTE, Limits

LOW_TRAFFIC = 60
"""Seconds without a backlog after which Lambda goes back to the first pollers. An assumption."""

THROTTLED = 1
"""Seconds for which a poller waits after its invocation was throttled. An assumption."""


@dataclass
class Agenda:
    """What happens when, on the clock that it sets. Of two things at one moment the first that was noted happens."""

    clock: FakeClock = field(default_factory=FakeClock)
    _entries: list[tuple[datetime, int, Callable[..., None], tuple[Any, ...]]] = field(default_factory=list)
    _noted: int = 0

    def after(self, seconds: float, happens: Callable[..., None], *arguments: Any) -> None:
        self._noted += 1
        at = self.clock() + timedelta(seconds=seconds)
        heapq.heappush(self._entries, (at, self._noted, happens, arguments))

    def run_until(self, end: datetime) -> None:
        while self._entries and self._entries[0][0] < end:
            self.clock.now, _, happens, arguments = heapq.heappop(self._entries)
            happens(*arguments)
        self.clock.now = max(self.clock.now, end)


@dataclass(eq=False)
class Message:
    """`hops` is how often the chain of requests that sent it has invoked the function."""

    body: Any
    hops: int = 0
    receives: int = 0
    deleted: bool = False


class Function:
    """A function's environments, and the concurrency that the account leaves to it."""

    def __init__(self, agenda: Agenda, limits: Limits) -> None:
        self._agenda, self._limits = agenda, limits
        self._idle: list[datetime] = []
        self.running = self.throttled = 0

    def begin(self) -> float | None:
        """Seconds until the handler runs; None if the invocation is throttled."""
        if self.running >= self._limits.concurrency:
            self.throttled += 1
            return None
        self.running += 1
        kept_since = self._agenda.clock() - timedelta(seconds=self._limits.environment_kept)
        if self._idle and self._idle[-1] >= kept_since:
            self._idle.pop()
            return 0
        self._idle.clear()
        return self._limits.cold_start

    def end(self) -> None:
        self.running -= 1
        self._idle.append(self._agenda.clock())


class Queue:
    """A standard queue with its event source mapping: one message for each invocation.

    `handle` is what the function does with a message's body. It returns how many seconds it takes; if it raises
    GetthroughError the message comes back. Sends of its own belong to the chain of requests of its message.
    """

    def __init__(self, agenda: Agenda, handle: Callable[[Any], float], limits: Limits, seed: object = 1) -> None:
        self._agenda, self._handle, self._limits, self._dice = agenda, handle, limits, Random(f"{seed}")
        self.function = Function(agenda, limits)
        self.dead_letters: list[Message] = []
        self.refused = 0
        """Invocations that recursive-loop detection did not allow."""
        self.waiting: set[Message] = set()
        """Messages that were sent and are neither deleted nor dead letters."""
        self.most_waiting = 0
        self._available: deque[Message] = deque()
        self._pollers, self._busy, self._growing = FIRST_POLLERS, 0, False
        self._last_backlog = agenda.clock()
        self._hops = 0

    def send(self, body: Any, delay: float = 0) -> None:
        """SendMessage: the delay is in whole seconds. One of some thousand messages is delivered twice."""
        assert 0 <= delay <= LONGEST_DELAY
        for _ in range(1 + (self._dice.random() < self._limits.duplicates)):
            message = Message(body, self._hops)
            self.waiting.add(message)
            self._agenda.after(ceil(delay) + self._dice.uniform(*self._limits.delivery), self._arrive, message)
        self.most_waiting = max(self.most_waiting, len(self.waiting))

    def lose_all(self) -> None:
        """An outage in which every message is lost."""
        for message in self.waiting:
            message.deleted = True
        self.waiting.clear()
        self._available.clear()

    @property
    def pollers(self) -> int:
        return min(self._pollers, self._limits.maximum_concurrency)

    def _arrive(self, message: Message) -> None:
        if not message.deleted:
            self._available.append(message)
            self._poll()

    def _poll(self) -> None:
        if self._agenda.clock() - self._last_backlog > timedelta(seconds=LOW_TRAFFIC):
            self._pollers = FIRST_POLLERS
        while self._available and self._busy < self.pollers:
            self._receive(self._available.popleft())
        if self._available:
            self._last_backlog = self._agenda.clock()
            if not self._growing:
                self._growing = True
                self._agenda.after(self._limits.growth_every, self._grow)

    def _grow(self) -> None:
        self._growing = False
        if self._available:
            more = POLLERS_PER_MINUTE * self._limits.growth_every / 60
            self._pollers = min(self._pollers + round(more), self._limits.maximum_concurrency)
            self._poll()

    def _receive(self, message: Message) -> None:
        message.receives += 1
        if message.receives > self._limits.receives:
            self.waiting.discard(message)
            self.dead_letters.append(message)
            return
        self._agenda.after(self._limits.visibility, self._arrive, message)
        if self._limits.most_hops is not None and message.hops >= self._limits.most_hops:
            self.refused += 1
            return
        self._busy += 1
        starts_in = self.function.begin()
        if starts_in is None:
            self._agenda.after(THROTTLED, self._free)
        else:
            self._agenda.after(starts_in, self._invoke, message)

    def _invoke(self, message: Message) -> None:
        self._hops = message.hops + 1
        try:
            seconds, failed = self._handle(message.body), False
        except GetthroughError:
            seconds, failed = self._limits.looking[1], True
        finally:
            self._hops = 0
        self._agenda.after(seconds, self._end, message, failed)

    def _end(self, message: Message, failed: bool) -> None:
        if not failed:
            message.deleted = True
            self.waiting.discard(message)
        self.function.end()
        self._free()

    def _free(self) -> None:
        self._busy -= 1
        self._poll()
