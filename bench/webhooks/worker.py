"""A process that is an execution environment of both webhook functions, fed with webhooks by one that notes all.

The handlers, their adapters and the calls of DynamoDB are the real ones. Secrets Manager and SQS are not there: each
has a fake here that holds a document or takes messages.
"""

import json
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from logging import Handler, LogRecord
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Barrier
from random import Random
from typing import Any, NamedTuple

import pytest

from bench.webhooks.backlog import Kind, Stretch, Webhook
from getthrough.adapters import secrets
from tests.aws_calls import Answer, Call, around_calls
from tests.builders import api_event
from tests.secret import secret_text

_RETRIES = 10
"""How often Vonage sends a webhook again that is answered 5xx. (It does so for 24 hours.) Nothing fails in the last
try: AWS is well again before Vonage gives up. Otherwise one in sixty of those that make eleven calls would be lost."""


class Answered(NamedTuple):
    """What one POST came to. `kind` is `new status`, `new message`, `copy`, `forged`, `unsigned`, or `failed` for a
    genuine one that was not accepted. `seconds` is the time in the handler, `cpu_seconds` this process's part of it."""

    kind: str
    status: int
    seconds: float
    cpu_seconds: float
    calls: tuple[str, ...]


class Played(NamedTuple):
    """What a worker has seen. `lost` are webhooks that got the wrong answer for good; `armed` the dispatches that got a
    timer. The times are of the clock that all processes of a machine share."""

    answered: list[Answered]
    lost: list[Webhook]
    armed: set[str]
    secret_reads: int
    began: float
    ended: float


class _SecretsManager:
    def __init__(self) -> None:
        self.signature_secrets: tuple[str, ...] = ()
        self.reads = 0

    def get_secret_value(self) -> dict[str, str]:
        self.reads += 1
        return {"SecretString": secret_text(signature_secrets=list(self.signature_secrets)), "VersionId": "1"}


class _Queue:
    """Takes timers, and fires none: what a step's failure sets off is another function's work."""

    def __init__(self) -> None:
        self.armed: set[str] = set()

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        self.armed |= {json.loads(entry["MessageBody"])["uuid"] for entry in request["Entries"]}
        return {"Successful": [{"Id": entry["Id"]} for entry in request["Entries"]]}


class _Clock:
    """The clock by which a secret grows old: seconds can pass at once."""

    def __init__(self) -> None:
        self.passed = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.passed


class _Log(Handler):
    """Notes what the functions log of each webhook: whether it was new."""

    new: bool | None = None

    def emit(self, record: LogRecord) -> None:
        self.new = getattr(record, "new", self.new)


class _Context:
    aws_request_id = "request-1"
    function_name = "function"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:function"


class _World:
    """Everything of a worker process."""

    def __init__(self, start: Barrier, taken: "Synchronized[int]", failing: float) -> None:
        from getthrough.handlers import _webhook, inbound, status  # noqa: PLC0415 - Powertools reads its settings then

        _webhook._KEPT_A_MINUTE = sys.maxsize  # a day's forged webhooks come in a moment here
        from getthrough.observability import logger  # noqa: PLC0415

        self.start, self.taken, self.failing, self.dice = start, taken, failing, Random()
        self.well = False
        self.secrets_manager, self.queue, self.clock, self.log = _SecretsManager(), _Queue(), _Clock(), _Log()
        self.stretch: Stretch | None = None
        self.calls: list[str] = []
        self.handlers: dict[str, Callable[[Any, Any], dict[str, Any]]] = {
            "/status": status.handler,
            "/inbound": inbound.handler,
        }
        logger.addHandler(self.log)
        secrets.time = self.clock  # type: ignore[attr-defined, assignment]
        around_calls(pytest.MonkeyPatch(), self._answer)

    def _answer(self, service: str, operation: str, parameters: dict[str, Any], call: Call) -> Answer:
        match service:
            case "secretsmanager":
                return self.secrets_manager.get_secret_value()
            case "sqs":
                return self.queue.send_message_batch(**parameters)
        self.calls.append(operation)
        self._perhaps_fail()
        answer = call(**parameters)
        self._perhaps_fail()
        return answer

    def _perhaps_fail(self) -> None:
        """Half of the calls that fail have not been made, of the others only the answer is lost."""
        if not self.well and self.dice.random() < self.failing / 2:
            raise TimeoutError

    def take(self) -> int:
        with self.taken.get_lock():
            self.taken.value += 1
            return self.taken.value - 1

    def enter(self, stretch: Stretch) -> None:
        if stretch is not self.stretch:
            self.stretch = stretch
            self.clock.passed += stretch.seconds_passed
            self.secrets_manager.signature_secrets = stretch.signature_secrets

    def post(self, webhook: Webhook) -> Answered:
        headers = {"authorization": webhook.authorization} if webhook.authorization else {}
        event = api_event(f"POST {webhook.path}", headers=headers, body=webhook.body.decode())
        handler = self.handlers[webhook.path]
        self.calls.clear()
        self.log.new = None
        began, cpu_began = time.perf_counter(), time.process_time()
        answer = handler(event, _Context())
        cpu_seconds, seconds = time.process_time() - cpu_began, time.perf_counter() - began
        status = int(answer["statusCode"])
        return Answered(self._kind(webhook, status), status, seconds, cpu_seconds, tuple(self.calls))

    def _kind(self, webhook: Webhook, status: int) -> str:
        if webhook.kind is not Kind.GENUINE:
            return webhook.kind
        if status != 200:
            return "failed"
        return f"new {'status' if webhook.path == '/status' else 'message'}" if self.log.new else "copy"


_world: _World


def prepare(settings: dict[str, str], start: Barrier, taken: "Synchronized[int]", failing: float) -> None:
    """Begin a worker process, in which this share of all calls to DynamoDB fails. `taken` counts the webhooks that the
    workers have taken. What the functions log is written, as it is on Lambda, but to nowhere."""
    global _world  # noqa: PLW0603 - a process has one
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.environ.update(settings)
    _world = _World(start, taken, failing)


def play(stretches: Sequence[Stretch]) -> Played:
    """Once all workers are ready, take the next webhook of the backlog, post it, and so on. What is answered 5xx comes
    again after all the others."""
    slots = [(stretch, webhook) for stretch in stretches for webhook in stretch.webhooks]
    answered, lost, waiting = list[Answered](), list[Webhook](), deque[tuple[Webhook, int]]()

    def deliver(webhook: Webhook, retries: int = 0) -> None:
        _world.well = retries == _RETRIES
        seen = _world.post(webhook)
        answered.append(seen)
        if seen.status >= 500 and retries < _RETRIES:
            waiting.append((_again(webhook), retries + 1))
        elif seen.status != (401 if webhook.kind is Kind.FORGED else 200):
            lost.append(webhook)

    _world.start.wait(60)
    began = time.monotonic()
    while (number := _world.take()) < len(slots):
        stretch, webhook = slots[number]
        _world.enter(stretch)
        deliver(webhook)
    while waiting:
        deliver(*waiting.popleft())
    return Played(answered, lost, _world.queue.armed, _world.secrets_manager.reads, began, time.monotonic())


def _again(webhook: Webhook) -> Webhook:
    if webhook.signed_later is None:
        return webhook
    return webhook._replace(kind=Kind.GENUINE, authorization=webhook.signed_later, signed_later=None)
