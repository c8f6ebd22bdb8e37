"""Turn records of the table's stream (DynamoDB Streams) into changes.

Lambda passes a record as `{"eventName": "MODIFY", "dynamodb": {"Keys": …, "OldImage": …, "NewImage": …}}`. The
template's filters (`Changes`) drop most records that don't matter; the rest are checked again here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from getthrough.adapters import table_keys
from getthrough.adapters.dispatch_items import from_attributes
from getthrough.adapters.dynamo_contacts import opt_out_of
from getthrough.adapters.dynamo_status_events import event_of
from getthrough.adapters.table import Attributes, attributes_of
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.event import webhook
from getthrough.domain.notification.client_events import (
    Change,
    ConsentChanged,
    MessageStored,
    OutcomeChanged,
    StatusStored,
)
from getthrough.domain.values.rfc3339 import from_text

Record = Mapping[str, Any]


def sequence_number(record: Record) -> str:
    """The record's position in the stream. Lambda uses it to know where to continue."""
    return str(record["dynamodb"]["SequenceNumber"])


def change_of(record: Record) -> Change | None:
    """The change, or None if clients don't get it. Any exception means that the record can't be read."""
    change = record["dynamodb"]
    new, old = _image(change, "NewImage"), _image(change, "OldImage")
    if new is None:
        return None
    pk, sk = new["pk"], new["sk"]
    if sk == table_keys.DISPATCH:
        return _outcome(old, new, change["ApproximateCreationDateTime"])
    if sk == table_keys.CONTACT:
        if new["copied"] or "contact" not in new:
            return None  # of a customer who was erased, no event can say who it is
        before = old is not None and old["opted_out"]
        return ConsentChanged(opt_out_of(new)) if new["opted_out"] != before else None
    if old is not None:
        return None
    if sk.startswith(table_keys.EVENT_PREFIX) and table_keys.is_of_dispatch(pk):
        return StatusStored(event_of(new, table_keys.dispatch_uuid(pk)))
    if sk.startswith(table_keys.RECEIVED_PREFIX):
        message = webhook.parse_inbound(json.loads(new["body"]), received_at=from_text(new["received_at"]))
        return MessageStored(message, new.get("answers"))
    return None


def dispatch_of(record: Record, image: str = "NewImage") -> Dispatch | None:
    """The dispatch that was written, or (OldImage) what it was before. None for another item, and for a deleted
    dispatch."""
    found = _image(record["dynamodb"], image)
    return from_attributes(found) if found is not None and found["sk"] == table_keys.DISPATCH else None


def _image(change: Mapping[str, Any], name: str) -> Attributes | None:
    return attributes_of(change[name]) if name in change else None


def _outcome(old: Attributes | None, new: Attributes, at: float) -> OutcomeChanged | None:
    """The event's time is that of the write, to the second: no item stores when its outcome was decided."""
    before, after = (image and image.get("outcome") for image in (old, new))
    return OutcomeChanged(from_attributes(new), datetime.fromtimestamp(at, UTC)) if after and after != before else None
