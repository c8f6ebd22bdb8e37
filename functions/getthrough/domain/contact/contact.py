"""A contact: a customer's address on a channel. Consent, conversations and inbound messages belong to a contact."""

from typing import NamedTuple

from getthrough.domain.message.channels import OF_V0_1
from getthrough.domain.values.phone_numbers import normalise


class Contact(NamedTuple):
    """A customer's address on a channel."""

    channel: str
    address: str


def contact_of(channel: str, address: str) -> Contact:
    """The contact, whichever form its channel and its address have. So messages, webhooks and requests of clients find
    the same contact. Phone numbers become E.164. Email addresses become lower case."""
    channel = OF_V0_1.get(channel, channel)
    if channel in _NUMBERED:
        return Contact(channel, normalise(address))
    return Contact(channel, address.casefold() if channel == "email" else address)


_NUMBERED = frozenset({"sms", "mms", "rcs", "whatsapp", "viber_service"})
"""Channels on which an address is a phone number."""
