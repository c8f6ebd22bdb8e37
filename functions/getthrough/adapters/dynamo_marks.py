"""Port Marks, in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from getthrough.adapters import table_keys
from getthrough.adapters.contact_hash import ContactHash
from getthrough.adapters.table import Table
from getthrough.domain.contact.contact import Contact
from getthrough.domain.values.rfc3339 import from_text


class DynamoMarks:
    def __init__(self, table_name: str, hash_of: ContactHash) -> None:
        self._table = Table(table_name)
        self._hash_of = hash_of

    def erased_at(self, contacts: Iterable[Contact]) -> datetime | None:
        keys = [table_keys.erased(self._hash_of(contact)) for contact in dict.fromkeys(contacts)]
        marks = [mark for key in keys if (mark := self._table.get(key)) is not None]
        return max((from_text(mark["erased_at"]) for mark in marks), default=None)
