"""The settings that all users share, in DynamoDB: one item."""

from __future__ import annotations

import json

from getthrough.adapters import table_keys
from getthrough.adapters.table import Table, as_it_was_read
from getthrough.domain.shared.settings import Settings
from getthrough.domain.values.rfc3339 import from_text, to_text

_CONTENT = ("default_country", "calling_code", "national_prefix", "senders", "plans")


class DynamoSettings:
    def __init__(self, table_name: str) -> None:
        self._table = Table(table_name)

    def get(self) -> Settings:
        item = self._table.get(table_keys.settings())
        if item is None:
            return Settings()
        content = json.loads(item["content"])
        return Settings(
            version=int(item["version"]),
            **content,
            changed_at=from_text(item["changed_at"]),
            changed_by=item["changed_by"],
        )

    def put(self, settings: Settings) -> bool:
        """Store the version after the one that is stored. False if another one is stored, unless it is the same."""
        if settings.changed_at is None:
            raise ValueError("settings that have not been changed")
        condition, values = as_it_was_read(settings.version - 1)
        content = {name: getattr(settings, name) for name in _CONTENT}
        item = {
            **table_keys.settings(),
            "version": settings.version,
            "content": json.dumps(content),
            "changed_at": to_text(settings.changed_at),
            "changed_by": settings.changed_by,
        }
        refused = self._table.put(item, condition, **values)
        return refused is None or refused.stored == item
