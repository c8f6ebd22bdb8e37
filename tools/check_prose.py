"""Lints the project's Markdown with textlint: its words (tools/prose/words.yml) and the length of its sentences.

`python -m tools.check_prose [FILE ...]`. textlint comes from npm, as tools/prose/package-lock.json pins it, into
.cache/prose. Where Node.js is missing this says so and passes; in CI it fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "tools" / "prose"
INSTALLED = ROOT / ".cache" / "prose"
DOCUMENTS = ("*.md", ".github/**/*.md", "docs/**/*.md")


def main(arguments: Sequence[str]) -> int:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        print("prose: not checked, since Node.js 20 with npm is missing (Debian: nodejs npm)", file=sys.stderr)
        return 1 if os.environ.get("CI") else 0
    install(npm)
    command = [
        *(str(INSTALLED / "node_modules" / ".bin" / "textlint"), "--format", "unix"),
        *("--config", str(SOURCE / "textlintrc.json"), "--rules-base-directory", str(INSTALLED / "node_modules")),
        *(arguments or DOCUMENTS),
    ]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    print((found.stdout + found.stderr).replace(f"{ROOT}/", ""), end="")
    return found.returncode


def install(npm: str) -> None:
    lock = SOURCE / "package-lock.json"
    copy = INSTALLED / lock.name
    done = INSTALLED / "node_modules" / ".package-lock.json"
    if done.exists() and copy.exists() and copy.read_bytes() == lock.read_bytes():
        return
    INSTALLED.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", lock.name):
        shutil.copy(SOURCE / name, INSTALLED / name)
    print("prose: installing textlint into .cache/prose", file=sys.stderr)
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run([npm, "ci", *options], cwd=INSTALLED, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
