"""Answer questions about dispatches."""

from collections.abc import Mapping
from typing import Any

from getthrough.domain import identifiers, timeline
from getthrough.domain.dispatch import Dispatch
from getthrough.domain.errors import NotFoundError
from getthrough.domain.ports import Dispatches, StatusEvents


def read_dispatch(dispatch_uuid: str, *, dispatches: Dispatches, events: StatusEvents) -> Mapping[str, Any]:
    """One dispatch with its whole timeline. NotFoundError if there is none."""
    return timeline.describe(_existing(dispatch_uuid, dispatches), events.of(dispatch_uuid))


def read_message(message_uuid: str, *, dispatches: Dispatches) -> Mapping[str, Any]:
    """One attempt, by our message_uuid or by Vonage's. NotFoundError if there is none."""
    ours = identifiers.parse_message_uuid(message_uuid) or identifiers.parse_message_uuid(
        dispatches.resolve(message_uuid)
    )
    if ours is None:
        raise NotFoundError
    dispatch_uuid, step = ours
    dispatch = _existing(dispatch_uuid, dispatches)
    if step >= len(dispatch.steps):
        raise NotFoundError
    return {"dispatch_uuid": dispatch_uuid, **timeline.describe_step(dispatch, step)}


def _existing(dispatch_uuid: str, dispatches: Dispatches) -> Dispatch:
    dispatch = dispatches.get(dispatch_uuid) if identifiers.is_dispatch_uuid(dispatch_uuid) else None
    if dispatch is None:
        raise NotFoundError
    return dispatch
