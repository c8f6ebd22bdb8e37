"""Each kind of thing is kept as long as its setting says. A dispatch waits three days for its last status before."""

import json
from time import time
from typing import Any

import boto3
import pytest

from getthrough.adapters.timers import to_body
from getthrough.domain.ports import Timer
from getthrough.domain.values.rfc3339 import from_text, to_text
from tests.builders import FIRST, FROM, NOON, basic, message
from tests.functional.aws_in_memory import Aws, aws_in_memory, bearer
from tests.secret import CLIENT, CLIENT_SECRET

DAY = 86_400


def webhook(aws: Aws, path: str, payload: dict[str, Any]) -> None:
    body = json.dumps({"message_uuid": "m-1", "channel": "sms", "timestamp": NOON.isoformat(), **payload}).encode()
    assert aws.post(path, body, authorization=bearer(body))["statusCode"] == 200


@pytest.mark.parametrize(
    ("settings", "days"),
    [
        ({}, {"DISPATCH": 93, "EVENT": 90, "RECEIVED": 90}),
        ({"EVENT": "30"}, {"DISPATCH": 93, "EVENT": 30, "RECEIVED": 90}),
        ({"EVENT": "400", "MESSAGE": "7"}, {"DISPATCH": 93, "EVENT": 400, "RECEIVED": 7}),
    ],
)
def test_each_kind_is_kept_as_long_as_its_setting_says(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], days: dict[str, int]
) -> None:
    for kind, value in settings.items():
        monkeypatch.setenv(f"{kind}_RETENTION_DAYS", value)
    with aws_in_memory(monkeypatch) as aws:
        sent = aws.post("/v1/messages", json.dumps(message()).encode(), **basic(CLIENT, CLIENT_SECRET))
        ref = str(sent["body"]["message_uuid"])
        webhook(aws, "/status", {"to": FIRST, "from": FROM, "status": "submitted", "client_ref": ref})
        webhook(aws, "/inbound", {"from": FIRST, "to": FROM, "message_type": "text", "text": "Hello"})
        items = {item["sk"]["S"].partition("#")[0]: int(item["expires_at"]["N"]) for item in aws.items()}
    assert {kind: (items[kind] - time()) / DAY for kind in days} == pytest.approx(days, abs=0.05)


def test_what_was_sent_goes_before_its_dispatch_and_what_became_of_it_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXT_RETENTION_DAYS", "7")
    with aws_in_memory(monkeypatch) as aws:
        sent = aws.post("/v1/messages", json.dumps(message()).encode(), **basic(CLIENT, CLIENT_SECRET))
        ref, dispatch_uuid = str(sent["body"]["message_uuid"]), str(sent["body"]["workflow_id"])
        webhook(aws, "/status", {"to": FIRST, "from": FROM, "status": "delivered", "client_ref": ref})
        [ended] = [item for item in aws.items() if item["sk"]["S"] == "DISPATCH"]
        assert (from_text(ended["due_at"]["S"]).timestamp() - time()) / DAY == pytest.approx(7, abs=0.05)
        over = {**ended, "texts_until": {"S": to_text(NOON)}}
        boto3.client("dynamodb").put_item(TableName=aws.table_name, Item=over)
        aws.fire(to_body(Timer(dispatch_uuid, NOON)))

        [kept] = [item for item in aws.items() if item["sk"]["S"] == "DISPATCH"]
        assert "The cupcakes are ready!" not in json.dumps(aws.items())
        assert (FIRST in kept["plan"]["S"], kept["outcome"]["S"], "due_at" in kept) == (True, "succeeded", False)
        assert kept["expires_at"] == ended["expires_at"]
