"""Webhooks to the client's own systems that wait for an attempt, as messages of a queue.

A message is `{"url": "…", "event_id": "evt_…", "body": {…}, "until": "…", "tries": 0}`.

One that failed is put again with a delay, not hidden for longer: a queue may have 120,000 hidden messages, and one that
a receiver's bad day has filled would hand out nothing any more; there is no limit for delayed ones.
"""

import json
from collections.abc import Sequence
from datetime import timedelta

from getthrough.adapters.aws import batches, client, unavailable
from getthrough.domain.callback import Callback
from getthrough.domain.errors import UnavailableError
from getthrough.domain.rfc3339 import from_text, to_text


class SqsCallbacks:
    """Port Callbacks."""

    def __init__(self, queue_url: str, dead_letter_queue_url: str) -> None:
        self._queue_url = queue_url
        self._dead_letter_queue_url = dead_letter_queue_url

    def put(self, callbacks: Sequence[Callback], delay: timedelta = timedelta()) -> None:
        seconds = delay // timedelta(seconds=1)
        entries = [
            {"Id": str(number), "DelaySeconds": seconds, "MessageBody": to_body(callback)}
            for number, callback in enumerate(callbacks)
        ]
        for batch in batches(entries, "MessageBody"):
            with unavailable("sqs"):
                answer = client("sqs").send_message_batch(QueueUrl=self._queue_url, Entries=batch)
            if failed := answer.get("Failed"):
                raise UnavailableError(f"sqs: {failed[0].get('Code', 'unknown')}")

    def bury(self, callback: Callback) -> None:
        self.bury_text(to_body(callback))

    def bury_text(self, text: str) -> None:
        """Put anything into the dead-letter queue."""
        with unavailable("sqs"):
            client("sqs").send_message(QueueUrl=self._dead_letter_queue_url, MessageBody=text)


def to_body(callback: Callback) -> str:
    return json.dumps(
        {
            "url": callback.url,
            "event_id": callback.event_id,
            "body": callback.body,
            "until": to_text(callback.until),
            "tries": callback.tries,
        }
    )


def from_body(text: str) -> Callback:
    """The callback in a message; ValueError, KeyError or TypeError if it is none of ours."""
    fields = json.loads(text)
    return Callback(fields["url"], fields["event_id"], fields["body"], from_text(fields["until"]), fields["tries"])
