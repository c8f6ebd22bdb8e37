"""Attempt to deliver a webhook to its receiver, and plan the next attempt if this one fails."""

from dataclasses import replace
from datetime import datetime, timedelta

from getthrough.domain.notification import breaker
from getthrough.domain.notification.callback import (
    LONGEST_DELAY,
    Attempted,
    Callback,
    Verdict,
    delay_after,
    tried_again,
)
from getthrough.domain.notification.client_events import contacts_of
from getthrough.domain.values.rfc3339 import parse_lenient
from getthrough.usecases.ports import Delivering

IN_TIME = timedelta(minutes=1)
"""An event that is older at its first attempt is late. Much less than the time between the searches of an erasure."""

_SECOND = timedelta(seconds=1)


def deliver_callback(ports: Delivering, callback: Callback) -> Attempted:
    """Attempt a delivery once, unless it has to wait.

    When this returns, one of these holds: the receiver accepted the event, doesn't want it, or has an address that is
    not allowed; or its customer was erased; or the next attempt is queued; or the event is in the dead-letter queue.

    After UnavailableError, call again. The receiver may then get the event twice, with the same id.
    """
    now = ports.clock()
    if (callback.tries or _is_late(callback, now)) and _is_erased(ports, callback):
        return Attempted(Verdict.ERASED)
    if callback.not_before is not None and callback.not_before > now:
        _put(ports, callback, callback.not_before, now)
        return Attempted(Verdict.WAITING)
    health = ports.hosts.get(callback.host)
    held_until = breaker.waits_until(health, now)
    if held_until is not None and now < callback.until:
        # Not all at once when the wait is over, and never later than the last attempt.
        at = held_until + delay_after(replace(callback, tries=0))
        _put(ports, callback, min(at, callback.until), now)
        return Attempted(Verdict.HELD)
    ports.hosts.put(callback.host, breaker.during(health, now))
    attempted = ports.receivers.post(callback)
    ports.hosts.put(callback.host, breaker.after(health, attempted, callback.host, ports.clock()))
    if attempted.verdict is not Verdict.FAILED:
        return attempted
    now = ports.clock()
    again = tried_again(callback, attempted, now)
    if again is not None:
        _put(ports, *again, now)
        return attempted
    ports.callbacks.give_up(callback)
    return attempted._replace(verdict=Verdict.GIVEN_UP)


def _is_late(callback: Callback, now: datetime) -> bool:
    """Whether it has waited: on a long queue, for a host that did not answer, or as a dead letter."""
    happened_at = parse_lenient(callback.body.get("timestamp"))
    return happened_at is not None and now - happened_at > IN_TIME


def _is_erased(ports: Delivering, callback: Callback) -> bool:
    """Whether a customer whom the event names was erased since it happened. The first attempt follows most events at
    once, so only what has waited costs a read."""
    erased_at = ports.marks.erased_at(contacts_of(callback.body))
    happened_at = parse_lenient(callback.body.get("timestamp"))
    return erased_at is not None and happened_at is not None and happened_at <= erased_at


def _put(ports: Delivering, callback: Callback, at: datetime, now: datetime) -> None:
    """On the queue until then. For a longer time than it can hold a message, the callback comes round several times."""
    seconds = -((now - at) // _SECOND)
    ports.callbacks.put([callback], min(seconds * _SECOND, LONGEST_DELAY))
