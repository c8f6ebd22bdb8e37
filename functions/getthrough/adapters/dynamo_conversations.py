"""Port Conversations, in DynamoDB: what was sent to each customer, and what came from them."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from getthrough.adapters import table_keys
from getthrough.adapters.dynamo_status_events import COMPLETED, add_once
from getthrough.adapters.table import LAST, Attributes, Table
from getthrough.domain.contact.contact import Contact
from getthrough.domain.conversation.conversation import Received, Sent
from getthrough.domain.event.webhook import InboundMessage, parse_inbound
from getthrough.domain.ports import Seen
from getthrough.domain.values.errors import UnavailableError
from getthrough.domain.values.page import Page
from getthrough.domain.values.rfc3339 import from_text, to_text

NEWEST_SENT = 100
MOST_EXAMINED = 1_000
"""How many steps of a contact are examined at most for those that await a reply, and how many messages from it."""

_READ_AT_ONCE = 100


class DynamoConversations:
    """`retention` is how long to keep items. Adapters that only read need none."""

    def __init__(self, table_name: str, retention: timedelta = timedelta()) -> None:
        self._table = Table(table_name)
        self._retention = retention

    def add(self, message: InboundMessage, answers: str | None = None, *, customer: Contact | None = None) -> Seen:
        expires_at = int((message.received_at + self._retention).timestamp())
        key = table_keys.received(customer or message.contact, message.timestamp, message.digest)
        place = {**table_keys.inbound(message.digest), "place_pk": key["pk"], "place_sk": key["sk"]}
        seen, stored = add_once(self._table, {**place, "expires_at": expires_at}, message.jti)
        if seen.completed:
            return seen
        if not stored:
            raise UnavailableError("dynamodb: TransactionConflict")
        if "place_pk" not in stored:
            return seen._replace(erased=True)
        attributes = {
            "pk": stored["place_pk"],
            "sk": stored["place_sk"],
            **table_keys.newest(table_keys.INBOUND, message.received_at, message.digest),
            "digest": message.digest,
            "received_at": to_text(message.received_at),
            "channel": message.address.channel,
            "body": message.body,
            "expires_at": expires_at,
        }
        optional = {"answers": answers, "jti": message.jti}
        attributes |= {name: value for name, value in optional.items() if value is not None}
        # The place may be known of a message that is not there, if the one that stored it died.
        self._table.put(attributes, "attribute_not_exists(pk)")
        return seen

    def complete(self, message: InboundMessage) -> None:
        self._table.set(table_keys.inbound(message.digest), COMPLETED, True)

    def sent(self, contact: Contact, since: datetime, *, awaiting_reply: bool = False) -> list[Sent]:
        pk = table_keys.contact(contact)
        noted = self._table.thread(pk, table_keys.SENT_PREFIX, NEWEST_SENT, between=(to_text(since), LAST))
        items = islice(filter(_is_shown, noted), MOST_EXAMINED if awaiting_reply else NEWEST_SENT)
        wanted = (item for item in items if item["awaits_reply"] or not awaiting_reply)
        return [_sent(item) for item in islice(wanted, NEWEST_SENT)]

    def received(self, contact: Contact, since: datetime) -> Iterator[Received]:
        pk = table_keys.contact(contact)
        items = self._table.thread(pk, table_keys.RECEIVED_PREFIX, _READ_AT_ONCE, between=(to_text(since), LAST))
        return map(_received, islice(items, MOST_EXAMINED))

    def page(self, contacts: Sequence[Contact], limit: int, cursor: str | None = None) -> Page[Sent | Received]:
        threads = (
            self._table.thread(table_keys.contact(contact), prefix, limit + 1, cursor=cursor)
            for contact in contacts
            for prefix in (table_keys.SENT_PREFIX, table_keys.RECEIVED_PREFIX)
        )
        shown_of = (filter(_is_shown, thread) for thread in threads)
        merged = heapq.merge(*shown_of, key=lambda item: table_keys.conversation_place(item["sk"]), reverse=True)
        found = list(islice(merged, limit + 1))
        shown = found[:limit]
        more = len(found) > limit
        return Page(list(map(_entry, shown)), table_keys.conversation_place(shown[-1]["sk"]) if more else None)

    def newest(self, limit: int, cursor: str | None = None) -> Page[InboundMessage]:
        items, following = self._table.newest_page(table_keys.INBOUND, limit, cursor)
        return Page([_message(item) for item in items], following)


def _is_shown(attributes: Attributes) -> bool:
    """Not a step that was noted, and then not sent, because its customer had opted out."""
    return table_keys.WITHHELD not in attributes


def _entry(attributes: Attributes) -> Sent | Received:
    return _sent(attributes) if "message_uuid" in attributes else _received(attributes)


def _sent(attributes: Attributes) -> Sent:
    at = from_text(table_keys.conversation_place(attributes["sk"]).partition("#")[0])
    return Sent(attributes["message_uuid"], at, attributes["channel"], attributes["awaits_reply"])


def _received(attributes: Attributes) -> Received:
    """An inbound entry. Its time is that of its place, or its arrival if Vonage gave none."""
    text = table_keys.conversation_place(attributes["sk"]).partition("#")[0]
    at = from_text(text if text.endswith("Z") else attributes["received_at"])
    body = json.loads(attributes["body"])
    return Received(attributes["digest"], at, attributes["channel"], body, attributes.get("answers"))


def _message(attributes: Attributes) -> InboundMessage:
    """A message, parsed again from its body, like a status event."""
    received_at = from_text(attributes["received_at"])
    return parse_inbound(json.loads(attributes["body"]), received_at=received_at, jti=attributes.get("jti"))
