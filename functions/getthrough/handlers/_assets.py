"""The files that ConsoleFunction serves: the console, the OpenAPI document, and the viewer that shows it.

The viewer is Swagger UI, from the copy that Powertools ships. Its path is found without importing Powertools' event
handler, because that import would take longer than serving the console.
"""

import gzip
import hashlib
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import aws_lambda_powertools

_WEB = Path(__file__).parent.parent / "web"
_POWERTOOLS = Path(aws_lambda_powertools.__path__[0])

VIEWER = tuple(
    _POWERTOOLS / "event_handler" / "openapi" / "swagger_ui" / name
    for name in ("swagger-ui-bundle.min.js", "swagger-ui.min.css")
)
"""The files of Swagger UI."""

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}

_HEADERS = {
    "cache-control": "no-cache",
    "vary": "accept-encoding",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "strict-transport-security": "max-age=31536000",
}


def _policy(pictures: str) -> str:
    """The content security policy, with the allowed sources of pictures."""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src {pictures}; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


_STRICT = _policy("'self' data:")
_POLICIES = {"index.html": _policy("'self' data: https:")}
"""The console can preview a picture from any https address before it is sent."""

_COMMENT = re.compile(rb"^[ \t]*/\*\*(?:[^*]|\*(?!/))*\*/[ \t]*$", re.MULTILINE)
"""A comment on its own lines in a script. Its type annotations serve developers only."""


class Asset(NamedTuple):
    """A file as the response has it. `body` is base64, of the gzipped content if the headers say so."""

    headers: dict[str, str]
    body: str


def find(name: str, *, gzipped: bool) -> Asset | None:
    """The asset with this name, or None. Only known names reach the file system or the cache."""
    return _encoded(name, gzipped) if name in _contents() else None


@cache
def _contents() -> Mapping[str, Callable[[], bytes]]:
    files = {path.relative_to(_WEB).as_posix(): path for path in _WEB.rglob("*") if path.suffix in _TYPES}
    read = {name: file.read_bytes for name, file in files.items()}
    scripts = {name: partial(_script, file) for name, file in files.items() if file.suffix == ".js"}
    viewer = {file.name: file.read_bytes for file in VIEWER}
    return {**read, **scripts, **viewer}


def _script(file: Path) -> bytes:
    """A script without its comments, which are a fifth of its size. Line numbers stay the same."""
    return _COMMENT.sub(lambda comment: b"\n" * comment[0].count(b"\n"), file.read_bytes())


@cache
def _encoded(name: str, gzipped: bool) -> Asset:
    """Encode an asset on first use. The viewer's script alone takes longer than all other files together."""
    content = _contents()[name]()
    encoding = {}
    if gzipped:
        content, encoding = gzip.compress(content, mtime=0), {"content-encoding": "gzip"}
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    kind = _TYPES[Path(name).suffix]
    policy = {"content-security-policy": _POLICIES.get(name, _STRICT)}
    return Asset({**_HEADERS, **policy, **encoding, "content-type": kind, "etag": etag}, b64encode(content).decode())
