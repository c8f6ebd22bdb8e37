"""A contact: a customer's address on a channel. Consent, conversations and inbound messages belong to a contact."""

from typing import NamedTuple

from getthrough.domain.message.channels import CHANNELS
from getthrough.domain.values.phone_numbers import normalise


class Contact(NamedTuple):
    """A customer's address on a channel."""

    channel: str
    address: str


def contact_of(channel: str, address: str) -> Contact:
    """The contact, whichever form its channel and its address have. So messages, webhooks and requests of clients find
    the same contact. Phone numbers become E.164. On a channel that ignores case, addresses become lower case."""
    channel = _NAMES_IN_V0_1.get(channel, channel)
    known = CHANNELS.get(channel)
    if known is None:
        return Contact(channel, address)
    if "to" in known.numbers:
        return Contact(channel, normalise(address))
    return Contact(channel, address.casefold() if known.ignores_case else address)


_NAMES_IN_V0_1 = {known.name_in_v0_1: name for name, known in CHANNELS.items() if known.name_in_v0_1 is not None}
"""A contact is the same whichever version of the API names its channel."""
