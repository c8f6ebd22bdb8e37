"""The replay command on a table reports differences without personal data and repairs them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest

from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Because, Dispatch
from getthrough.domain.dispatch.failover import Send
from getthrough.domain.event.webhook import parse_status
from getthrough.domain.message.status import Status
from tests.builders import FIRST, NOON, SECOND, dispatch, status_payload
from tests.contract.conftest import RETENTION, create_table
from tests.secret import event_hash_of
from tools.replay import main

RIGHT, WRONG, MISSING = (f"{number:08x}-8d47-4b60-9c11-a1b2c3d4e500" for number in (1, 2, 3))
DIFFERS = f"differs: {WRONG[:-2]}01 stored rejected, rebuilt delivered (0.0333 EUR) at 2026-03-02T12:00:01.000Z"
REPAIR = ["--repair", "--retention-days", str(RETENTION.days)]


@pytest.fixture
def table(in_memory: None) -> str:
    """Two delivered dispatches. The stored second one wrongly says that it was rejected."""
    name = create_table()
    store(name, RIGHT, Status.DELIVERED)
    store(name, WRONG, Status.REJECTED)
    return name


def store(table: str, dispatch_uuid: str, status: Status) -> None:
    usage = {"price": "0.0333", "currency": "EUR"}
    payload = status_payload("delivered", client_ref=dispatch_uuid[:-2] + "01", usage=usage)
    event = parse_status(payload, received_at=NOON)
    DynamoStatusEvents(table, RETENTION, event_hash_of).add(event)
    subject = dispatch(dispatch_uuid=dispatch_uuid)
    right = failover.apply(failover.claim(subject, Send(0, Because.FIRST), claim_id="claim", now=NOON), event)
    (attempt,) = right.attempts
    if status is not attempt.status:
        attempt = replace(attempt, status=status, usage=None, arrived_at=None)
    DynamoDispatches(table, RETENTION).save(replace(right, attempts=(attempt,)))


def read(table: str, dispatch_uuid: str) -> Dispatch:
    found = DynamoDispatches(table).get(dispatch_uuid)
    assert found is not None
    return found


def item(table: str, dispatch_uuid: str) -> dict[str, Any]:
    key = {"pk": {"S": f"DISPATCH#{dispatch_uuid}"}, "sk": {"S": "DISPATCH"}}
    found: dict[str, Any] = boto3.client("dynamodb").get_item(TableName=table, Key=key)["Item"]
    return found


def test_differences_in_the_whole_table_are_reported_without_personal_data(
    table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = read(table, WRONG)

    assert main(["--table", table]) == 1

    reported = capsys.readouterr().out
    assert reported.splitlines() == [DIFFERS, "2 dispatches, 1 differ, 0 repaired, 0 missing"]
    assert not any(personal in reported for personal in (FIRST, SECOND, "cupcakes", "bakery"))
    assert read(table, WRONG) == before


def test_what_differs_is_repaired_and_lives_as_long_as_before(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    right, expires_at = read(table, RIGHT), item(table, WRONG)["expires_at"]

    assert main(["--table", table, *REPAIR]) == 1
    assert main(["--table", table]) == 0

    repaired = DIFFERS.replace("differs", "repaired")
    assert capsys.readouterr().out.splitlines() == [
        repaired,
        "2 dispatches, 1 differ, 1 repaired, 0 missing",
        "2 dispatches, 0 differ, 0 repaired, 0 missing",
    ]
    assert read(table, RIGHT) == right
    assert read(table, WRONG) == replace(right, dispatch_uuid=WRONG, version=2)
    assert item(table, WRONG)["expires_at"] == expires_at


@pytest.mark.parametrize(("days", "kept_for"), [("0", None), ("1", timedelta(days=1)), (str(RETENTION.days), None)])
def test_what_is_repaired_loses_its_texts_when_the_stack_says(
    table: str, days: str, kept_for: timedelta | None
) -> None:
    main(["--table", table, *REPAIR, "--text-retention-days", days])

    assert read(table, WRONG).texts_until == (kept_for and NOON + kept_for)


def test_only_the_dispatches_that_are_named_are_looked_at(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--table", table, RIGHT]) == 0
    assert main(["--table", table, RIGHT, MISSING]) == 1

    assert capsys.readouterr().out.splitlines() == [
        "1 dispatches, 0 differ, 0 repaired, 0 missing",
        f"missing: {MISSING}",
        "2 dispatches, 0 differ, 0 repaired, 1 missing",
    ]


@pytest.mark.parametrize("wrong", [["--table", "t", "--repair"], ["--table", "t", "hello"], []])
def test_what_cannot_be_right_is_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(wrong)

    assert refused.value.code == 2
    assert "usage: python -m tools.replay" in capsys.readouterr().err
