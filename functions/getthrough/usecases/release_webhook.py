"""Do what a webhook in quarantine says, because a person vouches for it."""

from collections.abc import Callable
from typing import NamedTuple

from getthrough.domain.event.webhook import InboundMessage, StatusEvent, parse_inbound, parse_status
from getthrough.domain.ports import Quarantine
from getthrough.domain.recovery.quarantine import Quarantined
from getthrough.domain.values import strict_json
from getthrough.domain.values.errors import CutWebhookError, MalformedWebhookError, NotFoundError
from getthrough.usecases.receive_inbound import Received
from getthrough.usecases.record_status import Recorded


class ReceivedMessage(NamedTuple):
    message: InboundMessage
    received: Received


def release_webhook(
    digest: str,
    *,
    quarantine: Quarantine,
    record_status: Callable[[StatusEvent], Recorded],
    receive_inbound: Callable[[InboundMessage], Received],
) -> Recorded | ReceivedMessage:
    """What came of it. When this returns it was recorded as if it had been verified when it came, and has left the
    quarantine; to release it twice, or at the same moment as it comes again verified, changes nothing more.

    It stays, and nothing is done, if it is not there (NotFoundError), if only its beginning was kept (CutWebhookError),
    or if it still cannot be understood (MalformedWebhookError).
    """
    webhook = quarantine.get(digest)
    if webhook is None:
        raise NotFoundError
    if not webhook.whole:
        raise CutWebhookError(f"{len(webhook.body)} of {webhook.size} bytes were kept")
    understood = _understood(webhook)
    done: Recorded | ReceivedMessage
    if isinstance(understood, StatusEvent):
        done = record_status(understood)
    else:
        done = ReceivedMessage(understood, receive_inbound(understood))
    quarantine.delete(digest)
    return done


def _understood(webhook: Quarantined) -> StatusEvent | InboundMessage:
    """Read as what its route takes, or else as what the other one does: the two URLs may have been mixed up."""
    try:
        payload = strict_json.parse(webhook.body)
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
