"""A dispatch as people and clients read it: JSON of its steps, and everything that happened in order of time."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from getthrough.domain.dispatch import AnswerKind, Because, Dispatch, Outcome, Usage
from getthrough.domain.rfc3339 import to_text
from getthrough.domain.status import FAILURES, meets
from getthrough.domain.webhook import StatusEvent

_ENVELOPE = frozenset({"to", "from", "channel", "message_type", "client_ref", "webhook_url", "webhook_version"})

Json = Mapping[str, Any]


def summarize(dispatch: Dispatch) -> Json:
    """A dispatch in one line of a list."""
    last = len(dispatch.attempts) - 1
    return {
        "dispatch_uuid": dispatch.dispatch_uuid,
        "created_at": to_text(dispatch.created_at),
        "client_ref": dispatch.client_ref,
        "outcome": dispatch.outcome,
        "late": _late(dispatch),
        "to": [{"channel": step.message["channel"], "address": step.message["to"]} for step in dispatch.steps],
        "steps_total": len(dispatch.steps),
        "steps_sent": len(dispatch.attempts),
        "status": dispatch.attempts[last].status if dispatch.attempts else None,
    }


def describe(dispatch: Dispatch, events: Iterable[StatusEvent]) -> Json:
    """A dispatch with all its steps and its timeline."""
    return {
        "dispatch_uuid": dispatch.dispatch_uuid,
        "created_at": to_text(dispatch.created_at),
        "client_ref": dispatch.client_ref,
        "outcome": dispatch.outcome,
        "succeeded_by": dispatch.succeeded_by,
        "late": _late(dispatch),
        "double_messages": dispatch.double_messages,
        "usage": _total(dispatch),
        "steps": [describe_step(dispatch, number) for number in range(len(dispatch.steps))],
        "timeline": _timeline(dispatch, list(events)),
    }


def describe_step(dispatch: Dispatch, number: int) -> Json:
    """A step and, if it was sent, its attempt."""
    step = dispatch.steps[number]
    planned = {
        "step": number,
        "channel": step.message["channel"],
        "to": step.message["to"],
        "from": step.message["from"],
        "message_type": step.message["message_type"],
        "content": {name: value for name, value in step.message.items() if name not in _ENVELOPE},
        "expiry_time": step.expiry_time,
        "condition_status": step.condition_status,
        "message_uuid": dispatch.message_uuid(number),
    }
    if number >= len(dispatch.attempts):
        nothing = ("vonage_message_uuid", "sent_because", "claimed_at", "window_ends_at", "answer", "problem")
        return {
            **planned,
            **dict.fromkeys((*nothing, "status", "usage")),
            "tries": 0,
            "condition_met": False,
            "late": False,
        }
    attempt = dispatch.attempts[number]
    answer = attempt.answer
    return {
        **planned,
        "vonage_message_uuid": answer.vonage_message_uuid if answer else None,
        "sent_because": attempt.because,
        "claimed_at": to_text(attempt.claimed_at),
        "window_ends_at": to_text(dispatch.window_ends_at(number)),
        "tries": attempt.tries,
        "answer": answer.kind if answer else None,
        "problem": answer.problem if answer else None,
        "status": attempt.status,
        "condition_met": dispatch.condition_met(number),
        "late": dispatch.late(number),
        "usage": _usage(attempt.usage),
    }


def _timeline(dispatch: Dispatch, events: list[StatusEvent]) -> list[Json]:
    entries = [*_own_entries(dispatch), *_status_entries(dispatch, events)]
    if dispatch.outcome is not None and (at := _finished_at(dispatch, events)) is not None:
        entries.append((at, {"step": dispatch.succeeded_by, "event": "finished", "outcome": dispatch.outcome}))
    entries.sort(key=lambda entry: entry[0])
    return [{"at": to_text(at), **entry} for at, entry in entries]


def _own_entries(dispatch: Dispatch) -> Iterator[tuple[datetime, Json]]:
    """What we did ourselves."""
    yield dispatch.created_at, {"step": None, "event": "accepted"}
    for number, attempt in enumerate(dispatch.attempts):
        if attempt.because is Because.WINDOW_ENDED:
            yield dispatch.window_ends_at(number - 1), {"step": number - 1, "event": "window_ended"}
        if attempt.opted_out and attempt.tries == 1:
            yield attempt.claimed_at, {"step": number, "event": "opted_out"}
            continue
        yield attempt.claimed_at, {"step": number, "event": "sent", "because": attempt.because}
        if attempt.answered_at is not None and attempt.answer is not None:
            yield (
                attempt.answered_at,
                {
                    "step": number,
                    "event": "answered",
                    "answer": attempt.answer.kind,
                    "http_status": attempt.answer.http_status,
                    "tries": attempt.tries,
                },
            )
    if dispatch.closed is not None and dispatch.closed.outcome is Outcome.EXHAUSTED:
        last = len(dispatch.attempts) - 1
        yield dispatch.window_ends_at(last), {"step": last, "event": "window_ended"}


def _status_entries(dispatch: Dispatch, events: list[StatusEvent]) -> Iterator[tuple[datetime, Json]]:
    for event in events:
        known = event.step is not None and event.step < len(dispatch.attempts)
        met = known and meets(event.status, dispatch.steps[event.step or 0].condition_status)
        body = json.loads(event.body)
        yield (
            event.received_at,
            {
                "step": event.step,
                "event": "status",
                "status": body.get("status"),
                "timestamp": to_text(event.timestamp) if event.timestamp else None,
                "late": met and dispatch.late(event.step or 0),
                "usage": _usage(event.usage),
                "error": {"code": event.error.code, "detail": event.error.detail} if event.error else None,
                "raw": body,
            },
        )


def _finished_at(dispatch: Dispatch, events: list[StatusEvent]) -> datetime | None:
    """When the outcome was known: its closing, or the first event or answer that it can be read from."""
    if (step := dispatch.succeeded_by) is not None:
        condition = dispatch.steps[step].condition_status
        told = [event.received_at for event in events if event.step == step and meets(event.status, condition)]
        return min(told, default=None)
    if dispatch.closed is not None:
        return dispatch.closed.at
    last = len(dispatch.attempts) - 1
    told = [event.received_at for event in events if event.step == last and event.status in FAILURES]
    attempt = dispatch.attempts[last]
    given_up = attempt.answer is not None and attempt.answer.kind in (AnswerKind.REFUSED, AnswerKind.OPTED_OUT)
    if given_up and attempt.answered_at is not None:
        told.append(attempt.answered_at)
    return min(told, default=None)


def _late(dispatch: Dispatch) -> bool:
    return any(dispatch.late(number) for number in range(len(dispatch.attempts)))


def _total(dispatch: Dispatch) -> list[Json]:
    """What it cost in each currency, exactly."""
    sums: dict[str, Decimal] = {}
    for attempt in dispatch.attempts:
        if attempt.usage is not None:
            sums[attempt.usage.currency] = sums.get(attempt.usage.currency, Decimal(0)) + attempt.usage.price
    return [{"currency": currency, "price": f"{price:f}"} for currency, price in sorted(sums.items())]


def _usage(usage: Usage | None) -> Json | None:
    return {"currency": usage.currency, "price": f"{usage.price:f}"} if usage else None
