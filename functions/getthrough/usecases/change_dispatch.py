"""Change what was accepted, which others may be changing too: any change of a dispatch, cancelling, a message."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Answer, Dispatch, Outcome
from getthrough.domain.dispatch.failover import WaitUntil
from getthrough.domain.dispatch.request import parse_success
from getthrough.domain.ports import Timer
from getthrough.domain.values.errors import InvalidRequestError, NotFoundError, Violation, found
from getthrough.domain.values.identifiers import is_dispatch_uuid, parse_message_uuid
from getthrough.usecases.ports import Changing, Sending
from getthrough.usecases.retrying import starts_over_on_conflict

_ID = re.compile(r"[A-Za-z0-9_-]{1,256}")


class Changed(NamedTuple):
    before: Dispatch
    after: Dispatch


@starts_over_on_conflict
def change_dispatch(ports: Changing, dispatch_uuid: str, change: Callable[[Dispatch], Dispatch]) -> Changed | None:
    """The dispatch before and after the change; None if there is none.

    A change that changes nothing still arms the timer for what is due: the function that made the change first may
    have died before it did. VersionConflictError or UnavailableError: try again.
    """
    before = ports.dispatches.get(dispatch_uuid)
    if before is None:
        return None
    after = change(before)
    now = ports.clock()
    decision = failover.decide(after, now)
    if after != before:
        if isinstance(decision, WaitUntil) and decision.at != failover.wake_at(before):
            # A sign of life ends the wait for another try: a timer must fire at the window's end.
            ports.timers.arm([Timer(dispatch_uuid, decision.at)])
        after = ports.dispatches.save(after)
    if after.outcome is None and not isinstance(decision, WaitUntil):
        ports.timers.arm([Timer(dispatch_uuid, now)])
    return Changed(before, after)


def cancel_dispatch(ports: Changing, dispatch_uuid: str) -> Dispatch:
    """The dispatch, closed if it was under way: no step is claimed after this returns. NotFoundError if there is none.

    A step that was claimed before is out and cannot be called back. If it arrives, the dispatch has succeeded.
    """
    if not is_dispatch_uuid(dispatch_uuid):
        raise NotFoundError

    def cancel(dispatch: Dispatch) -> Dispatch:
        return failover.finish(dispatch, Outcome.CANCELLED, ports.clock())

    return found(change_dispatch(ports, dispatch_uuid, cancel)).after


def succeed_dispatch(ports: Changing, dispatch_uuid: str, body: object) -> Dispatch:
    """The dispatch with the client's own success: no step is claimed after this returns. NotFoundError if there is
    none; InvalidRequestError for a wrong body."""
    reason = parse_success(body)
    if not is_dispatch_uuid(dispatch_uuid):
        raise NotFoundError

    def succeed(dispatch: Dispatch) -> Dispatch:
        return failover.record_client_success(dispatch, reason, ports.clock())

    return found(change_dispatch(ports, dispatch_uuid, succeed)).after


def update_message(ports: Sending, message_uuid: str, change: object) -> Answer:
    """Vonage's answer to a change of a message: take an RCS message back, mark a customer's message as read.

    The message is one of ours, or any other that Vonage has, such as an inbound one. The change travels as it is:
    Vonage decides which changes there are. NotFoundError for a message of ours that Vonage does not have;
    InvalidRequestError if the change is no JSON object.
    """
    if not isinstance(change, Mapping):
        raise InvalidRequestError(Violation("body", "must be a JSON object."))
    if not _ID.fullmatch(message_uuid):
        raise NotFoundError
    ours = parse_message_uuid(message_uuid)
    dispatch = ports.dispatches.get(ours[0]) if ours else None
    if ours is None or dispatch is None:
        return ports.gateway.update(message_uuid, change)
    answer = dispatch.attempts[ours[1]].answer if ours[1] < len(dispatch.attempts) else None
    if answer is None or answer.vonage_message_uuid is None:
        raise NotFoundError
    return ports.gateway.update(answer.vonage_message_uuid, change)
