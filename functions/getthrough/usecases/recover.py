"""Recover from failures: release webhooks from quarantine, inspect and release dead letters."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from getthrough.domain.event.webhook import InboundMessage, StatusEvent, parse_inbound, parse_status
from getthrough.domain.ports import Clock, DeadLetters, Quarantine
from getthrough.domain.recovery.dead_letter import DeadLettersReleasedView, Released, ReleasedQueueView
from getthrough.domain.recovery.quarantine import Quarantined
from getthrough.domain.values import strict_json
from getthrough.domain.values.errors import CutWebhookError, MalformedWebhookError
from getthrough.domain.values.rfc3339 import to_text
from getthrough.usecases.ports import Recording
from getthrough.usecases.receive_inbound import Received, receive_inbound
from getthrough.usecases.record_status import Recorded, record_status


class ReceivedMessage(NamedTuple):
    message: InboundMessage
    received: Received


def release_webhook(ports: Recording, quarantine: Quarantine, webhook: Quarantined) -> Recorded | ReceivedMessage:
    """Record a quarantined webhook as if it had been verified on arrival. A person vouches for it.

    When this returns, the webhook is recorded and out of quarantine. Releasing it twice, or while a verified copy
    arrives, changes nothing more.

    On an error the webhook stays and nothing is recorded. CutWebhookError: only its beginning was kept.
    MalformedWebhookError: it still can't be parsed.
    """
    if not webhook.whole:
        raise CutWebhookError(f"{len(webhook.body)} of {webhook.size} bytes were kept")
    understood = _understood(webhook)
    done: Recorded | ReceivedMessage
    if isinstance(understood, StatusEvent):
        done = record_status(ports, understood)
    else:
        done = ReceivedMessage(understood, receive_inbound(ports, understood))
    quarantine.delete(webhook.digest)
    return done


def release_dead_letters(
    queues: Iterable[DeadLetters], until: datetime, before: datetime | None, clock: Clock
) -> DeadLettersReleasedView:
    """Release the messages that these queues held at `before`, or at the time of the call if `before` is None.

    If time runs out, `more` names the queues that may hold further messages. Call again with the same `before` for
    those. After UnavailableError, call again: released messages stay released.
    """
    now = clock()
    before = min(before or now, now)
    results = list[ReleasedQueueView]()
    for queue in queues:
        total, more = Released(), True
        while more and clock() < until:
            batch = queue.release(before)
            total, more = total.plus(batch), batch != Released()
        released, dropped, kept = total
        results.append({"queue": queue.name, "released": released, "dropped": dropped, "kept": kept, "more": more})
    return {"before": to_text(before), "queues": results}


def _understood(webhook: Quarantined) -> StatusEvent | InboundMessage:
    """Parse the webhook as its route expects, or else as the other route does: the two URLs may be swapped."""
    try:
        payload = strict_json.parse_repaired(webhook.body)
    except ValueError as error:
        raise MalformedWebhookError(str(error)) from None
    readers: list[Callable[..., StatusEvent | InboundMessage]] = [parse_status, parse_inbound]
    own, other = reversed(readers) if webhook.route.endswith("/inbound") else readers
    try:
        return own(payload, received_at=webhook.received_at)
    except MalformedWebhookError as error:
        try:
            return other(payload, received_at=webhook.received_at)
        except MalformedWebhookError:
            raise error from None
