"""What is read of the table is what is there now.

An eventually consistent read may miss the dispatch that a webhook belongs to, which would be answered 200 and lost; or
our own claim, whose step would then be sent by nobody. No emulator shows that, so the request itself is looked at.
"""

from typing import Any

import pytest

from getthrough.adapters import dynamo
from getthrough.adapters.dynamo import DynamoDispatches, DynamoStatusEvents
from tests.builders import DISPATCH_UUID


class StubDynamo:
    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def get_item(self, **arguments: Any) -> dict[str, Any]:
        self.requests.append(arguments)
        return {}

    def query(self, **arguments: Any) -> dict[str, Any]:
        self.requests.append(arguments)
        return {"Items": []}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> StubDynamo:
    stub = StubDynamo()
    monkeypatch.setattr(dynamo, "client", {"dynamodb": stub}.__getitem__)
    return stub


def test_a_dispatch_a_reference_and_events_are_read_consistently(table: StubDynamo) -> None:
    DynamoDispatches("table").get(DISPATCH_UUID)
    DynamoDispatches("table").resolve("vonage-1")
    DynamoStatusEvents("table").of(DISPATCH_UUID)
    assert [request["ConsistentRead"] for request in table.requests] == [True, True, True]
