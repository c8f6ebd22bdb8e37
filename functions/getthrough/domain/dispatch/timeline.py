"""A dispatch as people and clients read it: JSON of its steps, and everything that happened in order of time."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from getthrough.domain.dispatch.dispatch import GIVEN_UP, Attempt, Because, Dispatch, Outcome
from getthrough.domain.event.webhook import ProviderError, StatusEvent, Usage
from getthrough.domain.message.channels import CHANNELS
from getthrough.domain.message.status import FAILURES, Condition, meets
from getthrough.domain.values.rfc3339 import to_text

_ENVELOPE = frozenset({"to", "from", "channel", "message_type", "client_ref", "webhook_url", "webhook_version"})

Json = Mapping[str, Any]


def summarize(dispatch: Dispatch) -> Json:
    """A dispatch in one line of a list."""
    last = len(dispatch.attempts) - 1
    return {
        "dispatch_uuid": dispatch.dispatch_uuid,
        "created_at": to_text(dispatch.created_at),
        "client_ref": dispatch.client_ref,
        "batch_uuid": dispatch.batch.batch_uuid if dispatch.batch else None,
        "outcome": dispatch.outcome,
        "late": _late(dispatch),
        "to": [{"channel": step.message["channel"], "address": step.message["to"]} for step in dispatch.steps],
        "steps_total": len(dispatch.steps),
        "steps_sent": len(dispatch.attempts),
        "status": dispatch.attempts[last].status if dispatch.attempts else None,
    }


def describe(dispatch: Dispatch, events: Iterable[StatusEvent]) -> Json:
    """A dispatch with all its steps, its timeline, and its final report once it has ended."""
    events = list(events)
    return {
        "dispatch_uuid": dispatch.dispatch_uuid,
        "created_at": to_text(dispatch.created_at),
        "client_ref": dispatch.client_ref,
        "batch_uuid": dispatch.batch.batch_uuid if dispatch.batch else None,
        "outcome": dispatch.outcome,
        "succeeded_by": dispatch.succeeded_by,
        "late": _late(dispatch),
        "double_messages": dispatch.double_messages,
        "send_at": to_text(dispatch.send_at) if dispatch.send_at else None,
        "held_until": to_text(dispatch.held_until) if dispatch.held_until else None,
        "usage": _total(dispatch),
        "steps": [describe_step(dispatch, number) for number in range(len(dispatch.steps))],
        "timeline": _timeline(dispatch, events),
        "final_report": _final_report(dispatch, events),
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
            **dict.fromkeys((*nothing, "status", "arrived_at", "usage")),
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
        "arrived_at": to_text(attempt.arrived_at) if attempt.arrived_at else None,
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
    for number, step in enumerate(dispatch.steps):
        for name, given in step.given.items():
            used = step.message[name]
            yield (
                dispatch.created_at,
                {"step": number, "event": "normalised", "field": name, "given": given, "used": used},
            )
    for number, attempt in enumerate(dispatch.attempts):
        if attempt.because is Because.WINDOW_ENDED:
            yield dispatch.window_ends_at(number - 1), {"step": number - 1, "event": "window_ended"}
        yield from ((at, {"step": number, **entry}) for at, entry in _attempt_entries(attempt))
    if dispatch.closed is not None and dispatch.closed.outcome is Outcome.EXHAUSTED:
        last = len(dispatch.attempts) - 1
        yield dispatch.window_ends_at(last), {"step": last, "event": "window_ended"}


def _attempt_entries(attempt: Attempt) -> Iterator[tuple[datetime, Json]]:
    """What became of a step, beside its statuses."""
    if not attempt.posted:
        yield attempt.claimed_at, {"event": "opted_out" if attempt.opted_out else "quiet_hours"}
        return
    yield attempt.claimed_at, {"event": "sent", "because": attempt.because}
    if attempt.answered_at is not None and (answer := attempt.answer) is not None:
        answered = {"answer": answer.kind, "http_status": answer.http_status, "tries": attempt.tries}
        yield attempt.answered_at, {"event": "answered", **answered}
    if attempt.replied_at is not None:
        yield attempt.replied_at, {"event": "replied"}
    if attempt.stopped_at is not None:
        yield attempt.stopped_at, {"event": "opted_out"}
    if (revocation := attempt.revocation) is not None:
        yield revocation.at, {"event": "revoked", "accepted": revocation.accepted}


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
                "error": _error(event.error) if event.error else None,
                "raw": body,
            },
        )


def _error(error: ProviderError) -> Json:
    """An error with what its code means, where that is published."""
    return {"code": error.code, "title": error.title, "meaning": error.meaning, "detail": error.detail}


def _finished_at(dispatch: Dispatch, events: list[StatusEvent]) -> datetime | None:
    """When the outcome was known: its closing, or the first event or answer that it can be read from."""
    if (step := dispatch.succeeded_by) is not None:
        condition = dispatch.steps[step].condition_status
        if condition is Condition.REPLIED:
            return dispatch.attempts[step].replied_at
        reported = [event.received_at for event in events if event.step == step and meets(event.status, condition)]
        return min(reported, default=None)
    if dispatch.closed is not None:
        return dispatch.closed.at
    last = len(dispatch.attempts) - 1
    reported = [event.received_at for event in events if event.step == last and event.status in FAILURES]
    attempt = dispatch.attempts[last]
    given_up = attempt.answer is not None and attempt.answer.kind in GIVEN_UP
    if given_up and attempt.answered_at is not None:
        reported.append(attempt.answered_at)
    if attempt.stopped_at is not None:
        reported.append(attempt.stopped_at)
    return min(reported, default=None)


def _final_report(dispatch: Dispatch, events: list[StatusEvent]) -> Json | None:
    """What the Dispatch API v0.1 calls its final report; None while the dispatch is under way.

    `completed` is a dispatch that succeeded, `error` every other. It lists what was sent, under our message_uuids, with
    channels as v0.1 names them. Its usage is the sum of what is known of the messages, and None where that is nothing
    or in several currencies, since the report has room for one.
    """
    if dispatch.outcome is None:
        return None
    at, total = _finished_at(dispatch, events), _total(dispatch)
    return {
        "template": "failover",
        "status": "completed" if dispatch.outcome is Outcome.SUCCEEDED else "error",
        "dispatch_uuid": dispatch.dispatch_uuid,
        "timestamp": to_text(at) if at else None,
        "usage": total[0] if len(total) == 1 else None,
        "_links": {"messages": [*_reported(dispatch)]},
    }


def _reported(dispatch: Dispatch) -> Iterator[Json]:
    """The messages of the final report. One whose price is not known has no `usage`, as in Vonage's own."""
    for number, attempt in enumerate(dispatch.attempts):
        channel, message_uuid = dispatch.steps[number].message["channel"], dispatch.message_uuid(number)
        if attempt.posted:
            yield {
                "message_uuid": message_uuid,
                "href": f"/v1/messages/{message_uuid}",
                "channel": _name_in_v0_1(channel),
                "status": attempt.status,
                **({"usage": _usage(attempt.usage)} if attempt.usage else {}),
            }


def _name_in_v0_1(channel: str) -> str:
    known = CHANNELS.get(channel)
    return known.name_in_v0_1 or channel if known else channel


def _late(dispatch: Dispatch) -> bool:
    return any(dispatch.late(number) for number in range(len(dispatch.attempts)))


def _total(dispatch: Dispatch) -> list[Json]:
    return [{"currency": currency, "price": f"{price:f}"} for currency, price in dispatch.costs]


def _usage(usage: Usage | None) -> Json | None:
    return {"currency": usage.currency, "price": f"{usage.price:f}"} if usage else None
