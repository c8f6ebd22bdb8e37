"""The figures of `make bench` as a page: ratios, what they are of, and where they were measured."""

from __future__ import annotations

import os
import platform
import statistics
import textwrap
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from bench.costs.page import made

PAGE = "docs/performance.md"

Round = Mapping[tuple[str, str], Mapping[str, Any]]
"""By variant and kind of invocation: seconds of processor time of init, of the first invocation, and of a warm one."""

VARIANTS = ("floor", "minimal", "SDK", "ours")
PACKAGES = ("boto3", "botocore", "requests", "pyjwt", "cryptography", "aws-lambda-powertools", "vonage")
ROWS = (
    ("a send, warm", "send", "warm"),
    ("a status webhook, warm", "status", "warm"),
    ("its duplicate, warm", "duplicate", "warm"),
    ("the first send", "send", "first"),
    ("the first webhook", "status", "first"),
    ("init of the sending function", "send", "init"),
    ("init of the webhook function", "status", "init"),
)


HEAD = """# Performance

`make bench` measures the handlers beside others that do the same. `make bench ARGS="--rounds 9 --write"` writes this
page. The figures are ratios of processor time within one run, medians of its rounds. They are not times on AWS. The
counts behind them are tested: `tests/contract/test_calls_per_request.py`, `tests/unit/test_import_graphs.py`.

- *floor*: the same calls to AWS and Vonage with botocore, a signature and `http.client`, and nothing else.
- *minimal*: thirty lines with boto3, requests and PyJWT. They write twice for a message and once for a webhook, and
  nothing fails over.
- *SDK*: the same with Vonage's Python SDK.
- *ours*: `SendFunction` and `StatusFunction`.
"""

COSTS = """## Beside what others charge

A failover is a message of two steps. The first misses its window of ten minutes, and arrives after the second. Our
figures follow from counts that are tested ([costs.md](costs.md)). `make bench ARGS="--costs"` prints them in
seconds.

<!-- by vendor: made by make bench -->
<!-- end -->

These figures don't compare like with like. The workflows of AWS need an API, functions and a table besides, which would
cost what ours cost. The two vendors charge for a message too, as Vonage does for ours. Vonage's own `failover` has no
published price besides that of its messages, and moves on only when a message is rejected. An express workflow of Step
Functions ends after five minutes and can't wait for a webhook, so it can hold no window.
"""


def markdown(rounds: Sequence[Round]) -> str:
    lines = [
        HEAD,
        "| | " + " | ".join(VARIANTS) + " | floor, ms |",
        "|---|" + "---|" * (len(VARIANTS) + 1),
    ]
    for label, kind, what in ROWS:
        base = _median(rounds, "floor", kind, what)
        ratios = [_ratio(rounds, variant, kind, what, base) for variant in VARIANTS]
        lines.append(f"| {label} | {' | '.join(ratios)} | {1000 * base:.1f} |")
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    where = (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} in {len(rounds)} rounds, with Python {platform.python_version()} on "
        f"{platform.system()} {platform.machine()}. It had {os.cpu_count()} processors and a load average of "
        f"{os.getloadavg()[0]:.1f}. The packages were {packages}."
    )
    return made(PAGE, "\n".join([*lines, "", *textwrap.wrap(where, 120), "", COSTS]))


def _median(rounds: Sequence[Round], variant: str, kind: str, what: str) -> float:
    return float(statistics.median(one[variant, kind][what] for one in rounds))


def _ratio(rounds: Sequence[Round], variant: str, kind: str, what: str, base: float) -> str:
    if (variant, kind) not in rounds[0]:
        return "-"
    return f"{_median(rounds, variant, kind, what) / base:.2f}"
