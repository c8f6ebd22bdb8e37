"""The tick: put on the queue, with its exact delay, whatever falls due before the tick after next.

It writes nothing to the table. A dispatch that two ticks put on the queue gets two timers, of which the second
finds nothing to do; and what is overdue, because its timer was lost, is found again by every tick.
"""

from datetime import timedelta
from typing import NamedTuple

from getthrough.domain.ports import Clock, Dispatches, Timers

HORIZON = timedelta(minutes=10)
"""Twice the time between ticks, so that one tick may be late or missing. Less than a queue's longest delay."""


class Queued(NamedTuple):
    """How many timers were armed, and how many seconds the most overdue of them is behind (0 for none)."""

    timers: int
    overdue: float


def queue_due(*, dispatches: Dispatches, timers: Timers, clock: Clock) -> Queued:
    """Arm a timer for everything that falls due within HORIZON, oldest first."""
    now = clock()
    due = sorted(dispatches.due(now + HORIZON), key=lambda item: item.at)
    timers.arm(due)
    oldest = due[0].at if due else now
    return Queued(len(due), max(0.0, (now - oldest).total_seconds()))
