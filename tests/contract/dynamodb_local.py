"""Amazon's DynamoDB Local, for the tests only: fetched once from npm into `.cache/`, run with Java on 127.0.0.1.

It is right where moto is not: conditions under concurrency, transactions, projections of indexes. Its licence allows
development and testing, so it is never part of the repository.
"""

import fcntl
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from local.stack.settings import free_port
from tests.needs import need

TOOLS = ("java", "javac", "npm")
_PACKAGE = "amplify-dynamodb-simulator@2.9.30"  # carries DynamoDB Local 1.25.1
_CACHE = Path(__file__).parents[2] / ".cache" / "dynamodb-local"
_LAUNCHER = Path(__file__).with_name("DynamoDBLocal.java")


@contextmanager
def running() -> Iterator[str]:
    """The URL of a fresh, empty DynamoDB Local."""
    need(*TOOLS, packages="default-jdk-headless npm")
    folder = _ready()
    port = free_port()
    # It lives for seconds: the second compiler and several threads that collect garbage would cost more than they save.
    command = [
        "java",
        "-Xmx512m",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        f"-Djava.library.path={folder}/DynamoDBLocal_lib",
    ]
    command += ["-cp", f"{folder}/launcher:{_classes(folder)}", "DynamoDBLocal"]
    command += ["-port", str(port), "-inMemory", "-sharedDb", "-disableTelemetry"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _classes(folder: Path) -> str:
    return f"{folder}/DynamoDBLocal.jar:{folder}/DynamoDBLocal_lib/*"


def _ready() -> Path:
    """Unpacked and compiled once, although several processes of tests may begin at the same time."""
    folder = _CACHE / "package" / "emulator"
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "DynamoDBLocal.jar").exists():
            with TemporaryDirectory(dir=_CACHE) as fresh:
                subprocess.run(["npm", "pack", "--silent", _PACKAGE], cwd=fresh, check=True, stdout=subprocess.DEVNULL)
                archive = next(Path(fresh).glob("*.tgz"))
                subprocess.run(["tar", "xzf", archive.name], cwd=fresh, check=True)
                shutil.rmtree(_CACHE / "package", ignore_errors=True)
                (Path(fresh) / "package").rename(_CACHE / "package")
        compiled = folder / "launcher" / "DynamoDBLocal.class"
        if not compiled.exists() or compiled.stat().st_mtime < _LAUNCHER.stat().st_mtime:
            command = ["javac", "-cp", _classes(folder), "-d", str(compiled.parent), str(_LAUNCHER)]
            subprocess.run(command, check=True)
    return folder


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"DynamoDB Local did not start (exit code {process.poll()})")
