"""Run the local stack for the length of a `with` block, as the demo and the tests need it."""

import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from local.stack import stack_file
from local.stack.settings import ROOT, StartError

START_SECONDS = 180.0
STOP_SECONDS = 60.0


@contextlib.contextmanager
def launched(environ: Mapping[str, str], local_dir: Path) -> Iterator[dict[str, Any]]:
    """Start a stack of its own in a child process; yields stack.json's content. Raises StartError with its words."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "local.stack"],
            cwd=ROOT,
            env={**environ, "LOCAL_DIR": str(local_dir)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,  # its parent decides when it ends, not a Ctrl-C that the parent also gets
        )
        try:
            yield _wait_until_ready(process, local_dir, output)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)


def _wait_until_ready(process: subprocess.Popen[bytes], local_dir: Path, output: Any) -> dict[str, Any]:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        content = stack_file.read_running(local_dir)
        if content is not None and content["pid"] == process.pid:
            return content
        if process.poll() is not None:
            output.seek(0)
            raise StartError(output.read().strip())
        time.sleep(0.05)
    raise StartError(f"the local stack was not ready within {START_SECONDS:.0f} s")
