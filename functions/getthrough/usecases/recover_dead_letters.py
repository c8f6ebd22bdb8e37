"""Look at what was given up, and send it back to where it came from."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from getthrough.domain.dead_letter import Released, describe
from getthrough.domain.ports import Clock, DeadLetters


def look_at_dead_letters(queues: Iterable[DeadLetters]) -> Mapping[str, Any]:
    """About how many messages each queue has, and some of them. Nothing is taken away."""
    looked = ((queue.name, queue.look()) for queue in queues)
    return {
        "queues": [
            {"queue": name, "messages": found.messages, "shown": [describe(letter) for letter in found.shown]}
            for name, found in looked
        ]
    }


def release_dead_letters(queues: Iterable[DeadLetters], until: datetime, *, clock: Clock) -> Mapping[str, Any]:
    """What came of all messages of these queues, or of those that there was time for: `more` tells of which queues some
    may be left. UnavailableError: do it again; what was released stays released."""
    return {"queues": [_release(queue, until, clock) for queue in queues]}


def _release(queue: DeadLetters, until: datetime, clock: Clock) -> Mapping[str, Any]:
    total, more = Released(), True
    while more and clock() < until:
        batch = queue.release()
        total, more = total.plus(batch), batch != Released()
    return {"queue": queue.name, **total._asdict(), "more": more}
