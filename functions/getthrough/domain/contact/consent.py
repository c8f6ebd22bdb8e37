"""Consent: whether a contact wants messages, since when, why, and who said so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypedDict

from getthrough.domain.contact.contact import ERASED, Address, Contact
from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.view_types import Time


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """The newest consent of a contact. `why` is for people; `by` is `customer`, `vonage` or a client's name.

    `address` is where the customer, or the client, said so. `copied` is true for an address that is known to be an
    alias: its customer has the original. `words` are what the customer wrote; only the record of it has them. `on` is
    the channel that it is about; None for all of them.
    """

    contact: Contact
    address: Address
    opted_out: bool
    changed_at: datetime
    why: str
    by: str
    copied: bool = False
    words: str | None = None
    on: str | None = None

    @property
    def is_nameless(self) -> bool:
        """True for a customer who was erased: only the hash of the contact is stored."""
        return self.address.address == ERASED


class OptOutView(TypedDict):
    """Whether a contact has opted out."""

    channel: str
    """The channel on which the contact opted out or in. An opt-out counts on all channels of the customer. Messages
    with `opt_out_scope: channel` on other channels are the exception."""
    address: str
    opted_out: bool
    changed_at: Time
    why: str
    """Human-readable reason."""
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


Source = Literal["inbound", "status", "client"]
"""Where a consent came from: a customer's message, an error of Vonage's, or a client."""

_SOURCES: Mapping[str, Source] = {"customer": "inbound", "vonage": "status"}


class ConsentView(TypedDict):
    """One opt-out or opt-in. Its record is never changed."""

    opted_out: bool
    """True for an opt-out, false for an opt-in."""
    at: Time
    channel: str
    address: str
    """The address on which the contact opted out or in."""
    source: Source
    """A customer's message (`inbound`), an error of Vonage's (`status`), or a `client`."""
    by: str
    """`customer`, `vonage`, or the name of a client."""
    why: str
    """The id of the message, the error's code, or the client's reason."""
    words: str | None
    """What the customer wrote."""


def describe_consents(records: Iterable[OptOut]) -> list[ConsentView]:
    """Records, newest first, each once: what a customer said for one of their addresses is known of the others too."""
    once: dict[tuple[object, ...], OptOut] = {}
    for record in records:
        known = once.setdefault(_what_was_said(record), record)
        if known.words is None:
            once[_what_was_said(record)] = record
    return [_describe_consent(one) for one in sorted(once.values(), key=lambda one: one.changed_at, reverse=True)]


def _what_was_said(record: OptOut) -> tuple[object, ...]:
    return record.changed_at, record.opted_out, record.address, record.by, record.why


def _describe_consent(record: OptOut) -> ConsentView:
    return {
        "opted_out": record.opted_out,
        "at": to_text(record.changed_at),
        "channel": record.address.channel,
        "address": record.address.address,
        "source": _SOURCES.get(record.by, "client"),
        "by": record.by,
        "why": record.why,
        "words": record.words,
    }
