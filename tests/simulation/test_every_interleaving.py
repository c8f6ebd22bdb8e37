"""The promises hold in every state that the protocol can come to, within stated bounds.

Each row explores all interleavings of all the ways in which its budget can be spent: who works when, which answer the
provider gives, which webhooks come, where a crash or a fault strikes. `make verify` explores all rows, `make test` only
those that aren't large. Both print what was visited.
"""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any

import pytest

from tests.simulation.explore import Explored
from tests.simulation.rows import ROWS, explore_row

LARGE = {
    "two steps, two webhooks",
    "two steps, a fault and a webhook",
    "three steps",
    "two steps, a customer who says stop, and a crash",
    "two steps, a customer who is asked, and answers",
    "two steps, a customer who is asked, answers, and a crash",
    "two steps, a client that cancels",
}
"""Rows with more than 100,000 states each, half of all; each mixes what smaller rows have one by one."""

EACH, ALL = "test_the_promises_hold_in_every_state", "test_about_how_many_states_that_is"


@pytest.fixture(scope="module")
def explored(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Explored]]]:
    """Every row that is asked for, explored on all cores."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    asked = {str(item.callspec.params["name"]) for item in items if item.originalname == EACH}
    names = ROWS if any(item.name == ALL for item in items) else asked
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as processes:
        yield {name: processes.submit(explore_row, name) for name in names}


def _rows() -> Iterator[Any]:
    for name in ROWS:
        yield pytest.param(name, id=name, marks=[pytest.mark.exhaustive] if name in LARGE else [])


@pytest.mark.parametrize("name", _rows())
def test_the_promises_hold_in_every_state(
    name: str, explored: dict[str, Future[Explored]], capsys: pytest.CaptureFixture[str]
) -> None:
    found = explored[name].result()

    with capsys.disabled():
        histories = f"{found.histories:.1e} histories" if found.histories else "histories without end"
        print(f"\n  {name}: {found.states:,} states, {found.steps:,} steps, {histories}", end="")
    assert found.states > 1000


@pytest.mark.exhaustive
def test_about_how_many_states_that_is(
    explored: dict[str, Future[Explored]], capsys: pytest.CaptureFixture[str]
) -> None:
    states = sum(row.result().states for row in explored.values())

    with capsys.disabled():
        print(f"\n  in all {states:,} states", end="")
    assert states > 1_000_000
