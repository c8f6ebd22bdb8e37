"""One attempt to bring an event to its receiver, and what follows from it."""

from getthrough.domain.notification.callback import Attempted, Callback, Verdict, delay_after, tried_again
from getthrough.domain.ports import Callbacks, Clock, Receivers


def deliver_callback(callback: Callback, *, receivers: Receivers, callbacks: Callbacks, clock: Clock) -> Attempted:
    """When this returns the event was taken, is not wanted, may not be sent to its address, waits for its next attempt,
    or is in the dead-letter queue.

    UnavailableError: do it again. A receiver may then get an event twice, with the same id.
    """
    attempted = receivers.post(callback)
    if attempted.verdict is not Verdict.FAILED:
        return attempted
    delay = delay_after(callback)
    if clock() + delay <= callback.until:
        callbacks.put([tried_again(callback)], delay)
        return attempted
    callbacks.give_up(callback)
    return attempted._replace(verdict=Verdict.GIVEN_UP)
