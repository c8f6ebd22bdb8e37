"""The promises hold in every state that the protocol can come to, within stated bounds.

Each row explores all interleavings of all the ways in which its budget can be spent: who works when, which answer the
provider gives, which webhooks come, where a crash or a fault strikes. `make verify` explores all rows, `make test`
all but the long ones. The run prints what was visited.
"""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor

import pytest

from tests.simulation.explore import Explored
from tests.simulation.rows import LONG_ONES, ROWS, explore_row

pytestmark = pytest.mark.timeout(900)
"""A row may wait for others, on a computer that has other things to do."""

STATES = 4_722_991
"""In all rows. What is made faster must not become smaller: a change of the protocol may change it, nothing else."""


@pytest.fixture(scope="module")
def explored(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Explored]]]:
    """Every row that was asked for, the longest first, explored on all cores."""
    tests = {item.name for item in request.session.items}
    all_rows = test_how_many_states_that_is.__name__ in tests
    row = test_the_promises_hold_in_every_state.__name__
    names = [
        name for name in sorted(ROWS, key=lambda name: name not in LONG_ONES) if all_rows or f"{row}[{name}]" in tests
    ]
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as processes:
        yield {name: processes.submit(explore_row, name) for name in names}


def _marks(name: str) -> tuple[pytest.MarkDecorator, ...]:
    return (pytest.mark.exhaustive,) if name in LONG_ONES else ()


@pytest.mark.parametrize("name", [pytest.param(name, marks=_marks(name), id=name) for name in ROWS])
def test_the_promises_hold_in_every_state(
    name: str, explored: dict[str, Future[Explored]], capsys: pytest.CaptureFixture[str]
) -> None:
    found = explored[name].result()

    with capsys.disabled():
        histories = f"{found.histories:.1e} histories" if found.histories else "histories without end"
        print(f"\n  {name}: {found.states:,} states, {found.steps:,} steps, {histories}", end="")
    assert found.states > 1000


@pytest.mark.exhaustive
def test_how_many_states_that_is(explored: dict[str, Future[Explored]]) -> None:
    assert sum(row.result().states for row in explored.values()) == STATES
