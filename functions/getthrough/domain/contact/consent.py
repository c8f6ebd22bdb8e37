"""Consent: whether a contact wants messages, since when, why, and who said so."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from getthrough.domain.contact.contact import Address, Contact
from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.view_types import Time


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """The newest consent of a contact. `why` is for people; `by` is `customer`, `vonage` or a client's name.

    `address` is where the customer, or the client, said so. `copied` is true for an address that is known to be an
    alias: its customer has the original.
    """

    contact: Contact
    address: Address
    opted_out: bool
    changed_at: datetime
    why: str
    by: str
    copied: bool = False


class OptOutView(TypedDict):
    """Whether a contact has opted out."""

    channel: str
    """The channel on which this was said. It counts for every channel of that telephone."""
    address: str
    opted_out: bool
    changed_at: Time
    why: str
    """The reason, for people."""
    by: str
    """`customer`, `vonage`, or the name of a client."""


def describe_opt_out(opt_out: OptOut) -> OptOutView:
    """A contact's consent, as clients read it."""
    return {
        "channel": opt_out.address.channel,
        "address": opt_out.address.address,
        "opted_out": opt_out.opted_out,
        "changed_at": to_text(opt_out.changed_at),
        "why": opt_out.why,
        "by": opt_out.by,
    }
