"""A contact: a customer's address on a channel. Opt-outs, conversations and inbound messages hang on it."""

from collections.abc import Mapping
from typing import NamedTuple

from getthrough.domain.values.phone_numbers import normalise


class Contact(NamedTuple):
    """A customer's address on a channel. Opt-outs and inbound messages hang on it."""

    channel: str
    address: str


def contact_of(channel: str, address: str) -> Contact:
    """The contact, however its channel and its address are written: the same for what is sent, what comes in, and what
    clients ask for. A phone number is in E.164; upper and lower case make no difference in an email address."""
    channel = _CHANNELS_OF_V0_1.get(channel, channel)
    if channel in _NUMBERED:
        return Contact(channel, normalise(address))
    return Contact(channel, address.casefold() if channel == "email" else address)


_CHANNELS_OF_V0_1: Mapping[str, str] = {"viber_service_msg": "viber_service"}
"""Channels that had another name in v0.1: a contact is the same whichever version tells of it."""

_NUMBERED = frozenset({"sms", "mms", "rcs", "whatsapp", "viber_service"})
"""Channels on which an address is a phone number."""
