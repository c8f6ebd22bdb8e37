"""A message by our id or by Vonage's, and which one is not found."""

from collections.abc import Mapping
from typing import Any

import pytest

from getthrough.domain.dispatch import description
from getthrough.domain.values.errors import NotFoundError
from getthrough.usecases.ports import Reading
from getthrough.usecases.read import read_message
from tests.builders import DISPATCH_UUID, at, dispatch
from tests.fakes import FakeDispatches, ports_of
from tests.unit.stories import sent
from tests.unit.world import World

FIRST_MESSAGE, SECOND_MESSAGE, THIRD_MESSAGE = (f"{DISPATCH_UUID[:-2]}{n:02x}" for n in (1, 2, 3))
VONAGES = "0c4d9a52-3b1f-4e7e-8a55-77c0ffee00aa"


@pytest.fixture
def dispatches() -> FakeDispatches:
    dispatches = FakeDispatches()
    dispatches.save(sent(dispatch()))
    return dispatches


def read(dispatches: FakeDispatches, message_uuid: str) -> Mapping[str, Any]:
    return read_message(ports_of(World(dispatches), Reading), message_uuid)


@pytest.mark.parametrize(("message_uuid", "step"), [(FIRST_MESSAGE, 0), (SECOND_MESSAGE, 1)])
def test_a_message_is_read_by_our_id(dispatches: FakeDispatches, message_uuid: str, step: int) -> None:
    stored = dispatches.stored[DISPATCH_UUID]
    expected = {"dispatch_uuid": DISPATCH_UUID, **description.describe_step(stored, step)}
    assert read(dispatches, message_uuid) == expected


@pytest.mark.parametrize("vonages", [VONAGES, VONAGES[:-2] + "01", VONAGES[:-2] + "0a"])
def test_a_message_is_read_by_vonages_id_also_where_that_looks_like_ours(
    dispatches: FakeDispatches, vonages: str
) -> None:
    dispatches.refer(vonages, SECOND_MESSAGE, at(0))
    assert read(dispatches, vonages)["message_uuid"] == SECOND_MESSAGE


@pytest.mark.parametrize(
    "message_uuid", ["", "hello", DISPATCH_UUID, THIRD_MESSAGE, "6" + FIRST_MESSAGE[1:], VONAGES, VONAGES[:-2] + "01"]
)
def test_a_message_that_does_not_exist_is_not_found(dispatches: FakeDispatches, message_uuid: str) -> None:
    with pytest.raises(NotFoundError):
        read(dispatches, message_uuid)


def test_a_reference_to_a_dispatch_that_is_gone_is_not_found(dispatches: FakeDispatches) -> None:
    dispatches.refer(VONAGES, "6" + FIRST_MESSAGE[1:], at(0))
    with pytest.raises(NotFoundError):
        read(dispatches, VONAGES)
