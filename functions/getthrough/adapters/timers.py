"""Timers as delayed messages of a queue. They are precise to a second, up to 15 minutes, and need no clean-up.

A message is `{"uuid": "…", "due_at": "…"}`.
"""

import json
from collections.abc import Iterable
from datetime import timedelta
from math import ceil

from getthrough.adapters.aws import client, unavailable
from getthrough.domain.ports import Clock, Timer
from getthrough.domain.values.errors import UnavailableError
from getthrough.domain.values.rfc3339 import from_text, to_text

LONGEST_DELAY = timedelta(seconds=900)
"""SQS: DelaySeconds is at most 900."""

_BATCH = 10
"""SQS: SendMessageBatch accepts at most ten messages."""


class SqsTimers:
    """Port Timers."""

    def __init__(self, queue_url: str, clock: Clock) -> None:
        self._queue_url = queue_url
        self._clock = clock

    def arm(self, due: Iterable[Timer]) -> None:
        now = self._clock()
        soon = [item for item in due if item.at - now <= LONGEST_DELAY]
        for start in range(0, len(soon), _BATCH):
            self._send(soon[start : start + _BATCH])

    def _send(self, batch: list[Timer]) -> None:
        now = self._clock()
        entries = [
            {
                "Id": str(number),
                "DelaySeconds": max(0, ceil((item.at - now).total_seconds())),
                "MessageBody": to_body(item),
            }
            for number, item in enumerate(batch)
        ]
        with unavailable("sqs"):
            answer = client("sqs").call("SendMessageBatch", QueueUrl=self._queue_url, Entries=entries)
        if failed := answer.get("Failed"):
            raise UnavailableError(f"sqs: {failed[0].get('Code', 'unknown')}")


def to_body(due: Timer) -> str:
    return json.dumps({"uuid": due.uuid, "due_at": to_text(due.at)})


def from_body(body: str) -> Timer:
    """The timer in a message's body. Raises ValueError, KeyError or TypeError if it isn't one of ours."""
    fields = json.loads(body)
    return Timer(fields["uuid"], from_text(fields["due_at"]))
