"""The names under which is stored what outlives an erasure: a contact's consent, and a status webhook.

A contact's is a keyed hash of the contact.

So a STOP outlives the address that it is about. After an erasure the item still says that a customer opted out, and a
claim still finds it. A copy of the table does not tell who that is, not even to someone who tries every telephone
number: that takes the key, which is only in the stack's secret and never changes. The same holds for a webhook: a plain
hash of it would tell the number to everyone who knows the rest.
"""

import hashlib
import hmac
from collections.abc import Callable
from math import inf

from getthrough.adapters.secrets import ContactKey, Part
from getthrough.domain.contact.contact import Contact

ContactHash = Callable[[Contact], str]
EventHash = Callable[[str], str]


def hash_with(contact_key: bytes, contact: Contact) -> str:
    """The keyed hash of a contact, in 64 hexadecimal digits."""
    return hmac.new(contact_key, f"{contact.kind}#{contact.address}".encode(), hashlib.sha256).hexdigest()


def hash_of(secret: Part[ContactKey]) -> ContactHash:
    """The hash with the key of the stack's secret. It may raise UnavailableError, as every read of the secret does."""
    return lambda contact: hash_with(secret.get(max_age=inf).contact_key, contact)


def event_hash_with(contact_key: bytes, digest: str) -> str:
    """The keyed hash of a webhook whose plain hash is `digest`, in as many digits. No contact has the same."""
    return hmac.new(contact_key, f"EVENT\0{digest}".encode(), hashlib.sha256).hexdigest()


def event_hash_of(secret: Part[ContactKey]) -> EventHash:
    """The hash with the key of the stack's secret. It may raise UnavailableError, as every read of the secret does."""
    return lambda digest: event_hash_with(secret.get(max_age=inf).contact_key, digest)


def no_hash(contact: Contact) -> str:
    """For adapters that neither claim steps nor read consent."""
    raise TypeError("this adapter was made without the key of contacts")


def no_event_hash(digest: str) -> str:
    """For adapters that store no events."""
    raise TypeError("this adapter was made without the key of contacts")
