"""Child processes of the local stack: each in a process group of its own, gone without a trace when it stops."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from local.stack.settings import HOST, ROOT, StartError

# What a child may know of the developer's shell. Most of all no AWS_*: the emulator's handlers inherit it.
PASSED_ON = {
    *("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
    *("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"),
}


@dataclass(frozen=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        """Raise StartError with the end of its log if it has died."""
        if (code := self.process.poll()) is not None:
            tail = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-15:]
            raise StartError("\n".join([f"{self.name} has ended with code {code}; see {self.log}:", *tail]))


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """A small environment without the developer's AWS settings, in which 127.0.0.1 needs no web proxy."""
    no_proxy = ",".join(filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), HOST, "localhost"]))
    return {
        **{name: value for name, value in os.environ.items() if name in PASSED_ON},
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
        "PYTHONUNBUFFERED": "1",
        **extra,
    }


@contextlib.contextmanager
def running(name: str, module: str, *args: str, environ: Mapping[str, str], log: Path) -> Iterator[Child]:
    """Run a module as a child for the length of the `with` block."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "local.stack.leash", module, *args],
            cwd=ROOT,
            env=environment(environ),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
    try:
        yield Child(name, process, log)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the whole group at once. All they know is in memory, so politeness would only cost seconds."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin:
        process.stdin.close()
    _wait_until_the_group_is_gone(process.pid)


def _wait_until_the_group_is_gone(group: int) -> None:
    # With a limit: on a machine whose init does not reap orphans, a killed worker stays in the list as a zombie.
    for _ in range(25):
        try:
            os.killpg(group, 0)
        except (ProcessLookupError, PermissionError):
            return
        time.sleep(0.02)
