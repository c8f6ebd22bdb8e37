"""The relay's function and the listener's side of its queue and lease, on AWS in memory."""

import base64
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from samtranslator.yaml_helper import yaml_parse

from cli.errors import OperatorError
from cli.listen.relay import LEASE_SECONDS, Relay
from tests.in_memory import memory

TEMPLATE: dict[str, Any] = yaml_parse((Path(__file__).parents[2] / "infra" / "relay.yaml").read_text())
KEY = "9b1c2d3e-0000-4000-8000-123456789abc"
BODY = '{"text": "Zoë"}'
NOW = 1_790_000_000.0

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@pytest.fixture
def outputs(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    with memory(monkeypatch):
        queue_url = client("sqs").create_queue(QueueName="webhooks", Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
        table = TEMPLATE["Resources"]["Lease"]["Properties"]
        client("dynamodb").create_table(TableName="lease", **table)
        yield {"QueueUrl": queue_url, "LeaseTable": "lease"}


@pytest.fixture
def receive(outputs: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Handler:
    """The function, as its code stands in the template."""
    monkeypatch.setattr("cli.listen.relay.WAIT_SECONDS", 0)
    monkeypatch.setenv("QUEUE_URL", outputs["QueueUrl"])
    monkeypatch.setenv("KEY", KEY)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    function = TEMPLATE["Resources"]["Function"]["Properties"]
    assert set(function["Environment"]["Variables"]) <= os.environ.keys()
    names: dict[str, Any] = {}
    exec(compile(function["Code"]["ZipFile"], "relay.yaml", "exec"), names)
    handler: Handler = names["handler"]
    return handler


def client(service: str) -> Any:
    return boto3.client(service)  # type: ignore[call-overload]


def relay(outputs: dict[str, str], me: str = "me") -> Relay:
    return Relay(outputs, client, me, f"{me}'s laptop")


def webhook(path: str = f"/{KEY}/status", body: str = BODY, **more: Any) -> dict[str, Any]:
    headers = {"authorization": "Bearer a.b.c", "content-type": "application/json", "x-forwarded-for": "192.0.2.1"}
    return {"rawPath": path, "headers": headers, "body": body, "isBase64Encoded": False, **more}


def test_a_webhook_comes_out_of_the_relay_as_it_went_in(receive: Handler, outputs: dict[str, str]) -> None:
    assert receive(webhook(), None)["statusCode"] == 200
    encoded = base64.b64encode(b"\xff\x00").decode()
    assert receive(webhook(f"/{KEY}/inbound", encoded, isBase64Encoded=True), None)["statusCode"] == 200

    found = {each.kind: each for each in relay(outputs).receive()}

    assert {kind: each.body for kind, each in found.items()} == {"status": BODY.encode(), "inbound": b"\xff\x00"}
    assert found["status"].headers == {"authorization": "Bearer a.b.c", "content-type": "application/json"}


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (webhook("/another-key/status"), 404),
        (webhook(f"/{KEY}/other"), 404),
        (webhook("/"), 404),
        (webhook(headers={"content-type": "application/json"}), 503),
        (webhook(body="x" * 131_073), 413),
    ],
)
def test_what_cannot_be_vonages_webhook_is_not_kept(
    receive: Handler, outputs: dict[str, str], event: dict[str, Any], status: int
) -> None:
    assert receive(event, None) == {"statusCode": status}
    assert relay(outputs).receive() == []


def test_a_webhook_that_cannot_be_kept_is_not_acknowledged(receive: Handler, outputs: dict[str, str]) -> None:
    client("sqs").delete_queue(QueueUrl=outputs["QueueUrl"])

    with pytest.raises(Exception, match="NonExistentQueue"):
        receive(webhook(), None)


def test_a_webhook_is_gone_once_it_is_done_and_comes_again_if_it_is_put_off(
    receive: Handler, outputs: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.listen.relay.AGAIN_SECONDS", 0)
    receive(webhook(), None)
    listened = relay(outputs)

    (first,) = listened.receive()
    assert listened.receive() == []
    listened.later(first)
    (again,) = listened.receive()
    listened.done(again)

    assert json.loads(again.body) == json.loads(BODY)
    attributes = client("sqs").get_queue_attributes(QueueUrl=outputs["QueueUrl"], AttributeNames=["All"])["Attributes"]
    assert (attributes["ApproximateNumberOfMessages"], attributes["ApproximateNumberOfMessagesNotVisible"]) == (
        "0",
        "0",
    )


def test_only_one_listens_until_it_lets_go_or_shows_no_sign_of_life(outputs: dict[str, str]) -> None:
    ann, bo = relay(outputs, "Ann"), relay(outputs, "Bo")
    ann.hold(NOW)
    ann.hold(NOW + 20)

    with pytest.raises(OperatorError, match=r"someone already listens on Ann's laptop.*try again in 30 seconds"):
        bo.hold(NOW + 50)
    bo.let_go()
    with pytest.raises(OperatorError):
        bo.hold(NOW + 20 + LEASE_SECONDS)
    bo.hold(NOW + 21 + LEASE_SECONDS)
    with pytest.raises(OperatorError, match="Bo's laptop"):
        ann.hold(NOW + 22 + LEASE_SECONDS)
    bo.let_go()
    ann.hold(NOW + 23 + LEASE_SECONDS)
