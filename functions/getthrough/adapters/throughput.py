"""Port Throughput: two moments in one item of the table, each of which conditional updates push on.

`taken_until` is how far the messages that were sent reach, if one takes 1/rate of a second: the token bucket as a
"generic cell rate algorithm" (ITU-T I.371). What was not sent in a second may be sent at once, since a timer rings up
to a second late. `queued_until` is the end of the queue. Both are microseconds since 1970.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from getthrough.adapters import table_keys
from getthrough.adapters.table import Refused, Table
from getthrough.domain.errors import UnavailableError

_TRIES = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class DynamoThroughput:
    def __init__(self, table_name: str, messages_per_second: int) -> None:
        self._table = Table(table_name)
        self._interval = -(-1_000_000 // messages_per_second)  # rounded up: never more than the rate
        self._burst = messages_per_second * self._interval

    def take(self, now: datetime) -> bool:
        moment = _microseconds(now)
        latest = moment + self._burst - self._interval
        for _ in range(_TRIES):
            taken = self._push("taken_until", self._interval, moment, latest)
            if isinstance(taken, int):
                return True
            if taken.stored and taken.stored.get("taken_until", 0) > latest:
                return False
        return False

    def queue(self, count: int, now: datetime) -> datetime:
        moment, length = _microseconds(now), count * self._interval
        for _ in range(_TRIES):
            queued = self._push("queued_until", length, moment)
            if isinstance(queued, int):
                return _EPOCH + (queued - length) * _MICROSECOND
        raise UnavailableError("throughput: everybody wants it at once")

    def _push(self, name: str, length: int, now: int, latest: int | None = None) -> int | Refused:
        """Push a moment on by so much, from now on if it is past; the new one. Refused if it is after `latest`, or if
        somebody else pushed it from the past just now."""
        within = f"{name} BETWEEN :now AND :latest" if latest is not None else f"{name} >= :now"
        bounds: dict[str, Any] = {"now": now} | ({"latest": latest} if latest is not None else {})
        key = table_keys.throughput()
        pushed = self._table.update(key, f"SET {name} = {name} + :length", within, length=length, **bounds)
        if isinstance(pushed, Refused) and (pushed.stored is None or pushed.stored.get(name, 0) < now):
            past = f"attribute_not_exists({name}) OR {name} < :now"
            pushed = self._table.update(key, f"SET {name} = :next", past, next=now + length, now=now)
        return pushed if isinstance(pushed, Refused) else int(pushed[name])


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
