"""The HTTP server: `start(config)` in an event loop, or `TwinThread(config)` beside synchronous code."""

import asyncio
import threading
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from local.vonage_twin import control, provider
from local.vonage_twin.config import TwinConfig
from local.vonage_twin.twin import TWIN, Twin

HOST = "127.0.0.1"
PAGE = Path(__file__).parent / "page"
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class RunningTwin:
    twin: Twin
    url: str
    runner: web.AppRunner

    async def stop(self) -> None:
        await self.runner.cleanup()


async def start(config: TwinConfig) -> RunningTwin:
    twin = Twin(config)
    await twin.open()
    # a hung answer must not hold up the end
    runner = web.AppRunner(_app(twin), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, config.port).start()
    except OSError:
        await runner.cleanup()
        raise
    url = f"http://{HOST}:{runner.addresses[0][1]}"
    twin.network.base_url = url
    return RunningTwin(twin, url, runner)


def _app(twin: Twin) -> web.Application:
    app = web.Application()
    app[TWIN] = twin
    app.router.add_post("/v1/messages", provider.send)
    app.router.add_patch("/v1/messages/{message_uuid}", provider.update)
    app.router.add_route("*", "/v1/messages", provider.wrong_method)
    app.router.add_routes(control.routes)
    app.router.add_get("/", _page)
    app.router.add_get("/page/{file}", _page)

    async def close(_app: web.Application) -> None:
        await twin.close()

    app.on_cleanup.append(close)
    return app


async def _page(request: web.Request) -> web.StreamResponse:
    name = request.match_info.get("file", "index.html")
    if name not in {path.name for path in PAGE.iterdir()}:
        raise web.HTTPNotFound
    return web.FileResponse(PAGE / name, headers=PAGE_HEADERS)


class TwinThread:
    """A twin in a thread of its own: `with TwinThread(config) as twin:`, and then `twin.url`."""

    def __init__(self, config: TwinConfig) -> None:
        self.url = ""
        self._config = config
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._running: RunningTwin | None = None

    def __enter__(self) -> "TwinThread":
        self._thread.start()
        self._running = asyncio.run_coroutine_threadsafe(start(self._config), self._loop).result(timeout=10)
        self.url = self._running.url
        return self

    def __exit__(self, *_exc: object) -> None:
        assert self._running is not None
        asyncio.run_coroutine_threadsafe(self._running.stop(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()
