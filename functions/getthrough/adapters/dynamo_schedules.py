"""Port Schedules, in DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from getthrough.adapters import table_keys
from getthrough.adapters.schedule_items import from_attributes, to_attributes
from getthrough.adapters.table import Table, as_it_was_read
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
        condition, values = as_it_was_read(schedule.version)
        if self._table.put(to_attributes(saved, self._retention), condition, **values):
            raise VersionConflictError("another writer stored the schedule first")
        return saved

    def get(self, schedule_uuid: str) -> Schedule | None:
        attributes = self._table.get(table_keys.schedule(schedule_uuid))
        return from_attributes(attributes) if attributes else None

    def newest(self, limit: int, cursor: str | None = None) -> Page[Schedule]:
        items, following = self._table.newest_page(table_keys.SCHEDULES, limit, cursor)
        return Page([from_attributes(item) for item in items], following)
