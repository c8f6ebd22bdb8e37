"""Finds the browser for the end-to-end tests, and installs Debian's where that can be done without asking.

Chromium without windows comes first: its pages are the same, and a visit costs half the processor time.

Prints its path alone on standard output, so that the Makefile can hand it to the tests as CHROMIUM, and
what is for people on standard error. Without a browser those tests are skipped; under CI=true that is an
error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def found() -> str | None:
    wanted = os.environ.get("CHROMIUM")
    return wanted or next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """Takes it from Debian; a failure shows in the log and in that no browser is found afterwards."""
    say("No browser for the end-to-end tests; installing Debian's chromium-headless-shell ...")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in ("update -q", "install -y -q --no-install-recommends chromium-headless-shell fonts-liberation"):
        done = subprocess.run(["apt-get", *command.split()], env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            say(f"apt-get {command} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def say(text: str) -> None:
    print(text, file=sys.stderr)


def ready() -> str | None:
    """The browser's path, after installing one where that can be done."""
    if not found() and os.geteuid() == 0 and shutil.which("apt-get"):
        install()
    return found()


def main() -> int:
    if path := ready():
        print(path)
        return 0
    say("The end-to-end tests are SKIPPED: no Chromium on PATH, and only root with apt-get can install it.")
    say("Install one (Debian: apt-get install chromium-headless-shell), or name yours: CHROMIUM=/path/to/chrome")
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
