"""Port Throughput, in DynamoDB. The account, and each batch that is slower, has an item with two moments. Conditional
updates advance them.

`taken_until` advances by 1/rate of a second for each message. This is the token bucket as a "generic cell rate
algorithm" (ITU-T I.371). `queued_until` is the end of the queue. Both are microseconds since 1970.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from getthrough.adapters import table_keys
from getthrough.adapters.table import Refused, Table
from getthrough.domain.batch.batch import Batch
from getthrough.domain.values.errors import UnavailableError

BURST_MICROSECONDS = 1_000_000
"""How much unused rate may be sent at once, because a timer fires up to a second late."""

KEPT = timedelta(days=7)
"""How long to keep an item after the last message."""

_TRIES = 5
_LONG_AGO = 1_000_000
"""A moment to which we moved another one so many microseconds ago is likely to be in the past. Where messages leave
faster, other environments move it meanwhile. But if it was in the past the last time, messages leave slower."""

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
        self._likely_past: dict[tuple[str, str], int] = {}

    def take(self, batch: Batch, now: datetime) -> datetime | None:
        own = _Bucket(table_keys.throughput(batch.batch_uuid), batch.mailing.rate)
        slower = own.messages_per_second < self._account.messages_per_second
        # A batch's own token is spent even if the account has none: to give it back would be one more write for each
        # message that waits. So a slower batch stays below its rate while the account has too much to send, as all do.
        taken = all(self._take(bucket, now) for bucket in ([own] * slower + [self._account]))
        # Each batch has its own queue. Otherwise the next batch would wait for this one's messages, even if this one
        # is cancelled.
        return None if taken else self._queue(own, 1, now)

    def queue(self, count: int, now: datetime) -> datetime:
        return self._queue(self._account, count, now)

    def _take(self, bucket: _Bucket, now: datetime) -> bool:
        latest = _microseconds(now) + BURST_MICROSECONDS
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
        """Advance a moment by `length`; a past one starts from now. Returns the new moment. Returns Refused if it is
        after `latest`, or if another writer has just advanced it from the past."""
        now, kept = _microseconds(moment), ", expires_at = :expires_at"
        values: dict[str, Any] = {"now": now, "expires_at": int((moment + KEPT).timestamp())}
        within = f"{name} BETWEEN :now AND :latest" if latest is not None else f"{name} >= :now"
        bounds = {} if latest is None else {"latest": latest}
        past = f"attribute_not_exists({name}) OR {name} < :now"
        advance = f"SET {name} = {name} + :length{kept}", within, {"length": length, **bounds, **values}
        restart = f"SET {name} = :next{kept}", past, {"next": now + length, **values}
        # A write that is refused costs as much as one that is done. So the likely one comes first.
        is_past = self._likely_past.get((key["pk"], name), now) < now
        for restarts in (is_past, not is_past):
            expression, condition, given = restart if restarts else advance
            pushed = self._table.update(key, expression, condition, **given)
            if not isinstance(pushed, Refused):
                moved = int(pushed[name])
                self._likely_past[key["pk"], name] = moved + (0 if restarts else _LONG_AGO)
                return moved
            refused, was_past = pushed, pushed.stored is None or pushed.stored.get(name, 0) < now
            if was_past is restarts:
                break  # it was refused for something else, and so would the other be
        return refused


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
