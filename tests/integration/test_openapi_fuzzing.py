"""Schemathesis on the running stack: what the description allows and what it forbids, 15 random requests for each
operation and the bounds of each parameter, always the same ones."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running_stack import Stack, running_stack

ROOT = Path(__file__).parents[2]
SETTINGS = Path(__file__).parent / "fuzzing" / "schemathesis.toml"


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A stack of its own: what Schemathesis does, such as opting contacts out, is no test's business but this one's."""
    with running_stack(tmp_path / "stack") as stack:
        yield stack


@pytest.mark.timeout(1000)
def test_no_request_gets_an_answer_that_is_not_described(stack: Stack, tmp_path: Path) -> None:
    program = "from schemathesis.cli import schemathesis; schemathesis()"
    arguments = ["--config-file", str(SETTINGS), "run", f"{stack.api_url}/openapi.json"]

    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "functions")]),
            "NO_COLOR": "1",
            "CLIENT_NAME": stack.client_name,
            "CLIENT_SECRET": stack.client_secret,
            "SIGNATURE_SECRET": stack.signature_secret,
            "API_KEY": stack.api_key,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout
