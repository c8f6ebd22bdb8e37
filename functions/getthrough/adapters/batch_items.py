"""Convert a batch to and from its item in the table."""

import json
from datetime import timedelta
from typing import Any

from getthrough.adapters import table_keys
from getthrough.adapters.plan_items import json_text, moment
from getthrough.domain.batch.batch import Batch, Mailing, wake_at
from getthrough.domain.values import identifiers
from getthrough.domain.values.rfc3339 import from_text, to_text

Attributes = dict[str, Any]

LONGEST_STORY = timedelta(days=7 * identifiers.MAX_STEPS)
"""How long the windows of a dispatch may be in all. A batch's retention includes one night for each window."""

_MOMENTS = ("send_at", "cancelled_at")


def to_attributes(batch: Batch, retention: timedelta) -> Attributes:
    """The item. It expires `retention` after every recipient had a slot and all windows have ended. Until then, data in
    it is still needed."""
    attributes: Attributes = {
        **table_keys.batch(batch.batch_uuid),
        **table_keys.newest(table_keys.BATCHES, batch.created_at, batch.batch_uuid),
        "version": batch.version,
        "client_name": batch.client_name,
        "created_at": to_text(batch.created_at),
        **from_mailing(batch.mailing),
        "next_at": to_text(batch.next_at),
        "made": batch.made,
        "expires_at": int((batch.mailing.needed_until(batch.next_at) + LONGEST_STORY + retention).timestamp()),
    }
    for name in _MOMENTS:
        if (at := getattr(batch, name)) is not None:
            attributes[name] = to_text(at)
    if batch.schedule_uuid is not None:
        attributes["schedule_uuid"] = batch.schedule_uuid
    if batch.request_sha256 is not None:
        attributes["request_sha256"] = batch.request_sha256
    if (due_at := wake_at(batch)) is not None:
        attributes["due_shard"] = table_keys.due_shard(batch.batch_uuid)
        attributes["due_at"] = to_text(due_at)
    return attributes


def from_attributes(attributes: Attributes) -> Batch:
    return Batch(
        batch_uuid=table_keys.uuid_of(attributes["pk"]),
        client_name=attributes["client_name"],
        created_at=from_text(attributes["created_at"]),
        mailing=to_mailing(attributes),
        next_at=from_text(attributes["next_at"]),
        schedule_uuid=attributes.get("schedule_uuid"),
        made=int(attributes["made"]),
        **{name: moment(attributes.get(name)) for name in _MOMENTS},
        request_sha256=attributes.get("request_sha256"),
        version=int(attributes["version"]),
    )


def from_mailing(mailing: Mailing) -> Attributes:
    """A mailing's attributes. Schedules have them too."""
    return {
        "message": json_text(dict(mailing.message)),
        "list_id": mailing.list_id,
        "total": mailing.total,
        "rate": mailing.rate,
    }


def to_mailing(attributes: Attributes) -> Mailing:
    return Mailing(
        message=json.loads(attributes["message"]),
        list_id=attributes["list_id"],
        total=int(attributes["total"]),
        rate=int(attributes["rate"]),
    )
