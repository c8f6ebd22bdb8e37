"""Accept what a customer shall be told, and send its first step."""

from uuid import UUID

from getthrough.domain import identifiers
from getthrough.domain.dispatch import Because, Dispatch, OnUnknown, Step
from getthrough.domain.failover import Send
from getthrough.domain.ports import Clock, Dispatches, Gateway, NewId, Timers
from getthrough.usecases.send_step import Sent, send_step


def send_dispatch(
    steps: tuple[Step, ...],
    on_unknown: OnUnknown,
    client_name: str,
    *,
    dispatches: Dispatches,
    timers: Timers,
    gateway: Gateway,
    clock: Clock,
    new_id: NewId,
) -> Sent:
    """Store the dispatch with its first step claimed, then send that step.

    UnavailableError: the client may try again, nothing was sent. When this returns, the dispatch is durably stored
    and will reach an outcome, whatever the provider's first answer was.
    """
    dispatch = Dispatch(
        dispatch_uuid=identifiers.dispatch_uuid_from(UUID(new_id())),
        client_name=client_name,
        created_at=clock(),
        steps=steps,
        on_unknown=on_unknown,
    )
    return send_step(
        dispatch,
        Send(0, Because.FIRST),
        dispatches=dispatches,
        timers=timers,
        gateway=gateway,
        clock=clock,
        new_id=new_id,
    )
