"""The table: dispatches, status events, inbound messages and quarantined webhooks, in DynamoDB.

Every write is conditional or may be repeated, so a retry after a lost answer does no harm.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from getthrough.adapters import table_keys
from getthrough.adapters.aws import client, error_code, unavailable
from getthrough.adapters.dispatch_items import from_attributes, to_attributes
from getthrough.domain import webhook
from getthrough.domain.dispatch import Contact, Dispatch
from getthrough.domain.errors import OptedOutError, UnavailableError, VersionConflictError
from getthrough.domain.ports import Due, Page
from getthrough.domain.rfc3339 import from_text, to_text
from getthrough.domain.webhook import InboundMessage, StatusEvent

QUARANTINE_RETENTION = timedelta(days=30)
QUARANTINED_BYTES = 16_384
"""So much of a body is kept: any webhook of Vonage's, but anybody can send us something to keep."""

_NOT_OPTED_OUT = "attribute_not_exists(pk) OR opted_out <> :true"

# A write that meets a transaction on the same item is refused at once, by either side: somebody else wrote just now.
_FAILED, _CONFLICT = "ConditionalCheckFailed", "TransactionConflict"
_SOMEBODY_ELSE = frozenset({f"{_FAILED}Exception", f"{_CONFLICT}Exception"})

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize

Attributes = dict[str, Any]


class _Table:
    """The few calls that the adapters below are made of, in plain Python values."""

    def __init__(self, name: str) -> None:
        self._name = name

    def get(self, key: Mapping[str, str]) -> Attributes | None:
        with unavailable("dynamodb"):
            answer = client("dynamodb").get_item(TableName=self._name, Key=_item(key), ConsistentRead=True)
        return _attributes(answer["Item"]) if "Item" in answer else None

    def put(self, attributes: Attributes, condition: str | None = None, **values: object) -> bool:
        """Put an item; False if the condition did not hold."""
        with unavailable("dynamodb"):
            try:
                client("dynamodb").put_item(**self._put(attributes, condition, values))
            except ClientError as error:
                if condition and error_code(error) in _SOMEBODY_ELSE:
                    return False
                raise
        return True

    def put_if(
        self, attributes: Attributes, condition: str, values: Attributes, key: table_keys.Key, other_condition: str
    ) -> list[str]:
        """Put an item if its condition holds and another item's does; what each of the two says, "None" if it holds."""
        check = {"TableName": self._name, "Key": _item(key), "ConditionExpression": other_condition}
        check["ExpressionAttributeValues"] = _item({":true": True})
        items = [{"Put": self._put(attributes, condition, values)}, {"ConditionCheck": check}]
        with unavailable("dynamodb"):
            try:
                client("dynamodb").transact_write_items(TransactItems=items)
            except ClientError as error:
                if error_code(error) == "TransactionCanceledException":
                    return [reason["Code"] for reason in error.response["CancellationReasons"]]
                raise
        return ["None", "None"]

    def _put(self, attributes: Attributes, condition: str | None, values: Mapping[str, object]) -> Attributes:
        arguments: Attributes = {"TableName": self._name, "Item": _item(attributes)}
        if condition is not None:
            arguments["ConditionExpression"] = condition
        if values:
            arguments["ExpressionAttributeValues"] = _item({f":{name}": value for name, value in values.items()})
        return arguments

    def query(
        self, condition: str, index: str | None = None, *, ascending: bool = True, **values: str
    ) -> Iterator[Attributes]:
        """Every item that matches, in the order of the sort key; read as far as the caller goes."""
        arguments: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": _item({f":{name}": value for name, value in values.items()}),
            "ScanIndexForward": ascending,
            **({"IndexName": index} if index else {"ConsistentRead": True}),
        }
        while True:
            with unavailable("dynamodb"):
                answer = client("dynamodb").query(**arguments)
            yield from map(_attributes, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def batch_get(self, keys: list[table_keys.Key]) -> list[Attributes]:
        """The items of at most 100 keys, in no order; those that do not exist are left out."""
        request = {self._name: {"Keys": [_item(key) for key in keys]}}
        found: list[Attributes] = []
        for _ in range(5):
            if not request:
                return found
            with unavailable("dynamodb"):
                answer = client("dynamodb").batch_get_item(RequestItems=request)
            found += map(_attributes, answer["Responses"].get(self._name, []))
            request = answer.get("UnprocessedKeys", {})
        raise UnavailableError("dynamodb: keys left unprocessed")


class DynamoDispatches:
    """Port Dispatches. `retention` is how long items live; reading adapters need none."""

    def __init__(self, table_name: str, retention: timedelta = timedelta()) -> None:
        self._table = _Table(table_name)
        self._retention = retention

    def save(self, dispatch: Dispatch, unless_opted_out: Contact | None = None) -> Dispatch:
        saved = replace(dispatch, version=dispatch.version + 1)
        attributes = to_attributes(saved, self._retention)
        values: Attributes = {"read": dispatch.version} if dispatch.version else {}
        condition = "version = :read" if dispatch.version else "attribute_not_exists(pk)"
        if unless_opted_out is None:
            stored = self._table.put(attributes, condition, **values)
        else:
            contact = table_keys.contact(unless_opted_out)
            ours, contacts = self._table.put_if(attributes, condition, values, contact, _NOT_OPTED_OUT)
            if not {ours, contacts} <= {"None", _FAILED, _CONFLICT}:
                raise UnavailableError(f"dynamodb: {ours}, {contacts}")
            if ours == "None" and contacts == _FAILED:
                raise OptedOutError
            stored = ours == contacts == "None"
        if not stored:
            raise VersionConflictError("somebody else wrote the dispatch first")
        return saved

    def get(self, dispatch_uuid: str) -> Dispatch | None:
        attributes = self._table.get(table_keys.dispatch(dispatch_uuid))
        return from_attributes(attributes) if attributes else None

    def refer(self, vonage_message_uuid: str, message_uuid: str, at: datetime) -> None:
        expires_at = int((at + self._retention).timestamp())
        key = table_keys.reference(vonage_message_uuid)
        self._table.put({**key, "message_uuid": message_uuid, "expires_at": expires_at})

    def resolve(self, vonage_message_uuid: str) -> str | None:
        attributes = self._table.get(table_keys.reference(vonage_message_uuid))
        return attributes["message_uuid"] if attributes else None

    def due(self, until: datetime) -> Iterator[Due]:
        for shard in table_keys.due_shards():
            items = self._table.query(
                "due_shard = :shard AND due_at <= :until", "due", shard=shard, until=to_text(until)
            )
            for item in items:
                yield Due(table_keys.dispatch_uuid(item["pk"]), from_text(item["due_at"]))

    def newest(self, limit: int, cursor: str | None = None) -> Page:
        shards = [self._newest_of(shard, cursor) for shard in table_keys.newest_shards()]
        places = list(islice(heapq.merge(*shards, reverse=True), limit + 1))
        wanted = places[:limit]
        keys = [table_keys.dispatch(table_keys.newest_dispatch_uuid(place)) for place in wanted]
        found = [from_attributes(item) for item in self._table.batch_get(keys)] if keys else []
        found.sort(key=table_keys.newest_at, reverse=True)
        return Page(found, wanted[-1] if len(places) > limit else None)

    def _newest_of(self, shard: str, cursor: str | None) -> Iterator[str]:
        condition, values = "newest_shard = :shard", {"shard": shard}
        if cursor is not None:
            condition, values = f"{condition} AND newest_at < :cursor", {**values, "cursor": cursor}
        items = self._table.query(condition, "newest", ascending=False, **values)
        return (item["newest_at"] for item in items)


class DynamoStatusEvents:
    """Port StatusEvents."""

    def __init__(self, table_name: str, retention: timedelta = timedelta()) -> None:
        self._table = _Table(table_name)
        self._retention = retention

    def add(self, event: StatusEvent) -> bool:
        if event.dispatch_uuid is None:
            key = table_keys.parked_event(event.vonage_message_uuid, event.digest)
        else:
            key = table_keys.event(event.dispatch_uuid, event.digest)
        attributes = {
            **key,
            "received_at": to_text(event.received_at),
            "body": event.body,
            "expires_at": int((event.received_at + self._retention).timestamp()),
        }
        if event.step is not None:
            attributes["step"] = event.step
        return self._table.put(attributes, "attribute_not_exists(pk)")

    def of(self, dispatch_uuid: str) -> list[StatusEvent]:
        key = table_keys.event(dispatch_uuid, "")
        items = self._table.query("pk = :pk AND begins_with(sk, :prefix)", pk=key["pk"], prefix=key["sk"])
        return [_event(dispatch_uuid, item) for item in items]


class DynamoOptOuts:
    """Port OptOuts."""

    def __init__(self, table_name: str) -> None:
        self._table = _Table(table_name)

    def change(self, contact: Contact, opted_out: bool, at: datetime, why: str) -> bool:
        moment = to_text(at)
        attributes = {**table_keys.contact(contact), "opted_out": opted_out, "changed_at": moment, "why": why}
        return self._table.put(attributes, "attribute_not_exists(pk) OR changed_at < :at", at=moment)


class DynamoInboundMessages:
    """Port InboundMessages."""

    def __init__(self, table_name: str, retention: timedelta) -> None:
        self._table = _Table(table_name)
        self._retention = retention

    def add(self, message: InboundMessage) -> bool:
        attributes = {
            **table_keys.inbound(message.contact, message.timestamp, message.digest),
            "vonage_message_uuid": message.vonage_message_uuid,
            "received_at": to_text(message.received_at),
            "body": message.body,
            "expires_at": int((message.received_at + self._retention).timestamp()),
        }
        return self._table.put(attributes, "attribute_not_exists(pk)")


class DynamoQuarantine:
    """Webhooks that nobody acted on, kept for a month so that a person can look at them."""

    def __init__(self, table_name: str) -> None:
        self._table = _Table(table_name)

    def add(self, body: bytes, reason: str, digest: str, received_at: datetime) -> None:
        attributes = {
            **table_keys.quarantine(received_at, digest),
            "reason": reason,
            "body": body[:QUARANTINED_BYTES],
            "expires_at": int((received_at + QUARANTINE_RETENTION).timestamp()),
        }
        self._table.put(attributes)


def _event(dispatch_uuid: str, attributes: Attributes) -> StatusEvent:
    """An event, understood anew from what came: a better understanding reaches old events too."""
    received_at = from_text(attributes["received_at"])
    event = webhook.parse_status(json.loads(attributes["body"]), received_at=received_at)
    step = attributes.get("step")
    return replace(event, dispatch_uuid=dispatch_uuid, step=None if step is None else int(step))


def _item(attributes: Mapping[str, Any]) -> Attributes:
    return {name: _serialize(value) for name, value in attributes.items()}


def _attributes(item: Mapping[str, Any]) -> Attributes:
    return {name: _deserialize(value) for name, value in item.items()}
