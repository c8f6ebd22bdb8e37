"""The emulator's workers as forks of one process that has loaded what the functions load.

A process of its own loads the same packages for each worker: half a second of a processor, a hundred times in a run of
the tests. What a worker shares this way reads no environment: the functions' handlers and settings load in the fork.

    python -m local.stack.forked_workers CONNECTION CODE        the process that forks; CONNECTION is a descriptor
"""

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

AVAILABLE = sys.platform == "linux"
"""macOS's own libraries don't survive a fork."""

SHARED_PACKAGES = ("getthrough.domain", "getthrough.usecases", "getthrough.adapters")
LARGEST_REQUEST = 200_000
"""Bytes of a worker's environment: its functions' settings, and the emulator's."""


class Worker:
    """What the emulator uses of `subprocess.Popen`. It is no child of the emulator, so its exit code is not known."""

    def __init__(self, command: Sequence[str], *, cwd: str, env: Mapping[str, str], **_: Any) -> None:
        (stdin, write), (read, stdout), (read_errors, stderr) = os.pipe(), os.pipe(), os.pipe()
        self.stdin = open(write, "w", buffering=1)  # noqa: SIM115 - closed with the worker
        self.stdout, self.stderr = open(read), open(read_errors)  # noqa: SIM115
        request = {"script": command[1], "folder": cwd, "environment": dict(env)}
        self.pid = _forker(_code(cwd)).fork(json.dumps(request).encode(), (stdin, stdout, stderr))
        for end in (stdin, stdout, stderr):
            os.close(end)

    def poll(self) -> int | None:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 1
        return None

    def wait(self, timeout: float) -> int:
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("worker", timeout)
            time.sleep(0.01)
        return code

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)


class _Forker:
    def __init__(self, code: str) -> None:
        self._connection, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._one_at_a_time = threading.Lock()
        with theirs:
            subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno()), code],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def fork(self, request: bytes, descriptors: Sequence[int]) -> int:
        """The new process's id."""
        with self._one_at_a_time:
            socket.send_fds(self._connection, [request], descriptors)
            return int(self._connection.recv(32))


_forkers: dict[str, _Forker] = {}
_starting = threading.Lock()


def _forker(code: str) -> _Forker:
    with _starting:
        if code not in _forkers:
            _forkers[code] = _Forker(code)
        return _forkers[code]


def _code(folder: str) -> str:
    """Where a worker's code really is: its folder holds links to it."""
    return str(next(Path(folder).iterdir()).resolve().parent)


def main() -> None:
    descriptor, code = sys.argv[1:]
    _load(code)
    with socket.socket(fileno=int(descriptor)) as connection:
        request = _serve(connection)
    if request:
        _become(request)


def _load(code: str) -> None:
    """Import what the functions share. A function that is not ours shares nothing. What can't be imported is left to
    the workers: they fail in the same way, and the function's log says why."""
    sys.path.insert(0, code)
    if (Path(code) / "getthrough").exists():
        with contextlib.suppress(Exception):
            for package in map(importlib.import_module, SHARED_PACKAGES):
                for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
                    importlib.import_module(module.name)
    sys.path.remove(code)
    gc.freeze()  # a collection in a worker would copy the pages that all share


def _serve(connection: socket.socket) -> dict[str, Any] | None:
    """Fork as asked until the emulator is gone. A new worker returns with its request, standard streams in place."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who has ended is gone at once
    while True:
        request, descriptors, _, _ = socket.recv_fds(connection, LARGEST_REQUEST, 3)
        if not request:
            return None
        if (pid := os.fork()) == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for stream, descriptor in enumerate(descriptors):
                os.dup2(descriptor, stream)
                os.close(descriptor)
            decoded: dict[str, Any] = json.loads(request)
            return decoded
        connection.send(str(pid).encode())
        for descriptor in descriptors:
            os.close(descriptor)


def _become(request: Mapping[str, Any]) -> None:
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    sys.argv = [request["script"]]
    sys.path[0] = str(Path(request["script"]).parent)
    runpy.run_path(request["script"], run_name="__main__")


if __name__ == "__main__":
    main()
