"""Whether a contact wants messages: what is known, since when, why and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from getthrough.domain.contact.contact import Contact
from getthrough.domain.values.rfc3339 import to_text


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """What is known of a contact's wish. `why` is for people; `by` is `customer`, `vonage` or a client's name."""

    contact: Contact
    opted_out: bool
    changed_at: datetime
    why: str
    by: str


def describe_opt_out(opt_out: OptOut) -> Mapping[str, Any]:
    """A contact's wish, as clients read it."""
    return {
        "channel": opt_out.contact.channel,
        "address": opt_out.contact.address,
        "opted_out": opt_out.opted_out,
        "changed_at": to_text(opt_out.changed_at),
        "why": opt_out.why,
        "by": opt_out.by,
    }
