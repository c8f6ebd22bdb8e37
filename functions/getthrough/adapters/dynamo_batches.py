"""Ports Batches, RecipientLists and Tallies, in DynamoDB."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from getthrough.adapters import table_keys
from getthrough.adapters.batch_items import from_attributes, to_attributes
from getthrough.adapters.plan_items import json_text
from getthrough.adapters.table import Refused, Table, as_it_was_read
from getthrough.domain.batch.batch import CHUNK, Batch, Note, Recipient, Tally, chunks, recipients_in_chunks
from getthrough.domain.dispatch.dispatch import Outcome
from getthrough.domain.values.errors import UnavailableError, VersionConflictError
from getthrough.domain.values.local_time import LONGEST_AHEAD
from getthrough.domain.values.page import Page


class DynamoBatches:
    """`retention` is how long to keep a batch after it has ended. Adapters that only read need none."""

    def __init__(self, table_name: str, retention: timedelta = timedelta()) -> None:
        self._table = Table(table_name)
        self._retention = retention

    def save(self, batch: Batch) -> Batch:
        saved = replace(batch, version=batch.version + 1)
        condition, values = as_it_was_read(batch.version)
        if self._table.put(to_attributes(saved, self._retention), condition, **values):
            raise VersionConflictError("another writer stored the batch first")
        return saved

    def get(self, batch_uuid: str) -> Batch | None:
        attributes = self._table.get(table_keys.batch(batch_uuid))
        return from_attributes(attributes) if attributes else None

    def newest(self, limit: int, cursor: str | None = None) -> Page[Batch]:
        items, following = self._table.newest_page(table_keys.BATCHES, limit, cursor)
        return Page([from_attributes(item) for item in items], following)


class DynamoRecipientLists:
    """Each chunk is an item: `[[to, variables, time_zone], …]` as JSON. A recipient who reaches other addresses than
    these show has them as a fourth value."""

    def __init__(self, table_name: str, retention: timedelta) -> None:
        self._table = Table(table_name)
        self._retention = retention

    def put(self, list_id: str, recipients: Sequence[Recipient], needed_until: datetime) -> None:
        expiry = {"expires_at": self._expires_at(needed_until)}
        items = [
            {**table_keys.recipients(list_id, number), "recipients": json_text([*map(_fields, chunk)]), **expiry}
            for number, chunk in enumerate(recipients_in_chunks(recipients))
        ]
        self._table.put_many(items)

    def some(self, list_id: str, numbers: range) -> list[Recipient]:
        number, first = divmod(numbers.start, CHUNK)
        attributes = self._table.get(table_keys.recipients(list_id, number))
        if attributes is None:
            raise UnavailableError("dynamodb: the recipients are not there")
        chunk = json.loads(attributes["recipients"])
        return [_recipient(*fields) for fields in chunk[first : first + len(numbers)]]

    def keep(self, list_id: str, total: int, needed_until: datetime) -> bool:
        expires_at = self._expires_at(needed_until)
        keys = [table_keys.recipients(list_id, number) for number in range(chunks(total))]
        return all(self._keep(key, expires_at) for key in keys)

    def _keep(self, key: table_keys.Key, expires_at: int) -> bool:
        later = "expires_at < :expires_at"  # also false if the item doesn't exist
        updated = self._table.update(key, "SET expires_at = :expires_at", later, expires_at=expires_at)
        return not isinstance(updated, Refused) or updated.stored is not None

    def _expires_at(self, needed_until: datetime) -> int:
        return int((needed_until + self._retention).timestamp())


def _fields(recipient: Recipient) -> Sequence[Any]:
    return recipient if recipient.reaches else recipient[:-1]


def _recipient(
    to: str | None, variables: dict[str, Any], time_zone: str | None, reaches: Iterable[str] = ()
) -> Recipient:
    return Recipient(to, variables, time_zone, tuple(reaches))


class DynamoTallies:
    """One item for each chunk of recipients. It holds the numbers of those to whom something was `sent`, those
    `delivered`, those `failed`, and the cost of each. These are sets, so adding a number twice changes nothing."""

    def __init__(self, table_name: str, retention: timedelta = timedelta()) -> None:
        self._table = Table(table_name)
        self._retention = retention

    def note(self, notes: Iterable[Note]) -> None:
        of_chunk: dict[tuple[str, int], list[Note]] = defaultdict(list)
        for note in notes:
            of_chunk[note.batch_uuid, note.number // CHUNK].append(note)
        for (batch_uuid, chunk), some in of_chunk.items():
            self._note(table_keys.tally(batch_uuid, chunk), some)

    def _note(self, key: table_keys.Key, notes: list[Note]) -> None:
        sets: dict[str, set[int]] = defaultdict(set)
        costs: dict[str, str] = {}
        for note in notes:
            if note.sent:
                sets["sent"].add(note.number)
            if note.outcome is not None:
                sets["delivered" if note.outcome is Outcome.SUCCEEDED else "failed"].add(note.number)
            if note.costs:
                costs[f"cost_{note.number}"] = json_text([[currency, str(price)] for currency, price in note.costs])
        if not sets and not costs:
            return
        values: dict[str, Any] = {**sets, **costs, "expires_at": self._expires_at(notes)}
        added = f"ADD {', '.join(f'{name} :{name}' for name in sets)} " if sets else ""
        put = ", ".join(f"{name} = :{name}" for name in (*costs, "expires_at"))
        self._table.update(key, f"{added}SET {put}", **values)

    def _expires_at(self, notes: list[Note]) -> int:
        """A little later than the dispatches, which may wait for a year."""
        return int((max(note.created_at for note in notes) + LONGEST_AHEAD + self._retention).timestamp())

    def of(self, batch_uuid: str) -> Tally:
        sets: dict[str, set[Decimal]] = defaultdict(set)
        cost: dict[str, Decimal] = defaultdict(Decimal)
        for item in self._table.query(
            "pk = :pk AND begins_with(sk, :prefix)",
            pk=table_keys.batch(batch_uuid)["pk"],
            prefix=table_keys.TALLY_PREFIX,
            consistent=False,  # costs half, and the totals lag by seconds anyway
        ):
            for name, value in item.items():
                if isinstance(value, set):
                    sets[name] |= value
                elif name.startswith("cost_"):
                    for currency, price in json.loads(value):
                        cost[currency] += Decimal(price)
        failed = sets["failed"] - sets["delivered"]  # a late success counts
        begun = sets["sent"] | sets["delivered"] | failed
        return Tally(len(begun), len(sets["sent"]), len(sets["delivered"]), len(failed), dict(cost))
