"""Port StatusEvents, in DynamoDB."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from getthrough.adapters import table_keys
from getthrough.adapters.table import Attributes, Table
from getthrough.domain.event import webhook
from getthrough.domain.event.webhook import StatusEvent
from getthrough.domain.ports import Seen
from getthrough.domain.values.rfc3339 import from_text, to_text

COMPLETED = "completed"


class DynamoStatusEvents:
    """`retention` is how long to keep items. Adapters that only read need none."""

    def __init__(self, table_name: str, retention: timedelta = timedelta()) -> None:
        self._table = Table(table_name)
        self._retention = retention

    def add(self, event: StatusEvent) -> Seen:
        attributes = {
            **_key(event),
            "received_at": to_text(event.received_at),
            "body": event.body,
            "expires_at": int((event.received_at + self._retention).timestamp()),
        }
        if event.step is not None:
            attributes["step"] = event.step
        return add_once(self._table, attributes, event.jti)[0]

    def complete(self, event: StatusEvent) -> None:
        self._table.set(_key(event), COMPLETED, True)

    def of(self, dispatch_uuid: str) -> list[StatusEvent]:
        return self._stored(table_keys.event(dispatch_uuid, ""), dispatch_uuid)

    def pending(self, vonage_message_uuid: str) -> list[StatusEvent]:
        return self._stored(table_keys.pending_event(vonage_message_uuid, ""), None)

    def _stored(self, key: table_keys.Key, dispatch_uuid: str | None) -> list[StatusEvent]:
        items = self._table.query("pk = :pk AND begins_with(sk, :prefix)", pk=key["pk"], prefix=key["sk"])
        return [event_of(item, dispatch_uuid) for item in items]


def event_of(attributes: Attributes, dispatch_uuid: str | None) -> StatusEvent:
    """A stored event, parsed again from its body, so that improvements of the parser reach old events too."""
    received_at = from_text(attributes["received_at"])
    event = webhook.parse_status(json.loads(attributes["body"]), received_at=received_at)
    step = attributes.get("step")
    return replace(event, dispatch_uuid=dispatch_uuid, step=None if step is None else int(step))


def add_once(table: Table, attributes: Attributes, jti: str | None) -> tuple[Seen, Attributes]:
    """Store what a webhook brought, with its token's id, unless it is there already: one conditional write."""
    if jti is not None:
        attributes = {**attributes, "jti": jti}
    refused = table.put(attributes, "attribute_not_exists(pk)")
    if refused is None:
        return Seen(new=True), attributes
    stored = refused.stored or {}
    return Seen(False, bool(stored.get(COMPLETED)), jti is not None and stored.get("jti") == jti), stored


def _key(event: StatusEvent) -> table_keys.Key:
    if event.dispatch_uuid is None:
        return table_keys.pending_event(event.vonage_message_uuid, event.digest)
    return table_keys.event(event.dispatch_uuid, event.digest)
