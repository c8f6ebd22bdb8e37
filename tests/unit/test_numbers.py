"""Phone numbers as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.values.phone_numbers import normalise

BOTH = "447700900001"


@pytest.mark.parametrize(
    "written",
    [
        "447700900001",
        "+447700900001",
        "00447700900001",
        "+44 7700 900-001",
        "+44 (0)7700 900001",
        "+44(0)7700900001",
        "+44-(0)-7700-900001",
        "0044 (0) 7700 900001",
        "+(44) 7700 900001",
        " 447700900001",
        " +447700900001 ",
        "\t447700900001",
        "447700900001\n",
        "+44\u00a07700\u00a0900001",
    ],
)
def test_every_way_to_write_a_number_is_the_same_number(written: str) -> None:
    assert normalise(written) == BOTH


@pytest.mark.parametrize(
    "text",
    [
        "(415) 555-0100",  # national: these digits are somebody's in Switzerland
        "555.010.0000",
        "212-555-0199",
        "44 7700 900001",
        "(44) 7700.900.001",
        "07700 900001",  # national: nobody here knows the country
        "(0)7700 900001",
        "44 (0)7700 900001",  # without a prefix a (0) may be part of the number
        "+(0)44 7700 900001",
        "+44 (0)(0)7700 900001",
        "+44 (0)7700 (0)900001",
        "+0447700900001",
        "000447700900001",
        "+ 44 + 7700 900001",
        "+123456",
        "+1234567890123456",
        "12345",
        "007",
        "Bakery",
        "4Bakery 4477",
        "44770090000x",
        "+44 7700 900001 ext. 3",
        "447700900001,447700900002",
        "\u0664\u0664\u0667\u0667\u0660\u0660\u0669\u0660\u0660\u0660\u0660\u0661",
        "US.13491208655302741918",
        "",
        "+",
        " " * 39 + BOTH,
    ],
)
def test_any_other_text_is_left_as_it_is(text: str) -> None:
    assert normalise(text) == text


def test_a_number_may_be_written_with_fifty_characters() -> None:
    assert normalise(" " * 38 + BOTH) == BOTH


@given(st.text(alphabet="0123456789+()-. \tx", max_size=60))
def test_what_comes_out_is_a_number_or_what_went_in_and_stays_so(text: str) -> None:
    used = normalise(text)
    assert used == text or (used.isdecimal() and used.isascii() and 7 <= len(used) <= 15 and used[0] != "0")
    assert normalise(used) == used


@given(st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True), st.lists(st.sampled_from(" .-"), max_size=10), st.data())
def test_what_people_put_between_digits_does_not_matter(number: str, between: list[str], data: st.DataObject) -> None:
    written = list(number)
    for sign in between:
        written.insert(data.draw(st.integers(1, len(written))), sign)
    assert normalise("+" + "".join(written)) == number
