"""One customer is one contact, however the address is written."""

import pytest

from getthrough.domain.contact.contact import Contact
from getthrough.domain.event.webhook import parse_inbound
from getthrough.handlers._parameters import contact
from tests.builders import FIRST, NOON, step


@pytest.mark.parametrize(
    ("channel", "address", "expected"),
    [
        ("sms", "+44 7700 900001", Contact("sms", FIRST)),
        ("whatsapp", "US.Abc", Contact("whatsapp", "US.Abc")),
        ("messenger", "Ann", Contact("messenger", "Ann")),
        ("email", "Ann.Lee@Example.COM", Contact("email", "ann.lee@example.com")),
    ],
)
def test_what_is_sent_what_comes_in_and_what_is_asked_for_agree(channel: str, address: str, expected: Contact) -> None:
    payload = {"message_uuid": "v-1", "channel": channel, "from": address, "text": "Hello"}

    assert step(channel=channel, to=address).contact == expected
    assert parse_inbound(payload, received_at=NOON).contact == expected
    assert contact({"channel": channel, "address": address}) == expected
