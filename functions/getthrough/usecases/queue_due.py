"""The tick: queue a timer, with its exact delay, for everything that is due before the tick after next. What is due so
soon that it got a timer when it was stored is left alone until it is overdue.

It writes nothing to the table. If two ticks queue timers for the same dispatch, the second timer finds nothing to do.
Every tick finds overdue dispatches again, so a lost timer is replaced. A tick that runs out of time loses nothing
either: the next one continues with the oldest entries.

Thousands may be due in one second, for example messages with the same `send_at`, or all those held in quiet hours. The
tick spreads them over several seconds.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from getthrough.domain.ports import Timer
from getthrough.domain.values.identifiers import is_dispatch_uuid
from getthrough.usecases.ports import Ticking

HORIZON = timedelta(minutes=10)
"""Twice the time between ticks, so that one tick may be late or missing. Less than a queue's longest delay."""

ENOUGH = timedelta(seconds=10)
"""The tick starts nothing more with less time than this left. Arming TIMERS_AT_ONCE takes no longer, even if AWS is
slow."""

TIMERS_AT_ONCE = 100

CROWD_FACTOR = 2
"""More than this many times the account's rate, due in one second, is a crowd. The seconds of a busy day vary by less.
"""

_SECOND = timedelta(seconds=1)


class Queued(NamedTuple):
    """How many timers were armed, how many seconds overdue the oldest is (0 for none), and how many timers are left
    because time ran out."""

    timers: int
    overdue: float
    left: int = 0


def queue_due(ports: Ticking, time_left: Callable[[], timedelta] = lambda: HORIZON) -> Queued:
    """Arm a timer for everything that is due within HORIZON, oldest first, while time is left. A crowd is spread over
    as many seconds as the account's rate requires."""
    now = ports.clock()
    due = sorted(ports.dispatches.due(now, now + HORIZON), key=lambda timer: (timer.at, timer.uuid))
    spread = list(_spread(due, now, ports.messages_per_second))
    armed = 0
    while armed < len(due) and time_left() > ENOUGH:
        ports.timers.arm(spread[armed : armed + TIMERS_AT_ONCE])
        armed += TIMERS_AT_ONCE
    oldest = due[0].at if due else now
    left = max(0, len(due) - armed)
    return Queued(len(due) - left, max(0.0, (now - oldest).total_seconds()), left)


def _spread(due: Sequence[Timer], now: datetime, per_second: int) -> Iterator[Timer]:
    """The timers, with crowds spread. Of a crowd, `per_second` stay in their second, and the following seconds take up
    to `per_second` each. Timers that are due in those seconds come first. Schedules and batches keep their second: they
    send nothing themselves. A dispatch that is due in the very second of a crowd is part of it."""
    moved: deque[Timer] = deque()
    second = now
    for at, group in groupby(due, key=lambda timer: max(timer.at, now).replace(microsecond=0)):
        while moved and second < at:
            yield from _moved_to(second, moved, per_second)
            second += _SECOND
        own = list[Timer]()
        for timer in group:
            if is_dispatch_uuid(timer.uuid):
                own.append(timer)
            else:
                yield timer
        in_time = len(own) if len(own) <= CROWD_FACTOR * per_second else per_second
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
