"""Take a verified inbound message: keep it, and if it says stop or start, see that it is obeyed."""

from typing import NamedTuple

from getthrough.domain.opt_out import wish
from getthrough.domain.ports import InboundMessages, OptOuts
from getthrough.domain.webhook import InboundMessage


class Received(NamedTuple):
    """Whether the message was new, and whether the contact opted out (True), in again (False), or neither (None)."""

    new: bool
    opted_out: bool | None


def receive_inbound(message: InboundMessage, *, messages: InboundMessages, opt_outs: OptOuts) -> Received:
    """When this returns the message is durably stored, and no step is claimed any more for a contact that said stop.

    A copy is obeyed again, since the first one may have died before it came to that; a change that is not the newest
    changes nothing.
    """
    new = messages.add(message)
    opted_out = wish(message.text)
    if opted_out is not None:
        opt_outs.change(message.contact, opted_out, message.timestamp or message.received_at, "inbound message")
    return Received(new, opted_out)
