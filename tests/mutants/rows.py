"""`python -m tests.mutants.rows ROW...`: explore rows of the simulation one after another, until a promise is broken.

The simulation's own test explores all its rows at once, on all cores. The output and the exit code are as pytest's.
"""

import sys

from tests.mutants.mutations import TEST_OF_ROWS
from tests.simulation.rows import explore_row


def main(rows: list[str]) -> int:
    for row in rows:
        try:
            explore_row(row)
        except Exception as error:  # noqa: BLE001 - whatever a broken promise comes to
            print(f"FAILED {TEST_OF_ROWS}[{row}] - {error}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
