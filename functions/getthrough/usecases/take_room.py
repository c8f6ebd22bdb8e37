"""Take room for a message from the counter of each limit, right before its claim.

Counting comes first, so a limit is never exceeded. A function that dies between the two leaves a message counted that
is not sent.
"""

from collections.abc import Iterable
from contextlib import suppress

from getthrough.domain.dispatch.dispatch import Because, Dispatch
from getthrough.domain.dispatch.failover import Send
from getthrough.domain.limit.limits import CLIENT_COUNTRIES, Counter, LimitReachedError, Per, check_country, counters
from getthrough.domain.values.errors import UnavailableError
from getthrough.usecases.ports import Sending


def take_room(ports: Sending, claimed: Dispatch, send: Send) -> list[Counter]:
    """Count a message that is about to be claimed. Returns the counters that it was taken from. LimitReachedError if
    any of them has no room; then it counts in none.

    A try of a message that Vonage certainly did not accept counts no second time. A `resend` does.
    """
    contact, attempt = claimed.contact(send.step), claimed.attempts[send.step]
    own = ports.client_limits(claimed.client_name)
    check_country(ports.limits.countries, contact)
    check_country(own.countries, contact, CLIENT_COUNTRIES)
    if send.because is Because.RETRY and not attempt.resent:
        return []
    taken = list[Counter]()
    is_new = True
    for counter in counters((*own.rows, *ports.limits.rows), contact, attempt.tried_at, claimed.client_name):
        if counter.limit.per is Per.PREFIX and not is_new:
            continue
        count = ports.counters.take(counter)
        if count is None:
            give_back(ports, taken)
            raise LimitReachedError(counter.limit.name, str(counter.limit.most), counter)
        taken.append(counter)
        if counter.limit.per is Per.NUMBER:
            is_new = count == 1
    return taken


def give_back(ports: Sending, taken: Iterable[Counter]) -> None:
    """Count a message no more that was not claimed. If that fails, it stays counted."""
    with suppress(UnavailableError):
        for counter in taken:
            ports.counters.give_back(counter)
