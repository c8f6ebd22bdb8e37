"""The relay in AWS: a stack of its own (infra/relay.yaml) with a queue of webhooks and a lease for who listens."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from cli.boundary import boundary_of
from cli.errors import OperatorError, code_of
from cli.release import ROOT
from cli.stack import Names, status_of

TEMPLATE = ROOT / "infra" / "relay.yaml"
STACK_NAME = "getthrough-relay"
SECONDS_TO_CREATE = 300

LEASE = "listener"
LEASE_SECONDS = 60
"""After so long without a sign of life another one may listen."""

WAIT_SECONDS = 5
AT_ONCE = 10
AGAIN_SECONDS = 5
"""What the local stack did not take is tried again after this time, and never given up while the queue keeps it."""

Outputs = Mapping[str, str]


@dataclass(frozen=True)
class Webhook:
    """As Vonage sent it. `receipt` is the queue's, for this copy."""

    kind: str
    headers: Mapping[str, str]
    body: bytes
    receipt: str


@dataclass(frozen=True)
class Relay:
    """`client` makes a boto3 client of a service in the relay's account. `me` is this listener's own id."""

    outputs: Outputs
    client: Callable[[str], Any]
    me: str
    host: str

    def hold(self, now: float) -> None:
        """Take the lease, or keep it for another minute. OperatorError while someone else has it."""
        item = {"id": {"S": LEASE}, "owner": {"S": self.me}, "host": {"S": self.host}, "until": _number(now)}
        try:
            self.client("dynamodb").put_item(
                TableName=self.outputs["LeaseTable"],
                Item={**item, "until": _number(now + LEASE_SECONDS)},
                ConditionExpression="attribute_not_exists(id) OR #owner = :me OR #until < :now",
                ExpressionAttributeNames={"#owner": "owner", "#until": "until"},
                ExpressionAttributeValues={":me": {"S": self.me}, ":now": _number(now)},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            held: Any = error.response.get("Item", {})
            host = held.get("host", {}).get("S", "another computer")
            left = max(1, round(float(held.get("until", {}).get("N", now + LEASE_SECONDS)) - now))
            raise OperatorError(
                f"someone already listens on {host}, and two would each get a part of the webhooks: stop that one, or "
                f"try again in {left} seconds if it is gone."
            ) from None

    def let_go(self) -> None:
        """Give the lease back, so that the next listener need not wait."""
        try:
            self.client("dynamodb").delete_item(
                TableName=self.outputs["LeaseTable"],
                Key={"id": {"S": LEASE}},
                ConditionExpression="#owner = :me",
                ExpressionAttributeNames={"#owner": "owner"},
                ExpressionAttributeValues={":me": {"S": self.me}},
            )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise

    def receive(self) -> list[Webhook]:
        """What waits, up to ten, after at most five seconds. What is not `done` comes again."""
        answer = self.client("sqs").receive_message(
            QueueUrl=self.outputs["QueueUrl"], MaxNumberOfMessages=AT_ONCE, WaitTimeSeconds=WAIT_SECONDS
        )
        return [_webhook(message) for message in answer.get("Messages", [])]

    def done(self, webhook: Webhook) -> None:
        self.client("sqs").delete_message(QueueUrl=self.outputs["QueueUrl"], ReceiptHandle=webhook.receipt)

    def later(self, webhook: Webhook) -> None:
        self.client("sqs").change_message_visibility(
            QueueUrl=self.outputs["QueueUrl"], ReceiptHandle=webhook.receipt, VisibilityTimeout=AGAIN_SECONDS
        )


def _number(seconds: float) -> dict[str, str]:
    return {"N": f"{seconds:.0f}"}


def _webhook(message: Mapping[str, Any]) -> Webhook:
    kept = json.loads(message["Body"])
    return Webhook(kept["kind"], kept["headers"], base64.b64decode(kept["body"]), message["ReceiptHandle"])


def find_or_create(client: Callable[[str], Any], name: str, wait: Callable[[float], None] = time.sleep) -> Outputs:
    """The outputs of the relay of this name. If there is none it is created, and waited for."""
    cloudformation = client("cloudformation")
    try:
        status, outputs = _described(cloudformation, name)
    except ClientError as error:
        if code_of(error) != "ValidationError":
            raise
        boundary = boundary_of(client, name)
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=TEMPLATE.read_text(encoding="utf-8"),
            Parameters=[{"ParameterKey": Names.PERMISSIONS_BOUNDARY, "ParameterValue": boundary or ""}],
            Capabilities=["CAPABILITY_IAM"],
            OnFailure="DELETE",
        )
        status, outputs = "CREATE_IN_PROGRESS", {}
    for _ in range(SECONDS_TO_CREATE):
        if not status.endswith("_IN_PROGRESS"):
            break
        wait(1)
        status, outputs = _described(cloudformation, name)
    if not status.endswith("_COMPLETE") or "ROLLBACK" in status:
        raise OperatorError(f"the relay {name} is not ready ({status}): delete that stack and try again.")
    if "LeaseTable" not in outputs:
        raise OperatorError(f"the stack {name} is no relay: name another one with --relay.")
    return outputs


def exists(client: Callable[[str], Any], name: str) -> bool:
    return status_of(client("cloudformation"), name) is not None


def _described(cloudformation: Any, name: str) -> tuple[str, dict[str, str]]:
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    return stack["StackStatus"], outputs
