"""One customer is one contact, however the address is written."""

import pytest

from getthrough.domain.contact.contact import Contact, contact_of
from getthrough.domain.event.webhook import parse_inbound
from getthrough.handlers import _parameters
from tests.builders import FIRST, NOON, step

WIDEST = "".join(map(chr, range(0x4E00, 0x4E00 + 63)))
"""As many different characters as a part of a domain can have."""


@pytest.mark.parametrize(
    "address", [f"ann@{WIDEST}\u5b57.example", "ann@" + "\u00fc." * 160, "\u5b57" * 100_000], ids=len
)
def test_what_cannot_be_an_email_address_is_not_encoded_which_would_take_long(address: str) -> None:
    assert contact_of("email", address) == Contact("email", address)


@pytest.mark.parametrize(
    ("channel", "address", "expected"),
    [
        ("sms", "+44 7700 900001", contact_of("sms", FIRST)),
        ("whatsapp", "US.Abc", contact_of("whatsapp", "US.Abc")),
        ("messenger", "Ann", contact_of("messenger", "Ann")),
        ("email", "Ann.Lee@Example.COM", contact_of("email", "ann.lee@example.com")),
        ("email", "ann@b\u00fccher.example", Contact("email", "ann@xn--bcher-kva.example")),
        ("email", "ann@bu\u0308cher.example.", Contact("email", "ann@xn--bcher-kva.example")),
        ("email", "ann@\uff42akery\uff0eexample", Contact("email", "ann@bakery.example")),
        ("email", "ann@xn--bcher-kva.example", Contact("email", "ann@xn--bcher-kva.example")),
        ("email", f"ann@{WIDEST}.example", Contact("email", f"ann@xn--{WIDEST.encode('punycode').decode()}.example")),
        ("email", "stra\u00dfe@example.com", Contact("email", "stra\u00dfe@example.com")),
    ],
)
def test_what_is_sent_what_comes_in_and_what_is_asked_for_agree(channel: str, address: str, expected: Contact) -> None:
    payload = {"message_uuid": "v-1", "channel": channel, "from": address, "text": "Hello"}

    assert step(channel=channel, to=address).contact == expected
    assert parse_inbound(payload, received_at=NOON).contact == expected
    assert _parameters.address({"channel": channel, "address": address}).contact == expected
