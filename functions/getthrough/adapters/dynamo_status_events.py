"""Port StatusEvents, in DynamoDB."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from getthrough.adapters import table_keys
from getthrough.adapters.contact_hash import EventHash, no_event_hash
from getthrough.adapters.table import Attributes, Table
from getthrough.domain.event import webhook
from getthrough.domain.event.webhook import StatusEvent
from getthrough.domain.ports import Seen
from getthrough.domain.values.rfc3339 import from_text, to_text

COMPLETED = "completed"


class DynamoStatusEvents:
    """`retention` is how long to keep items, and `hash_of` names them. Adapters that only read need neither."""

    def __init__(self, table_name: str, retention: timedelta = timedelta(), hash_of: EventHash = no_event_hash) -> None:
        self._table = Table(table_name)
        self._retention = retention
        self._hash_of = hash_of

    def add(self, event: StatusEvent) -> Seen:
        attributes = {
            **self._key(event),
            "received_at": to_text(event.received_at),
            "body": event.body,
            "expires_at": int((event.received_at + self._retention).timestamp()),
        }
        if event.step is not None:
            attributes["step"] = event.step
        return add_once(self._table, attributes, event.jti)[0]

    def complete(self, event: StatusEvent) -> None:
        self._table.set(self._key(event), COMPLETED, True)

    def of(self, dispatch_uuid: str) -> list[StatusEvent]:
        return self._stored(table_keys.event(dispatch_uuid, ""), dispatch_uuid)

    def pending(self, vonage_message_uuid: str) -> list[StatusEvent]:
        return self._stored(table_keys.pending_event(vonage_message_uuid, ""), None)

    def _key(self, event: StatusEvent) -> table_keys.Key:
        name = self._hash_of(event.digest)
        if event.dispatch_uuid is None:
            return table_keys.pending_event(event.vonage_message_uuid, name)
        return table_keys.event(event.dispatch_uuid, name)

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
