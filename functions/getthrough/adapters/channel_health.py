"""Port ChannelHealth, in DynamoDB: one small item for all channels, which an execution environment reads now and then.

Outcomes are collected in memory. They are stored together once some of them are failures, or a channel is down. So
where messages arrive, they cost no write; what an environment forgets are a few outcomes of many.
"""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from getthrough.adapters import table_keys
from getthrough.adapters.table import Attributes, Table, as_it_was_read
from getthrough.domain.message.outages import Channels, Health, Known, after_all, are_news, turns
from getthrough.domain.ports import Clock
from getthrough.domain.values.errors import UnavailableError
from getthrough.domain.values.rfc3339 import from_text, to_text

MOST_PENDING = 500
"""How many outcomes are kept in memory. More of them say nothing more."""

_TRIES = 5


class DynamoChannelHealth:
    """What was read is used for `fresh`."""

    def __init__(self, table_name: str, clock: Clock, fresh: timedelta = timedelta(seconds=10)) -> None:
        self._table, self._clock, self._fresh = Table(table_name), clock, fresh
        self._channels: Channels = {}
        self._read_at = clock() - 2 * fresh
        self._pending: list[Known] = []

    def known(self) -> Channels:
        if self._clock() - self._read_at > self._fresh:
            self._read()
        return self._channels

    def note(self, known: Sequence[Known]) -> list[tuple[str, bool]]:
        self._pending = [*self._pending, *known][-MOST_PENDING:]
        if not are_news(self._pending, self.known(), self._clock()):
            return []
        for _ in range(_TRIES):
            version = self._read()
            before, after = self._channels, after_all(self._channels, self._pending, self._clock())
            if after == before or self._store(after, version):
                self._channels, self._pending = after, []
                return turns(before, after)
        raise UnavailableError("channels: too many writers at once")

    def _store(self, channels: Channels, version: int) -> bool:
        """False if another environment was first."""
        condition, values = as_it_was_read(version)
        stored = {name: _from_health(health) for name, health in channels.items()}
        item = {**table_keys.channel_health(), "version": version + 1, "channels": stored}
        return self._table.put(item, condition, **values) is None

    def _read(self) -> int:
        """Read the item, and return its version: 0 if there is none."""
        item = self._table.get(table_keys.channel_health()) or {"channels": {}, "version": 0}
        self._channels = {name: _to_health(health) for name, health in item["channels"].items()}
        self._read_at = self._clock()
        return int(item["version"])


def _from_health(health: Health) -> Attributes:
    return {
        "down": health.down,
        "since": to_text(health.since),
        "at": to_text(health.at),
        "arrived": Decimal(str(health.arrived)),
        "failed": Decimal(str(health.failed)),
        "probes": health.probes,
    }


def _to_health(item: dict[str, Any]) -> Health:
    return Health(
        down=item["down"],
        since=from_text(item["since"]),
        at=from_text(item["at"]),
        arrived=float(item["arrived"]),
        failed=float(item["failed"]),
        probes=int(item["probes"]),
    )
