"""Take room for a message from the counter of each limit, right before its claim.

Counting comes first, so a limit is never exceeded. A function that dies between the two leaves a message counted that
is not sent.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from getthrough.domain.dispatch.dispatch import Because, Dispatch, Reserved
from getthrough.domain.dispatch.failover import Send, with_attempt
from getthrough.domain.limit.limits import (
    CLIENT_COUNTRIES,
    Counter,
    Limit,
    LimitReachedError,
    Per,
    Taken,
    check_country,
    check_guest,
    counters,
)
from getthrough.domain.values.errors import UnavailableError
from getthrough.usecases.count_spending import kind_of
from getthrough.usecases.ports import Sending


class Room(NamedTuple):
    """What a message took from counters, and the dispatch that says so."""

    claimed: Dispatch
    taken: list[Taken]


def take_room(ports: Sending, claimed: Dispatch, send: Send) -> Room:
    """Count a message that is about to be claimed. LimitReachedError if any counter has no room; then it counts in
    none.

    A try of a message that Vonage certainly did not accept counts no second time. A `resend` does. Every try reserves
    the money that it may cost: what an earlier one had reserved was given back when Vonage did not accept it.
    """
    contact, attempt = claimed.contact(send.step), claimed.attempts[send.step]
    own = ports.client_limits(claimed.client_name)
    check_country(ports.limits.countries, contact)
    check_country(own.countries, contact, CLIENT_COUNTRIES)
    check_guest(own.guests, contact)
    claimed = replace(claimed, test=claimed.test or own.is_test)
    rows = [*own.rows, *ports.limits.rows]
    claimed = _reserving(ports, claimed, send.step, [row for row in rows if row.currency])
    if send.because is Because.RETRY and not attempt.resent:
        rows = [row for row in rows if row.currency]
    taken = list[Taken]()
    is_new = True
    for counter in counters(rows, contact, attempt.tried_at, claimed.client_name):
        if counter.limit.per is Per.PREFIX and not is_new:
            continue
        wanted = Taken(counter, _amount(claimed, send.step, counter))
        count = ports.counters.take(wanted)
        if count is None:
            give_back(ports, taken)
            fits = wanted.amount <= counter.limit.most
            raise LimitReachedError(counter.limit.name, counter.limit.value, wanted if fits else None)
        taken.append(wanted)
        if counter.limit.per is Per.NUMBER:
            is_new = count == 1
    return Room(claimed, taken)


def _reserving(ports: Sending, claimed: Dispatch, step: int, rows: list[Limit]) -> Dispatch:
    """The dispatch, whose claimed step says what it reserves for these limits on money."""
    attempt, reserved = claimed.attempts[step], None
    if rows:
        currency = _currency(rows)
        seen = ports.counters.price(kind_of(claimed, step, currency))
        amount = ports.limits.price_ceiling if seen is None else seen
        reserved = Reserved(amount, currency, attempt.tried_at, tuple(row.name for row in rows))
    return claimed if reserved == attempt.reserved else with_attempt(claimed, step, replace(attempt, reserved=reserved))


def _currency(rows: Iterable[Limit]) -> str:
    """The currency of all these limits. A message reserves one amount, so they must have the same one."""
    currencies = {row.currency for row in rows}
    if len(currencies) > 1:
        raise UnavailableError(f"limits: spending is limited in {' and '.join(sorted(currencies))}, set all in one")
    return currencies.pop()


def _amount(claimed: Dispatch, step: int, counter: Counter) -> int | Decimal:
    return claimed.attempts[step].spent if counter.limit.currency else 1


def give_back(ports: Sending, taken: Iterable[Taken]) -> None:
    """Count a message no more that was not claimed. If that fails, it stays counted."""
    with suppress(UnavailableError):
        for counter, amount in taken:
            ports.counters.correct(counter, -amount)
