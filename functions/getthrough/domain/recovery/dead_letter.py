"""Dead letters: queue messages that failed too often. A person fixes the cause and releases them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, NamedTuple, TypedDict

from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.view_types import Count, Keywords, Time, Uuid


class Kind(StrEnum):
    """TIMER: a dispatch that was not advanced. TICK: a tick that did not run. CALLBACK: an event for the client's own
    systems. CHANGES: records of the table's stream that were not published as events."""

    TIMER = "timer"
    TICK = "tick"
    CALLBACK = "callback"
    CHANGES = "changes"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """`since` is when it was first sent. `received` is how often it was received, including by people who looked."""

    identifier: str
    kind: Kind
    since: datetime
    received: int
    dispatch_uuid: str | None = None
    event_id: str | None = None


class Looked(NamedTuple):
    """The approximate number of messages in a queue, and some of them. `waiting` is how many webhooks have failed and
    are tried again; None for timers."""

    messages: int
    shown: list[DeadLetter]
    waiting: int | None = None


class Released(NamedTuple):
    """How many messages were returned to their queue, how many were dropped because nothing is left to do, and how many
    were kept because they cannot be returned or failed after the release began."""

    released: int = 0
    dropped: int = 0
    kept: int = 0

    def plus(self, more: "Released") -> "Released":
        return Released(self.released + more.released, self.dropped + more.dropped, self.kept + more.kept)


QueueName = Annotated[str, Keywords(enum=["timers", "callbacks"])]


class DeadLetterView(TypedDict):
    id: str
    kind: Kind
    dispatch_uuid: Uuid | None
    """The dispatch of a timer. For a schedule's timer, its `schedule_uuid`."""
    event_id: str | None
    since: Time
    """When the message was first sent."""
    received: Count
    """How often the message was received."""


class DeadLetterQueueView(TypedDict):
    queue: QueueName
    messages: Count
    """An estimate."""
    waiting: Count | None
    """How many webhooks to your systems failed and wait for another attempt: an estimate. If it stays above 0, a
    receiver is down. Null for timers."""
    shown: Annotated[list[DeadLetterView], Keywords(maxItems=10)]


class DeadLettersView(TypedDict):
    queues: list[DeadLetterQueueView]


class ReleasedQueueView(TypedDict):
    queue: QueueName
    released: Count
    """Messages that were returned to their queue."""
    dropped: Count
    """Messages that were deleted because nothing is left to do."""
    kept: Count
    """Messages that cannot be returned, or that failed after `before`."""
    more: bool
    """True if the time ran out before the queue was empty. Call again with the same `before`."""


class DeadLettersReleasedView(TypedDict):
    before: Time
    """Only messages that failed before this time were released."""
    queues: list[ReleasedQueueView]


def describe(letter: DeadLetter) -> DeadLetterView:
    """A dead letter as clients read it."""
    return {
        "id": letter.identifier,
        "kind": letter.kind,
        "dispatch_uuid": letter.dispatch_uuid,
        "event_id": letter.event_id,
        "since": to_text(letter.since),
        "received": letter.received,
    }
