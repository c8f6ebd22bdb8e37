"""The local stack's events at a developer's own receiver: `--forward URL`, without a new start of the stack.

A rule on the stack's bus puts every event on a queue beside it. Each is posted as the stack itself would post it,
signed with the stack's callback secret, until the receiver takes it.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from cli.secret.command import stored
from cli.stack import Names, Stack

NAME = "getthrough-listen"
AGAIN_SECONDS = 5
GONE = 410
"""A receiver's answer to an event that it never wants."""


@dataclass(frozen=True)
class Forwarding:
    stack: Stack
    queue_url: str
    secrets: tuple[str, ...]
    url: str
    say: Callable[[str], None]
    now: Callable[[], float]

    def round(self) -> None:
        """Post what waits. What the receiver does not take comes again."""
        queue = self.stack.client("sqs")
        answer = queue.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            body, headers = as_webhook(json.loads(message["Body"]), self.secrets, self.now())
            status = _post(self.url, body, headers)
            done = status is not None and (200 <= status < 300 or status == GONE)
            receipt = {"QueueUrl": self.queue_url, "ReceiptHandle": message["ReceiptHandle"]}
            if done:
                queue.delete_message(**receipt)
            else:
                queue.change_message_visibility(**receipt, VisibilityTimeout=AGAIN_SECONDS)
            again = "" if done else "  it is tried again"
            self.say(f"{json.loads(body)['type']}  {'no answer' if status is None else status}{again}")

    def stop(self) -> None:
        """Take the rule and the queue away again."""
        events, bus = self.stack.client("events"), self.stack.outputs[Names.EVENT_BUS]
        events.remove_targets(Rule=NAME, EventBusName=bus, Ids=[NAME])
        events.delete_rule(Name=NAME, EventBusName=bus)
        self.stack.client("sqs").delete_queue(QueueUrl=self.queue_url)


def forwarding(stack: Stack, url: str, say: Callable[[str], None], now: Callable[[], float]) -> Forwarding:
    """With its queue and rule, which may be there already."""
    events, queue = stack.client("events"), stack.client("sqs")
    queue_url = queue.create_queue(QueueName=NAME)["QueueUrl"]
    attributes = queue.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]
    bus = stack.outputs[Names.EVENT_BUS]
    events.put_rule(Name=NAME, EventBusName=bus, EventPattern=json.dumps({"source": ["getthrough"]}))
    events.put_targets(Rule=NAME, EventBusName=bus, Targets=[{"Id": NAME, "Arn": attributes["QueueArn"]}])
    secrets = tuple(stored(stack)["callback_secrets"])
    return Forwarding(stack, queue_url, secrets, url, say, now)


def as_webhook(event: Mapping[str, Any], secrets: tuple[str, ...], now: float) -> tuple[bytes, dict[str, str]]:
    """The body and the headers of the webhook for an event of the bus (standardwebhooks.com)."""
    data = {name: value for name, value in event["detail"].items() if name != "id"}
    body = json.dumps({"type": event["detail-type"], "timestamp": event["time"], "data": data}).encode()
    identifier, seconds = event["detail"]["id"], int(now)
    signed = b"%s.%d.%s" % (identifier.encode(), seconds, body)
    signatures = [
        b64encode(hmac.digest(b64decode(secret.removeprefix("whsec_")), signed, "sha256")).decode()
        for secret in secrets
    ]
    return body, {
        "content-type": "application/json",
        "webhook-id": identifier,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> int | None:
    try:
        return requests.post(url, data=body, headers=dict(headers), timeout=(3, 10), allow_redirects=False).status_code
    except requests.RequestException:
        return None
