"""A contact: a customer's address on a channel. Opt-outs, conversations and inbound messages hang on it."""

from typing import NamedTuple

from getthrough.domain.message.channels import OF_V0_1
from getthrough.domain.values.phone_numbers import normalise


class Contact(NamedTuple):
    """A customer's address on a channel. Opt-outs and inbound messages hang on it."""

    channel: str
    address: str


def contact_of(channel: str, address: str) -> Contact:
    """The contact, however its channel and its address are written: the same for what is sent, what comes in, and what
    clients ask for. A phone number is in E.164; upper and lower case make no difference in an email address."""
    channel = OF_V0_1.get(channel, channel)
    if channel in _NUMBERED:
        return Contact(channel, normalise(address))
    return Contact(channel, address.casefold() if channel == "email" else address)


_NUMBERED = frozenset({"sms", "mms", "rcs", "whatsapp", "viber_service"})
"""Channels on which an address is a phone number."""
