"""How often the lab's intervals hold the truth: a law, what is seen of it under today's policy, and another policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from tests.lab.world import Law, Truth, customers, plan, run, seen
from tools.lab.compare import Estimate, Figures, Lab
from tools.lab.fates import Known
from tools.lab.policy import Policy

TODAY = 60
"""The window of today's policy, in seconds."""


class Trials(NamedTuple):
    """Trials with so many dispatches each. Each trial's customers follow from the seed, the law and the trial's
    number; so do those of the simulated run, which has more of them."""

    trials: int
    dispatches: int
    seed: str = ""
    truth_from: int = 100_000

    def seeds(self) -> Iterator[str]:
        return (f"{self.seed} {trial}" if self.seed else f"{trial}" for trial in range(self.trials))


def covered(law: Law, window: int, trials: Trials) -> Counter[str]:
    """In how many trials each figure's interval held the truth of a simulated run of this window."""
    policy, count = Policy({"*": window}), trials.dispatches
    truth = run(law, TODAY, policy, f"{trials.seed} truth".strip(), trials.truth_from)
    held = Counter[str]()
    for trial in trials.seeds():
        figures = forecast(law, policy, trial, count)
        for name, estimate, exact in _named(figures, truth, count):
            held[name] += estimate.low <= exact <= estimate.high
    return held


def forecast(law: Law, policy: Policy, trial: object, count: int) -> Figures:
    ways, known = plan(TODAY, ttl=law.ttl), Known(Random(f"{trial}"))
    pasts = [seen(customer, ways, uuid) for uuid, customer in customers(law, trial, count)]
    for past in pasts:
        known.add(past)
    return Lab(policy, known).compare(pasts).policy


def _named(figures: Figures, truth: Truth, count: int) -> Iterator[tuple[str, Estimate, float]]:
    for name, estimate in figures.shares.items():
        yield name, estimate, truth.shares[name]
    for percent, estimate in figures.seconds.items():
        yield f"{percent} %", estimate, truth.seconds[percent]
    yield "cost", figures.cost["EUR"], truth.cost * count
