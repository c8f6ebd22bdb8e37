"""The final report of the Dispatch API v0.1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from getthrough.domain.dispatch.cost import total_usage, usage_of
from getthrough.domain.dispatch.dispatch import Dispatch, Outcome
from getthrough.domain.dispatch.timeline import finished_at
from getthrough.domain.event.webhook import StatusEvent
from getthrough.domain.message.channels import CHANNELS
from getthrough.domain.values.rfc3339 import to_text

if TYPE_CHECKING:  # types only: no function loads them
    from getthrough.domain.dispatch.dispatch_view import FinalReportView, ReportedMessageView


def final_report(dispatch: Dispatch, events: list[StatusEvent]) -> FinalReportView | None:
    """None while the dispatch is open.

    It reports `completed` for a dispatch that succeeded and `error` for every other. It lists the messages that were
    sent, by our message_uuids and with v0.1's channel names. Its usage is the total of all known prices; the report has
    room for one currency, so it is None if there are several or none.
    """
    if dispatch.outcome is None:
        return None
    at, total = finished_at(dispatch, events), total_usage(dispatch)
    return {
        "template": "failover",
        "status": "completed" if dispatch.outcome is Outcome.SUCCEEDED else "error",
        "dispatch_uuid": dispatch.dispatch_uuid,
        "timestamp": to_text(at) if at else None,
        "usage": total[0] if len(total) == 1 else None,
        "_links": {"messages": [*_reported(dispatch)]},
    }


def _reported(dispatch: Dispatch) -> Iterator[ReportedMessageView]:
    """The messages of the final report. A message without a known price has no `usage`, as in Vonage's own report."""
    for number, attempt in enumerate(dispatch.attempts):
        message_uuid = dispatch.message_uuid(number)
        if attempt.posted:
            reported: ReportedMessageView = {
                "message_uuid": message_uuid,
                "href": f"/v1/messages/{message_uuid}",
                "channel": _name_in_v0_1(dispatch.steps[number].message["channel"]),
                "status": attempt.status,
            }
            if usage := usage_of(attempt.usage):
                reported["usage"] = usage
            yield reported


def _name_in_v0_1(channel: str) -> str:
    known = CHANNELS.get(channel)
    return known.name_in_v0_1 or channel if known else channel
