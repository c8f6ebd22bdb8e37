"""Export what is stored of a customer: exactly what an erasure would remove."""

from typing import NamedTuple

from getthrough.domain.contact.contact import Address, Contact
from getthrough.domain.erasure.erasure import Place, names_contact
from getthrough.domain.ports import Personal
from getthrough.usecases.erase_contact import PARTS
from getthrough.usecases.know_customer import contacts_of
from getthrough.usecases.ports import Erasing

MOST_PARTS = 40
"""A page ends where its cursor names no customer, because cursors stand in URLs. That is soon."""

LONGEST_EXPORT = 200
"""Items after which a page ends, with the part of the table in which they are."""


class Exported(NamedTuple):
    """What names a customer in some parts of the table, and where the next page begins (None at the end)."""

    contacts: frozenset[Contact]
    found: list[Personal]
    place: Place | None


def export_contact(ports: Erasing, address: Address, place: Place | None) -> Exported:
    """One page of what names a customer. Pages may be empty before the end, because each examines a bounded part."""
    contacts = frozenset(contacts_of(ports, address.contact))
    found: list[Personal] = []
    for part in range(MOST_PARTS):
        looked = ports.erasures.look(place, contacts)
        found += [personal for personal in looked.found if personal.contacts & contacts]
        place = looked.place
        enough = part + 1 >= PARTS or len(found) >= LONGEST_EXPORT
        if place is None or (enough and not names_contact(place)):
            break
    return Exported(contacts, found, place)
