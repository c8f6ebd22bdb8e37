"""A contact: one phone number, or one account of a channel without phone numbers.

Opt-outs, conversations and inbound messages hang on it. All channels that are reached by a phone number share one
contact. A WhatsApp user id, a Messenger account and an email address have one each, until it is known whose alias they
are.
"""

import re
import unicodedata
from typing import NamedTuple

from getthrough.domain.message.channels import CHANNELS
from getthrough.domain.values.phone_numbers import calling_code, normalise

ERASED = "erased"
"""What stands for an address that was erased. No customer has it, on any channel."""

PHONE = "phone"
"""The kind of a contact that is a phone number; every other kind is the name of a channel."""

_E164 = re.compile(r"[1-9][0-9]{6,14}")
_MEXICO = re.compile(r"521([0-9]{10})")
_ARGENTINA = re.compile(r"549([0-9]{10})")
_BRAZIL = re.compile(r"55([0-9]{2})([6-9][0-9]{7})")

_IN_MEXICO = re.compile(r"52([0-9]{10})")
_IN_ARGENTINA = re.compile(r"54([0-9]{10})")
_IN_BRAZIL = re.compile(r"55([0-9]{2})9([6-9][0-9]{7})")
"""The same numbers as the networks write them."""


class Contact(NamedTuple):
    """A customer, by the one spelling under which it is stored: `phone` and a number, or a channel and an account."""

    kind: str
    address: str

    @property
    def is_phone(self) -> bool:
        return self.kind == PHONE

    @property
    def may_be_alias(self) -> bool:
        """True for an account on a channel with telephones, such as a WhatsApp user id: it may be one of them."""
        known = CHANNELS.get(self.kind)
        return known is not None and "to" in known.numbers

    @property
    def may_be_linked(self) -> bool:
        """True for an account on a channel without telephones: only a client can know whose it is."""
        return self.kind in CHANNELS and not self.may_be_alias


ERASED_CONTACT = Contact(ERASED, ERASED)


class Address(NamedTuple):
    """Where a customer is reached: an address on a channel, as people know it."""

    channel: str
    address: str

    @property
    def contact(self) -> Contact:
        """The customer who is reached there."""
        known = CHANNELS.get(self.channel)
        if known is not None and "to" in known.numbers and _E164.fullmatch(self.address):
            return Contact(PHONE, _canonical_number(self.address))
        return Contact(self.channel, self.address)


def address_of(channel: str, address: str) -> Address:
    """The address, however it and its channel are written: a number in E.164, an email address in lower case."""
    channel = _NAMES_IN_V0_1.get(channel, channel)
    known = CHANNELS.get(channel)
    if known is None:
        return Address(channel, address)
    if "to" in known.numbers:
        return Address(channel, normalise(address))
    return Address(channel, _email_address(address) if known.ignores_case else address)


def opt_outs_of(channel: str) -> str:
    """The channel under which an opt-out on a channel is kept, for messages whose scope is the channel."""
    known = CHANNELS.get(channel)
    return (known.opt_outs_of if known else None) or channel


def contact_of(channel: str, address: str) -> Contact:
    """The contact at an address: the same for what is sent, what comes in, and what clients ask for."""
    return address_of(channel, address).contact


def spellings(contact: Contact) -> tuple[str, ...]:
    """Every way in which a channel writes a contact's address: its own, WhatsApp's for some countries, and a domain in
    its own script; and a number with the 0 that people leave in after the country code."""
    address = contact.address
    if not contact.is_phone:
        return tuple(dict.fromkeys((address, _in_its_script(address))))
    with_zero = f"{(code := calling_code(address))}0{address[len(code) :]}"
    return *_spellings_of_channels(address), *((with_zero,) if normalise(with_zero) == address else ())


def _spellings_of_channels(address: str) -> tuple[str, ...]:
    if mexican := _IN_MEXICO.fullmatch(address):
        return address, f"521{mexican[1]}"
    if argentine := _IN_ARGENTINA.fullmatch(address):
        return address, f"549{argentine[1]}"
    if brazilian := _IN_BRAZIL.fullmatch(address):
        return address, f"55{brazilian[1]}{brazilian[2]}"
    return (address,)


def _canonical_number(number: str) -> str:
    """One spelling for each phone number. WhatsApp keeps a 1 after Mexico's 52 and a 9 after Argentina's 54, and leaves
    out the ninth digit of some Brazilian mobile numbers; the networks do not."""
    if extra := _MEXICO.fullmatch(number):
        return f"52{extra[1]}"
    if extra := _ARGENTINA.fullmatch(number):
        return f"54{extra[1]}"
    if short := _BRAZIL.fullmatch(number):
        return f"55{short[1]}9{short[2]}"
    return number


def _email_address(address: str) -> str:
    """In lower case, composed, with the domain as the DNS has it: wide letters are narrow there, and `straße` and
    `strasse` stay two names.

    What is too long for an address or for the DNS stays as it is: to encode it, time would grow with the square of its
    length."""
    if len(address) > _LONGEST_EMAIL_ADDRESS:
        return address
    name, at, domain = unicodedata.normalize("NFC", address).lower().rpartition("@")
    labels = unicodedata.normalize("NFKC", domain).lower().replace("\u3002", ".").removesuffix(".").split(".")
    return name + at + ".".join(map(_in_dns, labels))


def _in_dns(label: str) -> str:
    if label.isascii() or len(label) > _LONGEST_LABEL:
        return label
    return f"xn--{label.encode('punycode').decode()}"


def _in_its_script(address: str) -> str:
    """An email address with its domain as people write it. What is no name of the DNS stays as it is."""
    name, at, domain = address.rpartition("@")
    return name + at + ".".join(map(_out_of_dns, domain.split("."))) if at else address


def _out_of_dns(label: str) -> str:
    if not label.startswith("xn--") or len(label) > _LONGEST_IN_DNS:
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        return label


_LONGEST_IN_DNS = 500
"""Characters of a label that `_in_dns` can make: of each letter at most five, beside the prefix."""

_LONGEST_EMAIL_ADDRESS, _LONGEST_LABEL = 320, 63
"""Characters: a local part of 64 (RFC 5321) and a domain of 255 (RFC 1035), and a part of it between dots."""


_NAMES_IN_V0_1 = {known.name_in_v0_1: name for name, known in CHANNELS.items() if known.name_in_v0_1 is not None}
"""A contact is the same whichever version of the API names its channel."""
