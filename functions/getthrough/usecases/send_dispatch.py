"""Create a dispatch, and send its first step now or store it for later."""

from dataclasses import replace
from functools import partial
from typing import NamedTuple

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import AnswerKind, Dispatch, new_dispatch
from getthrough.domain.dispatch.failover import Hold, Send, Skip
from getthrough.domain.dispatch.request import Request
from getthrough.domain.ports import Timer
from getthrough.domain.values import identifiers, local_time
from getthrough.domain.values.errors import InvalidRequestError, Violation
from getthrough.usecases.ports import Sending
from getthrough.usecases.retrying import Existing, Origin, create_once
from getthrough.usecases.send_step import POST_TIME, Sent, pass_over, send_step


class Scheduled(NamedTuple):
    """A stored dispatch that has sent nothing yet, because it is planned for later or held in quiet hours."""

    dispatch: Dispatch


class Replayed(NamedTuple):
    """The dispatch that an earlier copy of the request created."""

    dispatch: Dispatch


def send_dispatch(ports: Sending, request: Request, origin: Origin) -> Sent | Scheduled | Replayed:
    """Store the dispatch with its first step claimed, then send that step. A planned dispatch is stored for later.

    When this returns, the dispatch is durably stored and will reach an outcome, whatever the provider's first answer
    is.

    After UnavailableError, the client may try again. With the same key it never creates a second dispatch: the id is
    derived from client and key, and only one request can create the item. Raises IdempotencyConflictError if the key
    was used for another request.
    """
    dispatch_uuid = identifiers.dispatch_uuid_from(origin.derive(ports.new_id))
    dispatch = replace(
        new_dispatch(request, dispatch_uuid, origin.client_name, ports.clock()),
        send_at=request.send_at,
        request_sha256=request.sha256 if origin.idempotency_key else None,
        request_id=origin.request_id,
        test=ports.client_limits(origin.client_name).is_test,
    )
    done = create_once(
        partial(_start, ports, dispatch),
        partial(ports.dispatches.get, dispatch.dispatch_uuid),
        lambda: dispatch.request_sha256,
    )
    if not isinstance(done, Existing):
        return done
    return Replayed(done.created) if origin.idempotency_key else Scheduled(done.created)  # only this call knows its id


def _start(ports: Sending, dispatch: Dispatch) -> Sent | Scheduled:
    """Store a new dispatch so that it will reach an outcome. Raises VersionConflictError if its id is in use, and
    InvalidRequestError if its time has passed or is too far away."""
    if dispatch.send_at is not None and (violation := local_time.violation_of(dispatch.send_at, dispatch.created_at)):
        raise InvalidRequestError(Violation("send_at", violation))
    now = ports.clock()
    match failover.decide(dispatch, now):
        case Send() as send:
            return send_step(ports, dispatch, send)
        case Skip() as skip:
            return Scheduled(pass_over(ports, dispatch, skip, AnswerKind.QUIET))
        case Hold() as held:
            dispatch = failover.hold(dispatch, held)
    # The timer must not fire before the write: a timer that finds nothing has no effect.
    due_at = max(failover.wake_at(dispatch) or now, now + POST_TIME)
    ports.timers.arm([Timer(dispatch.dispatch_uuid, due_at)])
    return Scheduled(ports.dispatches.save(dispatch))
