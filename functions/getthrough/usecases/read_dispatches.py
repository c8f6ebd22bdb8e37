"""Answer questions about dispatches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from getthrough.domain.dispatch import timeline
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.event.webhook import LONGEST_ID
from getthrough.domain.ports import Dispatches, Only, PageRequest, StatusEvents
from getthrough.domain.values import identifiers
from getthrough.domain.values.errors import NotFoundError

if TYPE_CHECKING:  # types only: no function loads them
    from getthrough.domain.dispatch.dispatch_view import DispatchPageView, DispatchView, StoredMessageView


def list_dispatches(page: PageRequest, only: Only, *, dispatches: Dispatches) -> DispatchPageView:
    """One page of dispatches, newest first, one line each."""
    found = dispatches.newest(*page, only)
    return {"dispatches": [timeline.summarize(dispatch) for dispatch in found.dispatches], "cursor": found.cursor}


def read_dispatch(dispatch_uuid: str, *, dispatches: Dispatches, events: StatusEvents) -> DispatchView:
    """One dispatch with its whole timeline. NotFoundError if there is none."""
    return timeline.describe(_existing(dispatch_uuid, dispatches), events.of(dispatch_uuid))


def read_message(message_uuid: str, *, dispatches: Dispatches) -> StoredMessageView:
    """One attempt, by our message_uuid or by Vonage's. NotFoundError if there is none."""
    if len(message_uuid) > LONGEST_ID:
        raise NotFoundError
    # One in 25 of Vonage's ids looks like one of ours, so both are tried.
    for resolve in (str, dispatches.resolve):
        ours = identifiers.parse_message_uuid(resolve(message_uuid))
        dispatch = dispatches.get(ours[0]) if ours else None
        if ours and dispatch and ours[1] < len(dispatch.steps):
            return {"dispatch_uuid": ours[0], **timeline.describe_step(dispatch, ours[1])}
    raise NotFoundError


def _existing(dispatch_uuid: str, dispatches: Dispatches) -> Dispatch:
    dispatch = dispatches.get(dispatch_uuid) if identifiers.is_dispatch_uuid(dispatch_uuid) else None
    if dispatch is None:
        raise NotFoundError
    return dispatch
