"""Attempt to deliver a webhook to its receiver, and plan the next attempt if this one fails."""

from getthrough.domain.notification.callback import Attempted, Callback, Verdict, delay_after, tried_again
from getthrough.usecases.ports import Delivering


def deliver_callback(ports: Delivering, callback: Callback) -> Attempted:
    """Attempt a delivery once.

    When this returns, one of these holds: the receiver accepted the event, doesn't want it, or has an address that is
    not allowed; or the next attempt is queued; or the event is in the dead-letter queue.

    After UnavailableError, call again. The receiver may then get the event twice, with the same id.
    """
    attempted = ports.receivers.post(callback)
    if attempted.verdict is not Verdict.FAILED:
        return attempted
    delay = delay_after(callback)
    if ports.clock() + delay <= callback.until:
        ports.callbacks.put([tried_again(callback)], delay)
        return attempted
    ports.callbacks.give_up(callback)
    return attempted._replace(verdict=Verdict.GIVEN_UP)
