"""Webhooks to the client's own systems that wait for an attempt, as messages of a queue.

A message is `{"url": "…", "event_id": "evt_…", "body": {…}, "until": "…", "tries": 0,
"not_before": null}`.

One that failed is put again with a delay, not hidden for longer: a queue may have 120,000 hidden messages, and one that
a receiver's bad day has filled would hand out nothing any more; there is no limit for delayed ones.

Each names its receiver's host as its group, which makes the queue a fair one: of a host that takes more than its share
of the attempts, because it hangs or because it gets so much, SQS hands out less while others wait.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta

from getthrough.adapters.aws import batches, client, unavailable
from getthrough.domain.notification.callback import Callback
from getthrough.domain.values.errors import UnavailableError
from getthrough.domain.values.rfc3339 import from_text, to_text


class SqsCallbacks:
    """Port Callbacks."""

    def __init__(self, queue_url: str, dead_letter_queue_url: str) -> None:
        self._queue_url = queue_url
        self._dead_letter_queue_url = dead_letter_queue_url

    def put(self, callbacks: Sequence[Callback], delay: timedelta = timedelta()) -> None:
        seconds = delay // timedelta(seconds=1)
        entries = [
            {"Id": str(number), "DelaySeconds": seconds, **message(callback)}
            for number, callback in enumerate(callbacks)
        ]
        for batch in batches(entries, "MessageBody"):
            with unavailable("sqs"):
                answer = client("sqs").send_message_batch(QueueUrl=self._queue_url, Entries=batch)
            if failed := answer.get("Failed"):
                raise UnavailableError(f"sqs: {failed[0].get('Code', 'unknown')}")

    def give_up(self, callback: Callback) -> None:
        self.give_up_text(to_body(callback))

    def give_up_text(self, text: str) -> None:
        """Put anything into the dead-letter queue."""
        with unavailable("sqs"):
            client("sqs").send_message(QueueUrl=self._dead_letter_queue_url, MessageBody=text)


def message(callback: Callback) -> dict[str, str]:
    """What is told to SQS of a callback: its body and its group, which is a digest since a host may be too long."""
    host = callback.url.partition("://")[2].partition("/")[0].partition("?")[0].lower()
    return {"MessageBody": to_body(callback), "MessageGroupId": hashlib.sha256(host.encode()).hexdigest()[:32]}


def to_body(callback: Callback) -> str:
    return json.dumps(
        {
            "url": callback.url,
            "event_id": callback.event_id,
            "body": callback.body,
            "until": to_text(callback.until),
            "tries": callback.tries,
            "not_before": to_text(callback.not_before) if callback.not_before else None,
        }
    )


def from_body(text: str) -> Callback:
    """The callback in a message; ValueError, KeyError or TypeError if it is none of ours."""
    fields = json.loads(text)
    not_before = from_text(fields["not_before"]) if fields.get("not_before") else None
    until = from_text(fields["until"])
    return Callback(fields["url"], fields["event_id"], fields["body"], until, fields["tries"], not_before)
