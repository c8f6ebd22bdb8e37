"""Timers as delayed messages of the queue: precise to a second up to 15 minutes, and nothing to delete afterwards.

A message is `{"dispatch_uuid": "…", "due_at": "…"}`.
"""

import json
from collections.abc import Iterable
from datetime import timedelta
from math import ceil
from typing import Any

from getthrough.adapters.aws import client, unavailable
from getthrough.domain.errors import UnavailableError
from getthrough.domain.ports import Clock, Due
from getthrough.domain.rfc3339 import from_text, to_text

LONGEST_DELAY = timedelta(seconds=900)
"""SQS: DelaySeconds is at most 900."""

_BATCH = 10
"""SQS: SendMessageBatch takes at most ten messages."""


class SqsTimers:
    """Port Timers."""

    def __init__(self, queue_url: str, clock: Clock) -> None:
        self._queue_url = queue_url
        self._clock = clock

    def arm(self, due: Iterable[Due]) -> None:
        now = self._clock()
        entries = [
            {"DelaySeconds": max(0, ceil((item.at - now).total_seconds())), "MessageBody": to_body(item)}
            for item in due
            if item.at - now <= LONGEST_DELAY
        ]
        for start in range(0, len(entries), _BATCH):
            self._send(entries[start : start + _BATCH])

    def _send(self, entries: list[dict[str, Any]]) -> None:
        numbered = [{"Id": str(number), **entry} for number, entry in enumerate(entries)]
        with unavailable("sqs"):
            answer = client("sqs").send_message_batch(QueueUrl=self._queue_url, Entries=numbered)
        if failed := answer.get("Failed"):
            raise UnavailableError(f"sqs: {failed[0].get('Code', 'unknown')}")


def to_body(due: Due) -> str:
    return json.dumps({"dispatch_uuid": due.dispatch_uuid, "due_at": to_text(due.at)})


def from_body(body: str) -> Due:
    """The timer in a message's body; ValueError, KeyError or TypeError if it is none of ours."""
    fields = json.loads(body)
    return Due(fields["dispatch_uuid"], from_text(fields["due_at"]))
