"""The wheel asks for what the command line's own list pins."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_wheel_needs_what_the_command_line_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = re.findall(r"^[A-Za-z].*$", (ROOT / "cli" / "requirements.in").read_text(), re.M)

    assert sorted(project["dependencies"]) == sorted(listed)
