"""Building and deploying, with the very targets that a person would use."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from cli.errors import OperatorError

ROOT = Path(__file__).resolve().parents[2]


def deploy(stack: str, parameters: Mapping[str, str], environ: Mapping[str, str]) -> None:
    """`make deploy`, which asks nothing and resets nothing. What it prints goes to the error stream."""
    if not (ROOT / "template.yaml").exists():
        raise OperatorError("there is no template here: run this from a clone of the repository.")
    given = " ".join(f"{name}={value}" for name, value in parameters.items())
    command = ["make", "--no-print-directory", "deploy", f"ARGS=--stack-name {stack}", f"PARAMETERS={given}"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environ}, check=False, stdout=2)
    if done.returncode:
        raise OperatorError("the deployment failed, for the reason above: fix it and run this again; nothing is lost.")
