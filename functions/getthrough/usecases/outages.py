"""Where nearly all messages fail, start with the next step, if the message allows that."""

from getthrough.domain.dispatch.dispatch import Because, Dispatch
from getthrough.domain.dispatch.failover import Send
from getthrough.domain.message.outages import WhenDown, is_probe, is_skipped
from getthrough.usecases.ports import Sending


def is_down(ports: Sending, dispatch: Dispatch, send: Send) -> bool:
    """True if a step is to be left to a later one, because its channel is down. False for a probe, for another try, and
    for a message that does not allow it: then nothing is read."""
    if dispatch.steps[send.step].when_down is WhenDown.WAIT or send.because is Because.RETRY:
        return False
    left = tuple(step.destination for step in dispatch.steps[send.step :])
    if len(left) == 1 or is_probe(dispatch.dispatch_uuid):
        return False
    return is_skipped(left, ports.channels.known(), ports.clock())
