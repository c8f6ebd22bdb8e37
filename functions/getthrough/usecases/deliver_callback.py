"""One attempt to deliver an event to its receiver, and what follows from it."""

from getthrough.domain.notification.callback import Attempted, Callback, Verdict, delay_after, tried_again
from getthrough.usecases.ports import Delivering


def deliver_callback(ports: Delivering, callback: Callback) -> Attempted:
    """When this returns the event was accepted, is not wanted, may not be sent to its address, waits for its next
    attempt, or is in the dead-letter queue.

    UnavailableError: do it again. A receiver may then get an event twice, with the same id.
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
