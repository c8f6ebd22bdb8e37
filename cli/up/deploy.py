"""Building and deploying, with the very targets that a person would use."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping

from cli.errors import OperatorError
from cli.release import make_variables, workshop


def deploy(stack: str, parameters: Mapping[str, str], environ: Mapping[str, str]) -> None:
    """`make deploy`, which asks nothing and resets nothing. What it prints goes to the error stream."""
    if missing := [program for program in ("make", "npm") if shutil.which(program) is None]:
        raise OperatorError(
            f"building needs {' and '.join(missing)}: install that (npm comes with Node.js 20 or newer)."
        )
    given = " ".join(f"{name}={value}" for name, value in parameters.items())
    command = ["make", "--no-print-directory", "deploy", f"ARGS=--stack-name {stack}", f"PARAMETERS={given}"]
    done = subprocess.run(
        [*command, *make_variables()], cwd=workshop(), env={**os.environ, **environ}, check=False, stdout=2
    )
    if done.returncode:
        raise OperatorError("the deployment failed, for the reason above: fix it and run this again; nothing is lost.")
