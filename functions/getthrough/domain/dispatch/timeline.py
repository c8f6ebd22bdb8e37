"""A dispatch as clients read it: its steps, and a timeline of everything that happened."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from getthrough.domain.dispatch.canary import is_canary
from getthrough.domain.dispatch.dispatch import GIVEN_UP, AnswerKind, Attempt, Because, Dispatch, Outcome
from getthrough.domain.event.webhook import ProviderError, StatusEvent, Usage
from getthrough.domain.message.channels import CHANNELS
from getthrough.domain.message.preview import beginning
from getthrough.domain.message.status import FAILURES, meets
from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.usage_view import UsageView, usage_view

if TYPE_CHECKING:  # types only: no function loads them
    from getthrough.domain.dispatch.dispatch_view import (
        AcceptedDispatchView,
        AcceptedView,
        AnsweredEntryView,
        ClientSuccessEntryView,
        DispatchOutlineView,
        DispatchSummaryView,
        DispatchView,
        EndedView,
        FinalReportView,
        LimitedEntryView,
        NormalisedEntryView,
        NormalisedView,
        ProviderErrorView,
        ReportedMessageView,
        StatusEntryView,
        StepView,
        TimelineEntry,
        WindowChosenEntryView,
    )

    _Timed = tuple[datetime, TimelineEntry]

A = TypeVar("A", "AcceptedView", "AcceptedDispatchView")

_ENVELOPE = frozenset({"to", "from", "channel", "message_type", "client_ref", "webhook_url", "webhook_version"})


def summarize(dispatch: Dispatch) -> DispatchSummaryView:
    """A dispatch in one line of a list."""
    last = dispatch.attempts[-1] if dispatch.attempts else None
    due_at = dispatch.held_until or (None if last else dispatch.send_at)
    return {
        **outline(dispatch),
        "text": beginning(dispatch.steps[max(0, len(dispatch.attempts) - 1)].message),
        "answer": last.answer.kind if last and last.answer else None,
        "due_at": to_text(due_at) if due_at and dispatch.outcome is None else None,
    }


def outline(dispatch: Dispatch) -> DispatchOutlineView:
    """A dispatch without anything of its messages."""
    return {
        "dispatch_uuid": dispatch.dispatch_uuid,
        "created_at": to_text(dispatch.created_at),
        "client_name": dispatch.client_name,
        "client_ref": dispatch.client_ref,
        "batch_uuid": dispatch.batch.batch_uuid if dispatch.batch else None,
        "canary": is_canary(dispatch),
        "test": dispatch.test,
        "outcome": dispatch.outcome,
        "late": _late(dispatch),
        "to": [{"channel": step.message["channel"], "address": step.message["to"]} for step in dispatch.steps],
        "steps_total": len(dispatch.steps),
        "steps_sent": len(dispatch.attempts),
        "status": dispatch.attempts[-1].status if dispatch.attempts else None,
    }


def describe(dispatch: Dispatch, events: Iterable[StatusEvent]) -> DispatchView:
    """A dispatch with its steps, its timeline, and its final report once it has ended."""
    events = list(events)
    return {
        "dispatch_uuid": dispatch.dispatch_uuid,
        "created_at": to_text(dispatch.created_at),
        "client_name": dispatch.client_name,
        "client_ref": dispatch.client_ref,
        "batch_uuid": dispatch.batch.batch_uuid if dispatch.batch else None,
        "outcome": dispatch.outcome,
        "succeeded_by": dispatch.succeeded_by,
        "late": _late(dispatch),
        "double_messages": dispatch.double_messages,
        "send_at": to_text(dispatch.send_at) if dispatch.send_at else None,
        "held_until": to_text(dispatch.held_until) if dispatch.held_until else None,
        "request_id": dispatch.request_id,
        "usage": total_usage(dispatch),
        "steps": [describe_step(dispatch, number) for number in range(len(dispatch.steps))],
        "timeline": _timeline(dispatch, events),
        "final_report": _final_report(dispatch, events),
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
        "usage": _usage(attempt.usage) if attempt else None,
    }


def describe_accepted(dispatch: Dispatch) -> AcceptedView:
    """The answer of `POST /v1/messages`."""
    accepted: AcceptedView = {"message_uuid": dispatch.message_uuid(0), "workflow_id": dispatch.dispatch_uuid}
    return _with_what_is_known(accepted, dispatch)


def describe_accepted_v0_1(dispatch: Dispatch) -> AcceptedDispatchView:
    """The answer of `POST /v0.1/dispatch`."""
    accepted: AcceptedDispatchView = {"dispatch_uuid": dispatch.dispatch_uuid}
    return _with_what_is_known(accepted, dispatch)


def _with_what_is_known(accepted: A, dispatch: Dispatch) -> A:
    """The answer with the time in UTC and the numbers that were changed, if there are any."""
    if dispatch.send_at:
        accepted["send_at"] = to_text(dispatch.send_at)
    if normalised := [*_normalised(dispatch)]:
        accepted["normalised"] = normalised
    return accepted


def _normalised(dispatch: Dispatch) -> Iterator[NormalisedView]:
    """The phone numbers that Getthrough changed."""
    for number, step in enumerate(dispatch.steps):
        if "to" in step.given:
            yield {"step": number, "field": "to", "given": step.given["to"], "used": step.message["to"]}
        if "from" in step.given:
            yield {"step": number, "field": "from", "given": step.given["from"], "used": step.message["from"]}


def describe_ended(dispatch: Dispatch) -> EndedView:
    """The outcome of a dispatch that the client ended, and the steps that will never be sent. This excludes steps that
    may have reached Vonage."""
    sent = len(dispatch.attempts)
    if dispatch.attempts and dispatch.attempts[-1].not_accepted:
        sent -= 1
    by_client = dispatch.outcome is Outcome.CANCELLED or dispatch.client_success is not None
    stopped = range(sent, len(dispatch.steps)) if by_client else range(0)
    return {"dispatch_uuid": dispatch.dispatch_uuid, "outcome": dispatch.outcome, "steps_stopped": list(stopped)}


def _timeline(dispatch: Dispatch, events: list[StatusEvent]) -> list[TimelineEntry]:
    entries = [*_own_entries(dispatch), *_status_entries(dispatch, events)]
    if dispatch.outcome is not None and (at := _finished_at(dispatch, events)) is not None:
        finished: TimelineEntry = {
            "at": to_text(at),
            "step": dispatch.succeeded_by,
            "event": "finished",
            "outcome": dispatch.outcome,
        }
        entries.append((at, finished))
    return [entry for _, entry in sorted(entries, key=lambda timed: timed[0])]


def _own_entries(dispatch: Dispatch) -> Iterator[_Timed]:
    """What Getthrough did."""
    created_at = to_text(dispatch.created_at)
    yield dispatch.created_at, {"at": created_at, "step": None, "event": "accepted"}
    for normalised in _normalised(dispatch):
        entry: NormalisedEntryView = {"at": created_at, "event": "normalised", **normalised}
        yield dispatch.created_at, entry
    for met in dispatch.limited:
        limited: LimitedEntryView = {
            "at": to_text(met.at),
            "step": met.step,
            "event": "limited",
            "limit": met.limit,
            "most": met.most,
            "until": to_text(met.until) if met.until else None,
        }
        yield met.at, limited
    for number, attempt in enumerate(dispatch.attempts):
        if attempt.because is Because.WINDOW_ENDED:
            yield _window_ended(dispatch, number - 1)
        yield from _attempt_entries(number, attempt)
    if (success := dispatch.client_success) is not None:
        acted: ClientSuccessEntryView = {
            "at": to_text(success.at),
            "step": None,
            "event": "client_success",
            "reason": success.reason,
        }
        yield success.at, acted
    if dispatch.closed is not None and dispatch.closed.outcome is Outcome.EXHAUSTED:
        yield _window_ended(dispatch, len(dispatch.attempts) - 1)


def _window_ended(dispatch: Dispatch, step: int) -> _Timed:
    at = dispatch.window_ends_at(step)
    return at, {"at": to_text(at), "step": step, "event": "window_ended"}


def _attempt_entries(step: int, attempt: Attempt) -> Iterator[_Timed]:
    """What happened to a step, apart from its statuses."""
    claimed_at = to_text(attempt.claimed_at)
    if not attempt.posted and attempt.opted_out:
        yield attempt.claimed_at, {"at": claimed_at, "step": step, "event": "opted_out"}
        return
    if not attempt.posted:
        if attempt.answer is not None and attempt.answer.kind is AnswerKind.QUIET:
            yield attempt.claimed_at, {"at": claimed_at, "step": step, "event": "quiet_hours"}
        if attempt.answer is not None and attempt.answer.kind is AnswerKind.CLOSED:
            yield attempt.claimed_at, {"at": claimed_at, "step": step, "event": "service_window_closed"}
        if attempt.answer is not None and attempt.answer.kind is AnswerKind.DOWN:
            yield attempt.claimed_at, {"at": claimed_at, "step": step, "event": "channel_down"}
        return
    if (chosen := attempt.chosen) is not None:
        window: WindowChosenEntryView = {
            "at": claimed_at,
            "step": step,
            "event": "window_chosen",
            "seconds": chosen.window,
            "why": chosen.why,
            "arrivals": chosen.seen,
            "changed": chosen.changed,
            "ttl": chosen.cut,
        }
        yield attempt.claimed_at, window
    yield attempt.claimed_at, {"at": claimed_at, "step": step, "event": "sent", "because": attempt.because}
    if attempt.answered_at is not None and (answer := attempt.answer) is not None:
        answered: AnsweredEntryView = {
            "at": to_text(attempt.answered_at),
            "step": step,
            "event": "answered",
            "answer": answer.kind,
            "http_status": answer.http_status,
            "tries": attempt.tries,
        }
        yield attempt.answered_at, answered
    if (at := attempt.replied_at) is not None:
        yield at, {"at": to_text(at), "step": step, "event": "replied"}
    if (at := attempt.stopped_at) is not None:
        yield at, {"at": to_text(at), "step": step, "event": "opted_out"}
    if (revoked := attempt.revocation) is not None:
        yield revoked.at, {"at": to_text(revoked.at), "step": step, "event": "revoked", "accepted": revoked.accepted}


def _status_entries(dispatch: Dispatch, events: list[StatusEvent]) -> Iterator[_Timed]:
    for event in events:
        known = event.step is not None and event.step < len(dispatch.attempts)
        met = known and meets(event.status, dispatch.steps[event.step or 0].condition_status)
        body = json.loads(event.body)
        entry: StatusEntryView = {
            "at": to_text(event.received_at),
            "step": event.step,
            "event": "status",
            "status": body.get("status"),
            "timestamp": to_text(event.timestamp) if event.timestamp else None,
            "late": met and dispatch.late(event.step or 0),
            "usage": _usage(event.usage),
            "error": _error(event.error) if event.error else None,
            "raw": body,
        }
        yield event.received_at, entry


def _error(error: ProviderError) -> ProviderErrorView:
    """An error with what its code means, if Vonage has published that."""
    return {"code": error.code, "title": error.title, "meaning": error.meaning, "detail": error.detail}


def _finished_at(dispatch: Dispatch, events: list[StatusEvent]) -> datetime | None:
    """When the outcome was known: when the dispatch was closed, or at the first event or answer that decided it."""
    if dispatch.outcome is Outcome.SUCCEEDED:
        known = [_met_at(dispatch, events), dispatch.client_success.at if dispatch.client_success else None]
        return min((at for at in known if at is not None), default=None)
    if dispatch.closed is not None:
        return dispatch.closed.at
    last = len(dispatch.attempts) - 1
    reported = [
        event.received_at for event in events if event.step == last and event.status in FAILURES and not event.throttled
    ]
    attempt = dispatch.attempts[last]
    given_up = attempt.answer is not None and attempt.answer.kind in GIVEN_UP
    if given_up and attempt.answered_at is not None:
        reported.append(attempt.answered_at)
    if attempt.stopped_at is not None:
        reported.append(attempt.stopped_at)
    return min(reported, default=None)


def _met_at(dispatch: Dispatch, events: list[StatusEvent]) -> datetime | None:
    """When it was known that a step had met its condition."""
    if (step := dispatch.succeeded_by) is None:
        return None
    condition, answered_at = dispatch.steps[step].condition_status, dispatch.attempts[step].replied_at
    reported = [event.received_at for event in events if event.step == step and meets(event.status, condition)]
    return min(reported if answered_at is None else [*reported, answered_at], default=None)


def _final_report(dispatch: Dispatch, events: list[StatusEvent]) -> FinalReportView | None:
    """The final report of the Dispatch API v0.1. None while the dispatch is open.

    It reports `completed` for a dispatch that succeeded and `error` for every other. It lists the messages that were
    sent, by our message_uuids and with v0.1's channel names. Its usage is the total of all known prices; the report has
    room for one currency, so it is None if there are several or none.
    """
    if dispatch.outcome is None:
        return None
    at, total = _finished_at(dispatch, events), total_usage(dispatch)
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
            if usage := _usage(attempt.usage):
                reported["usage"] = usage
            yield reported


def total_usage(dispatch: Dispatch) -> list[UsageView]:
    """The total cost in each currency."""
    return [usage_view(currency, price) for currency, price in dispatch.costs]


def _name_in_v0_1(channel: str) -> str:
    known = CHANNELS.get(channel)
    return known.name_in_v0_1 or channel if known else channel


def _late(dispatch: Dispatch) -> bool:
    return any(dispatch.late(number) for number in range(len(dispatch.attempts)))


def _usage(usage: Usage | None) -> UsageView | None:
    return usage_view(usage.currency, usage.price) if usage else None
