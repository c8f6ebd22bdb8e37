"""What is counted of dispatches: for each quarter of an hour, what became of those that were created in it.

A day in any time zone is a sum of quarters. The table's stream keeps them, so a day of any size is read at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Context, Decimal
from enum import StrEnum
from math import ceil, log2
from typing import NamedTuple

from getthrough.domain.dispatch.canary import is_counted
from getthrough.domain.dispatch.dispatch import Attempt, Dispatch

QUARTER = timedelta(minutes=15)
"""Every zone's offset from UTC is a multiple of it."""

PER_OCTAVE = 32
"""Buckets for each doubling of a time: a bucket's middle is within 1.1 % of every time in it."""

SHORTEST = 0.1
"""What takes at most so many seconds is in bucket 0."""

_EXACT = Context(prec=100)
"""Python's default context rounds large sums."""


class Kind(StrEnum):
    """What a figure counts. `of` says more: an outcome, a currency or a channel."""

    DISPATCHES = "dispatches"
    OUTCOME = "outcome"
    PLANNED = "planned"
    FAILED_OVER = "later"
    LATE = "late"
    COST = "cost"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    TOOK = "took"
    """Messages that took the time of a bucket to arrive."""


class Figure(NamedTuple):
    kind: Kind
    of: str = ""
    bucket: int = 0


Figures = Mapping[Figure, Decimal]
"""What is not named is 0."""


def total(parts: Iterable[Figures]) -> Figures:
    """The exact sum, without what adds up to nothing."""
    sums = defaultdict[Figure, Decimal](Decimal)
    for part in parts:
        for figure, amount in part.items():
            sums[figure] = _EXACT.add(sums[figure], amount)
    return {figure: amount for figure, amount in sums.items() if amount}


def quarter_of(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def added_by(before: Dispatch | None, after: Dispatch) -> Figures:
    """What a change of a dispatch adds to the figures of its quarter, which may be less than nothing. So over all its
    versions a dispatch is counted once, as what is known of it at last. No figure needs what an erasure takes away."""
    had = {figure: _EXACT.minus(amount) for figure, amount in _of(before).items()}
    return total((_of(after), had))


def middle(bucket: int) -> float:
    """The seconds for which a bucket stands."""
    return round(SHORTEST * 2 ** ((bucket - 0.5) / PER_OCTAVE), 3) if bucket else 0.0


def _of(dispatch: Dispatch | None) -> Figures:
    """What one dispatch counts; nothing if it only tests the stack."""
    if dispatch is None or not is_counted(dispatch):
        return {}
    figures = [Figure(Kind.DISPATCHES)]
    if dispatch.outcome is not None:
        figures.append(Figure(Kind.OUTCOME, dispatch.outcome))
    if dispatch.planned:
        figures.append(Figure(Kind.PLANNED))
    if any(attempt.posted for attempt in dispatch.attempts[1:]):
        figures.append(Figure(Kind.FAILED_OVER))
    if any(map(dispatch.late, range(len(dispatch.attempts)))):
        figures.append(Figure(Kind.LATE))
    for step, attempt in zip(dispatch.steps, dispatch.attempts, strict=False):
        if attempt.posted:
            figures += _of_message(step.address.channel, attempt)
    costs = {Figure(Kind.COST, currency): price for currency, price in dispatch.costs}
    return total([*({figure: Decimal(1)} for figure in figures), costs])


def _of_message(channel: str, attempt: Attempt) -> Iterable[Figure]:
    yield Figure(Kind.SENT, channel)
    if attempt.arrived:
        yield Figure(Kind.DELIVERED, channel)
    elif attempt.failed:
        yield Figure(Kind.FAILED, channel)
    if attempt.arrived_at is not None:
        yield Figure(Kind.TOOK, channel, _bucket(attempt.arrived_at - attempt.claimed_at))


def _bucket(took: timedelta) -> int:
    """Never below 0: the provider may truncate its times, or its clock may differ."""
    return max(0, ceil(PER_OCTAVE * log2(max(took.total_seconds(), SHORTEST) / SHORTEST)))
