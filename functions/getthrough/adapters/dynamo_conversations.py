"""Ports Conversations and OptOuts, in DynamoDB: everything stored under a contact."""

from __future__ import annotations

import hashlib
import heapq
import json
from datetime import datetime, timedelta
from itertools import islice

from getthrough.adapters import table_keys
from getthrough.adapters.dynamo_status_events import COMPLETED, add_once
from getthrough.adapters.table import LAST, TRIES, Attributes, Table
from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Contact
from getthrough.domain.conversation.conversation import Received, Sent
from getthrough.domain.event.webhook import InboundMessage, parse_inbound
from getthrough.domain.ports import Seen
from getthrough.domain.values.errors import UnavailableError
from getthrough.domain.values.page import Page
from getthrough.domain.values.rfc3339 import from_text, to_text

NEWEST_SENT = 100
LOOKED_AT = 1_000
"""How many steps of a contact are examined at most for those that await a reply."""


class DynamoConversations:
    """`retention` is how long to keep items. Adapters that only read need none."""

    def __init__(self, table_name: str, retention: timedelta = timedelta()) -> None:
        self._table = Table(table_name)
        self._retention = retention

    def add(self, message: InboundMessage, answers: str | None = None) -> Seen:
        attributes = {
            **_key(message),
            **table_keys.newest(table_keys.INBOUND, message.received_at, message.digest),
            "digest": message.digest,
            "received_at": to_text(message.received_at),
            "body": message.body,
            "expires_at": int((message.received_at + self._retention).timestamp()),
        }
        if answers is not None:
            attributes["answers"] = answers
        return add_once(self._table, attributes, message.jti)

    def complete(self, message: InboundMessage) -> None:
        self._table.set(_key(message), COMPLETED, True)

    def sent(self, contact: Contact, since: datetime, *, awaiting_reply: bool = False) -> list[Sent]:
        pk = table_keys.contact(contact)["pk"]
        items = self._table.thread(pk, table_keys.SENT_PREFIX, NEWEST_SENT, between=(to_text(since), LAST))
        items = islice(items, LOOKED_AT if awaiting_reply else NEWEST_SENT)
        wanted = (item for item in items if item["awaits_reply"] or not awaiting_reply)
        return [_sent(item) for item in islice(wanted, NEWEST_SENT)]

    def page(self, contact: Contact, limit: int, cursor: str | None = None) -> Page[Sent | Received]:
        pk = table_keys.contact(contact)["pk"]
        both = (
            self._table.thread(pk, prefix, limit + 1, cursor=cursor)
            for prefix in (table_keys.SENT_PREFIX, table_keys.RECEIVED_PREFIX)
        )
        merged = heapq.merge(*both, key=lambda item: table_keys.conversation_place(item["sk"]), reverse=True)
        found = list(islice(merged, limit + 1))
        shown = found[:limit]
        more = len(found) > limit
        return Page(list(map(_entry, shown)), table_keys.conversation_place(shown[-1]["sk"]) if more else None)

    def newest(self, limit: int, cursor: str | None = None) -> Page[InboundMessage]:
        found = list(islice(self._table.newest(table_keys.INBOUND, limit + 1, cursor), limit + 1))
        shown = found[:limit]
        messages = map(_message, self._table.batch_get([{"pk": item["pk"], "sk": item["sk"]} for item in shown]))
        in_order = sorted(messages, key=lambda message: (message.received_at, message.digest), reverse=True)
        return Page(in_order, shown[-1]["newest_at"] if len(found) > limit else None)


_NEWER = "attribute_not_exists(pk) OR changed_at < :at"
_OR_TIE = " OR (changed_at = :at AND opted_out = :no)"


class DynamoOptOuts:
    def __init__(self, table_name: str) -> None:
        self._table = Table(table_name)

    def change(self, opt_out: OptOut) -> bool:
        moment = to_text(opt_out.changed_at)
        key = table_keys.contact(opt_out.contact)
        attributes: Attributes = {
            **key,
            "opted_out": opt_out.opted_out,
            "changed_at": moment,
            "why": opt_out.why,
            "by": opt_out.by,
        }
        if opt_out.opted_out:
            # Its place becomes a cursor, which appears in URLs. It must not reveal an address.
            nameless = hashlib.sha256(key["pk"].encode()).hexdigest()
            attributes |= table_keys.newest(table_keys.OPT_OUTS, opt_out.changed_at, nameless)
        values: Attributes = {"at": moment} | ({"no": False} if opt_out.opted_out else {})
        for _ in range(TRIES):
            refused = self._table.put(attributes, _NEWER + (_OR_TIE if opt_out.opted_out else ""), **values)
            if refused is None or refused.stored is not None:
                return refused is None
            # DynamoDB refused the write without a comparison: a claim was checking the same contact.
        raise UnavailableError("dynamodb: TransactionConflict")

    def get(self, contact: Contact) -> OptOut | None:
        attributes = self._table.get(table_keys.contact(contact))
        return opt_out_of(attributes) if attributes else None

    def newest(self, limit: int, cursor: str | None = None) -> Page[OptOut]:
        found = list(islice(self._table.newest(table_keys.OPT_OUTS, limit + 1, cursor), limit + 1))
        shown = found[:limit]
        keys = [{"pk": item["pk"], "sk": table_keys.CONTACT} for item in shown]
        opt_outs = [opt_out_of(item) for item in self._table.batch_get(keys)]
        # Between reading the index and the item a contact may have opted in again.
        opt_outs = sorted((item for item in opt_outs if item.opted_out), key=lambda item: item.changed_at, reverse=True)
        return Page(opt_outs, shown[-1]["newest_at"] if len(found) > limit else None)


def opt_out_of(attributes: Attributes) -> OptOut:
    return OptOut(
        contact=table_keys.contact_of(attributes["pk"]),
        opted_out=attributes["opted_out"],
        changed_at=from_text(attributes["changed_at"]),
        why=attributes["why"],
        by=attributes["by"],
    )


def _entry(attributes: Attributes) -> Sent | Received:
    return _sent(attributes) if "message_uuid" in attributes else _received(attributes)


def _sent(attributes: Attributes) -> Sent:
    at = from_text(table_keys.conversation_place(attributes["sk"]).partition("#")[0])
    return Sent(attributes["message_uuid"], at, attributes["first"], attributes["awaits_reply"])


def _received(attributes: Attributes) -> Received:
    """An inbound entry. Its time is that of its place, or its arrival if Vonage gave none."""
    text = table_keys.conversation_place(attributes["sk"]).partition("#")[0]
    at = from_text(text if text.endswith("Z") else attributes["received_at"])
    return Received(attributes["digest"], at, json.loads(attributes["body"]), attributes.get("answers"))


def _message(attributes: Attributes) -> InboundMessage:
    """A message, parsed again from its body, like a status event."""
    received_at = from_text(attributes["received_at"])
    return parse_inbound(json.loads(attributes["body"]), received_at=received_at, jti=attributes.get("jti"))


def _key(message: InboundMessage) -> table_keys.Key:
    return table_keys.received(message.contact, message.timestamp, message.digest)
