"""What `getthrough` deploys: the templates, the functions, and the Makefile that builds them.

In a clone they are beside the command line. In an installed wheel they are inside it.
"""

from __future__ import annotations

import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

from cli.errors import OperatorError

PACKAGE = Path(__file__).resolve().parent
IN_THE_WHEEL = PACKAGE / "release"
IS_CLONE = not IN_THE_WHEEL.exists()
ROOT = PACKAGE.parent if IS_CLONE else IN_THE_WHEEL


def workshop() -> Path:
    """Where the release can be built: the clone, or a copy of what is in the wheel, in the user's cache."""
    if IS_CLONE:
        return ROOT
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "getthrough" / version("getthrough")
    for shipped in ROOT.iterdir():  # what an earlier wheel had, and this one has not, must not be deployed
        if shipped.is_dir():
            shutil.rmtree(folder / shipped.name, ignore_errors=True)
    shutil.copytree(ROOT, folder, dirs_exist_ok=True)
    return folder


def only_in_a_clone(what: str) -> None:
    """OperatorError in an installed wheel, which has no local stack and not all that the functions need."""
    if not IS_CLONE:
        raise OperatorError(f"{what} needs a clone of the repository: run this from one, as .venv/bin/getthrough.")


def make_variables() -> list[str]:
    """In a wheel this Python has what `make deploy` needs, and no environment has to be made for it."""
    return [] if IS_CLONE else ["READY=", f"BIN={Path(sys.executable).parent}", f"PYTHON={sys.executable}"]
