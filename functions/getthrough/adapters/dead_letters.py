"""Port DeadLetters: an SQS dead-letter queue of another queue, a function or a schedule.

It holds messages that SQS moved from the source queue unchanged; the events of ticks that failed or could not start
(from Lambda or EventBridge); and whatever PublishFunction, or its event source, could not publish.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from getthrough.adapters import callback_queue, timers
from getthrough.adapters.aws import batches, client, unavailable
from getthrough.domain.contact.contact import Contact
from getthrough.domain.notification.callback import LIFE
from getthrough.domain.ports import Clock, Forgotten
from getthrough.domain.recovery.dead_letter import DeadLetter, Kind, Looked, Released
from getthrough.domain.values.errors import UnavailableError

SHOWN = 10
LOOK_SECONDS = 1
"""How long a look hides the messages that it shows. A look or release that follows at once waits for them."""

RELEASE_SECONDS = 60
"""How long a release hides messages: longer than the function runs, so that a kept message doesn't come back meanwhile.
"""

_WAIT_SECONDS, _WAITS = 1, 2
"""How long, and how often, to wait for a message before reporting that there is none. With a wait, SQS asks all its
servers. The waits together last longer than a look hides messages. Each is well below the client's read time-out."""

_BATCH = 10
"""SQS: ReceiveMessage, SendMessageBatch and DeleteMessageBatch accept at most ten messages."""

_LONGEST_HIDDEN = timedelta(hours=12)
"""SQS hides no message longer."""

_FORGETS = 10
"""Batches of messages that one call of `forget` looks at."""

_LOOKS = 3
"""How often to ask SQS, which may return fewer messages than there are."""

Message = dict[str, Any]


class SqsDeadLetters:
    """Messages of the kind `takes` are sent back to the queue `source_url`."""

    def __init__(self, name: str, url: str, source_url: str, takes: Kind, clock: Clock) -> None:
        self.name = name
        self._url = url
        self._source_url = source_url
        self._takes = takes
        self._clock = clock

    def look(self) -> Looked:
        messages = _number(self._url, "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        shown: dict[str, DeadLetter] = {}
        for _ in range(_LOOKS if messages else 1):
            receive = self._wait_for if messages and not shown else self._receive
            found = receive(SHOWN - len(shown), hidden_for=LOOK_SECONDS)
            shown |= {message["MessageId"]: _letter(message) for message in found}
            if not found or len(shown) == SHOWN:
                break
        letters = sorted(shown.values(), key=lambda letter: letter.since)
        return Looked(max(messages, len(shown)), letters, self._waiting())

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

    def forget(self, names: Callable[[str], frozenset[Contact]], hidden_for: timedelta) -> Forgotten:
        deleted: list[frozenset[Contact]] = []
        seconds = int(min(hidden_for, _LONGEST_HIDDEN).total_seconds())
        for _ in range(_FORGETS):
            found = self._wait_for(_BATCH, hidden_for=seconds)
            named = [(message, contacts) for message in found if (contacts := names(message["Body"]))]
            self._delete([message for message, _ in named])
            deleted += [contacts for _, contacts in named]
            if not found:
                return Forgotten(deleted, more=False)
        return Forgotten(deleted, more=True)

    def _waiting(self) -> int | None:
        """A webhook that failed is queued with a delay, and a new one without. Every timer has a delay, so their number
        tells nothing."""
        return _number(self._source_url, "ApproximateNumberOfMessagesDelayed") if self._takes is Kind.CALLBACK else None

    def _wait_for(self, at_most: int, *, hidden_for: int) -> list[Message]:
        for _ in range(_WAITS):
            if found := self._receive(at_most, hidden_for=hidden_for, wait=_WAIT_SECONDS):
                return found
        return []

    def _receive(self, at_most: int, *, hidden_for: int, wait: int = 0) -> list[Message]:
        with unavailable("sqs"):
            answer = client("sqs").call(
                "ReceiveMessage",
                QueueUrl=self._url,
                MaxNumberOfMessages=at_most,
                VisibilityTimeout=hidden_for,
                WaitTimeSeconds=wait,
                MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            )
        messages: list[Message] = answer.get("Messages", [])
        return messages

    def _send(self, messages: list[Message]) -> list[Message]:
        """The messages that SQS accepted."""
        again = _AGAIN[self._takes]
        entries = [
            {"Id": str(number), **again(message["Body"], self._clock())} for number, message in enumerate(messages)
        ]
        taken: list[Message] = []
        for batch in batches(entries, "MessageBody"):
            with unavailable("sqs"):
                answer = client("sqs").call("SendMessageBatch", QueueUrl=self._source_url, Entries=batch)
            taken += [messages[int(entry["Id"])] for entry in answer.get("Successful", [])]
        return taken

    def _delete(self, messages: list[Message]) -> None:
        """Delete messages. If a deletion fails, the next release sends that message again, which does no harm."""
        if not messages:
            return
        entries = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]} for number, message in enumerate(messages)
        ]
        with unavailable("sqs"):
            client("sqs").call("DeleteMessageBatch", QueueUrl=self._url, Entries=entries)


def _number(url: str, *names: str) -> int:
    with unavailable("sqs"):
        answer = client("sqs").call("GetQueueAttributes", QueueUrl=url, AttributeNames=list(names))
    return sum(int(answer["Attributes"][name]) for name in names)


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
    """The kind of a message, from its shape. OTHER if it can't be read."""
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
    """A callback with its full time again. One whose time is over would return at once."""
    callback = callback_queue.from_body(body)
    return callback_queue.message(replace(callback, until=now + LIFE, tries=0))


_AGAIN: dict[Kind, Callable[[str, datetime], dict[str, str]]] = {Kind.TIMER: _same, Kind.CALLBACK: _for_another_day}
"""How each kind of message is sent back."""
