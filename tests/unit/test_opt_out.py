"""Messages that end and restart messages: the whole message, however it is written."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import astuple
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.contact.opt_out_phrases import LANGUAGES
from getthrough.domain.contact.opt_out_words import (
    LONGEST_PHRASE,
    LONGEST_TEXT,
    opts_out,
    own_phrases,
    plain,
    tap_opts_out,
)

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MEANINGS = {"stop": True, "start": False, "none": None}


def phrases(text: str) -> list[str]:
    return [" ".join(phrase.split()) for phrase in text.split(",") if phrase.strip()]


COMMANDS = [
    *((phrase, True) for one in LANGUAGES.values() for phrase in phrases(f"{one.stop},{one.stop_alone}")),
    *((phrase, False) for one in LANGUAGES.values() for phrase in phrases(one.start)),
]
AROUND = st.text(st.sampled_from(" \t\n.,!?\"'*_()…“”🛑🙏\u200b\u00a0\ufe0f"), max_size=6)
KNOWN = {word for one in LANGUAGES.values() for text in (one.stop, one.stop_alone, one.objects, one.courtesy, one.start)
         for word in plain(text).split()}  # fmt: skip


def examples(half: str) -> list[tuple[str, str, str]]:
    """(language, expected, text) of each line in a list of examples."""
    lines = (HERE / "opt_outs" / f"{half}.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return [(language, expected, text.replace("\\n", "\n")) for language, expected, text in rows]


def figures(half: str) -> dict[str, str]:
    """How well the stops in a list are found: precision, recall, and the false positives among the other messages."""
    found = Counter((expected, opts_out(text)) for _, expected, text in examples(half))
    stops, right = sum(count for (kind, _), count in found.items() if kind == "stop"), found["stop", True]
    false = sum(count for (kind, got), count in found.items() if got is True and kind != "stop")
    return {
        "examples": str(found.total()),
        "precision": f"{100 * right / (right + false):.1f} %",
        "recall": f"{100 * right / stops:.1f} %",
        "false positives": str(false),
    }


def wide(text: str) -> str:
    """In letters of the width of Chinese ones, as some keyboards write them."""
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


WAYS: Mapping[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "a capital": str.capitalize,
    "mixed": lambda word: "".join(c.upper() if n % 2 else c for n, c in enumerate(word)),
    "wide": wide,
    "with a dash": lambda word: word.replace(" ", "-"),
    "with spaces": lambda word: f"  {word.replace(' ', '   ')}\n",
    "twice": lambda word: f"{word}, {word}",
    "with a signature": lambda word: f"{word}\n\nSent from my phone",
    "above a quotation": lambda word: f"{word}\n> Your cupcakes are ready",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_phrase_is_understood_in_every_way_of_writing(way: str) -> None:
    assert [word for word, stop in COMMANDS if opts_out(WAYS[way](word)) is not stop] == []


@given(st.sampled_from(COMMANDS), AROUND, AROUND)
def test_punctuation_emoji_and_invisible_characters_around_a_phrase_make_no_difference(
    word: tuple[str, bool], before: str, after: str
) -> None:
    assert opts_out(before + word[0] + after) is word[1]


@given(st.sampled_from(COMMANDS), st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8))
def test_a_word_that_is_in_no_table_makes_a_message_something_else(word: tuple[str, bool], other: str) -> None:
    if not set(plain(other).split()) <= KNOWN:
        assert opts_out(f"{word[0]} {other}") is None
        assert opts_out(f"{other} {word[0]}") is None


@given(st.text())
def test_any_text_has_an_answer_and_most_say_nothing(text: str) -> None:
    assert opts_out(text) in (True, False, None)
    if not set(plain(text).split()) & KNOWN:
        assert opts_out(text) is None


@given(st.text())
def test_capitals_and_compatible_letters_make_no_difference(text: str) -> None:
    if text.isascii():
        assert opts_out(text.upper()) is opts_out(text.lower()) is opts_out(text)
    if len(unicodedata.normalize("NFKC", text)) == len(text):
        assert opts_out(unicodedata.normalize("NFKC", text)) is opts_out(text)


@pytest.mark.parametrize("half", ["tuning", "judging"])
def test_no_ordinary_message_is_taken_for_a_stop_or_a_start(half: str) -> None:
    assert [text for _, expected, text in examples(half) if expected == "none" and opts_out(text) is not None] == []


def test_every_example_that_the_tables_were_made_with_is_understood() -> None:
    wrong = [text for _, expected, text in examples("tuning") if opts_out(text) is not MEANINGS[expected]]
    assert wrong == []


def test_the_documentation_has_the_figures_of_the_examples_that_the_tables_were_not_made_with() -> None:
    """docs/opt-outs.md has the row; the lists share no example, so the second half judges the first."""
    judged = figures("judging")
    row = f"| test set | {' | '.join(judged.values())} |"
    assert row in (ROOT / "docs" / "opt-outs.md").read_text(encoding="utf-8")
    assert judged["precision"] == "100.0 %"


def test_the_examples_are_many_in_many_languages() -> None:
    everything = [*examples("tuning"), *examples("judging")]
    assert len(everything) >= 300
    assert len({language for language, _, _ in everything}) >= 8
    assert not {text for _, _, text in examples("tuning")} & {text for _, expected, text in examples("judging")}


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


@pytest.mark.parametrize(
    "text", ["STOP 12345", "s t o p", "start stop", "ja", "fin", "uit", "1", "", " ", "🛑", "stop\nit"]
)
def test_what_is_not_clearly_a_request_is_none(text: str) -> None:
    assert opts_out(text) is None


def test_a_letter_is_for_a_person_to_read() -> None:
    assert opts_out("stop " * (LONGEST_TEXT // 5)) is True
    assert opts_out("stop " * (LONGEST_TEXT // 5) + "stop") is None
    assert opts_out("stop\n" + "Sent from my phone " * LONGEST_TEXT) is None


def test_a_clients_own_phrases_stop_messages_too() -> None:
    own = frozenset({plain("Tschüss Bäckerei")})
    assert [opts_out("Tschüss, Bäckerei! Danke", own), opts_out("Tschüss, Bäckerei!"), opts_out("Tschüss", own)] == [
        True,
        None,
        None,
    ]


def test_a_clients_own_phrases_are_written_with_commas_and_may_be_long() -> None:
    own = own_phrases("Tschüss Bäckerei, please take my name out of the book with the birthdays,,")
    assert own == {"tschuss backerei", "please take my name out of the book with the birthdays"}
    assert opts_out("Please take my name out of the book with the birthdays. Thanks!", own) is True
    assert max(len(phrase.split()) for phrase in _every_phrase()) <= LONGEST_PHRASE


def _every_phrase() -> list[str]:
    return [phrase for one in LANGUAGES.values() for text in astuple(one) for phrase in text.split(",")]


def test_no_phrase_says_both_and_each_language_has_both() -> None:
    stops, starts = ({plain(word) for word, stop in COMMANDS if stop is wanted} for wanted in (True, False))
    assert not stops & starts
    assert all(one.stop and one.start for one in LANGUAGES.values())
    assert not [text for text in (*stops, *starts) if not re.fullmatch("[a-z0-9 ]+", text)]


@pytest.mark.parametrize(
    ("shown", "value", "stops"),
    [
        ("Stop promotions", None, True),
        ("No more offers, thanks", "STOP", True),
        ("Stop", "6f1c", True),
        ("Cancel", "cancel", False),
        ("Start", "start", False),
        ("Next", "end", False),
        (None, None, False),
    ],
)
def test_a_tapped_button_stops_messages_but_its_words_are_the_senders(
    shown: str | None, value: str | None, stops: bool
) -> None:
    assert tap_opts_out(shown, value) is stops
