"""A timeline of everything that happened to a dispatch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from getthrough.domain.dispatch.cost import usage_of
from getthrough.domain.dispatch.dispatch import GIVEN_UP, AnswerKind, Attempt, Because, Dispatch, Outcome
from getthrough.domain.dispatch.responses import normalised
from getthrough.domain.event.webhook import ProviderError, StatusEvent
from getthrough.domain.message.status import FAILURES, meets
from getthrough.domain.values.rfc3339 import to_text

if TYPE_CHECKING:  # types only: no function loads them
    from getthrough.domain.dispatch.dispatch_view import (
        AnsweredEntryView,
        ClientSuccessEntryView,
        LimitedEntryView,
        NormalisedEntryView,
        ProviderErrorView,
        StatusEntryView,
        TimelineEntry,
        WindowChosenEntryView,
    )

    _Timed = tuple[datetime, TimelineEntry]


def timeline(dispatch: Dispatch, events: list[StatusEvent]) -> list[TimelineEntry]:
    entries = [*_own_entries(dispatch), *_status_entries(dispatch, events)]
    if dispatch.outcome is not None and (at := finished_at(dispatch, events)) is not None:
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
    for changed in normalised(dispatch):
        entry: NormalisedEntryView = {"at": created_at, "event": "normalised", **changed}
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
            "usage": usage_of(event.usage),
            "error": _error(event.error) if event.error else None,
            "raw": body,
        }
        yield event.received_at, entry


def _error(error: ProviderError) -> ProviderErrorView:
    """An error with what its code means, if Vonage has published that."""
    return {"code": error.code, "title": error.title, "meaning": error.meaning, "detail": error.detail}


def finished_at(dispatch: Dispatch, events: list[StatusEvent]) -> datetime | None:
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
