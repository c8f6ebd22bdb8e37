"""A dispatch as clients read it: whole, a step of it, or in one line of a list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from getthrough.domain.dispatch.canary import is_canary
from getthrough.domain.dispatch.cost import total_usage, usage_of
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.dispatch.final_report import final_report
from getthrough.domain.dispatch.timeline import timeline
from getthrough.domain.event.webhook import StatusEvent
from getthrough.domain.message.preview import beginning
from getthrough.domain.values.rfc3339 import to_text

if TYPE_CHECKING:  # types only: no function loads them
    from getthrough.domain.dispatch.dispatch_view import (
        DispatchOutlineView,
        DispatchSummaryView,
        DispatchView,
        IdentifiedView,
        StepView,
    )

_ENVELOPE = frozenset({"to", "from", "channel", "message_type", "client_ref", "webhook_url", "webhook_version"})


def summarize(dispatch: Dispatch) -> DispatchSummaryView:
    """A dispatch in one line of a list."""
    last = dispatch.attempts[-1] if dispatch.attempts else None
    return {
        **outline(dispatch),
        "text": beginning(dispatch.steps[max(0, len(dispatch.attempts) - 1)].message),
        "answer": last.answer.kind if last and last.answer else None,
        "due_at": to_text(dispatch.due_at) if dispatch.due_at else None,
    }


def outline(dispatch: Dispatch) -> DispatchOutlineView:
    """A dispatch without anything of its messages."""
    return {
        **_identified(dispatch),
        "canary": is_canary(dispatch),
        "test": dispatch.test,
        "to": [{"channel": step.message["channel"], "address": step.message["to"]} for step in dispatch.steps],
        "steps_total": len(dispatch.steps),
        "steps_sent": len(dispatch.attempts),
        "status": dispatch.attempts[-1].status if dispatch.attempts else None,
    }


def describe(dispatch: Dispatch, events: Iterable[StatusEvent]) -> DispatchView:
    """A dispatch with its steps, its timeline, and its final report once it has ended."""
    events = list(events)
    return {
        **_identified(dispatch),
        "succeeded_by": dispatch.succeeded_by,
        "double_messages": dispatch.double_messages,
        "send_at": to_text(dispatch.send_at) if dispatch.send_at else None,
        "held_until": to_text(dispatch.held_until) if dispatch.held_until else None,
        "request_id": dispatch.request_id,
        "usage": total_usage(dispatch),
        "steps": [describe_step(dispatch, number) for number in range(len(dispatch.steps))],
        "timeline": timeline(dispatch, events),
        "final_report": final_report(dispatch, events),
    }


def describe_step(dispatch: Dispatch, number: int) -> StepView:
    """A step and, if it was sent, its attempt."""
    step = dispatch.steps[number]
    attempt = dispatch.attempts[number] if number < len(dispatch.attempts) else None
    answer = attempt.answer if attempt else None
    return {
        "step": number,
        "channel": step.message["channel"],
        "to": step.message["to"],
        "from": step.message["from"],
        "message_type": step.message["message_type"],
        "content": {name: value for name, value in step.message.items() if name not in _ENVELOPE},
        "expiry_time": int(dispatch.window(number).total_seconds()),
        "condition_status": step.condition_status,
        "message_uuid": dispatch.message_uuid(number),
        "vonage_message_uuid": answer.vonage_message_uuid if answer else None,
        "sent_because": attempt.because if attempt else None,
        "claimed_at": to_text(attempt.claimed_at) if attempt else None,
        "window_ends_at": to_text(dispatch.window_ends_at(number)) if attempt else None,
        "tries": attempt.tries if attempt else 0,
        "answer": answer.kind if answer else None,
        "problem": answer.problem if answer else None,
        "status": attempt.status if attempt else None,
        "arrived_at": to_text(attempt.arrived_at) if attempt and attempt.arrived_at else None,
        "condition_met": attempt is not None and dispatch.condition_met(number),
        "late": attempt is not None and dispatch.late(number),
        "usage": usage_of(attempt.usage) if attempt else None,
    }


def _identified(dispatch: Dispatch) -> IdentifiedView:
    return {
        "dispatch_uuid": dispatch.dispatch_uuid,
        "created_at": to_text(dispatch.created_at),
        "client_name": dispatch.client_name,
        "client_ref": dispatch.client_ref,
        "batch_uuid": dispatch.batch.batch_uuid if dispatch.batch else None,
        "outcome": dispatch.outcome,
        "late": any(dispatch.late(number) for number in range(len(dispatch.attempts))),
    }
