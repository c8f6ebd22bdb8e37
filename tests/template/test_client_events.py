"""docs/events.md and the schemas of the client's events say the same."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from getthrough.domain.notification.client_event_schemas import SCHEMAS

PAGE = (Path(__file__).parents[2] / "docs" / "events.md").read_text()
EXAMPLES: list[dict[str, Any]] = [
    example for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL) if "type" in (example := json.loads(text))
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["type"]))
def test_an_example_is_of_its_schema_and_has_no_field_that_the_schema_does_not_know(example: dict[str, Any]) -> None:
    schema: dict[str, Any] = {**SCHEMAS[example["type"]]}
    assert list(Draft202012Validator(schema).iter_errors(example)) == []
    assert set(example["data"]) <= set(schema["properties"]["data"]["properties"])


def test_every_type_is_in_the_table_and_has_an_example_or_shares_one() -> None:
    table = PAGE.partition("## Webhooks")[0]
    assert {kind for kind in SCHEMAS if f"`{kind}`" not in table} == set()
    assert {example["type"] for example in EXAMPLES} == set(SCHEMAS) - {"contact.opted_in"}


def test_the_headers_are_those_that_are_sent() -> None:
    assert set(re.findall(r"^\| `(webhook-[a-z]+)` \|", PAGE, re.MULTILINE)) == {
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    }
