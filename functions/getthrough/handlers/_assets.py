"""The files that ConsoleFunction serves: the console, the OpenAPI document, and the viewer that shows it.

The viewer is Swagger UI, from the copy that Powertools ships. Its path is found without importing Powertools' event
handler, because that import would take longer than serving the console.
"""

import gzip
import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
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
    "cross-origin-opener-policy": "same-origin-allow-popups",  # a page that opened it has no hold on it
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

_HASHED = re.compile(r"console-(?:part-)?[A-Z0-9]{8}\.(?:js|css)")
"""The console as `make build` bundles it. Another content has another name, so no browser needs to ask again."""

_IMMUTABLE = {"cache-control": "public, max-age=31536000, immutable"}


class Asset(NamedTuple):
    """A file as the response has it. `body` is base64, of the gzipped content if the headers say so."""

    headers: dict[str, str]
    body: str


def find(name: str, *, gzipped: bool) -> Asset | None:
    """The asset with this name, or None. Only known names reach the file system or the cache."""
    return _encoded(name, gzipped) if name in _files() else None


@cache
def _files() -> Mapping[str, Path]:
    console = {path.relative_to(_WEB).as_posix(): path for path in _WEB.rglob("*") if path.suffix in _TYPES}
    return {**console, **{file.name: file for file in VIEWER}}


@cache
def _encoded(name: str, gzipped: bool) -> Asset:
    """Encode an asset on first use. The viewer's script alone takes longer than all other files together."""
    content = _files()[name].read_bytes()
    encoding = {}
    if gzipped:
        content, encoding = gzip.compress(content, mtime=0), {"content-encoding": "gzip"}
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    kind = _TYPES[Path(name).suffix]
    policy = {"content-security-policy": _POLICIES.get(name, _STRICT)}
    lasting = _IMMUTABLE if _HASHED.fullmatch(name) else {}
    headers = {**_HEADERS, **lasting, **policy, **encoding, "content-type": kind, "etag": etag}
    return Asset(headers, b64encode(content).decode())
