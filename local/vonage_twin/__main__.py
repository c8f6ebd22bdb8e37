"""`python -m local.vonage_twin config.json`: runs until SIGINT or SIGTERM, then ends with 0."""

import asyncio
import signal
import sys
from pathlib import Path

from local.vonage_twin.config import TwinConfig
from local.vonage_twin.server import start


async def serve(config: TwinConfig) -> None:
    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    running = await start(config)
    print(f"Vonage twin: {running.url}", flush=True)
    await ended.wait()
    await running.stop()


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python -m local.vonage_twin config.json")
    try:
        asyncio.run(serve(TwinConfig.read(Path(sys.argv[1]))))
    except (OSError, ValueError, TypeError) as wrong:
        sys.exit(f"Vonage twin: {wrong}")


if __name__ == "__main__":
    main()
