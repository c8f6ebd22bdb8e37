"""Puts bytecode into a built bundle, so that no cold start has to compile: init takes less than half as long.

`python -m tools.bytecode .aws-sam/build` compiles every function folder with the template's runtime: by
that Python when one runs here, else by the same Python compiled to WebAssembly (npm, `pyodide`). The
bytecode is marked `unchecked-hash`, because a zip's dates (1980) would make Lambda ignore dated bytecode.
`tools.check_bundle` proves the result.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.bundle import Bundle, built_bundles

TOOLS = Path(__file__).resolve().parent
PYODIDE = TOOLS.parent / ".cache" / "pyodide"


def interpreter(version: str) -> str | None:
    """A Python of this minor version that really runs: a version manager's shim may be there and not run."""
    names = [Path(folder, f"python{version}") for folder in os.get_exec_path()]
    for candidate in [sys.executable, *(str(name) for name in names if os.access(name, os.X_OK))]:
        answer = subprocess.run(
            [candidate, "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.stdout.strip() == version:
            return candidate
    return None


def compile_with_python(python: str, bundle: Path) -> None:
    options = ["-q", "-f", "--invalidation-mode", "unchecked-hash", "-s", str(bundle), "-p", "/var/task"]
    subprocess.run([python, "-I", "-m", "compileall", *options, str(bundle)], check=True)


def compile_with_pyodide(version: str, bundle: Path) -> None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise SystemExit(f"Install python{version}, or Node.js with npm: one of them must compile the bundle.")
    install_pyodide(npm)
    package = PYODIDE / "node_modules" / "pyodide"
    subprocess.run([node, str(TOOLS / "bytecode.mjs"), str(package), str(bundle), version], check=True)


def install_pyodide(npm: str) -> None:
    """Installs what tools/package-lock.json names, once: the copy of the lock file is written last."""
    lock, done = TOOLS / "package-lock.json", PYODIDE / "installed-package-lock.json"
    if done.exists() and done.read_bytes() == lock.read_bytes():
        return
    PYODIDE.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(TOOLS / name, PYODIDE / name)
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run([npm, "ci", *options], cwd=PYODIDE, check=True)
    shutil.copyfile(lock, done)


def compile_bundle(bundle: Bundle) -> str:
    """Compiles one function folder; returns by what."""
    for stale in bundle.folder.rglob("__pycache__"):
        shutil.rmtree(stale)
    python = interpreter(bundle.python)
    if python and os.environ.get("BYTECODE_BY") != "pyodide":
        compile_with_python(python, bundle.folder)
        return python
    compile_with_pyodide(bundle.python, bundle.folder)
    return "pyodide"


def main(build: Path) -> None:
    for bundle in built_bundles(build):
        print(f"bytecode: {bundle.folder} for Python {bundle.python}, compiled by {compile_bundle(bundle)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
