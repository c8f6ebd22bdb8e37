"""Who tries secrets is slowed down: by the name that is tried and where it is tried from.

So no stranger can lock out a client: its own requests come from elsewhere. What is kept is bounded, and each execution
environment keeps its own.
"""

from typing import NamedTuple

FREE_TRIES = 5
"""So many refusals in a row have no consequence: people mistype, and old secrets are left in a program."""

LONGEST_WAIT = 60.0
"""Seconds. Each further refusal doubles the wait, from one second."""

FORGOTTEN_AFTER = 600.0
MOST_KEPT = 1_000

Who = tuple[str, str]


class _Refused(NamedTuple):
    times: int
    until: float


class Attempts:
    """Times are seconds of any clock that does not go back."""

    def __init__(self) -> None:
        self._refused: dict[Who, _Refused] = {}

    def wait(self, who: Who, now: float) -> float:
        """For how many seconds nothing is checked that comes from there with this name."""
        return max(0.0, self._refused.get(who, _Refused(0, now)).until - now)

    def refused(self, who: Who, now: float) -> None:
        times, until = self._refused.pop(who, _Refused(0, now))
        times = 1 if now > until + FORGOTTEN_AFTER else times + 1
        wait = min(LONGEST_WAIT, 2.0 ** min(times - FREE_TRIES, 10)) if times >= FREE_TRIES else 0.0
        self._refused[who] = _Refused(times, now + wait)
        while len(self._refused) > MOST_KEPT:
            del self._refused[next(iter(self._refused))]  # the one that was refused longest ago

    def let_in(self, who: Who) -> None:
        self._refused.pop(who, None)
