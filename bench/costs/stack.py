"""The functions that a message passes through, on AWS in memory, with a count of everything that AWS charges for.

The handlers are those that are deployed, with the template's default settings. Their timers, the tick and the readers
of the table's stream run on a clock that does not wait. One environment of each function serves all invocations.
"""

from __future__ import annotations

import heapq
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from logging import StreamHandler
from pathlib import Path
from typing import Any

import boto3
import pytest
from samtranslator.yaml_helper import yaml_parse

from bench.costs.used import Invocation, read_units
from bench.write_units import Meter
from getthrough.adapters import system
from getthrough.domain.dispatch.dispatch import Answer
from getthrough.handlers import _sending, advance, batches, publish, send, status, tally, tick
from getthrough.observability import logger, metrics
from tests.aws_calls import Call, around_calls
from tests.builders import NOON, api_event, basic, status_payload, webhook_token
from tests.fakes import FakeGateway
from tests.functional.aws_in_memory import Context, forget
from tests.functional.stream_filters import filters_of, passes
from tests.in_memory import create_queue, create_secret, create_table, memory, storage_table
from tests.secret import API_KEY, CLIENT, CLIENT_SECRET, SIGNATURE_SECRET, secret_document

TEMPLATE = yaml_parse((Path(__file__).parents[2] / "template.yaml").read_text())

POST_SECONDS = 0.234
"""From the POST to Vonage's response."""

TICK_EVERY = 300

ACCESS = {"time": 13, "request_id": 16, "function_request_id": 36, "route": 12, "status": 3, "bytes": 3}
ACCESS |= {"milliseconds": 3, "function_milliseconds": 3}
"""How many characters the access log has of each; one where there is nothing to say."""


class InLambda(Context):
    """With an id as long as Lambda's."""

    aws_request_id = "6f9d7a1e-0c1b-4a6e-9f0e-3c0e5f1d2b4a"


CONTEXT: Any = InLambda()

HANDLERS: Mapping[str, Callable[..., Any]] = {
    "SendFunction": send.handler,
    "BatchesFunction": batches.handler,
    "StatusFunction": status.handler,
    "AdvanceFunction": advance.handler,
    "TickFunction": tick.handler,
    "PublishFunction": publish.handler,
    "TallyFunction": tally.handler,
}


@dataclass
class Vonage(FakeGateway):
    """Accepts each message after a moment. Then it sends the webhooks that a story has for it: seconds after the
    answer, and a status. Each has a price, as those of an SMS do."""

    stack: Stack | None = None
    story: Callable[[int], Mapping[float, str]] = lambda number: {}

    def submit(self, message: Mapping[str, Any]) -> Answer:
        assert self.stack is not None
        self.stack.now += timedelta(seconds=POST_SECONDS)
        self.stack.posted()
        answer = super().submit(message)
        identifier = f"{answer.vonage_message_uuid}".rjust(36, "0")
        for seconds, name in self.story(len(self.sent)).items():
            self.stack.after(seconds, self.stack.webhook(name, identifier, message["client_ref"]))
        return replace(answer, vonage_message_uuid=identifier)


@dataclass
class Stack:
    """`invocations` is what each one used, in order."""

    now: datetime = NOON
    invocations: list[Invocation] = field(default_factory=list)
    gateway: Vonage = field(default_factory=Vonage)
    _due: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)
    _current: Invocation | None = None
    _meter: Meter | None = None
    _stream: str | None = None
    _unread: list[dict[str, Any]] = field(default_factory=list)

    # What happens, and when

    def after(self, seconds: float, work: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self.now + timedelta(seconds=seconds), next(self._numbers), work))

    def run(self) -> None:
        """Until nothing is left to do."""
        while self._due:
            at, _, work = heapq.heappop(self._due)
            self.now = max(self.now, at)
            work()

    def ticks(self, many: int, offset: float = TICK_EVERY / 2) -> None:
        for number in range(many):
            self.after(offset + number * TICK_EVERY, lambda: self._invoke("TickFunction", {}))

    def listen(self) -> None:
        boto3.client("events").put_rule(Name="all", EventBusName="bus", EventPattern='{"source": ["getthrough"]}')

    # Requests

    def post(self, path: str, body: Mapping[str, Any], function: str) -> Any:
        headers = {**basic(CLIENT, CLIENT_SECRET), "content-type": "application/json"}
        event = api_event(f"POST {path}", headers=headers, body=json.dumps(body))
        answer = self._invoke(function, event, requests=1)
        assert answer["statusCode"] == 202, answer
        return json.loads(answer["body"])

    def webhook(self, name: str, vonage_uuid: str, client_ref: str) -> Callable[[], None]:
        def arrive() -> None:
            usage = {"currency": "EUR", "price": "0.0333"}
            fields = {"client_ref": client_ref, "message_uuid": vonage_uuid, "usage": usage}
            body = json.dumps(status_payload(name, timestamp=self.now.isoformat(), **fields)).encode()
            token = webhook_token(body, SIGNATURE_SECRET, api_key=API_KEY, iat=int(self.now.timestamp()))
            headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
            answer = self._invoke("StatusFunction", api_event("POST /status", headers=headers, body=body), requests=1)
            assert answer["statusCode"] == 200, answer

        return arrive

    def posted(self) -> None:
        assert self._current is not None
        self._current.posts += 1

    # Functions

    def _invoke(self, function: str, event: dict[str, Any], requests: int = 0) -> Any:
        assert self._meter is not None
        self._current = invocation = Invocation(function, requests=requests)
        first, output = len(self._meter.written), io.StringIO()
        with logged_to(output), redirect_stdout(output):
            answer = HANDLERS[function](event, CONTEXT)
        invocation.written = self._meter.written[first:]
        invocation.log(output.getvalue())
        if requests:
            invocation.log(access_line())
        self.invocations.append(invocation)
        self._current = None
        if function not in ("TickFunction", "TallyFunction"):
            self._tell()
        return answer

    def _tell(self) -> None:
        """What changed, to the readers of the stream. What one invocation changed is read together."""
        records = self._records()
        published = [one for one in records if any(passes(item, one) for item in filters_of("Changes"))]
        counted = [one for one in records if any(passes(item, one) for item in filters_of("DispatchChanges"))]
        if counted and not self._unread:
            mapping = TEMPLATE["Resources"]["DispatchChanges"]["Properties"]
            self.after(mapping["MaximumBatchingWindowInSeconds"], self._count)
        self._unread += counted
        if published:
            answer = self._invoke("PublishFunction", {"Records": published})
            assert answer == {"batchItemFailures": []}

    def _count(self) -> None:
        records, self._unread = self._unread, []
        assert self._invoke("TallyFunction", {"Records": records}) == {"batchItemFailures": []}

    def _records(self) -> list[dict[str, Any]]:
        answer = boto3.client("dynamodbstreams").get_records(ShardIterator=self._stream)
        self._stream = answer["NextShardIterator"]
        return [
            {**record, "dynamodb": {**record["dynamodb"], "ApproximateCreationDateTime": self.now.timestamp()}}
            for record in answer["Records"]
        ]

    # What AWS is asked

    def note(self, _service: str, operation: str, parameters: dict[str, Any], call: Call) -> dict[str, Any]:
        if self._current is None:
            return call(**parameters)
        self._current.calls.append(operation)
        if operation == "SendMessageBatch":
            self.note_timers(parameters["Entries"])
        if operation == "PutEvents":
            self._current.events += len(parameters["Entries"])
        answer = call(**parameters)
        if operation in ("GetItem", "Query", "BatchGetItem"):
            self._current.read_units += read_units(answer, consistent=parameters.get("ConsistentRead", False))
        return answer

    def note_timers(self, entries: list[dict[str, Any]]) -> None:
        """A timer is sent, received and deleted. The tick sends those of many dispatches at once."""
        assert self._current is not None
        self._current.queue_requests += len(entries) / 10 if self._current.function == "TickFunction" else 1
        for entry in entries:
            self.after(entry["DelaySeconds"], self._firing(entry["MessageBody"]))

    def _firing(self, body: str) -> Callable[[], None]:
        def fire() -> None:
            answer = self._invoke("AdvanceFunction", {"Records": [{"messageId": "timer", "body": body}]})
            assert answer == {"batchItemFailures": []}
            advanced = next(one for one in reversed(self.invocations) if one.function == "AdvanceFunction")
            advanced.queue_requests += 2

        return fire

    def watch(self, patch: pytest.MonkeyPatch, table: str, stream_arn: str) -> None:
        """Hook into the calls of the functions."""
        self._meter = Meter(boto3.client("dynamodb"), table)
        around_calls(patch, self._meter)
        around_calls(patch, self.note)
        streams = boto3.client("dynamodbstreams")
        [shard] = streams.describe_stream(StreamArn=stream_arn)["StreamDescription"]["Shards"]
        self._stream = streams.get_shard_iterator(
            StreamArn=stream_arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]


@contextmanager
def logged_to(output: io.StringIO) -> Iterator[None]:
    handler = logger.registered_handler
    assert isinstance(handler, StreamHandler)
    before = handler.setStream(output)
    try:
        yield
    finally:
        handler.setStream(before)


def access_line() -> str:
    """A line of the API's access log, with values of the usual length."""
    form = TEMPLATE["Resources"]["Api"]["Properties"]["AccessLogSettings"]["Format"]
    return json.dumps({name: "x" * ACCESS.get(name, 1) for name in json.loads(form)})


def default_limits() -> str:
    """LIMITS of a stack whose parameters have their defaults, as far as they count messages."""
    parameters = TEMPLATE["Parameters"]
    named = {"messages_per_minute": "MessagesPerMinute", "messages_per_day": "MessagesPerDay"}
    named |= {"messages_per_number": "MessagesPerNumber", "new_numbers_per_prefix": "NewNumbersPerPrefix"}
    return json.dumps({name: parameters[parameter]["Default"] for name, parameter in named.items()})


@contextmanager
def counted_stack() -> Iterator[Stack]:
    """A new stack whose functions are warm: each has read the secret and knows its channels."""
    with pytest.MonkeyPatch.context() as patch, memory(patch):
        stack = Stack()
        stack.gateway.stack = stack

        class Clock:
            @staticmethod
            def now(_: object) -> datetime:
                return stack.now

        patch.setattr(system, "datetime", Clock)
        patch.setattr(_sending, "VonageGateway", lambda *_: stack.gateway)
        patch.setattr(metrics.provider, "namespace", "Getthrough")
        patch.setattr(metrics.provider, "service", "getthrough")
        boto3.client("events").create_event_bus(Name="bus")
        for name, value in {
            "TABLE_NAME": "table",
            "QUEUE_URL": create_queue("timers"),
            "CALLBACK_QUEUE_URL": create_queue("callbacks"),
            "CALLBACK_DEAD_LETTER_QUEUE_URL": create_queue("dead-callbacks"),
            "EVENT_BUS_NAME": "bus",
            "SECRET_ID": create_secret("getthrough", secret_document()),
            "VONAGE_API_URL": "https://vonage.invalid",
            "RETENTION_DAYS": str(TEMPLATE["Parameters"]["RetentionDays"]["Default"]),
            "MESSAGES_PER_SECOND": str(TEMPLATE["Parameters"]["MessagesPerSecond"]["Default"]),
            "LIMITS": default_limits(),
        }.items():
            patch.setenv(name, value)
        forget()
        arn = create_table("table", {"StreamEnabled": True, **storage_table()["StreamSpecification"]})
        stack.watch(patch, "table", str(arn))
        yield stack
        forget()
