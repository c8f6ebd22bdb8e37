"""The edge of the API on one plain origin, in API Gateway's role: `python -m local.stack.proxy PORT UPSTREAM [PHONES]`.

It passes on who asks (x-forwarded-*), refuses what is too large before reading it all, and never
shows the emulator's own words: what goes wrong behind it is answered as API Gateway would.

The console's page learns from it where the simulated phones are, if there are any. The real edge says no such thing.
"""

import json
import sys
from collections.abc import AsyncIterator, Mapping

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from local.stack.settings import HOST
from local.visitors import only_own_pages

LARGEST_BODY = 10 * 1024 * 1024
SECONDS_FOR_AN_ANSWER = 30  # API Gateway's limit for an integration
# RFC 9110 7.6.1: these are about one connection only.
HOP_BY_HOP = {
    *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"),
    *("te", "trailer", "transfer-encoding", "upgrade"),
}
UPSTREAM = web.AppKey("UPSTREAM", str)
PHONES = web.AppKey("PHONES", str)
SESSION = web.AppKey("SESSION", aiohttp.ClientSession)


class BodyTooLargeError(Exception):
    """The request's body is larger than API Gateway takes."""


async def handle(request: web.Request) -> web.StreamResponse:
    """Pass one request to the API in the emulator and its answer back."""
    try:
        body = await _read_body(request)
    except BodyTooLargeError:
        return _too_large(request)
    url = URL(request.app[UPSTREAM] + request.raw_path, encoded=True)
    try:
        async with request.app[SESSION].request(
            request.method, url, headers=_headers_upstream(request), data=body, allow_redirects=False
        ) as answer:
            headers = _without_hop_by_hop(answer.headers)
            headers.popall("content-length", None)
            if request.path == "/" and request.app[PHONES]:
                # The one header that a page can read of its own response.
                headers["server-timing"] = f'phones;desc="{request.app[PHONES]}"'
                # Each link from the phones would open another tab.
                headers.popall("cross-origin-opener-policy", None)
            if request.method == "HEAD":
                return web.Response(status=answer.status, headers=headers)
            return web.Response(status=answer.status, headers=headers, body=await answer.read())
    except (aiohttp.ClientError, TimeoutError):
        return web.json_response({"message": "Service Unavailable"}, status=503)


async def _read_body(request: web.Request) -> bytes:
    if (request.content_length or 0) > LARGEST_BODY:
        raise BodyTooLargeError
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise BodyTooLargeError
    return bytes(body)


def _too_large(request: web.Request) -> web.Response:
    problem = {
        "type": "about:blank",
        "title": "Content Too Large",
        "detail": f"The body is larger than {LARGEST_BODY} bytes.",
        "instance": request.path,
    }
    response = web.Response(
        status=413, body=json.dumps(problem).encode(), headers={"content-type": "application/problem+json"}
    )
    response.force_close()  # the rest of the body is not worth reading
    return response


def _headers_upstream(request: web.Request) -> CIMultiDict[str]:
    headers = _without_hop_by_hop(request.headers)
    headers.popall("content-length", None)
    earlier = headers.popall("x-forwarded-for", [])
    headers["x-forwarded-for"] = ", ".join([*earlier, request.remote or HOST])
    headers["x-forwarded-port"] = str(request.url.port or 80)
    headers["x-forwarded-proto"] = "http"
    return headers


def _without_hop_by_hop(headers: Mapping[str, str]) -> CIMultiDict[str]:
    kept: CIMultiDict[str] = CIMultiDict(headers)
    named = {name.strip().lower() for value in kept.getall("connection", []) for name in value.split(",")}
    for name in HOP_BY_HOP | named:
        kept.popall(name, None)
    return kept


async def _session(app: web.Application) -> AsyncIterator[None]:
    # Bodies pass as they are; one connection per request in flight, however many.
    async with aiohttp.ClientSession(
        auto_decompress=False,
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=SECONDS_FOR_AN_ANSWER),
        skip_auto_headers=["User-Agent", "Accept", "Accept-Encoding", "Content-Type"],
    ) as session:
        app[SESSION] = session
        yield


def application(upstream: str, phones: str = "") -> web.Application:
    """The proxy in front of the API whose root is at `upstream`. `phones`: the URL of the simulated ones."""
    app = web.Application(middlewares=[only_own_pages])
    app[UPSTREAM], app[PHONES] = upstream, phones
    app.cleanup_ctx.append(_session)
    app.router.add_route("*", "/{path:(?s:.*)}", handle)  # any path, also one with a line break in it
    return app


if __name__ == "__main__":
    # Compressed bodies pass as they are, as they do through API Gateway.
    web.run_app(
        application(*sys.argv[2:]),
        host=HOST,
        port=int(sys.argv[1]),
        print=None,
        access_log=None,
        auto_decompress=False,
    )
