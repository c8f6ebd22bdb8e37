"""The keyed hash under which a contact's consent is stored."""

from hypothesis import given
from hypothesis import strategies as st

from getthrough.adapters.contact_hash import hash_with
from getthrough.domain.contact.contact import Contact, contact_of
from tests.builders import FIRST
from tests.secret import CONTACT_KEY

KINDS = st.sampled_from(["phone", "messenger", "email", "whatsapp"])
CONTACTS = st.builds(Contact, KINDS, st.text(min_size=1, max_size=50))


def test_the_hash_of_a_contact_never_changes_because_opt_outs_are_found_with_it() -> None:
    expected = "c9d6a798a7fd3a9a2a699fa33babd198"
    assert hash_with(CONTACT_KEY, contact_of("sms", FIRST))[:32] == expected


@given(CONTACTS, CONTACTS)
def test_two_contacts_share_a_hash_only_if_they_are_one(one: Contact, other: Contact) -> None:
    assert (hash_with(CONTACT_KEY, one) == hash_with(CONTACT_KEY, other)) is (one == other)


@given(CONTACTS)
def test_without_the_key_the_hash_of_a_contact_cannot_be_made(contact: Contact) -> None:
    assert hash_with(CONTACT_KEY, contact) != hash_with(bytes(32), contact)
