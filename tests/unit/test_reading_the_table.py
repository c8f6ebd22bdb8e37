"""What is read of the table is what is there now.

An eventually consistent read may miss the dispatch that a webhook belongs to, which would be answered 200 and lost; or
our own claim, whose step would then be sent by no one. No emulator shows that, so the request itself is looked at.
"""

from datetime import timedelta
from typing import Any

import pytest

from getthrough.adapters import table as table_module
from getthrough.adapters.dynamo_contacts import DynamoOptOuts
from getthrough.adapters.dynamo_conversations import DynamoConversations
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_erasures import DynamoErasures
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.domain.contact.contact import contact_of
from getthrough.domain.values.errors import UnavailableError
from tests.builders import DISPATCH_UUID, FIRST, NOON
from tests.secret import hash_of


class StubDynamo:
    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.busy = False

    def call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        if operation == "BatchGetItem":
            return self._batch_get(arguments["RequestItems"]["table"])
        self.requests.append(arguments)
        return {"GetItem": {}, "Query": {"Items": []}}[operation]

    def _batch_get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Answers for one key at a time, or for none, and leaves the others."""
        keys = asked["Keys"]
        self.requests.append({"keys": len(keys), "ConsistentRead": asked["ConsistentRead"]})
        if asked["ConsistentRead"]:
            return {"Responses": {}}
        found, left = ([], keys) if self.busy else (keys[:1], keys[1:])
        unprocessed = {"table": {**asked, "Keys": left}} if left else {}
        return {"Responses": {"table": found}, "UnprocessedKeys": unprocessed}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> StubDynamo:
    stub = StubDynamo()
    monkeypatch.setattr(table_module, "client", {"dynamodb": stub}.__getitem__)
    return stub


def test_everything_that_is_decided_on_is_read_consistently(table: StubDynamo) -> None:
    DynamoDispatches("table").get(DISPATCH_UUID)
    DynamoDispatches("table").resolve("vonage-1")
    DynamoDispatches("table", hash_of=hash_of).has_opted_out(contact_of("sms", FIRST), None)
    DynamoStatusEvents("table").of(DISPATCH_UUID)
    DynamoStatusEvents("table").pending("vonage-1")
    DynamoConversations("table").sent(contact_of("sms", FIRST), NOON)
    DynamoOptOuts("table", hash_of).get(contact_of("sms", FIRST))
    with pytest.raises(UnavailableError):
        DynamoErasures("table", timedelta(days=1), hash_of).some([ERASURE_UUID])
    assert [request["ConsistentRead"] for request in table.requests] == [True] * 8


ERASURE_UUID = "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e5fd"
KEYS = [{"pk": f"DISPATCH#{number}", "sk": "DISPATCH"} for number in range(3)]


def test_keys_that_dynamodb_left_are_asked_for_again(table: StubDynamo) -> None:
    assert table_module.Table("table").batch_get(KEYS) == KEYS
    assert [request["keys"] for request in table.requests] == [3, 2, 1]


def test_keys_that_dynamodb_keeps_leaving_are_not_taken_for_missing(table: StubDynamo) -> None:
    table.busy = True
    with pytest.raises(UnavailableError):
        table_module.Table("table").batch_get(KEYS)


def test_more_than_a_hundred_keys_are_more_than_one_request(table: StubDynamo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "_BATCH_GET", 1)
    assert table_module.Table("table").batch_get(KEYS) == KEYS
    assert [request["keys"] for request in table.requests] == [1, 1, 1]
