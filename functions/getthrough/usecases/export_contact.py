"""Export what is stored of a customer: exactly what an erasure would remove."""

from typing import NamedTuple

from getthrough.domain.contact.contact import Address, Contact
from getthrough.domain.erasure.erasure import Place
from getthrough.domain.ports import Personal
from getthrough.usecases.erase_contact import PARTS
from getthrough.usecases.know_customer import contacts_of
from getthrough.usecases.ports import Erasing

MOST_PARTS = 40
"""A page ends where its cursor names no other customer, because cursors stand in URLs. That is soon."""

LONGEST_EXPORT = 200
"""Items after which a page ends, with the part of the table in which they are."""

LONGEST_PAGE = 2_000_000
"""Characters after which it ends so too. A part has a megabyte, and a function can't return more than 6 MB, in which a
quotation mark takes up to four."""


class Exported(NamedTuple):
    """What names a customer in some parts of the table, and where the next page begins (None at the end)."""

    contacts: frozenset[Contact]
    found: list[Personal]
    place: Place | None


def export_contact(ports: Erasing, address: Address, place: Place | None) -> Exported:
    """One page of what names a customer. Pages may be empty before the end, because each examines a bounded part."""
    contacts = frozenset(contacts_of(ports, address.contact))
    found: list[Personal] = []
    size = 0
    for part in range(MOST_PARTS):
        looked = ports.erasures.look(place, contacts)
        of_them = [personal for personal in looked.found if personal.contacts & contacts]
        found += of_them
        size += sum(len(str(personal.attributes)) for personal in of_them)
        place = looked.place
        enough = part + 1 >= PARTS or len(found) >= LONGEST_EXPORT or size >= LONGEST_PAGE
        if place is None or (enough and (looked.names is None or looked.names in contacts)):
            break
    return Exported(contacts, found, place)
