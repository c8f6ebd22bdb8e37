"""The console as `make build` ships it: one script, one stylesheet."""

import shutil
from pathlib import Path

from tools.bundle_console import ESBUILD, WEB, bundle_console

FUNCTIONS = Path(__file__).parents[1] / "functions"


def can_be_bundled() -> bool:
    """Whether `make test` could install esbuild. It says so if it could not, and fails in CI."""
    return ESBUILD.exists()


def functions_as_deployed(folder: Path) -> Path:
    """A copy of functions/ in which the console is bundled, below `folder`."""
    functions = folder / "functions"
    shutil.copytree(FUNCTIONS, functions, ignore=shutil.ignore_patterns("__pycache__"))
    bundle_console(functions / WEB)
    return functions
