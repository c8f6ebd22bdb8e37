"""Port Throughput: for the account, and each batch that is slower, two moments in an item of the table, which
conditional updates push on.

`taken_until` is how far the messages that were sent reach, if one takes 1/rate of a second: the token bucket as a
"generic cell rate algorithm" (ITU-T I.371). `queued_until` is the end of the queue. Both are microseconds since 1970.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from getthrough.adapters import table_keys
from getthrough.adapters.table import Refused, Table
from getthrough.domain.batch.batch import Batch
from getthrough.domain.values.errors import UnavailableError

BURST = 1_000_000
"""Microseconds: what was not sent in this time may be sent at once, since a timer rings up to a second late."""

KEPT = timedelta(days=7)
"""After the last message nobody needs to know when it was."""

_TRIES = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class _Bucket(NamedTuple):
    key: table_keys.Key
    messages_per_second: int

    @property
    def interval(self) -> int:
        return -(-1_000_000 // self.messages_per_second)  # rounded up: never more than the rate


class DynamoThroughput:
    def __init__(self, table_name: str, messages_per_second: int) -> None:
        self._table = Table(table_name)
        self._account = _Bucket(table_keys.throughput(), messages_per_second)

    def take(self, batch: Batch, now: datetime) -> datetime | None:
        own = _Bucket(table_keys.throughput(batch.batch_uuid), batch.mailing.rate)
        slower = own.messages_per_second < self._account.messages_per_second
        taken = all(self._take(bucket, now) for bucket in ([own] * slower + [self._account]))
        # In a queue of its own: else the next batch waited for all that this one held back, even if it is cancelled.
        return None if taken else self._queue(own, 1, now)

    def queue(self, count: int, now: datetime) -> datetime:
        return self._queue(self._account, count, now)

    def _take(self, bucket: _Bucket, now: datetime) -> bool:
        latest = _microseconds(now) + BURST
        for _ in range(_TRIES):
            taken = self._push(bucket.key, "taken_until", bucket.interval, now, latest)
            if isinstance(taken, int):
                return True
            if taken.stored and taken.stored.get("taken_until", 0) > latest:
                return False
        return False

    def _queue(self, bucket: _Bucket, count: int, now: datetime) -> datetime:
        length = count * bucket.interval
        for _ in range(_TRIES):
            queued = self._push(bucket.key, "queued_until", length, now)
            if isinstance(queued, int):
                return _EPOCH + (queued - length) * _MICROSECOND
        raise UnavailableError("throughput: too many callers at once")

    def _push(
        self, key: table_keys.Key, name: str, length: int, moment: datetime, latest: int | None = None
    ) -> int | Refused:
        """Push a moment on by so much, from now on if it is past; the new one. Refused if it is after `latest`, or if
        somebody else pushed it from the past just now."""
        now, kept = _microseconds(moment), ", expires_at = :expires_at"
        values: dict[str, Any] = {"now": now, "expires_at": int((moment + KEPT).timestamp())}
        within = f"{name} BETWEEN :now AND :latest" if latest is not None else f"{name} >= :now"
        bounds = {} if latest is None else {"latest": latest}
        expression = f"SET {name} = {name} + :length{kept}"
        pushed = self._table.update(key, expression, within, length=length, **bounds, **values)
        if isinstance(pushed, Refused) and (pushed.stored is None or pushed.stored.get(name, 0) < now):
            past = f"attribute_not_exists({name}) OR {name} < :now"
            pushed = self._table.update(key, f"SET {name} = :next{kept}", past, next=now + length, **values)
        return pushed if isinstance(pushed, Refused) else int(pushed[name])


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
