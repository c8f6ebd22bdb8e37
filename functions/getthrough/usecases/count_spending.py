"""Keep what limits on spending count in step with what is known of each message: reserved, priced, or not charged."""

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal

from getthrough.domain.dispatch.dispatch import Attempt, Dispatch
from getthrough.domain.limit.limits import Taken, spending_counters
from getthrough.domain.ports import Counters, Dispatches
from getthrough.domain.values.errors import UnavailableError, VersionConflictError


def save_counting(dispatches: Dispatches, counters: Counters | None, before: Dispatch, after: Dispatch) -> Dispatch:
    """Store a change of a dispatch that is no claim, and count what its messages cost now, where they were counted.

    More is counted before the dispatch is stored, and less after it. So whatever dies in between, nothing is spent that
    is not counted. Raises the same errors as `Dispatches.save`.
    """
    if counters is None:
        return dispatches.save(after)
    changes = [*_changes(before, after)]
    more = [change for change in changes if change.amount > 0]
    for counter, amount in more:
        counters.correct(counter, amount)
    try:
        saved = dispatches.save(after)
    except VersionConflictError:
        for counter, amount in more:
            counters.correct(counter, -amount)
        raise
    with suppress(UnavailableError):
        for counter, amount in changes:
            if amount < 0:
                counters.correct(counter, amount)
        for step, attempt in enumerate(after.attempts):
            if (price := _new_price(attempt)) is not None and _priced_before(before, step) != price:
                counters.saw(kind_of(after, step, attempt.usage.currency if attempt.usage else ""), price)
    return saved


def _changes(before: Dispatch, after: Dispatch) -> Iterator[Taken]:
    for old, new in zip(before.attempts, after.attempts, strict=False):
        difference = new.spent - old.spent
        if difference and (reserved := new.reserved):
            for counter in spending_counters(reserved.limits, reserved.currency, reserved.at, after.client_name):
                yield Taken(counter, difference)


def _new_price(attempt: Attempt) -> Decimal | None:
    """The price, if it is another than the one that was reserved."""
    reserved, usage = attempt.reserved, attempt.usage
    if reserved is None or usage is None or usage.currency != reserved.currency or usage.price <= 0:
        return None
    return usage.price if usage.price != reserved.amount else None


def _priced_before(before: Dispatch, step: int) -> Decimal | None:
    return _new_price(before.attempts[step]) if step < len(before.attempts) else None


def kind_of(dispatch: Dispatch, step: int, currency: str) -> str:
    """The messages that cost about the same: those on one channel, to one country, in one currency."""
    return f"{dispatch.steps[step].destination} {currency}"
