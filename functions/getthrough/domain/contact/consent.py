"""Consent: whether a contact wants messages, since when, why, and who said so."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from getthrough.domain.contact.contact import Contact
from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.view_types import Time


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """The newest consent of a contact. `why` is for people; `by` is `customer`, `vonage` or a client's name."""

    contact: Contact
    opted_out: bool
    changed_at: datetime
    why: str
    by: str


class OptOutView(TypedDict):
    """Whether a contact has opted out."""

    channel: str
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
        "channel": opt_out.contact.channel,
        "address": opt_out.contact.address,
        "opted_out": opt_out.opted_out,
        "changed_at": to_text(opt_out.changed_at),
        "why": opt_out.why,
        "by": opt_out.by,
    }
