"""Which customers a text names: a webhook that could not be understood, a dead letter."""

import re
import unicodedata
from collections.abc import Callable, Iterable

from getthrough.domain.contact.contact import Contact, contact_of, spellings
from getthrough.domain.message.channels import CHANNELS

_BETWEEN_DIGITS = re.compile("(?<=[0-9])[ ().\u00a0-]{1,3}(?=[0-9])")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def finder(contacts: Iterable[Contact]) -> Callable[[str], frozenset[Contact]]:
    """A function that finds those of these contacts that a text names, in any spelling, as a whole word."""
    # Not the text is composed: with many accents that takes as long as the square of their number.
    written = {
        unicodedata.normalize(form, spelling.lower()): contact
        for contact in contacts
        for spelling in spellings(contact)
        for form in ("NFC", "NFD")
    }
    if not written:
        return lambda text: frozenset()
    longest_first = sorted(written, key=len, reverse=True)
    words = re.compile(rf"(?<![0-9a-z])(?:00)?({'|'.join(map(re.escape, longest_first))})(?![0-9a-z])")

    def find(text: str) -> frozenset[Contact]:
        readable = _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), text).lower()
        versions = (readable, _BETWEEN_DIGITS.sub("", readable))
        return frozenset(written[word] for version in versions for word in words.findall(version))

    return find


def named_by(value: object) -> frozenset[Contact]:
    """Every contact that has this text as its address, on any channel. Most of them do not exist."""
    return frozenset(contact_of(channel, value) for channel in CHANNELS) if isinstance(value, str) else frozenset()
