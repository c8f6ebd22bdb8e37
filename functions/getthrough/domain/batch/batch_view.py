"""A batch as people and clients read it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from getthrough.domain.batch.batch import Batch, State, Tally, estimated_end
from getthrough.domain.message.preview import beginning
from getthrough.domain.values.rfc3339 import to_text


def describe(batch: Batch, tally: Tally, now: datetime) -> Mapping[str, Any]:
    """JSON of a batch and how far it is. It is SENT when everybody has had their turn; `delivered` are those whose
    dispatch succeeded, `failed` those whose dispatch ended otherwise."""
    moments = {
        "send_at": batch.send_at,
        "cancelled_at": batch.cancelled_at,
        "estimated_end_at": estimated_end(batch, now),
    }
    return {
        "batch_uuid": batch.batch_uuid,
        "schedule_uuid": batch.schedule_uuid,
        "created_at": to_text(batch.created_at),
        "state": State.SENDING if batch.state is State.SENT and tally.begun < batch.mailing.total else batch.state,
        **{name: to_text(at) if at else None for name, at in moments.items()},
        "accepted": batch.mailing.total,
        "sent": tally.sent,
        "delivered": tally.delivered,
        "failed": tally.failed,
        "cost": [{"currency": currency, "price": f"{price:f}"} for currency, price in sorted(tally.cost.items())],
        "rate": batch.mailing.rate,
        "steps": [
            {"channel": step.get("channel"), "message_type": step.get("message_type"), "text": beginning(step)}
            for step in (batch.mailing.message, *batch.mailing.message.get("failover", []))
        ],
    }
