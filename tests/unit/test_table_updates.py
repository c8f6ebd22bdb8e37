"""What an update of an item asks DynamoDB for."""

from typing import Any

import pytest

from getthrough.adapters import table


class RecordingClient:
    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        assert operation == "UpdateItem"
        self.asked = arguments
        return {"Attributes": {}}


@pytest.mark.parametrize("condition", [None, "attribute_exists(pk)"])
def test_the_stored_item_is_asked_for_only_where_a_condition_can_fail(
    monkeypatch: pytest.MonkeyPatch, condition: str | None
) -> None:
    client = RecordingClient()
    monkeypatch.setattr(table, "client", lambda _: client)

    table.Table("table").update({"pk": "a", "sk": "b"}, "SET a = :a", condition, a="1")

    expected = {"ConditionExpression", "ReturnValuesOnConditionCheckFailure"} if condition else set()
    assert {name for name in client.asked if "Condition" in name} == expected
