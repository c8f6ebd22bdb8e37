"""The promises hold in every state that the protocol can come to, within stated bounds.

Each row explores all interleavings of all the ways in which its budget can be spent: who works when, which answer the
provider gives, which webhooks come, where a crash or a fault strikes. `make test` prints what was visited.
"""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor

import pytest

from tests.simulation.explore import Explored
from tests.simulation.rows import ROWS, explore_row


@pytest.fixture(scope="module")
def explored() -> Iterator[dict[str, Future[Explored]]]:
    """Every row, explored on all cores."""
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as processes:
        yield {name: processes.submit(explore_row, name) for name in ROWS}


@pytest.mark.parametrize("name", ROWS)
def test_the_promises_hold_in_every_state(
    name: str, explored: dict[str, Future[Explored]], capsys: pytest.CaptureFixture[str]
) -> None:
    found = explored[name].result()

    with capsys.disabled():
        histories = f"{found.histories:.1e} histories" if found.histories else "histories without end"
        print(f"\n  {name}: {found.states:,} states, {found.steps:,} steps, {histories}", end="")
    assert found.states > 1000


def test_about_how_many_states_that_is(
    explored: dict[str, Future[Explored]], capsys: pytest.CaptureFixture[str]
) -> None:
    states = sum(row.result().states for row in explored.values())

    with capsys.disabled():
        print(f"\n  in all {states:,} states", end="")
    assert states > 1_000_000
