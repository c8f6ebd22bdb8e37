"""The tick: put on the queue, with its exact delay, everything that falls due before the tick after next.

It writes nothing to the table. A dispatch that two ticks put on the queue gets two timers, of which the second
finds nothing to do. A dispatch that is overdue, because its timer was lost, is found again by every tick. So a tick
that runs out of time loses nothing either: the next one goes on with the oldest of what is left.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from getthrough.usecases.ports import Changing

HORIZON = timedelta(minutes=10)
"""Twice the time between ticks, so that one tick may be late or missing. Less than a queue's longest delay."""

ENOUGH = timedelta(seconds=10)
"""With less time left nothing more is begun: arming AT_ONCE timers takes no longer, on a bad day of AWS's too."""

AT_ONCE = 100


class Queued(NamedTuple):
    """How many timers were armed, how many seconds the most overdue of them is behind (0 for none), and for how much
    there was no time."""

    timers: int
    overdue: float
    left: int = 0


def queue_due(ports: Changing, time_left: Callable[[], timedelta] = lambda: HORIZON) -> Queued:
    """Arm a timer for everything that falls due within HORIZON, oldest first, as long as there is time."""
    now = ports.clock()
    due = sorted(ports.dispatches.due(now + HORIZON), key=lambda timer: timer.at)
    armed = 0
    while armed < len(due) and time_left() > ENOUGH:
        ports.timers.arm(due[armed : armed + AT_ONCE])
        armed += AT_ONCE
    oldest = due[0].at if due else now
    left = max(0, len(due) - armed)
    return Queued(len(due) - left, max(0.0, (now - oldest).total_seconds()), left)
