"""Whose an address is: a WhatsApp user id may be a telephone that is known by its number.

What becomes known is noted first, and then opt-outs are copied to both. An opt-out is stored first, and then it is
looked whom else it concerns. So however a STOP meets the moment at which an alias becomes known, it reaches both.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from getthrough.domain.contact.contact import Contact
from getthrough.domain.ports import Aliases
from getthrough.usecases.change_opt_out import change_opt_out
from getthrough.usecases.ports import Listening


class KnowsAliases(Protocol):
    """Every bundle with this port."""

    @property
    def aliases(self) -> Aliases: ...


def customer_of(ports: KnowsAliases, contact: Contact) -> Contact:
    """The telephone that an account is known to be; else the contact itself. It costs a read only if it may be one."""
    return (ports.aliases.phone_of(contact) if contact.may_be_alias else None) or contact


def contacts_of(ports: KnowsAliases, contact: Contact) -> tuple[Contact, ...]:
    """All the contacts that are one customer, the customer first."""
    customer = customer_of(ports, contact)
    accounts = ports.aliases.accounts_of(customer) if customer.is_phone else []
    return tuple(dict.fromkeys((customer, *accounts, contact)))


def know_customer(ports: Listening, contacts: Sequence[Contact]) -> Contact:
    """The customer that all these contacts are. An account beside a telephone becomes known as its alias, and what
    either of them had said about opting out counts for both."""
    phone = next((contact for contact in contacts if contact.is_phone), None)
    if phone is None:
        known = (customer_of(ports, contact) for contact in contacts)
        return next((customer for customer in known if customer.is_phone), contacts[0])
    for account in (contact for contact in contacts if contact.may_be_alias):
        if not ports.aliases.is_confirmed(account, phone) and ports.aliases.add(account, phone):
            _share_consent(ports, account, phone)
            ports.aliases.confirm(account, phone)
    return phone


def _share_consent(ports: Listening, account: Contact, phone: Contact) -> None:
    """Store the newest consent of the two with both. An opt-out ends what is under way to either."""
    stored = [opt_out for contact in (phone, account) if (opt_out := ports.opt_outs.get(contact)) is not None]
    if stored:
        newest = max(stored, key=lambda opt_out: opt_out.changed_at)
        change_opt_out(ports, replace(newest, contact=phone, copied=False), also=[account])
