"""CallbackFunction handles the queue of webhooks to the client's systems."""

from functools import cache
from typing import Any

from getthrough.adapters.callback_queue import SqsCallbacks, from_body
from getthrough.adapters.callback_receivers import HttpsReceivers
from getthrough.adapters.contact_hash import hash_of
from getthrough.adapters.dynamo_marks import DynamoMarks
from getthrough.adapters.receiver_hosts import RememberedHosts
from getthrough.adapters.secrets import callback_secrets, contact_key
from getthrough.adapters.system import utc_now
from getthrough.config import CallbackConfig
from getthrough.domain.notification.callback import Callback, Verdict
from getthrough.observability import Context, count, describe, logger, observed
from getthrough.usecases.deliver_callback import deliver_callback
from getthrough.usecases.ports import Delivering

_COUNTED = {
    Verdict.DELIVERED: "CallbackDelivered",
    Verdict.GONE: "CallbackGone",
    Verdict.REFUSED: "CallbackRefused",
    Verdict.FAILED: "CallbackFailed",
    Verdict.GIVEN_UP: "CallbackGivenUp",
    Verdict.WAITING: "CallbackWaiting",
    Verdict.HELD: "CallbackHeld",
    Verdict.ERASED: "CallbackErased",
}


@cache
def _composed() -> Delivering:
    config = CallbackConfig.from_env()
    allow_private = config.allow_private_callbacks == "true"
    return Delivering(
        receivers=HttpsReceivers(callback_secrets(config.secret_id), utc_now, allow_private=allow_private),
        hosts=RememberedHosts(),
        callbacks=SqsCallbacks(config.callback_queue_url, config.callback_dead_letter_queue_url),
        marks=DynamoMarks(config.table_name, hash_of(contact_key(config.secret_id))),
        clock=utc_now,
    )


@observed
def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Attempt each webhook once. If AWS or this function fails, the message comes back after the visibility
    time-out."""
    failed = []
    for record in event["Records"]:
        try:
            _attempt(from_body(record["body"]))
        except Exception as error:  # noqa: BLE001 - one bad message must not take the others back to the queue
            logger.error("callback not handled", extra=describe(error))
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _attempt(callback: Callback) -> None:
    attempted = deliver_callback(_composed(), callback)
    count(_COUNTED[attempted.verdict])
    logger.info(
        "callback attempted",
        extra={
            "type": callback.body["type"],
            "dispatch_uuid": callback.body["data"].get("dispatch_uuid"),
            "tries": callback.tries + 1,
            **attempted._asdict(),
        },
    )
