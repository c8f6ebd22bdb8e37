"""Who an address belongs to. A WhatsApp user id may be a telephone that is known by its number, and a client may link a
Messenger account or an email address to one.

What becomes known is noted first, and then opt-outs are copied to both. An opt-out is stored first, and then it is
looked whom else it concerns. So however a STOP meets the moment at which an alias becomes known, it reaches both.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from getthrough.domain.contact.contact import Contact
from getthrough.domain.ports import Aliases
from getthrough.domain.values.errors import InvalidRequestError, Violation
from getthrough.usecases.change_opt_out import change_opt_out
from getthrough.usecases.ports import Listening


class KnowsAliases(Protocol):
    """Every bundle with this port."""

    @property
    def aliases(self) -> Aliases: ...


def customer_of(ports: KnowsAliases, contact: Contact) -> Contact:
    """The telephone that an account is known to be; else the contact itself. A phone number costs no read."""
    return (ports.aliases.phone_of(contact) if contact.may_be_alias or contact.may_be_linked else None) or contact


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
        _learn(ports, account, phone)
    return phone


def link_accounts(ports: Listening, phone: Contact, accounts: Sequence[Contact]) -> None:
    """Make these the accounts of a telephone, as a client says: in place of those that a client has linked before. What
    either of two had said about opting out counts for both from then on, also after their link is removed.

    InvalidRequestError if one is linked to another phone number; then nothing changes, unless that happened just now.
    """
    whose = [ports.aliases.phone_of(account) for account in accounts]
    others = [owner not in (None, phone) for owner in whose]
    if any(others):
        raise InvalidRequestError(*(_taken(number) for number, other in enumerate(others) if other))
    for known in ports.aliases.accounts_of(phone):
        if known.may_be_linked and known not in accounts:
            ports.aliases.remove(known, phone)
    for number, account in enumerate(accounts):
        # Who removed a link and died half way has left it confirmed.
        learn = _learn if whose[number] == phone else _note
        if not learn(ports, account, phone):
            raise InvalidRequestError(_taken(number))


def _taken(number: int) -> Violation:
    return Violation(f"links[{number}]", "is linked to another phone number. Remove it there first.")


def _learn(ports: Listening, account: Contact, phone: Contact) -> bool:
    """Note an alias with all that follows from it. False if the account is another telephone's, which stays."""
    return ports.aliases.is_confirmed(account, phone) or _note(ports, account, phone)


def _note(ports: Listening, account: Contact, phone: Contact) -> bool:
    if not ports.aliases.add(account, phone):
        return False
    _share_consent(ports, account, phone)
    ports.aliases.confirm(account, phone)
    return True


def _share_consent(ports: Listening, account: Contact, phone: Contact) -> None:
    """Store the newest consent of the two on each channel with both. An opt-out ends what is under way to either."""
    stored = [opt_out for contact in (phone, account) for opt_out in ports.opt_outs.of(contact) if opt_out.on]
    newest = {opt_out.on: opt_out for opt_out in sorted(stored, key=lambda opt_out: opt_out.changed_at)}
    for opt_out in newest.values():
        change_opt_out(ports, replace(opt_out, contact=phone, copied=False, on=None), also=[account])
