"""Whether a customer's message opts out or in, or asks for help.

A message counts as a whole, never a word in it: it is a request to stop if it has nothing but words that end messages,
what they refer to ("messages", "me"), and courtesy around them. So "Stop. Thank you" stops, and "I cannot stop eating
these" does not. Case, accents, punctuation, emoji, invisible characters and the width of letters make no difference.

Each language is tried by itself, since nothing says which one a customer writes. The single English words
work beside every other language. Asking for messages again is consent, so it takes one of a few exact words. The usual
answers to something else, such as YES, "no" or "the end", are in no table.
"""

import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import dropwhile
from typing import NamedTuple

from getthrough.domain.contact.opt_out_phrases import LANGUAGES, SIGNATURES, Language

LONGEST_TEXT = 500
"""Characters. A person must read a longer text."""

LONGEST_PHRASE = 12
"""Words. No phrase is longer, neither ours nor a client's own."""

_NO_PHRASES: frozenset[str] = frozenset()


class _Vocabulary(NamedTuple):
    """The phrases of one language, as `plain` makes them."""

    stop: frozenset[str]
    stop_alone: frozenset[str]
    start: frozenset[str]
    help: frozenset[str]
    objects: frozenset[str]
    courtesy: frozenset[str]


def opts_out(text: str | None, own_phrases: frozenset[str] = _NO_PHRASES) -> bool | None:
    """True if the message opts out, False if it opts in, None for every other message.

    `own_phrases` are further phrases that stop messages, as the function of that name makes them.
    """
    if text is None or len(text) > LONGEST_TEXT:
        return None
    words = plain(_without_signature(text)).split()
    for language in _vocabularies():
        commands = language.stop | own_phrases
        if _says(words, commands, language.courtesy, language.objects) or _says(words, commands | language.stop_alone):
            return True
        if _says(words, language.start, language.courtesy):
            return False
    return None


def asks_for_help(text: str | None) -> bool:
    """True if the message is HELP, INFO or their equivalent, with nothing but courtesy around it."""
    if text is None or len(text) > LONGEST_TEXT:
        return False
    words = plain(_without_signature(text)).split()
    return any(_says(words, language.help, language.courtesy) for language in _vocabularies())


def own_phrases(text: str) -> frozenset[str]:
    """A client's own phrases, with commas between them, as `opts_out` takes them. Longer ones than LONGEST_PHRASE are
    never recognised."""
    return frozenset(_phrases(text))


def tap_opts_out(*values: str | None) -> bool:
    """True if a tapped answer opts out, by the text that the customer saw or by the value behind it. The sender chose
    these words, so CANCEL on a button can mean something else, and START is not consent."""
    texts = [plain(value).split() for value in values if value is not None and len(value) <= LONGEST_TEXT]
    return any(_says(words, one.stop, one.courtesy, one.objects) for words in texts for one in _vocabularies())


def plain(text: str) -> str:
    """Lower-case letters and digits without accents, in words with one space between them."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    letters = (letter for letter in decomposed.translate(_PLAIN) if unicodedata.category(letter) not in _INVISIBLE)
    return " ".join("".join(letter if letter.isalnum() else " " for letter in letters).split())


_INVISIBLE = frozenset({"Mn", "Me", "Cf"})
"""Accents that are separated from their letters, and characters without width such as U+200B."""

_PLAIN = str.maketrans({"\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})
"""Letters that Unicode does not decompose. The first is the Turkish dotless i."""


def _says(
    words: Sequence[str],
    commands: frozenset[str],
    courtesy: frozenset[str] = _NO_PHRASES,
    objects: frozenset[str] = _NO_PHRASES,
) -> bool:
    """True if the words are commands and nothing else but courtesy, and objects behind the first command."""
    place, commanded = 0, False
    while place < len(words):
        known = courtesy | commands | objects if commanded else courtesy | commands
        found = _longest_phrase(words, place, known)
        if not found:
            return False
        commanded = commanded or " ".join(words[place : place + found]) in commands
        place += found
    return commanded


def _longest_phrase(words: Sequence[str], place: int, known: frozenset[str]) -> int:
    """The number of words in the longest known phrase that starts here. 0 if there is none."""
    longest = min(LONGEST_PHRASE, len(words) - place)
    return next((size for size in range(longest, 0, -1) if " ".join(words[place : place + size]) in known), 0)


def _without_signature(text: str) -> str:
    """The text up to a line that a phone or a mail program has added, or that quotes a message."""
    lines = [*dropwhile(lambda line: line.lstrip().startswith(">"), text.splitlines())]
    for number, line in enumerate(lines):
        if number and (line.lstrip().startswith((">", "--")) or plain(line).startswith(_signatures())):
            return "\n".join(lines[:number])
    return "\n".join(lines)


@cache
def _vocabularies() -> tuple[_Vocabulary, ...]:
    english = _vocabulary(LANGUAGES["en"])
    words = frozenset(phrase for phrase in english.stop if " " not in phrase)
    others = (_vocabulary(language) for name, language in LANGUAGES.items() if name != "en")
    return (english, *(other._replace(stop=other.stop | words) for other in others))


def _vocabulary(language: Language) -> _Vocabulary:
    return _Vocabulary(*(frozenset(_phrases(getattr(language, name))) for name in _Vocabulary._fields))


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(plain, text.split(","))))


@cache
def _signatures() -> tuple[str, ...]:
    return _phrases(SIGNATURES)
