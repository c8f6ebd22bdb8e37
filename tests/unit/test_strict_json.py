"""JSON that would be trouble later is refused at once, in words that quote nothing of it."""

import json

import pytest

from getthrough.domain.values.strict_json import MAX_DEPTH, MAX_VALUES, parse, parse_repaired

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


def values(number: int) -> list[str]:
    """Texts with so many values each: in lists, in objects, and in both."""
    return [
        json.dumps([0] * (number - 1)),
        json.dumps({f"{n}": "" for n in range(number - 1)}),
        json.dumps([[]] * (number - 3) + [{"a": None}]),
    ]


@pytest.mark.parametrize("text", values(MAX_VALUES), ids=["list", "object", "both"])
def test_a_body_may_have_so_many_values(text: str) -> None:
    assert parse(text) == json.loads(text)


@pytest.mark.parametrize("text", values(MAX_VALUES + 1), ids=["list", "object", "both"])
def test_one_value_more_is_too_many(text: str) -> None:
    with pytest.raises(ValueError, match=f"^more than {MAX_VALUES} values$"):
        parse(text)


@pytest.mark.parametrize(
    "text", ['{"to": "1", "to": "1"}', '[{"a": {"to": 1, "text": "", "to": 2}}]', '{"to": 1, "\\u0074o": 1}']
)
def test_a_name_twice_in_one_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^`to` appears twice in one object$"):
        parse(text)


def test_the_same_name_in_two_objects_is_taken() -> None:
    assert parse('[{"to": {"to": 1}}, {"to": 2}]') == [{"to": {"to": 1}}, {"to": 2}]


def test_what_is_not_utf_8_is_refused() -> None:
    with pytest.raises(ValueError, match="UTF-8"):
        parse(b'"\xff\xfe"')


def test_a_name_that_may_be_a_text_of_somebodys_is_not_quoted() -> None:
    with pytest.raises(ValueError, match=r"^`a name` appears twice in one object$"):
        parse('{"+44 7700 900001": 1, "+44 7700 900001": 2}')


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"name": "\\ud83d", "text": "STOP"}', {"name": "\ufffd", "text": "STOP"}),
        (b'{"name": "a\\udc00b"}', {"name": "a\ufffdb"}),
        (b'{"name": "\\ud83d\\ude00"}', {"name": "\U0001f600"}),
        (b'{"name": "caf\xe9"}', {"name": "caf\ufffd"}),
        (b'{"name": "\\\\ud83d"}', {"name": "\\ud83d"}),
    ],
)
def test_an_unreadable_character_of_a_webhook_leaves_the_rest_readable(body: bytes, value: object) -> None:
    assert parse_repaired(body) == value


@pytest.mark.parametrize(
    "body", [b'{"a": "\\ud83d"', b'{"a": "\\ud83d", "a": 1}', b"[" * 100_000 + b'"\\ud83d"', b'{"a": NaN}']
)
def test_what_is_no_json_is_none_with_unreadable_characters_either(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_repaired(body)


def test_a_number_as_a_name_is_not_quoted() -> None:
    with pytest.raises(ValueError, match=r"^`a name` appears twice in one object$"):
        parse('{"447700900001": 1, "447700900001": 2}')
