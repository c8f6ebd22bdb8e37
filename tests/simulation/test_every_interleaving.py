"""The promises hold in every state that the protocol can come to, within stated bounds.

Each row explores all interleavings of all the ways in which its budget can be spent: who works when, which answer the
provider gives, which webhooks come, where a crash or a fault strikes. `make verify` explores all rows, `make test`
all but the long ones: 3.7 million states in all.
"""

import pytest

from tests.simulation.rows import ROWS, explore_row, takes_long

pytestmark = pytest.mark.timeout(900)
"""A row takes up to twenty seconds, on a computer that has nothing else to do."""


def _marks(name: str) -> tuple[pytest.MarkDecorator, ...]:
    return (pytest.mark.exhaustive,) if takes_long(name) else ()


@pytest.mark.parametrize("name", [pytest.param(name, marks=_marks(name), id=name) for name in ROWS])
def test_the_promises_hold_in_every_state(name: str) -> None:
    found = explore_row(name)

    histories = f"{found.histories:.1e} histories" if found.histories else "histories without end"
    print(f"{found.states:,} states, {found.steps:,} steps, {histories}")
    assert found.states == ROWS[name].states
