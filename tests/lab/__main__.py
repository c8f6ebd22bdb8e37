"""`make lab`: the policy lab's honesty in figures, on synthetic traffic with known distributions.

    python -m tests.lab --trials 100 --dispatches 400 --seed 5e1f

Each run draws a seed, so its traffic is none on which the model was tuned, and prints it: with the same seed, the same
traffic. It fails if intervals hold the truth too seldom, or if the automatic window costs too much.
"""

from __future__ import annotations

import argparse
import sys
from math import comb
from secrets import token_hex
from statistics import fmean
from time import process_time

from tests.lab.coverage import Trials, covered
from tests.lab.learning import USUAL, cost_of, learned
from tests.lab.world import LAWS, customers, plan, seen
from tools.lab.__main__ import compare
from tools.lab.policy import Policy

WINDOWS = (15, 300)
HOLD = 0.9
REGRET, NOISE = 0.10, 0.02


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description="The policy lab's honesty in figures.")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--dispatches", type=int, default=100, help="in each trial")
    parser.add_argument("--speed", type=int, default=20_000, help="dispatches to measure the speed with")
    parser.add_argument("--seed", default=token_hex(4), help="of all traffic; drawn for each run without this")
    given = parser.parse_args()
    print(f"seed {given.seed}: each trial's customers follow from it, the law and the trial's number\n", flush=True)
    speed(given.speed, given.seed)
    trials = Trials(given.trials, given.dispatches, given.seed)
    good = [coverage(trials), regret(max(given.trials // 4, 4), given.seed)]
    print("lab: all as promised" if all(good) else "lab: NOT as promised")
    return 0 if all(good) else 1


def speed(count: int, seed: str) -> None:
    law, ways = LAWS[0], plan(60, ttl=False)
    pasts = [seen(customer, ways, uuid) for uuid, customer in customers(law, f"{seed} speed", count)]
    began = process_time()
    compare(iter(pasts), Policy({"*": 30}), seed=1)
    took = process_time() - began
    print(f"{count} dispatches compared in {took:.1f} s of one processor: 100,000 in {took * 100_000 / count:.0f} s\n")


def coverage(trials: Trials) -> bool:
    """At least 90 of 100 intervals hold the truth over all, and those of no figure hold it less often than chance
    allows."""
    fewest, shares = by_chance(trials.trials), []
    each = f"{trials.trials} trials with {trials.dispatches} dispatches each"
    print(f"90 % intervals that hold the truth, of {each} (today: 60 s); by chance, one figure may have {fewest}:")
    good = True
    for law in LAWS:
        for window in WINDOWS:
            held = covered(law, window, trials)
            shares += [times / trials.trials for times in held.values()]
            enough = min(held.values()) >= fewest
            good &= enough
            shown = "  ".join(f"{name} {count}" for name, count in held.items())
            print(f"  {law.name}, {window} s: {shown}{'' if enough else '  TOO FEW'}", flush=True)
    print(f"  all: {fmean(shares):.1%}\n")
    return good and fmean(shares) >= HOLD


def by_chance(trials: int) -> int:
    """How many of these trials true 90 % intervals hold at least: fewer would be one case in a million."""
    chance, held = (1 - HOLD) ** trials, 0
    while chance < 1e-6:
        held += 1
        chance += comb(trials, held) * HOLD**held * (1 - HOLD) ** (trials - held)
    return held


def regret(trials: int, seed: str) -> bool:
    """After 2,000 arrivals the automatic window costs at most a tenth more than an oracle's, and no more than the
    usual one."""
    print(f"The automatic window after 2,000 arrivals, mean of {trials} trials:")
    good = True
    for law in LAWS[:5]:
        cost = cost_of(law)
        windows = [learned(law, f"{seed} {trial}", 2_000).window for trial in range(trials)]
        best, usual, ours = cost.of(cost.oracle), cost.of(USUAL), fmean(map(cost.of, windows))
        enough = ours <= best * (1 + REGRET) and ours <= usual * (1 + NOISE)
        good &= enough
        late = fmean(map(cost.late, windows))
        print(
            f"  {law.name}: {fmean(windows):.0f} s, oracle {cost.oracle:.0f} s; late {late:.2%}; "
            f"regret {ours / best - 1:+.1%}, usual window {usual / best - 1:+.1%}{'' if enough else '  TOO MUCH'}"
        )
    print()
    return good


if __name__ == "__main__":
    sys.exit(main())
