"""What a burst says of itself."""

from collections import Counter
from collections.abc import Iterator, Sequence

from bench.webhooks.burst import Burst
from bench.webhooks.worker import Answered

KINDS = ("new status", "new message", "copy", "forged", "unsigned", "failed")

Rows = dict[str, list[Answered]]


def lines(burst: Burst) -> Iterator[str]:
    """A table by kind of webhook, and what can be compared between machines: ratios and calls."""
    rows = {kind: found for kind in KINDS if (found := [seen for seen in burst.answered if seen.kind == kind])}
    yield f"{'':12}{'webhooks':>9}{'p50 ms':>8}{'p99 ms':>8}{'CPU ms':>8}  {'answers':15}  DynamoDB calls for each"
    for kind, found in rows.items():
        p50, p99 = (percentile([seen.seconds for seen in found], share) * 1000 for share in (0.5, 0.99))
        cpu = _mean(found) * 1000
        yield f"{kind:12}{len(found):>9,}{p50:8.1f}{p99:8.1f}{cpu:8.2f}  {_answers(found):15}  {_calls(found)}"
    number = len(burst.answered)
    yield (
        f"{number:,} webhooks of {burst.events:,} events, {burst.dispatches:,} dispatches, in {burst.seconds:.1f} s: "
        f"{number / burst.seconds:,.0f} a second, {burst.workers} processes, {burst.secret_reads} reads of the secret"
    )
    yield f"CPU in the functions, against a new status: {', '.join(_ratios(rows))}"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that this share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-round(share * 1000) * len(ordered) // 1000) - 1)]


def _ratios(rows: Rows) -> Iterator[str]:
    if "new status" in rows:
        base = _mean(rows["new status"])
        yield from (f"{kind} {_mean(found) / base:.2f}" for kind, found in rows.items() if kind != "new status")


def _mean(found: Sequence[Answered]) -> float:
    return sum(seen.cpu_seconds for seen in found) / len(found)


def _answers(found: Sequence[Answered]) -> str:
    return ", ".join(
        f"{count:,} x {status}" for status, count in sorted(Counter(seen.status for seen in found).items())
    )


def _calls(found: Sequence[Answered]) -> str:
    calls = Counter(call for seen in found for call in seen.calls)
    named = ", ".join(f"{name} {count / len(found):.2f}" for name, count in sorted(calls.items()))
    return f"{calls.total() / len(found):.2f} ({named})" if calls else "none"
