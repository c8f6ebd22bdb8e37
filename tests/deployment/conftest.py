"""The command line as it is published, a wheel in an environment that has nothing else; and empty AWS accounts."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.stack import processes

ROOT = Path(__file__).parents[2]
UV = [sys.executable, "-m", "uv"]
START_SECONDS = 240


@contextmanager
def empty_account(folder: Path, module: str, *arguments: str, **settings: str) -> Iterator[str]:
    """An emulated AWS account with nothing in it: the address at which `module` answers. Its files are in `folder`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environ = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",
        "TMPDIR": str(folder),
        "STATE_DIR": str(folder),
        "S3_DATA_DIR": str(folder),
        **settings,
    }
    log = folder / "emulator.log"
    with processes.running("emulator", module, str(folder), *arguments, environ=environ, log=log) as child:
        deadline = time.monotonic() + START_SECONDS
        while not _accepts(port):
            child.check()
            assert time.monotonic() < deadline, "the emulator does not answer"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"


def _accepts(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


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
