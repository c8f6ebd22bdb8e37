"""`make soak`: the promises under load and in random histories, for as long as you like.

    make soak SECONDS=600            ten minutes, from a seed that it prints
    make soak SECONDS=60 SEED=17     the same again

First up to 10,000 dispatches in crowds of 500, while three port calls in ten fail (half of those with their effect
done); then random histories. What breaks a promise is reported with its seed. With that seed it runs first.
"""

import argparse
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from tests.simulation.explore import BrokenPromiseError
from tests.simulation.history import History
from tests.simulation.load import Load
from tests.simulation.moves import random_history

DISPATCHES, CROWD, MOVES = 10_000, 500, 300


class Tally:
    """What was seen in some histories."""

    def __init__(self) -> None:
        self.began, self.histories = time.monotonic(), 0
        self.outcomes: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()

    def add(self, history: History) -> None:
        self.histories += 1
        self.counts += history.counts
        self.outcomes += Counter(str(dispatch.outcome) for dispatch in history.dispatches.stored.values())

    @property
    def dispatches(self) -> int:
        return self.outcomes.total()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def tell(self, what: str) -> None:
        outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(self.outcomes.items()))
        counts = self.counts
        print(
            f"{what}: {self.dispatches:,} dispatches ({outcomes}), {counts['posts']:,} POSTs, "
            f"{counts['calls']:,} port calls, {counts['faults']:,} faults, {self.histories:,} histories, "
            f"{self.histories / self.seconds:.1f} a second"
        )


def soak(seconds: float, seed: int) -> None:
    """BrokenPromiseError if a promise does not hold, with the seed that shows it."""
    began, crowds, histories = time.monotonic(), Tally(), Tally()
    number = seed
    while number == seed or (crowds.dispatches < DISPATCHES and time.monotonic() - began < seconds / 2):
        with _reported_by(number):
            crowds.add(Load(number, CROWD).run())
        number += 1
    crowds.tell("under load")
    histories.began = time.monotonic()
    number = seed
    while number == seed or time.monotonic() - began < seconds:
        with _reported_by(number):
            histories.add(random_history(number, MOVES))
        number += 1
    histories.tell("at random")


@contextmanager
def _reported_by(seed: int) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        error.add_note(f"Again: make soak SEED={seed}")
        raise


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.soak")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None)
    given = parser.parse_args(argv)
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    try:
        soak(given.seconds, seed)
    except BrokenPromiseError as broken:
        print(f"{broken}\n{' '.join(broken.__notes__)}", file=sys.stderr)
        return 1
    print("every promise holds")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
