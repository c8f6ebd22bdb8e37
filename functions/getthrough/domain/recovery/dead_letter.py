"""Messages that were given up: a person looks at them, mends the cause, and sends them back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from getthrough.domain.values.rfc3339 import to_text


class Kind(StrEnum):
    """TIMER: a dispatch should have been advanced. TICK: the tick should have run. CALLBACK: an event for the client's
    own systems. CHANGES: a part of the table's stream, of which no events were made."""

    TIMER = "timer"
    TICK = "tick"
    CALLBACK = "callback"
    CHANGES = "changes"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """`since` is when it was first sent, `received` how often somebody took it, whoever looked at it included."""

    identifier: str
    kind: Kind
    since: datetime
    received: int
    dispatch_uuid: str | None = None
    event_id: str | None = None


class Looked(NamedTuple):
    """About how many messages a queue has, and some of them."""

    messages: int
    shown: list[DeadLetter]


class Released(NamedTuple):
    """How many messages were sent back to where they came from, dropped because nothing is left to do, and kept because
    they cannot be sent back or were given up after the release began."""

    released: int = 0
    dropped: int = 0
    kept: int = 0

    def plus(self, more: "Released") -> "Released":
        return Released(self.released + more.released, self.dropped + more.dropped, self.kept + more.kept)


def describe(letter: DeadLetter) -> Mapping[str, Any]:
    """A message as clients read it."""
    return {
        "id": letter.identifier,
        "kind": letter.kind,
        "dispatch_uuid": letter.dispatch_uuid,
        "event_id": letter.event_id,
        "since": to_text(letter.since),
        "received": letter.received,
    }
