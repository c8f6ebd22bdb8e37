"""The few DynamoDB calls that the table's adapters use, with plain Python values.

Every write is conditional or idempotent, so a retry after a lost answer does no harm.
"""

from __future__ import annotations

import heapq
from base64 import b64decode
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple
from uuid import uuid4

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from getthrough.adapters import table_keys
from getthrough.adapters.aws import client, error_code, unavailable
from getthrough.domain.values.errors import UnavailableError
from getthrough.domain.values.page import Page

# DynamoDB refuses a write at once while a transaction holds the same item, because another writer was there first.
FAILED, CONFLICT = "ConditionalCheckFailed", "TransactionConflict"

TRIES = 5
"""How often to try a write that DynamoDB refuses without a comparison, because a transaction holds one of its items."""

_BATCH_GET = 100
"""DynamoDB: BatchGetItem accepts at most this many keys."""

_BATCH_WRITE = 25
"""DynamoDB: BatchWriteItem accepts at most this many items."""

LAST = "~"
"""Sorts after every sort key."""

_serialize = TypeSerializer().serialize


class _Deserializer(TypeDeserializer):
    """Of JSON, in which bytes are base64 texts."""

    def _deserialize_b(self, value: str) -> Binary:
        return Binary(b64decode(value))


_deserialize = _Deserializer().deserialize

Attributes = dict[str, Any]


class Refused(NamedTuple):
    """A conditional write was not done. Holds the stored item, or None if there is none or it isn't known."""

    stored: Attributes | None


class Table:
    """With `one_try` an update whose answer is lost is not sent again."""

    def __init__(self, name: str, *, one_try: bool = False) -> None:
        self._name, self._one_try = name, one_try

    def get(self, key: table_keys.Key) -> Attributes | None:
        with unavailable("dynamodb"):
            answer = client("dynamodb").call("GetItem", TableName=self._name, Key=_item(key), ConsistentRead=True)
        return attributes_of(answer["Item"]) if "Item" in answer else None

    def put(self, attributes: Attributes, condition: str | None = None, **values: object) -> Refused | None:
        """Put an item. Returns Refused if the condition doesn't hold."""
        with unavailable("dynamodb"):
            try:
                client("dynamodb").call(
                    "PutItem",
                    **self._put(attributes, condition, values),
                    **({"ReturnValuesOnConditionCheckFailure": "ALL_OLD"} if condition else {}),
                )
            except ClientError as error:
                if condition and error_code(error) in (f"{FAILED}Exception", f"{CONFLICT}Exception"):
                    stored: Any = error.response.get("Item")
                    return Refused(attributes_of(stored) if stored else None)
                raise
        return None

    def set(self, key: table_keys.Key, name: str, value: object) -> None:
        """Set one attribute of an item. If the item doesn't exist, nothing happens."""
        self.update(key, f"SET {name} = :value", "attribute_exists(pk)", value=value)

    def update(
        self, key: table_keys.Key, expression: str, condition: str | None = None, **values: object
    ) -> Attributes | Refused:
        """Update an item, or create it. Returns the new values of the changed attributes, or Refused if the condition
        fails."""
        arguments: Attributes = {}
        if condition:
            arguments = {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        if values:
            arguments["ExpressionAttributeValues"] = _item({f":{name}": value for name, value in values.items()})
        with unavailable("dynamodb"):
            try:
                dynamodb = client("dynamodb", one_try=True) if self._one_try else client("dynamodb")
                answer = dynamodb.call(
                    "UpdateItem",
                    TableName=self._name,
                    Key=_item(key),
                    UpdateExpression=expression,
                    ReturnValues="UPDATED_NEW",
                    **arguments,
                )
            except ClientError as error:
                if error_code(error) != f"{FAILED}Exception":
                    raise
                stored: Any = error.response.get("Item")
                return Refused(attributes_of(stored) if stored else None)
        return attributes_of(answer.get("Attributes", {}))

    def put_many(self, items: list[Attributes]) -> None:
        """Put items that have no other writer. Existing ones are overwritten."""
        for start in range(0, len(items), _BATCH_WRITE):
            self._put_many(items[start : start + _BATCH_WRITE])

    def _put_many(self, items: list[Attributes]) -> None:
        request: Any = {self._name: [{"PutRequest": {"Item": _item(item)}} for item in items]}
        for _ in range(TRIES):
            with unavailable("dynamodb"):
                answer = client("dynamodb").call("BatchWriteItem", RequestItems=request)
            request = answer.get("UnprocessedItems")
            if not request:
                return
        raise UnavailableError("dynamodb: items left unprocessed")

    def delete(self, key: table_keys.Key, condition: str | None = None, **values: object) -> None:
        """Delete an item. If it doesn't exist, or the condition doesn't hold, nothing happens."""
        arguments: Attributes = {}
        if condition:
            given = _item({f":{name}": value for name, value in values.items()})
            arguments = {"ConditionExpression": condition, "ExpressionAttributeValues": given}
        with unavailable("dynamodb"):
            try:
                client("dynamodb").call("DeleteItem", TableName=self._name, Key=_item(key), **arguments)
            except ClientError as error:
                if error_code(error) != f"{FAILED}Exception":
                    raise

    def to_put(self, attributes: Attributes, condition: str | None = None, **values: object) -> Attributes:
        """A write for `write_together`."""
        return {"Put": self._put(attributes, condition, values)}

    def to_delete(self, key: table_keys.Key, condition: str, **values: object) -> Attributes:
        """A deletion for `write_together`."""
        given = {"ExpressionAttributeValues": _item({f":{name}": value for name, value in values.items()})}
        delete = {"TableName": self._name, "Key": _item(key), "ConditionExpression": condition}
        return {"Delete": delete | (given if values else {})}

    def to_update(self, key: table_keys.Key, expression: str, **values: object) -> Attributes:
        """An update for `write_together`."""
        given = _item({f":{name}": value for name, value in values.items()})
        update = {"TableName": self._name, "Key": _item(key), "UpdateExpression": expression}
        return {"Update": update | {"ExpressionAttributeValues": given}}

    def to_add(self, key: table_keys.Key, amounts: Mapping[str, Decimal], expires_at: int) -> Attributes:
        """Additions to an item's numbers for `write_together`; their names may have any character."""
        names = {f"#{number}": name for number, name in enumerate(amounts)}
        values = {f":{number}": amount for number, amount in enumerate(amounts.values())}
        added = ", ".join(f"#{number} :{number}" for number in range(len(amounts)))
        return {
            "Update": {
                "TableName": self._name,
                "Key": _item(key),
                "UpdateExpression": f"ADD {added} SET expires_at = :expires_at",
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": _item({**values, ":expires_at": expires_at}),
            }
        }

    def write_together(self, writes: list[Attributes], once: str | None = None) -> bool:
        """Do all these writes, or none. False if a condition does not hold, or another writer was there first.

        A repeated call with the same `once` (at most 36 characters) and writes does nothing, for ten minutes."""
        with unavailable("dynamodb"):
            try:
                client("dynamodb").call(
                    "TransactWriteItems", TransactItems=writes, ClientRequestToken=once or str(uuid4())
                )
            except ClientError as error:
                if error_code(error) != "TransactionCanceledException":
                    raise
                reasons = {reason["Code"] for reason in error.response["CancellationReasons"]}
                if reasons <= {"None", FAILED, CONFLICT}:
                    return False
                raise
        return True

    def scan_page(self, after: table_keys.Key | None) -> tuple[list[Attributes], table_keys.Key | None]:
        """The next megabyte of the table after a key (a consistent read), and the key of its last item, or None at the
        end."""
        start = {"ExclusiveStartKey": _item(after)} if after else {}
        with unavailable("dynamodb"):
            answer = client("dynamodb").call("Scan", TableName=self._name, ConsistentRead=True, **start)
        last = attributes_of(answer["LastEvaluatedKey"]) if "LastEvaluatedKey" in answer else None
        return list(map(attributes_of, answer["Items"])), last

    def _put(self, attributes: Attributes, condition: str | None, values: Mapping[str, object]) -> Attributes:
        arguments: Attributes = {"TableName": self._name, "Item": _item(attributes)}
        if condition is not None:
            arguments["ConditionExpression"] = condition
        if values:
            arguments["ExpressionAttributeValues"] = _item({f":{name}": value for name, value in values.items()})
        return arguments

    def query(
        self,
        condition: str,
        index: str | None = None,
        *,
        ascending: bool = True,
        page_size: int | None = None,
        consistent: bool = True,
        **values: str,
    ) -> Iterator[Attributes]:
        """All matching items, in the order of the sort key. They are read as the caller iterates, `page_size` items at
        a time (by default as many as fit into a megabyte)."""
        if "first" in values and values["last"] < values["first"]:
            return  # the range is empty, and DynamoDB would refuse the query
        arguments: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": _item({f":{name}": value for name, value in values.items()}),
            "ScanIndexForward": ascending,
            **({"IndexName": index} if index else {"ConsistentRead": consistent}),
            **({"Limit": page_size} if page_size else {}),
        }
        while True:
            with unavailable("dynamodb"):
                answer = client("dynamodb").call("Query", **arguments)
            yield from map(attributes_of, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def thread(
        self,
        pk: str,
        prefix: str,
        page_size: int,
        *,
        cursor: str | None = None,
        between: tuple[str, str] = ("", LAST),
    ) -> Iterator[Attributes]:
        """What was sent to a contact, or came from it, the newest first, between two places, as `newest` does it."""
        since, before = between
        items = self.query(
            "pk = :pk AND sk BETWEEN :first AND :last",
            ascending=False,
            page_size=page_size,
            pk=pk,
            first=prefix + since,
            last=prefix + min(cursor or LAST, before),
        )
        return (item for item in items if table_keys.conversation_place(item["sk"]) != cursor)

    def newest(
        self, list_name: str, page_size: int, cursor: str | None = None, since: str = "", before: str = LAST
    ) -> Iterator[Attributes]:
        """A list's items from the index `newest`, newest first, between two places. `cursor` is the place of the last
        item seen."""
        last = min(cursor or LAST, before)
        shards = (
            self.query(
                "newest_shard = :shard AND newest_at BETWEEN :first AND :last",
                "newest",
                ascending=False,
                page_size=page_size,
                shard=shard,
                first=since or "0",
                last=last,
            )
            for shard in table_keys.newest_shards(list_name)
        )
        merged = heapq.merge(*shards, key=lambda item: str(item["newest_at"]), reverse=True)
        return (item for item in merged if item["newest_at"] != cursor)

    def newest_page(self, list_name: str, limit: int, cursor: str | None) -> Page[Attributes]:
        """Some of a list's items with all their attributes, as `newest` orders them, and the cursor of the next page.
        An item that expires meanwhile is left out."""
        found = list(islice(self.newest(list_name, limit + 1, cursor), limit + 1))
        shown = found[:limit]
        keys = [{"pk": item["pk"], "sk": item["sk"]} for item in shown]
        items = {(item["pk"], item["sk"]): item for item in self.batch_get(keys)}
        in_order = [items[key["pk"], key["sk"]] for key in keys if (key["pk"], key["sk"]) in items]
        return Page(in_order, shown[-1]["newest_at"] if len(found) > limit else None)

    def batch_get(self, keys: list[table_keys.Key], *, consistent: bool = False) -> list[Attributes]:
        """The items with these keys, in any order. Keys without an item are left out."""
        found: list[Attributes] = []
        for start in range(0, len(keys), _BATCH_GET):
            found += self._batch_get(keys[start : start + _BATCH_GET], consistent=consistent)
        return found

    def _batch_get(self, keys: list[table_keys.Key], *, consistent: bool) -> list[Attributes]:
        request = {self._name: {"Keys": [_item(key) for key in keys], "ConsistentRead": consistent}}
        found: list[Attributes] = []
        for _ in range(5):
            if not request:
                return found
            with unavailable("dynamodb"):
                answer = client("dynamodb").call("BatchGetItem", RequestItems=request)
            found += map(attributes_of, answer["Responses"].get(self._name, []))
            request = answer.get("UnprocessedKeys", {})
        raise UnavailableError("dynamodb: keys left unprocessed")


def as_it_was_read(version: int) -> tuple[str, Attributes]:
    """The condition for storing a version after this one: the table still has this one. 0 is none."""
    return ("version = :read", {"read": version}) if version else ("attribute_not_exists(pk)", {})


def attributes_of(item: Mapping[str, Any]) -> Attributes:
    """An item of DynamoDB as plain values."""
    return {name: _deserialize(value) for name, value in item.items()}


def _item(attributes: Mapping[str, Any]) -> Attributes:
    return {name: _serialize(value) for name, value in attributes.items()}
