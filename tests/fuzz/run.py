"""`make fuzz`: COUNT broken webhooks through the webhook functions, on all processors; SEED=n plays one world again."""

import argparse
import contextlib
import os
import sys
import time
from collections import Counter
from functools import partial
from multiprocessing import get_context

from tests.fuzz.world import play

PER_WORLD = 500
"""Webhooks before a new world begins: the same seed plays the same ones."""


def main() -> int:
    arguments = _arguments()
    several = range(arguments.first, arguments.first - (-arguments.count // PER_WORLD))
    seeds = several if arguments.seed is None else [arguments.seed]
    began, counts, broken = time.monotonic(), Counter[str](), 0
    # Not by fork: the worlds put other clients into boto3.
    with get_context("spawn").Pool(os.cpu_count()) as pool:
        for reported, why in pool.imap_unordered(partial(_play, number=PER_WORLD), seeds):
            counts.update(reported)
            if why:
                broken += 1
                print(why, file=sys.stderr)
    seconds = time.monotonic() - began
    webhooks = sum(counts.values())
    parts = ", ".join(f"{number:,} {name}" for name, number in sorted(counts.items()))
    print(f"{webhooks:,} webhooks in {seconds:.0f} s, {webhooks / seconds:,.0f} a second: {parts}")
    print(f"{broken} of {len(seeds)} worlds broken")
    return 1 if broken else 0


def _play(seed: int, number: int) -> tuple[dict[str, int], str]:
    """What became of a world's webhooks, and why it ended early, if it did."""
    with open(os.devnull, "w") as devnull, contextlib.redirect_stdout(devnull):
        try:
            return play(seed, number), ""
        except Exception as error:  # noqa: BLE001 - the other worlds go on
            notes = "; ".join(getattr(error, "__notes__", ()))
            return {}, f"{type(error).__name__}: {error}: {notes}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="webhooks (default: %(default)s)")
    parser.add_argument("--first", type=int, default=1_000, help="the first world's seed (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="play this world alone")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
