"""Publish changes to the client's systems: on the event bus, and as webhooks to the receivers that want them."""

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.notification import client_events
from getthrough.domain.notification.callback import LIFE, Callback
from getthrough.domain.notification.client_events import (
    Change,
    ClientEvent,
    ConsentChanged,
    MessageStored,
    OutcomeChanged,
    StatusStored,
)
from getthrough.domain.notification.outcomes import outcomes
from getthrough.domain.values.errors import UnavailableError
from getthrough.usecases.ports import Publishing


class Published(NamedTuple):
    """The events, and the channels that went down (True) or came up again."""

    events: list[ClientEvent]
    turns: list[tuple[str, bool]]


def publish_changes(ports: Publishing, changes: Sequence[Change]) -> Published:
    """Publish changes and count what they say of channels. When this returns, all events are on the bus and queued for
    their receivers.

    After UnavailableError, some may have been published. Publishing the same changes again repeats the same event ids.
    """
    dispatch_uuids = {
        change.event.dispatch_uuid
        for change in changes
        if isinstance(change, StatusStored) and change.event.dispatch_uuid
    }
    known = {identifier: ports.dispatches.get(identifier) for identifier in sorted(dispatch_uuids)}
    events = [event for change in changes if (event := _event_of(change, known)) is not None]
    ports.bus.put(events)
    until = ports.clock() + LIFE
    addressed = [(event, event.webhook_url or ports.callback_url) for event in events]
    ports.callbacks.put(
        [Callback(url, event.id, client_events.envelope(event), until) for event, url in addressed if url]
    )
    return Published(events, _turns(ports, changes, known))


def _turns(ports: Publishing, changes: Sequence[Change], known: dict[str, Dispatch | None]) -> list[tuple[str, bool]]:
    """What can't be stored is counted with the next changes: no event waits for it."""
    with suppress(UnavailableError):
        if found := [*outcomes(changes, known)]:
            return ports.channels.note(found)
    return []


def _event_of(change: Change, dispatches: dict[str, Dispatch | None]) -> ClientEvent | None:
    """None for a status of a message that we did not send."""
    match change:
        case StatusStored(event):
            dispatch = dispatches.get(event.dispatch_uuid or "")
            return client_events.of_status(event, dispatch) if dispatch else None
        case OutcomeChanged(dispatch, at):
            return client_events.of_outcome(dispatch, at)
        case MessageStored(message, answers):
            return client_events.of_message(message, answers)
        case ConsentChanged(opt_out):
            return client_events.consent_event(opt_out)
