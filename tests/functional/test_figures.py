"""Figures of days through TallyFunction: a dispatch is counted once over all its changes, and so are records."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from getthrough.adapters.dynamo_figures import DynamoFigures
from getthrough.adapters.system import utc_now
from getthrough.domain.dispatch.figures import Figure, Kind
from getthrough.handlers import tally
from tests.builders import basic, message, status_payload
from tests.functional.aws_in_memory import CONTEXT, Aws, aws_in_memory, bearer
from tests.secret import CLIENT, CLIENT_SECRET

Image = dict[str, Any]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with aws_in_memory(monkeypatch) as stack:
        yield stack


def versions(stack: Aws) -> list[Image]:
    """A dispatch that was sent, and then delivered, as the table has it."""
    body = json.dumps(message()).encode()
    dispatch_uuid = stack.post("/v1/messages", body, **basic(CLIENT, CLIENT_SECRET))["body"]["workflow_id"]
    before = item(stack)
    delivered = status_payload("delivered", client_ref=f"{dispatch_uuid[:-2]}01", timestamp=utc_now().isoformat())
    webhook = json.dumps(delivered).encode()
    assert stack.post("/status", webhook, authorization=bearer(webhook))["statusCode"] == 200
    return [before, item(stack)]


def item(stack: Aws) -> Image:
    [found] = [item for item in stack.items() if item["sk"]["S"] == "DISPATCH"]
    return found


def record(number: int, after: Image, before: Image | None = None) -> Image:
    images = {"NewImage": after} | ({"OldImage": before} if before else {})
    name = "MODIFY" if before else "INSERT"
    return {"eventName": name, "dynamodb": {"SequenceNumber": f"{number}", **images}}


def tell(*records: Image) -> None:
    assert tally.handler({"Records": list(records)}, CONTEXT) == {"batchItemFailures": []}


def counted(stack: Aws) -> dict[str, int]:
    now = utc_now()
    found = DynamoFigures(stack.table_name).between(now - timedelta(hours=1), now + timedelta(hours=1))
    return {
        name: int(found.get(figure, 0))
        for name, figure in {
            "dispatches": Figure(Kind.DISPATCHES),
            "succeeded": Figure(Kind.OUTCOME, "succeeded"),
            "sent": Figure(Kind.SENT, "sms"),
        }.items()
    }


@pytest.mark.parametrize("together", [True, False])
def test_a_dispatch_is_counted_once_over_all_its_changes(stack: Aws, together: bool) -> None:
    before, after = versions(stack)
    records = [record(1, before), record(2, after, before), record(3, after, after)]

    for some in [records] if together else [[each] for each in records]:
        tell(*some)

    assert counted(stack) == {"dispatches": 1, "succeeded": 1, "sent": 1}


def test_the_same_records_have_one_name_and_others_have_another(stack: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = versions(stack)
    names: list[str] = []
    monkeypatch.setattr(DynamoFigures, "add", lambda _self, _figures, once: names.append(once))
    first, second = record(1, before), record(2, after, before)

    for records in ([first, second], [first, second], [first], [second]):
        tell(*records)

    assert names[0] == names[1]
    assert len(set(names)) == 3
