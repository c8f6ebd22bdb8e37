"""The HTTP server: `start(config)` in an event loop, or `SimulatorThread(config)` beside synchronous code."""

import asyncio
import threading
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from local.visitors import only_own_pages
from local.vonage_simulator import account_routes, control, provider
from local.vonage_simulator.config import SimulatorConfig
from local.vonage_simulator.simulator import SIMULATOR, Simulator

HOST = "127.0.0.1"
PAGE = Path(__file__).parent / "page"
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class RunningSimulator:
    simulator: Simulator
    url: str
    runner: web.AppRunner

    async def stop(self) -> None:
        await self.runner.cleanup()


async def start(config: SimulatorConfig) -> RunningSimulator:
    simulator = Simulator(config)
    await simulator.open()
    # a hung answer must not hold up the end
    runner = web.AppRunner(_app(simulator), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, config.port).start()
    except OSError:
        await runner.cleanup()
        raise
    url = f"http://{HOST}:{runner.addresses[0][1]}"
    simulator.network.base_url = url
    return RunningSimulator(simulator, url, runner)


def _app(simulator: Simulator) -> web.Application:
    app = web.Application(middlewares=[only_own_pages])
    app[SIMULATOR] = simulator
    app.router.add_post("/v1/messages", provider.send)
    app.router.add_patch("/v1/messages/{message_uuid}", provider.update)
    app.router.add_route("*", "/v1/messages", provider.wrong_method)
    app.router.add_routes(account_routes.routes)
    app.router.add_routes(control.routes)
    app.router.add_get("/", _page)
    app.router.add_get("/page/{file}", _page)

    async def close(_app: web.Application) -> None:
        await simulator.close()

    app.on_cleanup.append(close)
    return app


async def _page(request: web.Request) -> web.StreamResponse:
    name = request.match_info.get("file", "index.html")
    if name not in {path.name for path in PAGE.iterdir()}:
        raise web.HTTPNotFound
    return web.FileResponse(PAGE / name, headers=PAGE_HEADERS)


class SimulatorThread:
    """A simulator in a thread of its own: `with SimulatorThread(config) as simulator:`, and then `simulator.url`."""

    def __init__(self, config: SimulatorConfig) -> None:
        self.url = ""
        self._config = config
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._running: RunningSimulator | None = None

    def __enter__(self) -> "SimulatorThread":
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
