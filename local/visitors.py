"""Who may speak with the local ports: programs on this computer, and the pages that the ports show themselves.

Any page in a browser can send requests to 127.0.0.1. It could read keys from the emulator, or send messages. Three
things give such a request away: the name under which it asked for the port, if that name's owner points it at 127.0.0.1
(DNS rebinding); `Origin`; and `Sec-Fetch-Site`, which a page cannot change. Programs send neither of the last two.

A browser sends neither of them with a plain GET to an address that it does not trust, such as 0.0.0.0 or
[::ffff:127.0.0.1], although both lead here. So only the usual addresses are allowed. Where a GET can change something,
a browser is refused by its User-Agent too.
"""

import ipaddress
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

NAMES = frozenset({"localhost", "host.docker.internal", "::1"})
"""The names of this computer, besides 127.0.0.0/8."""

_BEHIND_THE_API = "/_aws/execute-api/"
"""Where the emulator answers for the API. The proxy passes on what a browser tells about its pages."""


def refusal(method: str, headers: Mapping[str, str], *, shows_pages: bool) -> str | None:
    """Why a request is refused, or None. A port that shows pages can be opened by a link of another site."""
    host = headers.get("host", "")
    if not _is_here(host):
        return f"Host {host[:100]!r} is not this computer: use 127.0.0.1 or localhost."
    origin = headers.get("origin")
    if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
        return f"A page of {origin[:100]!r} must not use this port."
    site, opened = headers.get("sec-fetch-site", "none"), headers.get("sec-fetch-mode") == "navigate"
    if site not in ("none", "same-origin") and not (shows_pages and opened and method == "GET"):
        return "A page of another site must not use this port."
    if not shows_pages and headers.get("user-agent", "").startswith("Mozilla/"):
        return "A browser must not use this port."
    return None


def _is_here(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name in NAMES or ipaddress.IPv4Address(name).is_loopback
    except ValueError:
        return False


@web.middleware
async def only_own_pages(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """For the ports that show pages."""
    if why := refusal(request.method, _lower(request.headers.items()), shows_pages=True):
        return web.json_response({"message": why}, status=403)
    return await handler(request)


def no_pages(app: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """An AWS emulator that no page may use except through the API, and whose answers no other origin can read."""

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await app(scope, receive, send)
        headers = _lower((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
        page = scope["path"].startswith(_BEHIND_THE_API)
        if why := refusal(scope.get("method", "GET"), headers, shows_pages=page):
            return await _refuse(scope["type"], why, send)

        async def send_unshared(message: Any) -> None:
            if "headers" in message:
                shown = [pair for pair in message["headers"] if not pair[0].lower().startswith(b"access-control-")]
                message = {**message, "headers": shown}
            await send(message)

        return await app(scope, receive, send_unshared)

    return guarded


async def _refuse(kind: str, why: str, send: Any) -> None:
    if kind == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        content = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 403, "headers": content})
        await send({"type": "http.response.body", "body": json.dumps({"message": why}).encode()})


def _lower(headers: Any) -> dict[str, str]:
    """The headers by their names in small letters. Of a header that came twice, the last counts; so does a browser's,
    which sends each once."""
    return {name.lower(): value for name, value in headers}
