"""A use-case is `send_step(ports, dispatch, send)`: its ports come in one bundle."""

import ast
from collections.abc import Iterator
from pathlib import Path

USECASES = Path(__file__).parents[2] / "functions" / "getthrough" / "usecases"
MOST_PARAMETERS = 4


def functions() -> Iterator[tuple[str, int]]:
    """Each function there, private ones too, with the number of its parameters."""
    for path in USECASES.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                given = node.args
                named = [*given.posonlyargs, *given.args, *given.kwonlyargs]
                starred = [one for one in (given.vararg, given.kwarg) if one is not None]
                yield f"{path.stem}.{node.name}", len(named) + len(starred)


def test_no_function_has_more_than_four_parameters() -> None:
    counted = dict(functions())
    assert len(counted) > 50
    assert {name: count for name, count in counted.items() if count > MOST_PARAMETERS} == {}
