"""Tools that some tests need beside what `make setup` installs."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

CACHE = Path(__file__).parents[1] / ".cache"


def need(*tools: str, packages: str) -> None:
    """Skip the test where a tool is missing, naming Debian's packages for it; fail in CI, which installs them."""
    if absent := missing(*tools):
        reason = f"this needs {' and '.join(absent)} (Debian: {packages})"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


def missing(*tools: str) -> list[str]:
    return [tool for tool in tools if shutil.which(tool) is None]


def node_packages(source: Path) -> Path:
    """A copy of the folder with the packages that its package-lock.json pins, fetched once from npm into `.cache/`."""
    need("node", "npm", packages="nodejs npm")
    folder = CACHE / source.name.replace("_", "-")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run in several processes
        shutil.copytree(source, folder, dirs_exist_ok=True)
        done = folder / "node_modules" / ".package-lock.json"
        if not done.exists() or done.stat().st_mtime < (folder / "package-lock.json").stat().st_mtime:
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return folder
