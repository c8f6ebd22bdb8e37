"""Port Quarantine, in DynamoDB. Webhooks are kept for a month so that people can inspect them."""

from __future__ import annotations

from datetime import timedelta

from getthrough.adapters import table_keys
from getthrough.adapters.table import Attributes, Table
from getthrough.domain.recovery.quarantine import Quarantined
from getthrough.domain.values.page import Page
from getthrough.domain.values.rfc3339 import from_text, to_text

RETENTION = timedelta(days=30)


class DynamoQuarantine:
    def __init__(self, table_name: str) -> None:
        self._table = Table(table_name)

    def add(self, webhook: Quarantined) -> None:
        attributes = {
            **table_keys.quarantine(webhook.digest),
            **table_keys.newest(table_keys.QUARANTINE, webhook.received_at, webhook.digest),
            "route": webhook.route,
            "reason": webhook.reason,
            "received_at": to_text(webhook.received_at),
            "body": webhook.body,
            "size": webhook.size,
            "expires_at": int((webhook.received_at + RETENTION).timestamp()),
        }
        if webhook.authorization is None:
            self._table.put(attributes)
        else:
            self._table.put({**attributes, "authorization": webhook.authorization}, "attribute_not_exists(pk)")

    def get(self, digest: str) -> Quarantined | None:
        attributes = self._table.get(table_keys.quarantine(digest))
        return _quarantined(attributes) if attributes else None

    def newest(self, limit: int, cursor: str | None = None) -> Page[Quarantined]:
        items, following = self._table.newest_page(table_keys.QUARANTINE, limit, cursor)
        return Page([_quarantined(item) for item in items], following)

    def delete(self, digest: str) -> None:
        self._table.delete(table_keys.quarantine(digest))


def _quarantined(attributes: Attributes) -> Quarantined:
    return Quarantined(
        digest=table_keys.quarantine_digest(attributes["pk"]),
        route=attributes["route"],
        reason=attributes["reason"],
        received_at=from_text(attributes["received_at"]),
        body=bytes(attributes["body"]),
        size=int(attributes["size"]),
        authorization=attributes.get("authorization"),
    )
