"""JSON that would be trouble later is refused at once, in words that quote nothing of it."""

import json

import pytest

from getthrough.domain.strict_json import MAX_DEPTH, parse

TELLTALE = "strawberry"


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


@pytest.mark.parametrize(
    "text", [nested(MAX_DEPTH), '{"a": [1, -0.5, null, true, "é🧁"]}', '"\\ud83e\\uddc1"', "1e308"]
)
def test_what_can_be_stored_and_read_again_is_taken(text: str) -> None:
    assert parse(text) == parse(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        nested(MAX_DEPTH + 1),
        nested(100_000),
        '{"a": ' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1),
        f'["{TELLTALE}", NaN]',
        f'["{TELLTALE}", -Infinity]',
        f'["{TELLTALE}", 1e309]',
        f'["{TELLTALE}\\ud800"]',
        f'["{TELLTALE}"',
        f"{TELLTALE}",
        "",
    ],
    ids=[
        "a level too deep",
        "far too deep",
        "objects",
        "NaN",
        "infinite",
        "too large",
        "half a character",
        "cut",
        "word",
        "",
    ],
)
def test_what_cannot_is_refused_without_a_word_of_it(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        parse(text)
    assert TELLTALE not in str(error.value)


def test_what_is_not_utf_8_is_refused() -> None:
    with pytest.raises(ValueError, match="UTF-8"):
        parse(b'"\xff\xfe"')
