"""A proxy between the functions and the emulated AWS, in a thread of the tests.

What ships knows nothing of it; only the address at which the functions look for AWS is another
(the local stack's setting FUNCTIONS_AWS_URL). Requests pass as they are, so the emulator still checks who may do what.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any

import aiohttp
from aiohttp import web

from local.stack.settings import free_port

Forward = Callable[[], Awaitable[web.Response]]
Between = Callable[[web.Request, bytes, Forward], Awaitable[web.Response]]
"""Answers a request with this body: by what the emulator says when it is forwarded, or in another way."""


@contextlib.contextmanager
def aws_proxy(between: Between) -> Iterator[dict[str, str]]:
    """The proxy on a free port; yields the settings of a stack whose functions call through it."""
    port, upstream_port = free_port(), free_port()
    upstream = f"http://127.0.0.1:{upstream_port}"
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(10)

    async def listen() -> web.AppRunner:
        session = aiohttp.ClientSession(auto_decompress=False)

        async def handle(request: web.Request) -> web.Response:
            body = await request.read()
            return await between(request, body, lambda: _forward(session, upstream, request, body))

        async def close(_app: web.Application) -> None:
            await session.close()

        app = web.Application()
        app.on_cleanup.append(close)
        app.router.add_post("/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        return runner

    runner = run(listen())
    try:
        yield {"AWS_PORT": str(upstream_port), "FUNCTIONS_AWS_URL": f"http://127.0.0.1:{port}"}
    finally:
        run(runner.cleanup())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _forward(session: aiohttp.ClientSession, upstream: str, request: web.Request, body: bytes) -> web.Response:
    async with session.post(upstream + request.path, headers=request.headers, data=body) as answer:
        content = await answer.read()
    headers = {name: value for name, value in answer.headers.items() if name.lower() != "content-length"}
    return web.Response(status=answer.status, headers=headers, body=content)


def operation(request: web.Request) -> str:
    """What is called, such as PutItem. The services that the functions use all name it in this header."""
    return request.headers["X-Amz-Target"].rpartition(".")[2]


def hang_up(request: web.Request) -> web.Response:
    """Reset the connection in place of an answer."""
    if request.transport:
        request.transport.abort()
    return web.Response()  # into a closed connection


def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Wait until it holds; an AssertionError if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)
