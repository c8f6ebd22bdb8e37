"""Make ports of 127.0.0.1 reachable under another address of this computer: `... forward ADDRESS PORT...`.

For `sam local` on Linux: a container reaches its host by the address of Docker's bridge, and nothing of the
local stack listens there. Only with the setting DOCKER_BRIDGE.
"""

import asyncio
import contextlib
import functools
import sys

from local.stack.settings import HOST


async def forward(address: str, ports: list[int]) -> None:
    """Listen on each port of the address until cancelled."""
    async with contextlib.AsyncExitStack() as servers:
        for port in ports:
            connect = functools.partial(_connect, port)
            await servers.enter_async_context(await asyncio.start_server(connect, address, port))
        await asyncio.Event().wait()


async def _connect(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        far_reader, far_writer = await asyncio.open_connection(HOST, port)
    except OSError:
        writer.close()
        return
    await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


if __name__ == "__main__":
    try:
        asyncio.run(forward(sys.argv[1], [int(port) for port in sys.argv[2:]]))
    except OSError as error:
        sys.exit(f"DOCKER_BRIDGE={sys.argv[1]}: {error}")
