"""A contact: a customer's address on a channel. Opt-outs, conversations and inbound messages hang on it."""

from typing import NamedTuple

from getthrough.domain.message.channels import CHANNELS
from getthrough.domain.values.phone_numbers import normalise


class Contact(NamedTuple):
    """A customer's address on a channel."""

    channel: str
    address: str


def contact_of(channel: str, address: str) -> Contact:
    """The contact, however its channel and its address are written: the same for what is sent, what comes in, and what
    clients ask for. A phone number is in E.164. Where a channel ignores upper and lower case, the address is in lower
    case."""
    channel = _NAMES_IN_V0_1.get(channel, channel)
    known = CHANNELS.get(channel)
    if known is None:
        return Contact(channel, address)
    if "to" in known.numbers:
        return Contact(channel, normalise(address))
    return Contact(channel, address.casefold() if known.ignores_case else address)


_NAMES_IN_V0_1 = {known.name_in_v0_1: name for name, known in CHANNELS.items() if known.name_in_v0_1 is not None}
"""A contact is the same whichever version of the API names its channel."""
