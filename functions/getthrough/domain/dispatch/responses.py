"""The responses to requests that make a dispatch or end one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from getthrough.domain.dispatch.dispatch import Dispatch, Outcome
from getthrough.domain.values.rfc3339 import to_text

if TYPE_CHECKING:  # types only: no function loads them
    from getthrough.domain.dispatch.dispatch_view import (
        AcceptedDispatchView,
        AcceptedView,
        EndedView,
        NormalisedView,
    )

A = TypeVar("A", "AcceptedView", "AcceptedDispatchView")


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
    if changed := [*normalised(dispatch)]:
        accepted["normalised"] = changed
    return accepted


def normalised(dispatch: Dispatch) -> Iterator[NormalisedView]:
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
