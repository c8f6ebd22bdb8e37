"""What a caller's environment changes in the Makefile."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def values(*command_line: str, **environ: str) -> dict[str, str]:
    """The Makefile's variables with this environment."""
    done = subprocess.run(
        ["make", "--print-data-base", "--dry-run", "help", *command_line],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = (line.split(" := ") if " := " in line else line.split(" = ") for line in done.stdout.splitlines())
    found = {line[0]: line[1] for line in lines if len(line) == 2}
    return {name: found.get(name, "") for name in ("BUILD", "BUILT")}


def test_a_folder_that_the_environment_calls_build_is_not_emptied() -> None:
    assert values(BUILD="/home/me/builds", BUILT="yesterday") == {"BUILD": ".aws-sam/build", "BUILT": ""}


def test_the_build_is_where_the_caller_says() -> None:
    assert values("BUILD=here", "BUILT=yes") == {"BUILD": "here", "BUILT": "yes"}
    assert values(GETTHROUGH_BUILD="there", GETTHROUGH_BUILT="yes") == {"BUILD": "there", "BUILT": "yes"}
