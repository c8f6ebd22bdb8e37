"""What DynamoDB charges for a write, by its own rules. DynamoDB Local reports other numbers: within a transaction it
counts what an index needs fourfold, where AWS doubles only the table's part.

Sources: "DynamoDB on-demand mode" and "Global secondary indexes, write capacity" in the DynamoDB Developer Guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tests.aws_calls import Answer, Call

Item = Mapping[str, Any]
"""Attributes in DynamoDB's JSON, such as {"pk": {"S": "DISPATCH#1"}}."""

UNIT = 1024
"""Bytes of an item that one unit writes."""


class Index(NamedTuple):
    """`attributes` are what an entry holds, its keys too; None for all of them."""

    keys: frozenset[str]
    attributes: frozenset[str] | None

    def entry(self, item: Item | None) -> Item | None:
        """What the index holds of an item; None if nothing, because the item lacks a key."""
        if item is None or not self.keys <= item.keys():
            return None
        return item if self.attributes is None else {name: item[name] for name in item.keys() & self.attributes}


def size(item: Item) -> int:
    """Bytes of an item: its names and its values."""
    return sum(len(name.encode()) + _size_of(value) for name, value in item.items())


def _size_of(value: Mapping[str, Any]) -> int:
    [(kind, content)] = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            digits = content.lstrip("-").replace(".", "").strip("0")
            return int((len(digits) + 1) // 2 + 1 + content.startswith("-"))
        case "B":
            return len(content)
        case "M":
            return 3 + len(content) + size(content)
        case "L":
            return 3 + len(content) + sum(_size_of(one) for one in content)
        case "SS" | "NS":
            return 3 + sum(_size_of({kind[0]: one}) for one in content)
        case _:
            return 1  # BOOL and NULL


def units_of(before: Item | None, after: Item | None, indexes: Sequence[Index], *, transaction: bool = False) -> int:
    """Write units of one write, which made an item of another. Both are None for a delete of nothing. A write that a
    condition refused costs what the stored item weighs: then `after` is `before`."""
    table = max(_units(before), _units(after), 1)
    return table * (2 if transaction else 1) + sum(
        _entries(index.entry(before), index.entry(after), index) for index in indexes
    )


def _entries(before: Item | None, after: Item | None, index: Index) -> int:
    if before == after:
        return 0
    if before and after and all(before[key] == after[key] for key in index.keys):
        return max(_units(before), _units(after))
    return _units(before) + _units(after)


def _units(item: Item | None) -> int:
    return -(-size(item) // UNIT) if item else 0


_WRITES = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"}


class Written(NamedTuple):
    call: str
    units: int


class Meter:
    """Adds up what the functions' writes to a table cost, for `tests.aws_calls.around_calls`. `written` has each call
    that writes, in order.

    It looks at each item before and after the call, so it is for one thread.
    """

    def __init__(self, onlooker: Any, table: str) -> None:
        """`onlooker` is a client of boto3, whose calls don't count."""
        self.written: list[Written] = []
        self._onlooker, self._table = onlooker, table
        described = onlooker.describe_table(TableName=table)["Table"]
        self._keys = [part["AttributeName"] for part in described["KeySchema"]]
        self._indexes = [self._index(one) for one in described.get("GlobalSecondaryIndexes", [])]

    def __call__(self, _service: str, operation: str, parameters: dict[str, Any], call: Call) -> Answer:
        if operation not in _WRITES:
            return call(**parameters)
        items = [(key, self._look(key)) for key in self._written_keys(parameters)]
        try:
            return call(**parameters)
        finally:
            transaction = operation == "TransactWriteItems"
            units = sum(
                units_of(before, self._look(key), self._indexes, transaction=transaction) for key, before in items
            )
            self.written.append(Written(operation, units))

    @property
    def units(self) -> int:
        return sum(one.units for one in self.written)

    def _index(self, described: Mapping[str, Any]) -> Index:
        keys = frozenset(part["AttributeName"] for part in described["KeySchema"]) | frozenset(self._keys)
        projection = described["Projection"]
        if projection["ProjectionType"] == "ALL":
            return Index(keys, None)
        return Index(keys, keys | frozenset(projection.get("NonKeyAttributes", ())))

    def _look(self, key: Item) -> Item | None:
        found: Item | None = self._onlooker.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return found

    def _written_keys(self, params: Mapping[str, Any]) -> Iterator[Item]:
        """A condition of a transaction on an item that it leaves as it is costs like a write too."""
        for write in _writes(params):
            given = write.get("Item") or write["Key"]
            yield {name: given[name] for name in self._keys}


def _writes(params: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "TransactItems" in params:
        for action in params["TransactItems"]:
            yield from action.values()
    elif "RequestItems" in params:
        for requests in params["RequestItems"].values():
            for request in requests:
                yield from request.values()
    else:
        yield params
