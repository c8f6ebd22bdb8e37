"""`stack.json`: how the demo, the tests and people find the running stack. It exists only while the stack is ready."""

import json
import os
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

NAME = "stack.json"


def write(local_dir: Path, content: dict[str, Any]) -> None:
    """Publish the running stack, all at once; only its owner may read it, since it holds secrets."""
    path = local_dir / NAME
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    write_private(new, json.dumps({**content, "pid": os.getpid()}, indent=2) + "\n")
    new.replace(path)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, at every moment."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, 0o600)
        file.write(text)


def read_running(local_dir: Path) -> dict[str, Any] | None:
    """The stack that runs from this folder, or None; a file left by one that was killed counts for nothing."""
    try:
        content: dict[str, Any] = json.loads((local_dir / NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return content if _is_alive(content["pid"]) and _listens(content["api_url"]) else None


def remove(local_dir: Path) -> None:
    (local_dir / NAME).unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except ProcessLookupError:
        return False
    return True


def _listens(url: str) -> bool:
    # The process id alone may be another program's by now.
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname, address.port), timeout=1).close()
    except OSError:
        return False
    return True
