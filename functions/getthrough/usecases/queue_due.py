"""The tick: put on the queue, with its exact delay, everything that is due before the tick after next.

It writes nothing to the table. A dispatch that two ticks put on the queue gets two timers, of which the second
finds nothing to do. A dispatch that is overdue, because its timer was lost, is found again by every tick. So a tick
that runs out of time loses nothing either: the next one goes on with the oldest of what is left.

Thousands may be due in one second: messages with the same `send_at`, or the end of quiet hours. The tick spreads them.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from getthrough.domain.ports import Timer
from getthrough.usecases.ports import Ticking

HORIZON = timedelta(minutes=10)
"""Twice the time between ticks, so that one tick may be late or missing. Less than a queue's longest delay."""

ENOUGH = timedelta(seconds=10)
"""With less time left nothing more is begun: arming AT_ONCE timers takes no longer, on a bad day of AWS's too."""

AT_ONCE = 100

BURST = 2
"""What is due in one second is a crowd if it is more than so many times what the account may send: the seconds of a
busy day differ by less."""

_SECOND = timedelta(seconds=1)


class Queued(NamedTuple):
    """How many timers were armed, how many seconds the most overdue of them is behind (0 for none), and for how much
    there was no time."""

    timers: int
    overdue: float
    left: int = 0


def queue_due(ports: Ticking, time_left: Callable[[], timedelta] = lambda: HORIZON) -> Queued:
    """Arm a timer for everything that is due within HORIZON, oldest first, as long as there is time. A crowd is spread
    over as many seconds as the account needs for it."""
    now = ports.clock()
    due = sorted(ports.dispatches.due(now + HORIZON), key=lambda timer: (timer.at, timer.uuid))
    spread = list(_spread(due, now, ports.messages_per_second))
    armed = 0
    while armed < len(due) and time_left() > ENOUGH:
        ports.timers.arm(spread[armed : armed + AT_ONCE])
        armed += AT_ONCE
    oldest = due[0].at if due else now
    left = max(0, len(due) - armed)
    return Queued(len(due) - left, max(0.0, (now - oldest).total_seconds()), left)


def _spread(due: Sequence[Timer], now: datetime, per_second: int) -> Iterator[Timer]:
    """The timers. Of a crowd only `per_second` stay in their second, and the rest moves to the next ones, up to
    `per_second` each. What is due there comes first, so that a crowd makes no other dispatch late."""
    moved: deque[Timer] = deque()
    second = now
    for at, group in groupby(due, key=lambda timer: max(timer.at, now).replace(microsecond=0)):
        while moved and second < at:
            yield from _moved_to(second, moved, per_second)
            second += _SECOND
        own = list(group)
        in_time = len(own) if len(own) <= BURST * per_second else per_second
        yield from own[:in_time]
        moved.extend(own[in_time:])
        yield from _moved_to(at, moved, per_second - len(own))
        second = at + _SECOND
    while moved:
        yield from _moved_to(second, moved, per_second)
        second += _SECOND


def _moved_to(second: datetime, moved: deque[Timer], room: int) -> Iterator[Timer]:
    for _ in range(min(room, len(moved))):
        yield Timer(moved.popleft().uuid, second)
