"""The name under which a contact's consent is stored: a keyed hash of the contact.

So a STOP outlives the address that it is about. After an erasure the item still says that a customer opted out, and a
claim still finds it. A copy of the table does not tell who that is, not even to someone who tries every telephone
number: that takes the key, which is only in the stack's secret and never changes.
"""

import hashlib
import hmac
from collections.abc import Callable
from math import inf

from getthrough.adapters.secrets import ContactKey, Part
from getthrough.domain.contact.contact import Contact

ContactHash = Callable[[Contact], str]


def hash_with(contact_key: bytes, contact: Contact) -> str:
    """The keyed hash of a contact, in 64 hexadecimal digits."""
    return hmac.new(contact_key, f"{contact.kind}#{contact.address}".encode(), hashlib.sha256).hexdigest()


def hash_of(secret: Part[ContactKey]) -> ContactHash:
    """The hash with the key of the stack's secret. It may raise UnavailableError, as every read of the secret does."""
    return lambda contact: hash_with(secret.get(max_age=inf).contact_key, contact)


def no_hash(contact: Contact) -> str:
    """For adapters that neither claim steps nor read consent."""
    raise TypeError("this adapter was made without the key of contacts")
