"""The mutations, as mutations.toml has them."""

import tomllib
from pathlib import Path
from typing import NamedTuple

TEST_OF_ROWS = "tests/simulation/test_every_interleaving.py::test_the_promises_hold_in_every_state"
TABLE = Path(__file__).with_name("mutations.toml")


class Mutation(NamedTuple):
    """One change that breaks a promise: `old`, found once in `file`, becomes `new`, and one of `tests` (files of
    tests) or `rows` (of the simulation) has to fail."""

    promise: str
    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    rows: tuple[str, ...]


def load() -> list[Mutation]:
    table = tomllib.loads(TABLE.read_text())
    return [
        Mutation(
            promise=promise,
            name=entry["name"],
            file=entry["file"],
            old=entry["old"],
            new=entry["new"],
            tests=tuple(entry.get("tests", ())),
            rows=tuple(entry.get("rows", ())),
        )
        for promise, entries in table.items()
        for entry in entries
    ]
