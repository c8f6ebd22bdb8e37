"""docs/events.md and the API's document describe the same events."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.described import violations
from tools.openapi.client_webhooks import DATA, envelope_name

PAGE = (Path(__file__).parents[2] / "docs" / "events.md").read_text()
EXAMPLES: list[dict[str, Any]] = [
    example for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL) if "type" in (example := json.loads(text))
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["type"]))
def test_an_example_is_of_its_schema_and_has_no_field_that_the_schema_does_not_know(example: dict[str, Any]) -> None:
    component = {"$ref": f"#/components/schemas/{envelope_name(example['type'])}"}

    assert violations(component, example, closed=True) == []


def test_every_type_is_in_the_table_and_has_an_example_or_shares_one() -> None:
    table = PAGE.partition("## Webhooks")[0]
    assert {kind for kind in DATA if f"`{kind}`" not in table} == set()
    assert {example["type"] for example in EXAMPLES} == set(DATA) - {"contact.opted_in"}


def test_the_headers_are_those_that_are_sent() -> None:
    assert set(re.findall(r"^\| `(webhook-[a-z]+)` \|", PAGE, re.MULTILINE)) == {
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    }
