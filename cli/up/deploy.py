"""Building and deploying, with the very targets that a person would use."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping

from cli.errors import OperatorError
from cli.release import make_variables, workshop

SECRETS = ("VONAGE_API_SECRET", "VONAGE_SIGNATURE_SECRET", "GETTHROUGH_SECRET")


def deploy(stack: str, parameters: Mapping[str, str], environ: Mapping[str, str]) -> None:
    """`make deploy`, which asks nothing and resets nothing. What it prints goes to the error stream."""
    if missing := [program for program in ("make", "npm") if shutil.which(program) is None]:
        raise OperatorError(
            f"building needs {' and '.join(missing)}: install that (npm comes with Node.js 20 or newer)."
        )
    # A build runs programs of others.
    inherited = {name: value for name, value in os.environ.items() if name not in SECRETS}
    given = " ".join(f"{name}={value}" for name, value in parameters.items())
    command = ["make", "--no-print-directory", "deploy", f"ARGS=--stack-name {stack}", f"PARAMETERS={given}"]
    done = subprocess.run(
        [*command, *make_variables()], cwd=workshop(), env={**inherited, **environ}, check=False, stdout=2
    )
    if done.returncode:
        raise OperatorError("the deployment failed, for the reason above: fix it and run this again; nothing is lost.")
