"""Words that end and begin messages: the whole message, however it is written."""

import unicodedata
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.contact.opt_out_words import START, START_WORDS, STOP, STOP_WORDS, opts_out

WORDS = [(word, True) for words in STOP_WORDS.values() for word in words] + [
    (word, False) for words in START_WORDS.values() for word in words
]
AROUND = st.text(st.sampled_from(" \t\n.,!?\"'*-_()…“”🛑🙏\u200b\u00a0\ufe0f"), max_size=6)


def wide(text: str) -> str:
    """In letters of the width of Chinese ones, as some keyboards write them."""
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


WAYS: Mapping[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "a capital": str.capitalize,
    "mixed": lambda word: "".join(c.upper() if n % 2 else c for n, c in enumerate(word)),
    "apart": lambda word: unicodedata.normalize("NFD", word),
    "together": lambda word: unicodedata.normalize("NFC", word),
    "wide": wide,
    "without accents": lambda word: "".join(c for c in unicodedata.normalize("NFD", word) if c.isascii()),
    "with a dash": lambda word: word.replace(" ", "-"),
    "with spaces": lambda word: f"  {word.replace(' ', '   ')}\n",
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("word", "stop"), WORDS)
def test_a_word_is_known_in_every_way_of_writing(word: str, stop: bool, way: str) -> None:
    assert opts_out(WAYS[way](word)) is stop


@given(st.sampled_from(WORDS), AROUND, AROUND)
def test_what_is_no_letter_and_no_digit_around_a_word_does_not_count(
    word: tuple[str, bool], before: str, after: str
) -> None:
    assert opts_out(before + word[0] + after) is word[1]


@given(st.sampled_from(WORDS), st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8))
def test_anything_beside_a_word_makes_it_a_sentence(word: tuple[str, bool], other: str) -> None:
    sentence = f"{word[0]} {other}"
    assert opts_out(sentence) is None or other.casefold() in ("all", "me", "in", "out")


@given(st.text())
def test_any_other_text_says_nothing_and_breaks_nothing(text: str) -> None:
    letters = "".join(letter for letter in unicodedata.normalize("NFKC", text) if letter.isalnum())
    if not 2 < len(letters) < 20:
        assert opts_out(text) is None
    assert opts_out(text) in (True, False, None)


@given(st.text())
def test_writing_a_message_in_capitals_or_compatible_letters_does_not_change_what_it_says(text: str) -> None:
    assert opts_out(unicodedata.normalize("NFKC", text)) is opts_out(text)
    if text.isascii():
        assert opts_out(text.upper()) is opts_out(text.lower()) is opts_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "STOP 12345",
        "please stop",
        "Please don't stop!",
        "stop it",
        "non-stop",
        "stopover",
        "full stop.",
        "I want to stop by at five",
        "s t o p",
        "start stop",
        "the end",
        "yes",
        "ja",
        "no",
        "fin",
        "uit",
        "ok",
        "1",
        "",
        " ",
        "🛑",
        "stop\nit",
    ],
)
def test_a_sentence_is_none(text: str) -> None:
    assert opts_out(text) is None


@pytest.mark.parametrize(
    ("text", "stop"),
    [
        ("İPTAL", True),
        ("\u0131ptal", True),
        ("ARRET", True),
        ("arrêt.", True),
        ("Rezygnuję!", True),
        ("ODHLASIT", True),
        ("opt-out", True),
        ("STOP 🛑", True),
        ("\uff33\uff34\uff2f\uff30", True),
        ("S\u200bT\u200bO\u200bP", True),
        ("BAŞLAT", False),
        ("PÅMELD", False),
        ("pameld", False),
    ],
)
def test_letters_that_are_written_in_two_ways_are_one(text: str, stop: bool) -> None:
    assert opts_out(text) is stop


def test_no_word_says_both_and_each_language_has_both() -> None:
    assert not STOP & START
    assert list(STOP_WORDS) == list(START_WORDS)
    assert {"stop", "start"} <= STOP | START
