"""Look at what was given up, and send it back to where it came from."""

from collections.abc import Iterable
from datetime import datetime

from getthrough.domain.ports import Clock, DeadLetters
from getthrough.domain.recovery.dead_letter import (
    DeadLettersReleasedView,
    DeadLettersView,
    Released,
    ReleasedQueueView,
    describe,
)
from getthrough.domain.values.rfc3339 import to_text


def look_at_dead_letters(queues: Iterable[DeadLetters]) -> DeadLettersView:
    """About how many messages each queue has, and some of them. Nothing is taken away."""
    looked = ((queue.name, queue.look()) for queue in queues)
    return {
        "queues": [
            {"queue": name, "messages": found.messages, "shown": [describe(letter) for letter in found.shown]}
            for name, found in looked
        ]
    }


def release_dead_letters(
    queues: Iterable[DeadLetters], until: datetime, before: datetime | None, *, clock: Clock
) -> DeadLettersReleasedView:
    """What came of all messages that these queues had at a moment (that of the call if it is None), or of those that
    there was time for: `more` tells of which queues some may be left, for another call with the same `before`.

    UnavailableError: do it again; what was released stays released.
    """
    now = clock()
    before = min(before or now, now)
    return {"before": to_text(before), "queues": [_release(queue, until, before, clock) for queue in queues]}


def _release(queue: DeadLetters, until: datetime, before: datetime, clock: Clock) -> ReleasedQueueView:
    total, more = Released(), True
    while more and clock() < until:
        batch = queue.release(before)
        total, more = total.plus(batch), batch != Released()
    released, dropped, kept = total
    return {"queue": queue.name, "released": released, "dropped": dropped, "kept": kept, "more": more}
