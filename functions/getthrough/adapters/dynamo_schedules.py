"""Port Schedules, in DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import islice

from getthrough.adapters import table_keys
from getthrough.adapters.schedule_items import from_attributes, to_attributes
from getthrough.adapters.table import Table
from getthrough.domain.schedule.schedule import Schedule
from getthrough.domain.values.errors import VersionConflictError
from getthrough.domain.values.page import Page


class DynamoSchedules:
    """`retention` is how long to keep a schedule after it has ended. Adapters that only read need none."""

    def __init__(self, table_name: str, retention: timedelta = timedelta()) -> None:
        self._table = Table(table_name)
        self._retention = retention

    def save(self, schedule: Schedule) -> Schedule:
        saved = replace(schedule, version=schedule.version + 1)
        condition = "version = :read" if schedule.version else "attribute_not_exists(pk)"
        values = {"read": schedule.version} if schedule.version else {}
        if self._table.put(to_attributes(saved, self._retention), condition, **values):
            raise VersionConflictError("another writer stored the schedule first")
        return saved

    def get(self, schedule_uuid: str) -> Schedule | None:
        attributes = self._table.get(table_keys.schedule(schedule_uuid))
        return from_attributes(attributes) if attributes else None

    def newest(self, limit: int, cursor: str | None = None) -> Page[Schedule]:
        found = list(islice(self._table.newest(table_keys.SCHEDULES, limit + 1, cursor), limit + 1))
        shown = found[:limit]
        keys = [{"pk": item["pk"], "sk": item["sk"]} for item in shown]
        schedules = {item["pk"]: from_attributes(item) for item in self._table.batch_get(keys)}
        in_order = [schedules[item["pk"]] for item in shown if item["pk"] in schedules]
        return Page(in_order, shown[-1]["newest_at"] if len(found) > limit else None)
