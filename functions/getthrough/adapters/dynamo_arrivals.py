"""How long messages take to arrive, in DynamoDB: an item for each week of messages that travel alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from getthrough.adapters import table_keys
from getthrough.adapters.table import Attributes, Table
from getthrough.domain.message.arrivals import Arrivals, ArrivalsOfWeek, Group, Kind
from getthrough.domain.values.page import Page, PageRequest

WEEKS = 5
"""So many weeks are learned from at most."""

KEPT = timedelta(days=90)


class DynamoArrivals:
    def __init__(self, table_name: str) -> None:
        self._table = Table(table_name)

    def of(self, group: Group) -> list[Arrivals]:
        """The newest weeks in which messages of a group were sent, newest first."""
        pk = table_keys.arrivals(*group, "")["pk"]
        found = self._table.thread(pk, table_keys.WEEK_PREFIX, WEEKS)
        return [_arrivals(item) for _, item in zip(range(WEEKS), found, strict=False)]

    def add(self, counts: Mapping[tuple[Group, date, Kind, int], int], now: datetime) -> None:
        """Add to the counts of weeks: one write for each group and week. A repeated call counts twice."""
        of_week: dict[tuple[Group, date], dict[str, int]] = defaultdict(dict)
        for (group, monday, kind, number), count in counts.items():
            if count:
                of_week[group, monday][f"{kind}{number}"] = count
        for (group, monday), changes in of_week.items():
            key = table_keys.arrivals(*group, f"{monday}")
            begins = datetime.combine(monday, time(), UTC)
            listed = table_keys.newest(table_keys.ARRIVALS, begins, key["pk"])
            values: dict[str, Any] = {**changes, "expires_at": int((now + KEPT).timestamp()), **listed}
            put = ", ".join(f"{name} = :{name}" for name in ("expires_at", *listed))
            self._table.update(key, f"ADD {', '.join(f'{name} :{name}' for name in changes)} SET {put}", **values)

    def newest(self, page: PageRequest) -> Page[ArrivalsOfWeek]:
        """The weeks of all groups, newest first."""
        found = self._table.newest_page(table_keys.ARRIVALS, *page)
        return Page([_of_week(item) for item in found.items], found.cursor)


def _of_week(item: Attributes) -> ArrivalsOfWeek:
    *group, week = table_keys.arrivals_of(item)
    return ArrivalsOfWeek(Group(*group), week, _arrivals(item))


def _arrivals(item: Attributes) -> Arrivals:
    """No count is below 0, although a change that was delivered twice may have been subtracted twice."""
    counts: dict[str, dict[int, int]] = {kind: {} for kind in Kind}
    for name, value in item.items():
        if name[:1] in counts and name[1:].isdigit():
            counts[name[0]][int(name[1:])] = max(int(value), 0)
    still_open, failed = (sum(counts[kind].values()) for kind in (Kind.OPEN, Kind.FAILED))
    return Arrivals(counts[Kind.ARRIVED], counts[Kind.CUT], still_open, failed)
