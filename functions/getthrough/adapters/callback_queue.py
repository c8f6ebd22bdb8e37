"""A queue of webhooks to the client's systems that wait for an attempt.

A message is `{"url": "…", "event_id": "evt_…", "body": {…}, "until": "…", "tries": 0,
"not_before": null}`.

A failed webhook is queued again with a delay instead of staying hidden for longer. A queue holds at most 120,000 hidden
messages; one receiver that is down could fill it and block all others. Delayed messages have no such limit.

The message group is the receiver's host, which makes this a fair queue. If one host takes more than its share of the
attempts, because it hangs or gets many webhooks, SQS delivers fewer of its messages while others wait.
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
                answer = client("sqs").call("SendMessageBatch", QueueUrl=self._queue_url, Entries=batch)
            if failed := answer.get("Failed"):
                raise UnavailableError(f"sqs: {failed[0].get('Code', 'unknown')}")

    def give_up(self, callback: Callback) -> None:
        self.give_up_text(to_body(callback))

    def give_up_text(self, text: str) -> None:
        """Put any text into the dead-letter queue."""
        with unavailable("sqs"):
            client("sqs").call("SendMessage", QueueUrl=self._dead_letter_queue_url, MessageBody=text)


def message(callback: Callback) -> dict[str, str]:
    """A callback as an SQS message: its body and its group. The group is a digest, because a host name may be too
    long."""
    group = hashlib.sha256(callback.host.encode()).hexdigest()[:32]
    return {"MessageBody": to_body(callback), "MessageGroupId": group}


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
    """The callback in a message. Raises ValueError, KeyError or TypeError if it isn't one of ours."""
    fields = json.loads(text)
    not_before = from_text(fields["not_before"]) if fields.get("not_before") else None
    until = from_text(fields["until"])
    return Callback(fields["url"], fields["event_id"], fields["body"], until, fields["tries"], not_before)
