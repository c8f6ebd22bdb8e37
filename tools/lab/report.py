"""What the lab found, as JSON for machines and as a table for people."""

from __future__ import annotations

from collections.abc import Iterator
from math import isinf
from typing import Any

from tools.lab.compare import PERCENTILES, SHARES, Comparison, Different, Estimate, Figures
from tools.lab.play import Played

SHOWN = 10
"""So many dispatches are listed for people; JSON has all."""

_NAMES = {"reached": "reached", "failed_over": "failed over", "doubles": "got more than one message"}


def as_json(found: Comparison) -> dict[str, Any]:
    return {
        "dispatches": found.today.dispatches,
        "today": _figures(found.today),
        "policy": _figures(found.policy),
        "change": {name: _estimate(estimate) for name, estimate in found.change.items()},
        "different": [_different(one) for one in found.different],
    }


def as_lines(found: Comparison) -> Iterator[str]:
    today, policy = found.today, found.policy
    yield f"{today.dispatches} dispatches; in brackets: 90 % intervals"
    yield ""
    yield f"{'':28} {'today':>26} {'that policy':>26} {'difference':>26}"
    for name in SHARES:
        both = (_percent(figures.shares[name]) for figures in (today, policy))
        yield _row(_NAMES[name], *both, _percent(found.change[name], sign="+"))
    for percent in PERCENTILES:
        both = (_seconds(figures.seconds.get(percent)) for figures in (today, policy))
        yield _row(f"{percent} % of them reached after", *both, "")
    for currency in sorted({*today.cost, *policy.cost}):
        both = (_money(figures.cost.get(currency)) for figures in (today, policy))
        yield _row(f"cost in {currency}", *both, _money(found.change[f"cost {currency}"], sign="+"))
    if guessed := max(today.guessed, policy.guessed):
        yield ""
        yield f"Nothing shows what {guessed:.1%} of them would have met. The intervals hold either way."
    yield ""
    yield f"{len(found.different)} dispatches would have gone differently, or may have:"
    for one in found.different[:SHOWN]:
        likely = "" if one.share == 1 else f" (in {one.share:.0%} of the draws)"
        yield f"  {one.dispatch_uuid}  {_words(one.before)}; instead {_words(one.after)}{likely}"
    if len(found.different) > SHOWN:
        yield f"  ... --json lists all {len(found.different)}."


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        **{name: _estimate(estimate) for name, estimate in figures.shares.items()},
        "seconds": {str(percent): _estimate(estimate) for percent, estimate in figures.seconds.items()},
        "cost": {currency: _estimate(estimate) for currency, estimate in figures.cost.items()},
        "guessed": round(figures.guessed, 6),
    }


def _estimate(estimate: Estimate) -> dict[str, float | None]:
    """An end that is not known is null."""
    return {name: None if isinf(value) else round(value, 6) for name, value in estimate._asdict().items()}


def _different(one: Different) -> dict[str, Any]:
    return {
        "dispatch_uuid": one.dispatch_uuid,
        "share_of_draws": round(one.share, 3),
        "today": _played(one.before),
        "policy": _played(one.after),
    }


def _played(played: Played) -> dict[str, Any]:
    return {
        "outcome": str(played.outcome),
        "reached_after": played.reached,
        "messages": len(played.sent),
        "received": played.copies,
    }


def _words(played: Played) -> str:
    reached = "not reached" if played.reached is None else f"reached after {played.reached:.0f} s"
    return f"{reached}, {len(played.sent)} sent, {played.copies} received"


def _row(name: str, *cells: str) -> str:
    return f"{name:28} " + " ".join(f"{cell:>26}" for cell in cells)


def _percent(estimate: Estimate, sign: str = "") -> str:
    value, low, high = (f"{100 * part:{sign}.1f}" for part in estimate)
    return f"{value} % ({low} to {high})"


def _seconds(estimate: Estimate | None) -> str:
    if estimate is None:
        return "-"
    high = "more" if isinf(estimate.high) else f"{estimate.high:.0f}"
    return f"{estimate.value:.0f} s ({estimate.low:.0f} to {high})"


def _money(estimate: Estimate | None, sign: str = "") -> str:
    if estimate is None:
        return "-"
    value, low, high = (f"{part:{sign}.2f}" for part in estimate)
    return f"{value} ({low} to {high})"
