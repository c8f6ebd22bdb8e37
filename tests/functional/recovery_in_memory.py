"""ContactsFunction, ErasuresFunction, SchedulesFunction, BatchesFunction and RecoverFunction beside those of
`aws_in_memory`, with the queues that things are given up to."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import boto3
import pytest

from getthrough.adapters import dead_letters
from getthrough.handlers import batches, contacts, erasures, recover, schedules
from tests.builders import api_event, basic
from tests.functional.aws_in_memory import CONTEXT, Aws, aws_in_memory
from tests.in_memory import create_queue
from tests.secret import CLIENT, CLIENT_SECRET

CREDENTIALS = basic(CLIENT, CLIENT_SECRET)

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

ROUTES: Mapping[str, Handler] = {
    "GET /v1/contacts/{channel}/{address}": contacts.handler,
    "PUT /v1/contacts/{channel}/{address}/links": contacts.handler,
    "GET /v1/opt-outs": contacts.handler,
    "GET /v1/opt-outs/{channel}/{address}": contacts.handler,
    "PUT /v1/opt-outs/{channel}/{address}": contacts.handler,
    "DELETE /v1/opt-outs/{channel}/{address}": contacts.handler,
    "POST /v1/schedules": schedules.handler,
    "GET /v1/schedules": schedules.handler,
    "GET /v1/schedules/{schedule_uuid}": schedules.handler,
    "PATCH /v1/schedules/{schedule_uuid}": schedules.handler,
    "DELETE /v1/schedules/{schedule_uuid}": schedules.handler,
    "POST /v1/batches": batches.handler,
    "GET /v1/batches": batches.handler,
    "GET /v1/batches/{batch_uuid}": batches.handler,
    "GET /v1/batches/{batch_uuid}/dispatches": batches.handler,
    "DELETE /v1/batches/{batch_uuid}": batches.handler,
    "DELETE /v1/contacts/{channel}/{address}": erasures.handler,
    "GET /v1/contacts/{channel}/{address}/export": erasures.handler,
    "GET /v1/erasures/{erasure_uuid}": erasures.handler,
    "GET /v1/quarantine": recover.handler,
    "GET /v1/quarantine/{id}": recover.handler,
    "DELETE /v1/quarantine/{id}": recover.handler,
    "POST /v1/quarantine/{id}/release": recover.handler,
    "GET /v1/dead-letters": recover.handler,
    "POST /v1/dead-letters/release": recover.handler,
    "PUT /v1/settings": recover.handler,
}

QUEUES = ("dead-timers", "callbacks", "dead-callbacks")


@dataclass(frozen=True)
class Recovery:
    """`queues` are the URLs of `timers`, `dead-timers`, `callbacks`, `dead-callbacks`."""

    aws: Aws
    queues: Mapping[str, str]

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] = CREDENTIALS,
    ) -> tuple[int, Any]:
        """Status and decoded body (None if there is none) of a route's answer."""
        route, parameters = _matched(method, path)
        text = json.dumps(body) if body is not None and not isinstance(body, bytes) else body
        event = api_event(route, path=parameters, query=query, headers=headers, body=text)
        answer = ROUTES[route](event, CONTEXT)
        return answer["statusCode"], json.loads(answer["body"]) if "body" in answer else None

    def put(self, queue: str, *bodies: str) -> None:
        for body in bodies:
            boto3.client("sqs").send_message(QueueUrl=self.queues[queue], MessageBody=body)

    def take(self, queue: str) -> list[str]:
        """The bodies of a queue's messages, which are gone from then on."""
        sqs, url, found = boto3.client("sqs"), self.queues[queue], []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found += [message["Body"] for message in messages]
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return sorted(found)

    def left(self, queue: str) -> int:
        """How many messages a queue has, hidden or not."""
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = boto3.client("sqs").get_queue_attributes(QueueUrl=self.queues[queue], AttributeNames=names)
        return sum(int(found["Attributes"][name]) for name in names)


def _matched(method: str, path: str) -> tuple[str, dict[str, str]]:
    """The route of a path, and its parameters as API Gateway decodes them."""
    for route in ROUTES:
        pattern, parts = route.removeprefix(f"{method} ").split("/"), path.split("/")
        if len(pattern) == len(parts) and all(a == b or a[:1] == "{" for a, b in zip(pattern, parts, strict=True)):
            return route, {a[1:-1]: unquote(b) for a, b in zip(pattern, parts, strict=True) if a[:1] == "{"}
    raise AssertionError(f"no route for {method} {path}")


@contextmanager
def recovery_in_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recovery]:
    """Fresh functions; an empty queue says so at once, instead of after two seconds."""
    with aws_in_memory(monkeypatch) as aws:
        queues = {name: create_queue(name) for name in QUEUES}
        monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", queues["dead-timers"])
        monkeypatch.setenv("CALLBACK_QUEUE_URL", queues["callbacks"])
        monkeypatch.setenv("CALLBACK_DEAD_LETTER_QUEUE_URL", queues["dead-callbacks"])
        monkeypatch.setattr(dead_letters, "_WAIT_SECONDS", 0)
        yield Recovery(aws, {"timers": aws.queue_url, **queues})
