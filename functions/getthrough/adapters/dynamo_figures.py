"""What is counted of dispatches, in DynamoDB: an item for each quarter of an hour, in one partition for each month."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from getthrough.adapters import table_keys
from getthrough.adapters.table import TRIES, Attributes, Table
from getthrough.domain.dispatch.figures import Figure, Figures, Kind, total
from getthrough.domain.values.errors import UnavailableError
from getthrough.domain.values.local_time import LONGEST_AHEAD

_TOGETHER = 100
"""DynamoDB: TransactWriteItems accepts at most this many items."""

_ADDITIONS = 300
"""DynamoDB: an expression has at most 4 KB, which is 389 additions."""

_LONGEST_TOKEN = 36
"""DynamoDB: so many characters a ClientRequestToken has at most. It is the whole account's."""

_MORE_THAN_A_MONTH = timedelta(days=32)


class DynamoFigures:
    def __init__(self, table_name: str, retention: timedelta = timedelta()) -> None:
        self._name, self._table = table_name, Table(table_name)
        self._retention = retention

    def add(self, of_quarters: Mapping[datetime, Figures], once: str) -> None:
        """Add to the figures of quarters. A repeated call with the same `once` adds nothing, if it comes within ten
        minutes. UnavailableError if it may not have been done."""
        named = {quarter: list(_named(figures).items()) for quarter, figures in of_quarters.items()}
        for first in range(0, max(map(len, named.values()), default=0), _ADDITIONS):
            writes = [
                self._table.to_add(table_keys.figures(quarter), dict(some), self._expires_at(quarter))
                for quarter, amounts in named.items()
                if (some := amounts[first : first + _ADDITIONS])
            ]
            for start in range(0, len(writes), _TOGETHER):
                token = hashlib.sha256(f"{self._name} {first} {start} {once}".encode()).hexdigest()[:_LONGEST_TOKEN]
                self._write(writes[start : start + _TOGETHER], token)

    def _write(self, writes: list[Attributes], once: str) -> None:
        """Another shard of the stream may write to the same quarter at this moment."""
        for _ in range(TRIES):
            if self._table.write_together(writes, once):
                return
        raise UnavailableError("dynamodb: figures are written by others")

    def _expires_at(self, quarter: datetime) -> int:
        """A little later than its dispatches, which may wait for a year."""
        return int((quarter + LONGEST_AHEAD + self._retention).timestamp())

    def between(self, since: datetime, before: datetime) -> Figures:
        """The sum of the quarters that begin in this time."""
        found: list[Figures] = []
        for first, last in _in_months(since, before):
            items = self._table.query(
                "pk = :pk AND sk BETWEEN :first AND :last",
                consistent=False,  # costs half, and the figures lag by seconds anyway
                pk=table_keys.figures(first)["pk"],
                first=table_keys.figures(first)["sk"],
                last=table_keys.figures(last)["sk"],
            )
            found += map(figures_of, items)
        return total(found)


def _in_months(since: datetime, before: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The first and the last moment in each month."""
    last = before - timedelta(milliseconds=1)
    while since <= last:
        if (since.year, since.month) == (last.year, last.month):
            yield since, last
            return
        begins = since.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        next_month = (begins + _MORE_THAN_A_MONTH).replace(day=1)
        yield since, next_month - timedelta(milliseconds=1)
        since = next_month


def _named(figures: Figures) -> Attributes:
    """Names such as `dispatches`, `outcome/succeeded` and `took/sms/57`, so that a person can read the item."""
    return {"/".join(str(part) for part in figure if part): amount for figure, amount in figures.items()}


def figures_of(item: Attributes) -> Figures:
    """What a quarter's item has counted."""
    return {figure: amount for name, amount in item.items() if (figure := _figure(name)) is not None}


def _figure(name: str) -> Figure | None:
    """None for the key and the like."""
    kind, _, of = name.partition("/")
    if kind == Kind.TOOK:
        channel, _, bucket = of.partition("/")
        return Figure(Kind.TOOK, channel, int(bucket or 0))
    return Figure(Kind(kind), of) if kind in _KINDS else None


_KINDS = frozenset(Kind)
