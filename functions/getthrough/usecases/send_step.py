"""The protocol by which a step goes out: arm, claim, send, record.

A timer is armed before the claim, the claim is stored before the POST, the answer after it. So a crash at any
point leaves either nothing, or a timer that brings the dispatch forward; and no step is ever sent by two.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Dispatch, Revocation
from getthrough.domain.dispatch.failover import Send, Skip
from getthrough.domain.dispatch.outgoing import for_vonage
from getthrough.domain.ports import REVOKED, Clock, Dispatches, Gateway, NewId, StatusEvents, Timer, Timers
from getthrough.domain.values.errors import (
    GetthroughError,
    OptedOutError,
    UnavailableError,
    VersionConflictError,
)
from getthrough.usecases.change_dispatch import CONFLICTS, change_dispatch
from getthrough.usecases.match_pending import match_pending

POST_TIME = timedelta(seconds=1)
"""A window runs from the provider's answer, when its exact timer is armed. Those that are armed before the claim, for
the case that we never come to that, allow this much for the POST: one for the end of the window if no answer is
recorded, and, where that is another moment (for a step that is tried again), one for its end if one is."""


class Sent(NamedTuple):
    """What came of it. `recorded` is False if the answer could not be stored: a timer then settles the step."""

    dispatch: Dispatch
    send: Send
    answer: Answer
    recorded: bool


def send_step(
    dispatch: Dispatch,
    send: Send,
    *,
    dispatches: Dispatches,
    events: StatusEvents,
    timers: Timers,
    gateway: Gateway,
    clock: Clock,
    new_id: NewId,
) -> Sent:
    """Send a step of a dispatch as it was read (or of a new one, which its first claim creates).

    VersionConflictError or UnavailableError: this step was not sent. (The claim may be stored all the same, if AWS
    could tell neither that it is nor that it is not: the dispatch then goes on when the step's window ends.) Once the
    claim is known to be stored nothing raises. Nothing is sent to a contact that has opted out: the step then counts
    as given up, and the next one is due.
    """
    now = clock()
    claim_id = new_id()
    claimed = failover.claim(dispatch, send, claim_id=claim_id, now=now)
    ends = {failover.wake_at(claimed) or now, now + dispatch.steps[send.step].window}
    timers.arm([Timer(dispatch.dispatch_uuid, at + POST_TIME) for at in sorted(ends)])
    try:
        save = partial(dispatches.save_claim, step=send.step)
        claimed = _save_ours(save, claimed, send.step, dispatches)
    except OptedOutError:
        passed = pass_over(
            dispatch,
            send,
            AnswerKind.OPTED_OUT,
            dispatches=dispatches,
            timers=timers,
            clock=clock,
            new_id=new_id,
        )
        return Sent(passed, send, Answer(kind=AnswerKind.OPTED_OUT), recorded=True)

    message_uuid = dispatch.message_uuid(send.step)
    answer = gateway.submit(for_vonage(dispatch.steps[send.step], message_uuid))
    answered_at = clock()
    recorded = failover.record_answer(claimed, send.step, answer, claim_id=claim_id, now=answered_at)
    try:
        recorded = _save_answer(recorded, send.step, answer, claim_id, dispatches)
        at = failover.wake_at(recorded)
        if at is not None:
            timers.arm([Timer(dispatch.dispatch_uuid, at)])
        recorded = match_pending(recorded, send.step, dispatches=dispatches, events=events, timers=timers, clock=clock)
        recorded = _revoke_passed_over(recorded, gateway, dispatches, timers, clock)
    except GetthroughError:
        return Sent(recorded, send, answer, recorded=False)
    return Sent(recorded, send, answer, recorded=True)


def pass_over(
    dispatch: Dispatch,
    step: Send | Skip,
    why: AnswerKind,
    *,
    dispatches: Dispatches,
    timers: Timers,
    clock: Clock,
    new_id: NewId,
) -> Dispatch:
    """Store that a step is not sent, and see that the next one is. Errors are those of `send_step`."""
    now, claim_id = clock(), new_id()
    claimed = failover.claim(dispatch, step, claim_id=claim_id, now=now)
    passed = failover.record_answer(claimed, step.step, Answer(kind=why), claim_id=claim_id, now=now)
    if failover.wake_at(passed) is not None:
        timers.arm([Timer(dispatch.dispatch_uuid, now + POST_TIME)])
    return _save_ours(dispatches.save, passed, step.step, dispatches)


def _save_ours(save: Callable[[Dispatch], Dispatch], claimed: Dispatch, step: int, dispatches: Dispatches) -> Dispatch:
    """Store a claim. Where the answer to our write was lost on its way, what is stored tells whether it is ours."""
    try:
        return save(claimed)
    except (VersionConflictError, UnavailableError):
        stored = dispatches.get(claimed.dispatch_uuid)
        if stored is None or not failover.is_claimed_by(stored, step, claimed.attempts[step].claim_id):
            raise
        return stored


def _save_answer(recorded: Dispatch, step: int, answer: Answer, claim_id: str, dispatches: Dispatches) -> Dispatch:
    """Store an answer, on top of what webhooks may have changed since the claim."""
    answered_at = recorded.attempts[step].answered_at
    for _ in range(CONFLICTS):
        try:
            return dispatches.save(recorded)
        except VersionConflictError:
            newer = dispatches.get(recorded.dispatch_uuid)
            if newer is None or answered_at is None:
                raise
            recorded = failover.record_answer(newer, step, answer, claim_id=claim_id, now=answered_at)
            if recorded == newer:
                return newer
    raise VersionConflictError("the dispatch kept changing")


def _revoke_passed_over(
    recorded: Dispatch, gateway: Gateway, dispatches: Dispatches, timers: Timers, clock: Clock
) -> Dispatch:
    """Take back what has been passed over, so that it does not arrive after its fallback. Tried once: a message that
    arrives all the same counts, as a late one."""
    for step, vonage_message_uuid in failover.revocable(recorded):
        revocation = Revocation(clock(), gateway.update(vonage_message_uuid, REVOKED).kind is AnswerKind.ACCEPTED)
        changed = change_dispatch(
            recorded.dispatch_uuid,
            partial(failover.record_revocation, step=step, revocation=revocation),
            dispatches=dispatches,
            timers=timers,
            clock=clock,
        )
        recorded = changed.after if changed else recorded
    return recorded
