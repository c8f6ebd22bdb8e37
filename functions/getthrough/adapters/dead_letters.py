"""Port DeadLetters: an SQS queue that another queue, a function or a schedule gave up to.

What is in it: messages of the source queue, as they were (SQS moved them); the event of a tick that failed or could not
be started (Lambda, EventBridge); and what PublishFunction's source, or itself, could not publish.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from getthrough.adapters import callback_queue, timers
from getthrough.adapters.aws import batches, client, unavailable
from getthrough.domain.notification.callback import LIFE
from getthrough.domain.ports import Clock
from getthrough.domain.recovery.dead_letter import DeadLetter, Kind, Looked, Released
from getthrough.domain.values.errors import UnavailableError

SHOWN = 10
LOOK_SECONDS = 1
"""What a look shows is hidden for so long: a look or a release that follows at once waits for it."""

RELEASE_SECONDS = 60
"""Longer than the function lives: what is kept must not come again while it runs."""

_WAIT_SECONDS, _WAITS = 1, 2
"""How long, and how often, to wait for a message before saying that there is none; SQS then asks all of its servers. In
all that is longer than a look hides what it shows. Each wait is well below the client's read time-out."""

_BATCH = 10
"""SQS: ReceiveMessage, SendMessageBatch and DeleteMessageBatch take at most ten messages."""

_LOOKS = 3
"""SQS may hand out fewer messages than there are, so it is asked again."""

Message = dict[str, Any]


class SqsDeadLetters:
    """`source_url` is the queue to which messages of the kind `takes` are sent back."""

    def __init__(self, name: str, url: str, source_url: str, takes: Kind, clock: Clock) -> None:
        self.name = name
        self._url = url
        self._source_url = source_url
        self._takes = takes
        self._clock = clock

    def look(self) -> Looked:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        with unavailable("sqs"):
            answer = client("sqs").get_queue_attributes(QueueUrl=self._url, AttributeNames=names)
        messages = sum(int(answer["Attributes"][name]) for name in names)
        shown: dict[str, DeadLetter] = {}
        for _ in range(_LOOKS if messages else 1):
            receive = self._wait_for if messages and not shown else self._receive
            found = receive(SHOWN - len(shown), hidden_for=LOOK_SECONDS)
            shown |= {message["MessageId"]: _letter(message) for message in found}
            if not found or len(shown) == SHOWN:
                break
        return Looked(max(messages, len(shown)), sorted(shown.values(), key=lambda letter: letter.since))

    def release(self, before: datetime) -> Released:
        found = self._wait_for(_BATCH, hidden_for=RELEASE_SECONDS)
        letters = [(message, _letter(message)) for message in found]
        older = [(message, letter.kind) for message, letter in letters if letter.since < before]
        again = [message for message, kind in older if kind is self._takes]
        obsolete = [message for message, kind in older if kind is Kind.TICK]
        sent = self._send(again)
        self._delete([*sent, *obsolete])
        if len(sent) < len(again):
            raise UnavailableError("sqs: not every message was taken")
        return Released(len(sent), len(obsolete), len(found) - len(sent) - len(obsolete))

    def _wait_for(self, at_most: int, *, hidden_for: int) -> list[Message]:
        for _ in range(_WAITS):
            if found := self._receive(at_most, hidden_for=hidden_for, wait=_WAIT_SECONDS):
                return found
        return []

    def _receive(self, at_most: int, *, hidden_for: int, wait: int = 0) -> list[Message]:
        with unavailable("sqs"):
            answer = client("sqs").receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=at_most,
                VisibilityTimeout=hidden_for,
                WaitTimeSeconds=wait,
                MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            )
        messages: list[Message] = answer.get("Messages", [])
        return messages

    def _send(self, messages: list[Message]) -> list[Message]:
        """Those that were taken."""
        again = _AGAIN[self._takes]
        entries = [
            {"Id": str(number), **again(message["Body"], self._clock())} for number, message in enumerate(messages)
        ]
        taken: list[Message] = []
        for batch in batches(entries, "MessageBody"):
            with unavailable("sqs"):
                answer = client("sqs").send_message_batch(QueueUrl=self._source_url, Entries=batch)
            taken += [messages[int(entry["Id"])] for entry in answer.get("Successful", [])]
        return taken

    def _delete(self, messages: list[Message]) -> None:
        """One that stays, because its deletion failed, is sent again by the next release, which does no harm."""
        if not messages:
            return
        entries = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]} for number, message in enumerate(messages)
        ]
        with unavailable("sqs"):
            client("sqs").delete_message_batch(QueueUrl=self._url, Entries=entries)


class _Content(NamedTuple):
    kind: Kind
    dispatch_uuid: str | None = None
    event_id: str | None = None


def _letter(message: Message) -> DeadLetter:
    content, attributes = _content(message["Body"]), message["Attributes"]
    return DeadLetter(
        identifier=message["MessageId"],
        kind=content.kind,
        since=datetime.fromtimestamp(int(attributes["SentTimestamp"]) / 1000, UTC),
        received=int(attributes["ApproximateReceiveCount"]),
        dispatch_uuid=content.dispatch_uuid,
        event_id=content.event_id,
    )


def _content(body: str) -> _Content:
    """What a message is, by its shape; OTHER for whatever cannot be read."""
    return next(filter(None, (_read(reader, body) for reader in _READERS)), _Content(Kind.OTHER))


def _read(reader: Callable[[str], _Content | None], body: str) -> _Content | None:
    try:
        return reader(body)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _timer(body: str) -> _Content:
    return _Content(Kind.TIMER, timers.from_body(body).uuid)


def _callback(body: str) -> _Content:
    callback = callback_queue.from_body(body)
    return _Content(Kind.CALLBACK, callback.body["data"].get("dispatch_uuid"), callback.event_id)


def _tick(body: str) -> _Content | None:
    return _Content(Kind.TICK) if json.loads(body)["source"] == "aws.events" else None


def _changes(body: str) -> _Content | None:
    return _Content(Kind.CHANGES) if {"DDBStreamBatchInfo", "dynamodb"} & json.loads(body).keys() else None


_READERS = (_timer, _callback, _tick, _changes)


def _same(body: str, now: datetime) -> dict[str, str]:
    return {"MessageBody": body}


def _for_another_day(body: str, now: datetime) -> dict[str, str]:
    """A callback that is given its whole time once more: one whose time is over would come back at once."""
    callback = callback_queue.from_body(body)
    return callback_queue.message(replace(callback, until=now + LIFE, tries=0))


_AGAIN: dict[Kind, Callable[[str, datetime], dict[str, str]]] = {Kind.TIMER: _same, Kind.CALLBACK: _for_another_day}
"""How a message is sent back."""
