"""The parts of one simulator, put together."""

from typing import Any

from aiohttp import web

from local.vonage_simulator.account import USUAL, Account
from local.vonage_simulator.clock import Clock
from local.vonage_simulator.config import SimulatorConfig
from local.vonage_simulator.faults import Faults
from local.vonage_simulator.network import Network
from local.vonage_simulator.webhooks import Webhooks


class Simulator:
    def __init__(self, config: SimulatorConfig) -> None:
        self.config = config
        self.clock = Clock(config.speed)
        self.faults = Faults([])
        self.account = Account(config)
        self.webhooks = Webhooks(self.account, self.clock, self.faults)
        self.network = Network(self.clock, self.webhooks, self.account)
        self.requests: list[dict[str, Any]] = []

    async def open(self) -> None:
        await self.webhooks.open()

    async def reset(self) -> None:
        """No phone, no message, no webhook under way, no fault, nothing recorded. Applications and numbers stay."""
        self.network.clear()
        await self.clock.stop()
        self.faults.put({})
        self.account.switches = USUAL
        self.requests.clear()
        self.webhooks.attempts.clear()

    async def close(self) -> None:
        self.network.clear()
        await self.clock.stop()
        await self.webhooks.close()


SIMULATOR = web.AppKey("simulator", Simulator)
