"""Bring together a message and the webhooks that came before anybody could know whose they are."""

from dataclasses import replace
from functools import reduce

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.ports import Clock, Dispatches, StatusEvents, Timers
from getthrough.usecases.change_dispatch import change_dispatch


def match_pending(
    dispatch: Dispatch, step: int, *, dispatches: Dispatches, events: StatusEvents, timers: Timers, clock: Clock
) -> Dispatch:
    """The dispatch with all that was told of a step that the provider has; the same one if there is nothing.

    First the reference is stored, then what is parked is looked for: a webhook that comes in between finds the former.
    An opt-out that is told so early is not taken: the next message to this contact is refused for the same reason, and
    then it is.
    """
    attempt = dispatch.attempts[step]
    identifier = attempt.answer.vonage_message_uuid if attempt.answer else None
    if identifier is None:
        return dispatch
    dispatches.refer(identifier, dispatch.message_uuid(step), attempt.answered_at or attempt.tried_at)
    pending = events.pending(identifier)
    if not pending:
        return dispatch
    addressed = [replace(event, dispatch_uuid=dispatch.dispatch_uuid, step=step) for event in pending]
    for event in addressed:
        events.add(event)
    changed = change_dispatch(
        dispatch.dispatch_uuid,
        lambda found: reduce(failover.apply, addressed, found),
        dispatches=dispatches,
        timers=timers,
        clock=clock,
    )
    return changed.after if changed else dispatch
