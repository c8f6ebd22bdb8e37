"""Vonage's error codes."""

import pytest

from getthrough.domain.event.error_codes import ERROR_CODES, ErrorCode, Meaning, meaning_of


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (1000, Meaning.TRY_AGAIN),
        (1180, Meaning.TRY_AGAIN),
        (1190, Meaning.TRY_NEXT),
        (1360, Meaning.TRY_NEXT),
        (1240, Meaning.NEVER_AGAIN),
        (1120, Meaning.INVALID_REQUEST),
        (1070, Meaning.ACCOUNT),
    ],
)
def test_a_code_says_what_is_to_do(code: int, meaning: Meaning) -> None:
    reported = meaning_of(code)
    assert reported is not None
    assert reported.meaning is meaning


def test_only_an_opt_out_or_a_blacklist_means_never_again() -> None:
    """What counts as a customer's choice has to be one: a customer who is only out of reach is asked again."""
    assert [code for code, (meaning, _) in ERROR_CODES.items() if meaning is Meaning.NEVER_AGAIN] == [1050, 1240]


@pytest.mark.parametrize("code", [None, -1, 0, 1, 999, 1001, 1500, 10**30])
def test_a_code_that_is_not_published_means_nothing(code: int | None) -> None:
    assert meaning_of(code) is None


def test_the_table_has_the_63_codes_of_vonages_list() -> None:
    """The list of the Messages API, version 1.11: tens from 1000 to 1480 without two, and some between them."""
    tens = set(range(1000, 1490, 10)) - {1110, 1390}
    between = {1021, 1022, 1241, 1251, 1282, 1331, 1381, 1382, 1451, 1461, 1472, 1473, 1481, 1482, 1483, 1484}

    assert set(ERROR_CODES) == tens | between
    assert len(ERROR_CODES) == 63


def test_the_table_is_in_order_and_cannot_be_changed() -> None:
    assert list(ERROR_CODES) == sorted(ERROR_CODES)
    with pytest.raises(TypeError):
        ERROR_CODES[1] = ErrorCode(Meaning.ACCOUNT, "")  # type: ignore[index]
