"""Port Counters, in DynamoDB: an item for each counter, and one for the queue of those who wait for it.

A count is one conditional update of one small item. DynamoDB takes a thousand of those in a second, one after the
other, so no two claims ever get the last place.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from getthrough.adapters import table_keys
from getthrough.adapters.contact_hash import ContactHash, no_hash
from getthrough.adapters.table import Refused, Table
from getthrough.domain.contact.contact import Contact
from getthrough.domain.limit.limits import Counter, Taken, spacing
from getthrough.domain.values.errors import UnavailableError

KEPT = timedelta(days=1)
"""How long to keep a counter after its period."""

QUEUE_KEPT = timedelta(days=32)
"""How long to keep a queue after it was last needed."""

_TRIES = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class DynamoCounters:
    """`hash_of` names a contact without its address, which may be erased."""

    def __init__(self, table_name: str, hash_of: ContactHash = no_hash) -> None:
        self._table, self._once = Table(table_name), Table(table_name, one_try=True)
        self._hash_of = hash_of

    def take(self, wanted: Taken) -> int | Decimal | None:
        counter, amount = wanted
        if amount > counter.limit.most:
            return None
        taken = self._table.update(
            self._key(counter),
            "SET expires_at = :expires_at ADD taken :amount",
            "attribute_not_exists(taken) OR taken <= :room",
            amount=amount,
            room=counter.limit.most - amount,
            expires_at=int((counter.ends_at + KEPT).timestamp()),
        )
        return None if isinstance(taken, Refused) else Decimal(taken["taken"])

    def correct(self, counter: Counter, by: int | Decimal) -> None:
        # A repeated write counts twice. Too much may be counted, but never too little.
        table = self._once if by < 0 else self._table
        table.update(self._key(counter), "ADD taken :by", "attribute_exists(pk)", by=by)

    def counted(self, counters: Sequence[Counter]) -> dict[Counter, int | Decimal]:
        of_key = {tuple(self._key(counter).values()): counter for counter in counters}
        items = self._table.batch_get([self._key(counter) for counter in counters]) if counters else []
        return {of_key[item["pk"], item["sk"]]: item["taken"] for item in items}

    def price(self, kind: str) -> Decimal | None:
        known = self._table.get(table_keys.price(kind))
        return Decimal(known["highest"]) if known else None

    def saw(self, kind: str, price: Decimal) -> None:
        lower = "attribute_not_exists(highest) OR highest < :price"
        self._table.update(table_keys.price(kind), "SET highest = :price", lower, price=price)

    def queue(self, wanted: Taken) -> datetime:
        counter = wanted.counter
        key, kept = table_keys.limit_queue(counter.limit.name, self._whose(counter)), "SET expires_at = :expires_at"
        first, length = _microseconds(counter.ends_at), max(spacing(wanted) // _MICROSECOND, 1)
        values = {"first": first, "expires_at": int((counter.ends_at + QUEUE_KEPT).timestamp())}
        for _ in range(_TRIES):
            queued = self._table.update(
                key, f"{kept} ADD queued_until :length", "queued_until >= :first", length=length, **values
            )
            if isinstance(queued, Refused):
                none = "attribute_not_exists(queued_until) OR queued_until < :first"
                queued = self._table.update(key, f"{kept}, queued_until = :next", none, next=first + length, **values)
            if not isinstance(queued, Refused):
                return _EPOCH + (int(queued["queued_until"]) - length) // 1000 * 1000 * _MICROSECOND
        raise UnavailableError("limits: too many callers at once")

    def _key(self, counter: Counter) -> table_keys.Key:
        return table_keys.limit_counter(counter.limit.name, self._whose(counter), counter.starts_at)

    def _whose(self, counter: Counter) -> str:
        return self._hash_of(counter.whose) if isinstance(counter.whose, Contact) else counter.whose


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
