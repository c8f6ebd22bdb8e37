"""Phone numbers as people write them."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.values.phone_numbers import UnknownCountryError, normalise

FUNCTIONS = Path(__file__).parents[2] / "functions"
BOTH = "447700900001"


@pytest.mark.parametrize(
    "written",
    [
        "447700900001",
        "4407700900001",
        " 4407700900001",
        "+447700900001",
        "00447700900001",
        "+44 7700 900-001",
        "+44 (0)7700 900001",
        "+44(0)7700900001",
        "+44-(0)-7700-900001",
        "0044 (0) 7700 900001",
        "+(44) 7700 900001",
        "(+44) 7700 900001",
        "tel:+44-7700-900001",
        " 447700900001",
        " +447700900001 ",
        "\t447700900001",
        "447700900001\n",
        "+44\u00a07700\u00a0900001",
        "TEL:+44-7700-900001",
        "sms:+447700900001",
        "'+447700900001",
        '"+44 7700 900001"',
        "+44\u00b77700\u00b7900001",
        "\uff0b\uff14\uff14 \uff17\uff17\uff10\uff10 \uff19\uff10\uff10\uff10\uff10\uff11",
        "\u0664\u0664\u0667\u0667\u0660\u0660\u0669\u0660\u0660\u0660\u0660\u0661",
        "+\u0664\u0664 \u0667\u0667\u0660\u0660 \u0669\u0660\u0660\u0660\u0660\u0661",
    ],
)
def test_every_way_to_write_a_number_is_the_same_number(written: str) -> None:
    assert normalise(written) == BOTH


@pytest.mark.parametrize(
    "text",
    [
        "(415) 555-0100",  # national: these digits are someone's in Switzerland
        "555.010.0000",
        "212-555-0199",
        "44 7700 900001",
        "(44) 7700.900.001",
        "07700 900001",  # national: no one here knows the country
        "(0)7700 900001",
        "44 (0)7700 900001",  # without a prefix a (0) may be part of the number
        "+(0)44 7700 900001",
        "(+44 7700 900001)",
        "tel:07700900001",
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
        "tel:+447700900001;ext=5",
        "4.47701E+11",
        "447700900001,447700900002",
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
def test_what_people_put_between_digits_makes_no_difference(
    number: str, between: list[str], data: st.DataObject
) -> None:
    written = list(number)
    for sign in between:
        written.insert(data.draw(st.integers(1, len(written))), sign)
    assert normalise("+" + "".join(written)) == normalise(f"+{number}")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+44 07700 900001", BOTH),
        ("+44 (0) 7700 900001", BOTH),
        ("+39 06 698 12345", "390669812345"),  # Italy keeps its zero
        ("+49 (0)30 123456", "4930123456"),
        ("0033 6 12 34 56 78", "33612345678"),
        ("+1 (415) 555-0100", "14155550100"),
        ("+52 1 55 1234 0001", "5215512340001"),  # in no plan any more, but WhatsApp still writes it so
        ("+999 123 4567", "9991234567"),  # in no plan yet
    ],
)
def test_each_country_has_its_own_trunk_prefix(written: str, number: str) -> None:
    assert normalise(written) == number


@pytest.mark.parametrize("mark", ["\u202a", "\u2068", "\u200b", "\ufeff", "\u00ad", "\u200e"])
def test_invisible_characters_that_come_along_with_a_copied_number_are_dropped(mark: str) -> None:
    assert normalise(f"{mark}+44 7700{mark} 900001{mark}") == BOTH
    assert normalise(f"{mark}{BOTH}{mark}") == BOTH


@pytest.mark.parametrize("dash", "\u2010\u2011\u2013\u2014\u2212\uff0d")
def test_every_dash_is_a_dash(dash: str) -> None:
    assert normalise(f"+44{dash}7700{dash}900001") == BOTH


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("07700 900001", "GB", BOTH),
        ("07700900001", "GB", BOTH),
        ("(07700) 900-001", "GB", BOTH),
        ("44 7700 900 001", "GB", BOTH),
        ("(415) 555-0100", "US", "14155550100"),
        ("06 698 12345", "IT", "390669812345"),
        ("+33 6 12 34 56 78", "GB", "33612345678"),
        (BOTH, "DE", BOTH),  # digits alone include the country code, whatever the default is
        ("4155550100", "US", "4155550100"),
    ],
)
def test_a_national_number_is_understood_with_a_default_country(written: str, country: str, number: str) -> None:
    assert normalise(written, country) == number


@pytest.mark.parametrize("text", ["555-0100", "0", "60000", "Bakery", "", " ", "0 1", "GB.1349 12"])
def test_what_is_no_number_in_the_default_country_is_left_as_it_is(text: str) -> None:
    assert normalise(text, "US") == text


def test_a_country_that_does_not_exist_is_an_error_where_it_is_needed() -> None:
    with pytest.raises(UnknownCountryError):
        normalise("07700 900001", "XX")
    assert normalise("+44 7700 900001", "XX") == BOTH


def test_a_number_in_the_right_form_loads_no_rules() -> None:
    program = (
        "import sys; from getthrough.domain.values.phone_numbers import normalise; normalise('447700900001', 'GB')"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", f"{program}; print('phonenumbers' in sys.modules)"],
        env={"PYTHONPATH": str(FUNCTIONS)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert loaded.stdout == "False\n"
