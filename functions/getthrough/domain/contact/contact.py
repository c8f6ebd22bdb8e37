"""A contact: a customer's address on a channel. Consent, conversations and inbound messages belong to a contact."""

from typing import NamedTuple

from getthrough.domain.message.channels import CHANNELS, OF_V0_1
from getthrough.domain.values.phone_numbers import normalise


class Contact(NamedTuple):
    """A customer's address on a channel."""

    channel: str
    address: str


def contact_of(channel: str, address: str) -> Contact:
    """The contact, whichever form its channel and its address have. So messages, webhooks and requests of clients find
    the same contact. Phone numbers become E.164. Email addresses become lower case."""
    channel = OF_V0_1.get(channel, channel)
    table = CHANNELS.get(channel)
    if table and "to" in table.numbers:
        return Contact(channel, normalise(address))
    return Contact(channel, address.casefold() if table and table.ignores_case else address)
