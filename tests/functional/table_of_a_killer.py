"""The table as erasures use it, in memory: a killer may strike before and after each of its calls."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any, TypeVar

from getthrough.adapters.table import Attributes
from getthrough.adapters.table_keys import Key

Answer = TypeVar("Answer")

PAGE = 200
"""Items of a page, in place of a megabyte."""


class TableOfAKiller:
    """`getthrough.adapters.table.Table` with plain values, for the conditions and updates of erasures only. `strikes`
    is asked before and after each call, and may raise."""

    def __init__(self, items: list[Attributes], strikes: Callable[[], None]) -> None:
        self.items = {_place(item): item for item in items}
        self._places = sorted(self.items)
        self._new = False
        self._strikes = strikes

    def get(self, key: Key) -> Attributes | None:
        return self._call(lambda: self.items.get(_place(key)))

    def batch_get(self, keys: list[Key], *, consistent: bool) -> list[Attributes]:
        assert consistent, "what decides whether an erasure is done"
        return self._call(lambda: [self.items[_place(key)] for key in keys if _place(key) in self.items])

    def query(self, condition: str, *, page_size: int, pk: str, prefix: str) -> Iterator[Attributes]:
        assert (condition, bool(page_size)) == ("pk = :pk AND begins_with(sk, :prefix)", True)
        return iter([item for item in self.items.values() if item["pk"] == pk and item["sk"].startswith(prefix)])

    def scan_page(self, after: Key | None) -> tuple[list[Attributes], Key | None]:
        return self._call(lambda: self._page(after))

    def _page(self, after: Key | None) -> tuple[list[Attributes], Key | None]:
        order = self._order
        start = 0 if after is None else bisect_right(order, _place(after))
        places = order[start : start + PAGE]
        page = [self.items[place] for place in places if place in self.items]
        return page, {"pk": places[-1][1], "sk": places[-1][2]} if start + PAGE < len(order) else None

    @property
    def _order(self) -> list[tuple[bytes, str, str]]:
        """All places, also those of what was deleted since."""
        if self._new:
            self._places, self._new = sorted({*self._places, *self.items}), False
        return self._places

    def update(self, key: Key, expression: str, **values: Any) -> None:
        self.write_together([self.to_update(key, expression, **values)])

    def to_put(self, attributes: Attributes, condition: str | None = None, **values: Any) -> Attributes:
        return {"key": attributes, "condition": condition, "values": values, "after": lambda _: dict(attributes)}

    def to_delete(self, key: Key, condition: str, **values: Any) -> Attributes:
        return {"key": key, "condition": condition, "values": values, "after": lambda _: None}

    def to_update(self, key: Key, expression: str, **values: Any) -> Attributes:
        def after(item: Attributes | None) -> Attributes:
            return _updated(item or dict(key), expression, values)

        return {"key": key, "condition": None, "values": {}, "after": after}

    def write_together(self, writes: list[Attributes]) -> bool:
        return self._call(lambda: self._write(writes))

    def _write(self, writes: list[Attributes]) -> bool:
        stored = [self.items.get(_place(one["key"])) for one in writes]
        if not all(_holds(item, one["condition"], one["values"]) for item, one in zip(stored, writes, strict=True)):
            return False
        for one in writes:
            place = _place(one["key"])
            after = one["after"](self.items.get(place))
            if after is None:
                del self.items[place]
            else:
                self._new |= place not in self.items
                self.items[place] = after
        return True

    def _call(self, happens: Callable[[], Answer]) -> Answer:
        self._strikes()
        answer = happens()
        self._strikes()
        return answer


def _place(key: Mapping[str, Any]) -> tuple[bytes, str, str]:
    """As DynamoDB does it, partitions are in the order of a hash."""
    return sha256(key["pk"].encode()).digest(), key["pk"], key["sk"]


def _holds(item: Attributes | None, condition: str | None, values: Mapping[str, Any]) -> bool:
    for part in condition.split(" AND ") if condition else ():
        match part.split(" = :"):
            case ["attribute_exists(pk)"]:
                holds = item is not None
            case ["attribute_not_exists(pk)"]:
                holds = item is None
            case [name, value]:
                holds = item is not None and item.get(name) == values[value]
            case _:
                raise AssertionError(part)
        if not holds:
            return False
    return True


def _updated(item: Attributes, expression: str, values: Mapping[str, Any]) -> Attributes:
    match expression.split():
        case ["ADD", name, ":one", *rest]:
            found = {"found_at": values["at"]} if rest == ["SET", "found_at", "=", ":at"] else {}
            assert bool(rest) == bool(found), expression
            return {**item, name: item.get(name, 0) + 1, **found}
        case ["SET", "done_at", "=", "if_not_exists(done_at,", ":at)", "REMOVE", "contacts"]:
            left = {name: value for name, value in item.items() if name != "contacts"}
            return {"done_at": values["at"], **left}
    raise AssertionError(expression)
