"""Ids that carry their address."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.values.identifiers import (
    MAX_STEPS,
    dispatch_uuid_from,
    is_dispatch_uuid,
    message_uuid,
    parse_message_uuid,
)
from tests.builders import DISPATCH_UUID

BASE = DISPATCH_UUID[:-2]


@given(st.uuids(), st.integers(0, MAX_STEPS - 1))
def test_a_message_uuid_names_its_dispatch_and_step(uuid: UUID, step: int) -> None:
    dispatch_uuid = dispatch_uuid_from(uuid)
    assert is_dispatch_uuid(dispatch_uuid)
    assert parse_message_uuid(message_uuid(dispatch_uuid, step)) == (dispatch_uuid, step)
    assert not is_dispatch_uuid(message_uuid(dispatch_uuid, step))


@given(st.uuids(version=4))
def test_a_dispatch_uuid_keeps_the_uuid_but_for_its_last_byte(uuid: UUID) -> None:
    assert dispatch_uuid_from(uuid) == str(uuid)[:-2] + "00"


@pytest.mark.parametrize(("step", "end"), [(0, "01"), (1, "02"), (8, "09"), (9, "0a")])
def test_a_step_is_the_last_byte_counted_from_one(step: int, end: str) -> None:
    assert message_uuid(DISPATCH_UUID, step) == BASE + end


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "order 7",
        DISPATCH_UUID,
        BASE + "0b",
        BASE + "ff",
        (BASE + "0a").upper(),
        BASE + "01\n",
        " " + BASE + "01",
        (BASE + "01").replace("-", ""),
        "{" + BASE + "01}",
        BASE + "1",
    ],
)
def test_any_other_text_is_no_message_uuid_of_ours(text: str | None) -> None:
    assert parse_message_uuid(text) is None


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (DISPATCH_UUID, True),
        (BASE + "01", False),
        (DISPATCH_UUID.upper(), False),
        (DISPATCH_UUID + "\n", False),
        ("", False),
    ],
)
def test_a_dispatch_uuid_is_a_uuid_in_small_letters_that_ends_in_00(text: str, is_one: bool) -> None:
    assert is_dispatch_uuid(text) is is_one
