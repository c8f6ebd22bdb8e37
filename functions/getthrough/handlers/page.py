"""PageFunction: GET /, GET /assets/{file}, and 404 for every route that does not exist. It may read nothing of AWS."""

import gzip
import hashlib
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import NamedTuple

from aws_lambda_powertools.utilities.typing import LambdaContext

from getthrough.handlers._http import Event, Response, answers_problems, header, problem
from getthrough.observability import logger

_WEB = Path(__file__).parent.parent / "web"

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}

_HEADERS = {
    "cache-control": "no-cache",
    "vary": "accept-encoding",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "strict-transport-security": "max-age=31536000",
}


class _Asset(NamedTuple):
    """A file as it goes over the wire: `body` is base64, of the gzipped content if `encoding` says so."""

    headers: dict[str, str]
    body: str


@cache
def _assets() -> dict[tuple[str, bool], _Asset]:
    """Every file of the page, by name and whether it is gzipped: no other name can reach the file system."""
    assets = {}
    for path in _WEB.iterdir():
        if path.suffix in _TYPES:
            content = path.read_bytes()
            assets[path.name, False] = _asset(path.suffix, content, {})
            zipped = gzip.compress(content, mtime=0)
            assets[path.name, True] = _asset(path.suffix, zipped, {"content-encoding": "gzip"})
    return assets


def _asset(suffix: str, content: bytes, encoding: dict[str, str]) -> _Asset:
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    return _Asset({**_HEADERS, **encoding, "content-type": _TYPES[suffix], "etag": etag}, b64encode(content).decode())


@answers_problems
def handler(event: Event, context: LambdaContext) -> Response:
    match event["routeKey"]:
        case "GET /":
            name = "index.html"
        case "GET /assets/{file}":
            name = (event.get("pathParameters") or {}).get("file", "")
        case _:
            name = ""
    asset = _assets().get((name, "gzip" in (header(event, "accept-encoding") or "")))
    logger.info("page", extra={"route": event["routeKey"], "found": asset is not None})
    if asset is None:
        detail = "There is no such route; the README lists those that exist."
        return problem(404, "Not Found", detail, instance=context.aws_request_id)
    if header(event, "if-none-match") == asset.headers["etag"]:
        return {"statusCode": 304, "headers": asset.headers}
    return {"statusCode": 200, "headers": asset.headers, "body": asset.body, "isBase64Encoded": True}
