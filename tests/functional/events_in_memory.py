"""PublishFunction and CallbackFunction with their real adapters on AWS in memory (moto). No sockets."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import boto3
import pytest

from getthrough.adapters.dynamo_contacts import DynamoOptOuts
from getthrough.adapters.dynamo_conversations import DynamoConversations
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.handlers import callback, publish
from getthrough.observability import metrics
from tests.aws_calls import Answer, Call, around_calls
from tests.functional.aws_in_memory import CONTEXT, forget
from tests.in_memory import create_queue, create_secret, create_table, memory, storage_table
from tests.secret import event_hash_of, hash_of, secret_document

CALLBACK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
RETENTION = timedelta(days=90)


@dataclass(frozen=True)
class Events:
    """The table's adapters, the functions, and what comes out of them."""

    stream_arn: str
    callback_queue_url: str
    dead_letter_queue_url: str
    entries: list[dict[str, Any]]
    dispatches: DynamoDispatches
    status_events: DynamoStatusEvents
    conversations: DynamoConversations
    opt_outs: DynamoOptOuts

    def records(self) -> list[dict[str, Any]]:
        """The stream's records as Lambda hands them over, oldest first."""
        streams = boto3.client("dynamodbstreams")
        [shard] = streams.describe_stream(StreamArn=self.stream_arn)["StreamDescription"]["Shards"]
        iterator = streams.get_shard_iterator(
            StreamArn=self.stream_arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        found: list[dict[str, Any]] = [{**item} for item in streams.get_records(ShardIterator=iterator)["Records"]]
        for record in found:
            change = record["dynamodb"]
            record["dynamodb"] = {
                **change,
                "ApproximateCreationDateTime": int(change["ApproximateCreationDateTime"].timestamp()),
            }
        return found

    def publish(self, records: list[dict[str, Any]]) -> dict[str, Any]:
        answer: dict[str, Any] = publish.handler({"Records": records}, CONTEXT)
        return answer

    def attempt(self, *bodies: str) -> dict[str, Any]:
        """What CallbackFunction answers to messages with these bodies; the first one's id is `message-0`."""
        records = [{"messageId": f"message-{number}", "body": body} for number, body in enumerate(bodies)]
        answer: dict[str, Any] = callback.handler({"Records": records}, CONTEXT)
        return answer

    def on_bus(self) -> list[dict[str, Any]]:
        """What was published since it was asked last, oldest first, as a rule of the bus would see it."""
        found = [
            {"source": entry["Source"], "detail-type": entry["DetailType"], "detail": json.loads(entry["Detail"])}
            for entry in self.entries
        ]
        self.entries.clear()
        return found

    def callbacks(self) -> list[dict[str, Any]]:
        return self._drained(self.callback_queue_url)

    def given_up(self) -> list[dict[str, Any]]:
        return self._drained(self.dead_letter_queue_url)

    def delayed(self) -> int:
        found = boto3.client("sqs").get_queue_attributes(
            QueueUrl=self.callback_queue_url, AttributeNames=["ApproximateNumberOfMessagesDelayed"]
        )
        return int(found["Attributes"]["ApproximateNumberOfMessagesDelayed"])

    def _drained(self, url: str) -> list[dict[str, Any]]:
        sqs, found = boto3.client("sqs"), []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found


def listen_to_the_bus() -> None:
    boto3.client("events").put_rule(Name="all", EventBusName="bus", EventPattern='{"source": ["getthrough"]}')


def leave_the_bus() -> None:
    boto3.client("events").delete_rule(Name="all", EventBusName="bus")


@contextmanager
def events_in_memory(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Iterator[Events]:
    """A fresh table with its stream, queues, bus and secret, and functions that have not run yet."""
    with memory(monkeypatch):
        queues = {name: create_queue(name) for name in ("calls", "given_up")}
        boto3.client("events").create_event_bus(Name="bus")
        listen_to_the_bus()
        secret = create_secret("getthrough", secret_document(callback_secrets=[CALLBACK_SECRET]))
        for name, value in {
            "TABLE_NAME": "table",
            "EVENT_BUS_NAME": "bus",
            "CALLBACK_QUEUE_URL": queues["calls"],
            "CALLBACK_DEAD_LETTER_QUEUE_URL": queues["given_up"],
            "SECRET_ID": secret,
            "ALLOW_PRIVATE_CALLBACKS": "true",
            **variables,
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(metrics.provider, "namespace", "Getthrough")
        forget()
        entries: list[dict[str, Any]] = []

        def note(_service: str, operation: str, parameters: dict[str, Any], call: Call) -> Answer:
            if operation == "PutEvents":
                entries.extend(parameters["Entries"])
            return call(**parameters)

        around_calls(monkeypatch, note)
        yield Events(
            _create_table("table"),
            queues["calls"],
            queues["given_up"],
            entries,
            DynamoDispatches("table", RETENTION, hash_of),
            DynamoStatusEvents("table", RETENTION, event_hash_of),
            DynamoConversations("table", RETENTION),
            DynamoOptOuts("table", hash_of),
        )
        forget()


def _create_table(name: str) -> str:
    return str(create_table(name, {"StreamEnabled": True, **storage_table()["StreamSpecification"]}))
