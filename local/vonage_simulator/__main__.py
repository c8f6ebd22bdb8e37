"""`python -m local.vonage_simulator config.json`: runs until SIGINT or SIGTERM, then ends with 0."""

import asyncio
import signal
import sys
from pathlib import Path

from local.vonage_simulator.config import SimulatorConfig
from local.vonage_simulator.server import start


async def serve(config: SimulatorConfig) -> None:
    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    running = await start(config)
    print(f"Vonage simulator: {running.url}", flush=True)
    await ended.wait()
    await running.stop()


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python -m local.vonage_simulator config.json")
    try:
        asyncio.run(serve(SimulatorConfig.read(Path(sys.argv[1]))))
    except (OSError, ValueError, TypeError) as wrong:
        sys.exit(f"Vonage simulator: {wrong}")


if __name__ == "__main__":
    main()
