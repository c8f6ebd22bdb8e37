"""A batch as clients read it."""

from datetime import datetime
from typing import Annotated, TypedDict

from getthrough.domain.batch.batch import Batch, State, Tally, estimated_end
from getthrough.domain.message.preview import beginning
from getthrough.domain.values.identifiers import MAX_STEPS
from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.usage_view import UsageView, usage_view
from getthrough.domain.values.view_types import Count, Keywords, Time, Total, Uuid


class BatchStepView(TypedDict):
    channel: str
    message_type: str
    text: str | None
    """The beginning of the message's text before variables are filled in. Null if it has no text."""


class BatchView(TypedDict):
    """A batch and its progress. The numbers are at most a few seconds old."""

    batch_uuid: Uuid
    schedule_uuid: Uuid | None
    """The schedule that created the batch."""
    created_at: Time
    state: State
    """`sent`: every recipient was processed."""
    send_at: Time | None
    """Getthrough sends nothing before this time."""
    cancelled_at: Time | None
    estimated_end_at: Time | None
    """When the last recipient is processed, if no other batch is sent meanwhile."""
    accepted: Total
    """The number of recipients."""
    sent: Count
    """Recipients to whom a message was sent."""
    delivered: Count
    """Dispatches that succeeded."""
    failed: Count
    """Dispatches that ended without success."""
    cost: list[UsageView]
    """The total cost in each currency."""
    rate: Total
    steps: Annotated[list[BatchStepView], Keywords(minItems=1, maxItems=MAX_STEPS)]


def describe(batch: Batch, tally: Tally, now: datetime) -> BatchView:
    """A batch and its progress. It is SENT once every recipient was processed."""
    end = estimated_end(batch, now)
    return {
        "batch_uuid": batch.batch_uuid,
        "schedule_uuid": batch.schedule_uuid,
        "created_at": to_text(batch.created_at),
        "state": State.SENDING if batch.state is State.SENT and tally.begun < batch.mailing.total else batch.state,
        "send_at": to_text(batch.send_at) if batch.send_at else None,
        "cancelled_at": to_text(batch.cancelled_at) if batch.cancelled_at else None,
        "estimated_end_at": to_text(end) if end else None,
        "accepted": batch.mailing.total,
        "sent": tally.sent,
        "delivered": tally.delivered,
        "failed": tally.failed,
        "cost": [usage_view(currency, price) for currency, price in sorted(tally.cost.items())],
        "rate": batch.mailing.rate,
        "steps": [
            {"channel": step["channel"], "message_type": step["message_type"], "text": beginning(step)}
            for step in (batch.mailing.message, *batch.mailing.message.get("failover", []))
        ],
    }
