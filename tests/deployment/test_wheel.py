"""The wheel, in an environment of its own: what it deploys is in it, and it says what only a clone can do."""

import os
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.deployment.conftest import ROOT

TRAVELS = ("template.yaml", "infra/storage.yaml", "functions/getthrough/handlers/send.py", "Makefile", "package.json")

FOLDER = "cli/release/"
"""Where in the wheel that is which `getthrough up` builds and deploys."""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(installed: Path, tmp_path: Path) -> Run:
    """Runs `getthrough`, or another program of its environment, as someone without AWS credentials."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "VONAGE_API_KEY": "abcd1234",
        "VONAGE_API_SECRET": "secret",
        "AWS_EC2_METADATA_DISABLED": "true",
    }

    def run(*arguments: str, program: str = "getthrough") -> "subprocess.CompletedProcess[str]":
        command = [str(installed / program), *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120, check=False
        )

    return run


def test_every_command_is_there_and_fits_a_screen(run: Run) -> None:
    done = run("--help")

    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) <= 24
    assert run("--version").stdout == "getthrough 0.1.0\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["up", "--dry-run"], "no AWS region is set"),
        (["up", "--dry-run", "--region", "eu-west-1"], "there are no AWS credentials"),
        (["smoke", "--local"], "the local stack needs a clone of the repository"),
        (["down", "--region", "eu-west-1"], "there are no AWS credentials"),
    ],
)
def test_what_it_cannot_do_is_one_sentence(run: Run, arguments: list[str], sentence: str) -> None:
    done = run(*arguments)

    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert sentence in done.stderr


def test_nothing_travels_that_is_not_in_the_repository(installed: Path) -> None:
    """Such as a key that lay beside the code."""
    [wheel] = installed.parents[1].glob("getthrough-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        travels = {name.removeprefix(FOLDER) for name in archive.namelist() if name.startswith(FOLDER)}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )

    assert travels - set(listed) == set()


def test_what_it_deploys_travels_in_it_and_make_finds_its_way_there(run: Run) -> None:
    found = run("-c", "from cli.release import workshop; print(workshop())", program="python")
    workshop = Path(found.stdout.strip())

    assert [path for path in TRAVELS if not (workshop / path).exists()] == []
    script = "from cli.release import make_variables; print(*make_variables(), sep='\\n')"
    variables = run("-c", script, program="python").stdout.split("\n")[:-1]
    plan = subprocess.run(
        ["make", "--dry-run", "deploy", *variables],
        cwd=workshop,
        env={**os.environ, "AWS_REGION": "eu-west-1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (plan.returncode, plan.stderr) == (0, "")
    assert "sam build" in plan.stdout
    assert "sam deploy" in plan.stdout
