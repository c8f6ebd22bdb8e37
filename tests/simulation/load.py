"""A crowd of dispatches at once through the whole protocol on a virtual clock, while three port calls in ten fail (or
none does).

The queue is at least once and out of order, the provider answers and reports at random, invocations die, clients and
webhooks that had no answer come again. Everything follows from a seed.
"""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from getthrough.domain.event.webhook import StatusEvent
from getthrough.domain.message.status import Status
from getthrough.domain.values.errors import GetthroughError, UnavailableError
from tests.simulation.aws_limits import REAL, Limits
from tests.simulation.history import LONGEST_INVOCATION, TICK, Asked, Fate, History
from tests.simulation.invocation import Invocation
from tests.simulation.moves import Dice, a_request, a_status

ARRIVING = 3600
"""Seconds in which the clients come."""

WINDOWS = (1, 2, 15, 15, 15, 60, 60, 300, 1800, 7200, 86_400)
ANSWERS = (
    *["accepted"] * 12,
    "refused",
    "refused",
    "unavailable",
    "unavailable",
    "account",
    "unknown, accepted",
    "unknown, accepted",
    "unknown, not accepted",
)
DUPLICATES = 0.02
"""Of a hundred messages of the queue two are delivered twice: many more than AWS delivers."""


class Load:
    def __init__(self, seed: object, dispatches: int, *, trouble: bool = True, limits: Limits = REAL) -> None:
        self.dice, self.trouble, self.limits = Dice(seed), trouble, limits
        self.throttled = 0
        self.history = History(when_over=self._over)
        self.waiting_clients = self.unacked = self.dead_letters = 0
        self._agenda: list[tuple[datetime, int, Callable[..., None], tuple[Any, ...]]] = []
        self._entries = self._seen_timers = self._seen_accepted = 0
        self._over_already: Invocation | None = None
        for number in range(dispatches):
            key = f"order {number}" if self.dice.random() < 0.8 else None
            asked = Asked(a_request(self.dice, 3, WINDOWS), key)
            self.waiting_clients += 1
            self._in(self.dice.random() * ARRIVING, self._invoke, "api", asked)
        self._in(0, self._tick)

    def run(self) -> History:
        """The history, when everything is over. BrokenPromiseError if a promise does not hold."""
        clock = self.history.clock
        ends = clock() + timedelta(days=30)
        while self.waiting_clients or self.unacked or self.history.dispatches.waking:
            clock.now, _, happens, arguments = heapq.heappop(self._agenda)
            happens(*arguments)
            self.history.promise(clock() < ends, f"P1: stuck: {len(self.history.dispatches.waking)} dispatches")
        while self.history.running:
            self.history.finish(self.history.running[0])
        self.history.check()
        for dispatch in self.history.dispatches.stored.values():
            self.history.promise(dispatch.outcome is not None, f"P1: {dispatch.dispatch_uuid} is stuck")
        return self.history

    def _in(self, seconds: float, happens: Callable[..., None], *arguments: Any) -> None:
        self._entries += 1
        at = self.history.clock() + timedelta(seconds=seconds)
        heapq.heappush(self._agenda, (at, self._entries, happens, arguments))

    # What happens

    def _tick(self) -> None:
        self._invoke("tick", None)
        self._in(TICK.total_seconds(), self._tick)

    def _invoke(self, kind: str, about: Any) -> None:
        unheard = kind in ("timer", "webhook") and self.dice.random() < 0.02
        self._in(self.dice.random() / 20, self._go_on, self.history.begin(kind, about, unheard=unheard))

    def _go_on(self, invocation: Invocation) -> None:
        """One call of an invocation; the next one comes up to 50 ms later, after a POST up to four seconds."""
        history, call = self.history, invocation.call
        assert call is not None
        posts = call.method == "submit"
        if history.clock() - invocation.began > LONGEST_INVOCATION:
            history.running.remove(invocation)
        else:
            history.go_on(invocation, self._fate(), self.dice.one_of(ANSWERS))
        if invocation in history.running:
            self._in(self.dice.random() * (4 if posts else 0.05), self._go_on, invocation)
        elif self._over_already is not invocation:
            self._over(invocation, UnavailableError("died"))
        self._deliver_timers()
        self._report()

    def _fate(self) -> Fate:
        chance = self.dice.random()
        if not self.trouble:
            return Fate.DONE
        if chance < 0.01:
            return Fate.DIES_BEFORE if chance < 0.005 else Fate.DIES_AFTER
        if chance < 0.31:
            return Fate.FAILS if chance < 0.16 else Fate.LOST
        return Fate.DONE

    def _over(self, invocation: Invocation, result: Any) -> None:
        self._over_already = invocation
        failed = isinstance(result, GetthroughError) or invocation.unheard
        match invocation.kind:
            case "api":
                asks_again = failed and invocation.about.key is not None
                self.waiting_clients -= not asks_again
                if asks_again:
                    self._in(1 + self.dice.random() * 30, self._invoke, "api", invocation.about)
            case "webhook":
                self.unacked -= not failed
                if failed:
                    self._in(5 + self.dice.random() * 60, self._invoke, "webhook", invocation.about)

    def _deliver_timers(self) -> None:
        """Each new message of the queue, once it can be received; now and then two of it."""
        while self._seen_timers < self.history.counts["timers"]:
            self._seen_timers += 1
            timer = self.history.timers.get(self._seen_timers)
            for _ in range(1 + (self.dice.random() < DUPLICATES)):
                if timer is not None:
                    delay = (timer.at - self.history.clock()).total_seconds()
                    self._in(delay + self.dice.random(), self._receive, self._seen_timers, 1)

    def _receive(self, number: int, receives: int) -> None:
        """A receive counts, whether the function runs or is throttled. After so many the message is a dead letter, and
        only the tick knows of its timer. (No chain of requests is long enough here to be refused: four hops.)"""
        timer = self.history.timers.get(number)
        if timer is None:
            return
        if receives > self.limits.receives:
            del self.history.timers[number]
            self.history.left_to_the_tick.add(timer.due.uuid)
            self.dead_letters += 1
            return
        self._in(self.limits.visibility, self._receive, number, receives + 1)
        if len(self.history.running) >= self.limits.concurrency:
            self.throttled += 1
        else:
            self._invoke("timer", timer)

    def _report(self) -> None:
        """What the provider reports of each message that it accepted: nothing, or statuses in any order, or twice."""
        while self._seen_accepted < len(self.history.at_provider):
            accepted = self.history.at_provider[self._seen_accepted]
            self._seen_accepted += 1
            for _ in range(self.dice.number(0, 4)):
                event = a_status(self.history, self.dice, accepted, reported=tuple(Status))
                for _ in range(1 + (self.dice.random() < 0.2)):
                    self._report_later(event)

    def _report_later(self, event: StatusEvent) -> None:
        self.unacked += 1
        self._in(self.dice.random() * self.dice.one_of((1, 10, 100, 10_000)), self._invoke, "webhook", event)
