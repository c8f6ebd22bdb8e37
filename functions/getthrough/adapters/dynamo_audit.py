"""The audit trail, in DynamoDB. The list of changes and that of dispatches are read as one."""

from __future__ import annotations

import heapq
from datetime import timedelta
from itertools import islice

from getthrough.adapters import table_keys
from getthrough.adapters.table import LAST, Attributes, Table
from getthrough.domain.client.audit import SENT, AuditEntry, AuditFilter
from getthrough.domain.values.page import Page, PageRequest
from getthrough.domain.values.rfc3339 import from_text, to_text

MOST_EXAMINED = 600
"""Entries that one page looks at. A batch of ten thousand dispatches lies between two changes."""

_AT_ONCE = 100

_ACCEPTED = 202


class DynamoAudit:
    """`retention` is how long to keep an entry. Adapters that only read need none."""

    def __init__(self, table_name: str, retention: timedelta = timedelta()) -> None:
        self._table = Table(table_name)
        self._retention = retention

    def note(self, entry: AuditEntry) -> None:
        """Store an entry, or the same one with its status."""
        self._table.put(
            {
                **table_keys.audit(entry.request_id),
                **table_keys.newest(table_keys.AUDIT, entry.at, entry.request_id),
                "at": to_text(entry.at),
                "who": entry.who,
                "what": entry.what,
                "subject": entry.subject,
                "status": entry.status,
                "expires_at": int((entry.at + self._retention).timestamp()),
            }
        )

    def newest(self, page: PageRequest, only: AuditFilter) -> Page[AuditEntry]:
        lists = [table_keys.AUDIT] * (only.what != SENT) + [table_keys.DISPATCHES] * (only.what in (None, SENT))
        since, before = (to_text(time) if time else None for time in (only.since, only.before))
        each = (self._table.newest(name, _AT_ONCE, page.cursor, since or "", before or LAST) for name in lists)
        places = heapq.merge(*each, key=lambda item: str(item["newest_at"]), reverse=True)
        found, seen = list[AuditEntry](), None
        for _ in range(MOST_EXAMINED // _AT_ONCE):
            some = list(islice(places, _AT_ONCE))
            stored = {item["pk"]: item for item in self._table.batch_get([_key(place) for place in some])}
            for place in some:
                entry = _entry(stored.get(place["pk"]))
                if entry and only.fits(entry):
                    if len(found) == page.limit:
                        return Page(found, seen)
                    found.append(entry)
                seen = place["newest_at"]
            if len(some) < _AT_ONCE:
                return Page(found, None)
        return Page(found, seen)


def _key(place: Attributes) -> table_keys.Key:
    return {"pk": place["pk"], "sk": place["sk"]}


def _entry(item: Attributes | None) -> AuditEntry | None:
    """An entry, or a dispatch as one; None for a dispatch that no request asked for: a batch's or a schedule's."""
    if item is None or ("request_id" not in item and not table_keys.is_audit(item["pk"])):
        return None
    if table_keys.is_of_dispatch(item["pk"]):
        at, subject = from_text(table_keys.newest_time(item["newest_at"])), table_keys.dispatch_uuid(item["pk"])
        return AuditEntry(at, item["client_name"], SENT, item["request_id"], subject, _ACCEPTED)
    status = item["status"]
    return AuditEntry(
        from_text(item["at"]),
        item["who"],
        item["what"],
        table_keys.uuid_of(item["pk"]),
        item["subject"],
        None if status is None else int(status),
    )
