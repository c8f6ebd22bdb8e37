"""PublishFunction publishes changes from the table's stream."""

import json
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from typing import Any

from getthrough.adapters.callback_queue import SqsCallbacks
from getthrough.adapters.channel_health import DynamoChannelHealth
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.event_bus import EventBridgeBus
from getthrough.adapters.system import utc_now
from getthrough.adapters.table_stream import Record, change_of, sequence_number
from getthrough.config import PublishConfig
from getthrough.domain.dispatch.dispatch import Outcome
from getthrough.domain.notification.client_events import LONGEST_DATA, Change, ClientEvent
from getthrough.domain.values.errors import UnavailableError
from getthrough.observability import Context, count, describe, logger, observed
from getthrough.usecases.ports import Publishing
from getthrough.usecases.publish_changes import publish_changes

_AT_ONCE = 10
"""How many records are published, or retried, together."""

_ENDED = {
    Outcome.SUCCEEDED: "DispatchSucceeded",
    Outcome.EXHAUSTED: "DispatchExhausted",
    Outcome.STOPPED: "DispatchStopped",
    Outcome.CANCELLED: "DispatchCancelled",
}


@cache
def _callbacks() -> SqsCallbacks:
    config = PublishConfig.from_env()
    return SqsCallbacks(config.callback_queue_url, config.callback_dead_letter_queue_url)


@cache
def _composed() -> Publishing:
    config = PublishConfig.from_env()
    return Publishing(
        dispatches=DynamoDispatches(config.table_name),
        bus=EventBridgeBus(config.event_bus_name, utc_now),
        channels=DynamoChannelHealth(config.table_name, utc_now, timedelta(minutes=1)),
        callbacks=_callbacks(),
        clock=utc_now,
        callback_url=config.callback_url or None,
    )


@observed
def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Publish the records' changes in order. If that fails, Lambda continues from those records."""
    records: list[Record] = event["Records"]
    for start in range(0, len(records), _AT_ONCE):
        try:
            _publish(records[start : start + _AT_ONCE])
        except Exception as error:  # noqa: BLE001 - whatever failed, these records must be retried
            reason = str(error) if isinstance(error, UnavailableError) else None
            logger.error("changes not published yet", extra={"reason": reason, **describe(error)})
            return {"batchItemFailures": [{"itemIdentifier": sequence_number(records[start])}]}
    return {"batchItemFailures": []}


def _publish(records: list[Record]) -> None:
    changes = [change for record in records if (change := _understood(record)) is not None]
    events, turns = publish_changes(_composed(), changes)
    for destination, down in turns:
        count("ChannelDown" if down else "ChannelUp")
        logger.warning("channel down" if down else "channel up", extra={"destination": destination})
    for published in events:
        if published.type == "dispatch.finished":
            count(_ENDED[published.data["outcome"]])
    if events:
        count("EventPublished", len(events))
        # One line, since CloudWatch charges for each byte: the ids of events are in what is published.
        logger.info("events published", extra={"dispatches": sorted(_dispatches_of(events))})


def _dispatches_of(events: Iterable[ClientEvent]) -> set[str]:
    return {published.data["dispatch_uuid"] for published in events if "dispatch_uuid" in published.data}


def _understood(record: Record) -> Change | None:
    """The change in a record. A record that can't be parsed goes to the dead-letter queue (if it is too long, only its
    keys), because a retry wouldn't help and the others must not wait."""
    try:
        return change_of(record)
    except Exception as error:  # noqa: BLE001 - stored items may be wrong in any way
        count("EventUnreadable")
        logger.error("change not understood", extra=describe(error))
        whole = json.dumps(record)
        short = json.dumps({"dynamodb": {"Keys": record["dynamodb"]["Keys"]}})
        _callbacks().give_up_text(whole if len(whole) <= LONGEST_DATA else short)
        return None
