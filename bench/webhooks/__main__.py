"""`make burst`: a day's backlog of webhooks into the real functions, at once, on DynamoDB Local.

    make burst                                            a minute or less on two processors
    make burst ARGS="--dispatches 5000 --workers 8"       a bigger one
    make burst ARGS="--rotate-secret --seed 17"           the signature secret is changed on the way
    make burst ARGS="--failing 0.05"                      one call to DynamoDB in twenty fails

It tells how fast and with how many calls each kind of webhook was answered; and it compares the whole table with what
the kernel makes of the events. Exit code 1 if anything differs.
"""

import argparse
import os
import sys
from collections.abc import Sequence

import pytest

from bench.webhooks import burst, report
from tests.contract import dynamodb_local
from tests.contract.conftest import create_table

_SHOWN = 20


def main(argv: Sequence[str]) -> int:
    given = _arguments(argv)
    try:
        with dynamodb_local.running() as url:
            os.environ |= {
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
                "AWS_DEFAULT_REGION": "eu-west-1",
                "AWS_ENDPOINT_URL_DYNAMODB": url,
            }
            done = burst.run(
                create_table(),
                dispatches=given.dispatches,
                seed=given.seed,
                workers=given.workers,
                rotate=given.rotate_secret,
                failing=given.failing,
            )
    except pytest.skip.Exception as missing:
        print(missing, file=sys.stderr)
        return 2
    print(f"seed {given.seed}")
    print(*report.lines(done), sep="\n")
    if done.faults:
        print(f"{len(done.faults)} things are not as the kernel makes them of these events:", file=sys.stderr)
        print(*done.faults[:_SHOWN], sep="\n", file=sys.stderr)
        return 1
    print(f"the table's {done.items:,} items are what the kernel makes of these events")
    return 0


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make burst", description="A day's backlog of webhooks at once.")
    add = parser.add_argument
    add("--dispatches", type=_positive, default=400, metavar="N", help="sent on that day (default: %(default)s)")
    add("--workers", type=_positive, default=os.cpu_count() or 1, metavar="N", help="processes (default: processors)")
    add("--seed", type=int, default=1, metavar="N", help="the same seed makes the same webhooks (default: %(default)s)")
    add("--rotate-secret", action="store_true", help="change the signature secret in the middle")
    add("--failing", type=float, default=0, metavar="SHARE", help="of the calls to DynamoDB that fail, such as 0.05")
    return parser.parse_args(argv)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no positive number")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
