"""What the log tells of an error."""

import json

from getthrough.observability import describe

TELLTALE = "447700900001"


def fail_with(error: Exception) -> None:
    raise error


def deep(levels: int) -> None:
    if levels:
        deep(levels - 1)
    else:
        fail_with(ValueError(TELLTALE))


def caught(levels: int) -> ValueError:
    try:
        deep(levels)
    except ValueError as error:
        return error
    raise AssertionError


def test_an_error_is_logged_by_class_and_place_and_never_by_its_words() -> None:
    described = describe(caught(0))
    assert TELLTALE not in json.dumps(described)
    assert described["error"] == "ValueError"
    places = [place.partition(":")[0] + place[place.index(" ") :] for place in described["at"]]
    assert places == ["test_observability.py caught", "test_observability.py deep", "test_observability.py fail_with"]


def test_of_a_long_way_the_last_six_places_are_logged() -> None:
    described = describe(caught(50))
    assert len(described["at"]) == 6
    assert described["at"][-1].endswith(" fail_with")


def test_what_an_error_was_made_from_is_not_logged_either() -> None:
    error = KeyError(TELLTALE)
    error.__cause__ = caught(0)
    assert describe(error) == {"error": "KeyError", "at": []}


def test_an_error_that_was_never_raised_has_no_place() -> None:
    assert describe(ValueError(TELLTALE)) == {"error": "ValueError", "at": []}
