"""Change a dispatch or a message that other functions may be changing too."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from getthrough.domain.client.scopes import Client, Scope
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Answer, Dispatch, Outcome
from getthrough.domain.dispatch.failover import WaitUntil
from getthrough.domain.ports import Timer
from getthrough.domain.values.errors import (
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    VersionConflictError,
    Violation,
    found,
)
from getthrough.domain.values.identifiers import is_dispatch_uuid, is_uuid, parse_message_uuid
from getthrough.usecases.count_spending import save_counting
from getthrough.usecases.ports import Changing, Sending
from getthrough.usecases.retrying import starts_over_on_conflict

_ID = re.compile(r"[A-Za-z0-9_-]{1,256}")


class Changed(NamedTuple):
    before: Dispatch
    after: Dispatch


@starts_over_on_conflict
def change_dispatch(ports: Changing, dispatch_uuid: str, change: Callable[[Dispatch], Dispatch]) -> Changed | None:
    """Apply a change. Returns the dispatch before and after it, or None if the dispatch doesn't exist.

    Even a change without effect arms the timer for what is due, because the function that made the change first may
    have died before it armed one. After VersionConflictError or UnavailableError, the caller may try again.
    """
    before = ports.dispatches.get(dispatch_uuid)
    return _change(ports, before, change) if before else None


def change_read(ports: Changing, read: Dispatch, change: Callable[[Dispatch], Dispatch]) -> Changed | None:
    """The same for a dispatch that was just read: it is read again only if another writer was faster."""
    try:
        return _change(ports, read, change)
    except VersionConflictError:
        return change_dispatch(ports, read.dispatch_uuid, change)


def _change(ports: Changing, before: Dispatch, change: Callable[[Dispatch], Dispatch]) -> Changed:
    dispatch_uuid, after = before.dispatch_uuid, change(before)
    now = ports.clock()
    decision = failover.decide(after, now)
    if after != before:
        if isinstance(decision, WaitUntil) and decision.at != failover.wake_at(before):
            # The message was accepted after all, so there is no retry. A timer must fire at the end of its window.
            ports.timers.arm([Timer(dispatch_uuid, decision.at)])
        after = save_counting(ports.dispatches, ports.counters, before, after)
    if after.outcome is None and not isinstance(decision, WaitUntil):
        ports.timers.arm([Timer(dispatch_uuid, now)])
    return Changed(before, after)


def cancel_dispatch(ports: Changing, dispatch_uuid: str) -> Dispatch:
    """Close an open dispatch and return it. No step is claimed afterwards. Raises NotFoundError if it doesn't exist.

    A step that was claimed earlier can't be recalled. If its message arrives, the dispatch has succeeded.
    """
    if not is_dispatch_uuid(dispatch_uuid):
        raise NotFoundError

    def cancel(dispatch: Dispatch) -> Dispatch:
        return failover.finish(dispatch, Outcome.CANCELLED, ports.clock())

    return found(change_dispatch(ports, dispatch_uuid, cancel)).after


def succeed_dispatch(ports: Changing, dispatch_uuid: str, reason: str | None) -> Dispatch:
    """Record that the client reports success, and return the dispatch. No step is claimed afterwards. Raises
    NotFoundError if the dispatch doesn't exist."""
    if not is_dispatch_uuid(dispatch_uuid):
        raise NotFoundError

    def succeed(dispatch: Dispatch) -> Dispatch:
        return failover.record_client_success(dispatch, reason, ports.clock())

    return found(change_dispatch(ports, dispatch_uuid, succeed)).after


def update_message(ports: Sending, message_uuid: str, change: object, client: Client) -> Answer:
    """Pass a change of a message to Vonage, such as revoking an RCS message or marking a customer's message as read.

    The message may be one of ours, by our id or Vonage's, or any other that Vonage knows, such as an inbound one. The
    change is forwarded as it is, because Vonage decides which changes exist. Raises NotFoundError if Vonage doesn't
    have our message, ForbiddenError if another client sent it and this one may not operate, and InvalidRequestError if
    the change isn't a JSON object.
    """
    if not isinstance(change, Mapping):
        raise InvalidRequestError(Violation("body", "must be a JSON object."))
    if not _ID.fullmatch(message_uuid):
        raise NotFoundError
    if ours := _ours(ports, message_uuid):
        dispatch, step = ours
        answer = dispatch.attempts[step].answer if step < len(dispatch.attempts) else None
        _may_change(client, dispatch)
        if answer is None or answer.vonage_message_uuid is None:
            raise NotFoundError
        return ports.gateway.update(answer.vonage_message_uuid, change)
    if by_vonages_id := _ours(ports, ports.dispatches.resolve(message_uuid)):
        _may_change(client, by_vonages_id[0])
    elif not is_uuid(message_uuid):
        raise NotFoundError  # Vonage may understand another spelling of an id, and it may be one of ours
    return ports.gateway.update(message_uuid, change)


def _ours(ports: Sending, message_uuid: str | None) -> tuple[Dispatch, int] | None:
    """The dispatch and the step of a message that is named by our id."""
    named = parse_message_uuid(message_uuid)
    dispatch = ports.dispatches.get(named[0]) if named else None
    return (dispatch, named[1]) if named and dispatch else None


def _may_change(client: Client, dispatch: Dispatch) -> None:
    if dispatch.client_name != client.name and not client.may(Scope.OPERATE):
        raise ForbiddenError("Another client sent this message: to change it, a client needs the scope 'operate'.")
