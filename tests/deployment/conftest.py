"""The command line as it is published: a wheel, in an environment that has nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = [sys.executable, "-m", "uv"]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with `getthrough` and that environment's Python."""
    folder = tmp_path_factory.mktemp("wheel")
    build = ["build", "--quiet", "--wheel", "--no-build-isolation", "--python", sys.executable]
    subprocess.run([*UV, *build, "--out-dir", str(folder)], cwd=ROOT, check=True)
    [wheel] = folder.glob("getthrough-*.whl")
    programs = folder / "venv" / "bin"
    subprocess.run([*UV, "venv", "--quiet", "--python", sys.executable, str(folder / "venv")], check=True)
    pinned = ["--python", str(programs / "python"), "--constraint", str(ROOT / "requirements-dev.txt")]
    subprocess.run([*UV, "pip", "install", "--quiet", *pinned, str(wheel)], check=True)
    return programs
