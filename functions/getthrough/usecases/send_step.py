"""Send a step: arm a timer, claim the step, note it, look for opt-outs, POST the message, record the answer.

The timer is armed before the claim, the claim is stored before the POST, and the answer after it. So a crash leaves
either nothing or a timer that advances the dispatch, and no two functions ever send the same step.

A claim is noted in its contact's conversation before its sender looks for opt-outs. A STOP is stored before it is
looked what was noted (`change_opt_out`). So whichever comes second sees the other: either nothing is sent, or the STOP
finds the step.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.auto_window import choose_for, group_of
from getthrough.domain.dispatch.automatic import confirms_stop
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Because, Dispatch, Revocation
from getthrough.domain.dispatch.failover import Send, Skip
from getthrough.domain.dispatch.outgoing import for_vonage
from getthrough.domain.limit.limits import LimitReachedError
from getthrough.domain.message.arrivals import Arrivals
from getthrough.domain.ports import REVOKED, Timer
from getthrough.domain.values.errors import (
    GetthroughError,
    UnavailableError,
    VersionConflictError,
    found,
)
from getthrough.usecases.change_dispatch import change_dispatch
from getthrough.usecases.count_spending import save_counting
from getthrough.usecases.know_customer import customer_of
from getthrough.usecases.outages import is_down
from getthrough.usecases.ports import Sending
from getthrough.usecases.record_status import match_pending
from getthrough.usecases.retrying import starts_over_on_conflict
from getthrough.usecases.service_windows import is_closed
from getthrough.usecases.take_room import give_back, take_room

POST_TIME = timedelta(seconds=1)
"""How much time the timers before the claim allow for the POST.

A window starts at the provider's answer, and its exact timer is armed then. The timers before the claim matter only if
the function dies earlier. The first fires when the window ends without a recorded answer. A retried step has a second
one, because an answer would end its window at another moment.
"""


class Sent(NamedTuple):
    """The result of sending. `recorded` is False if the answer could not be stored; a timer then completes the step."""

    dispatch: Dispatch
    send: Send
    answer: Answer
    recorded: bool


def send_step(ports: Sending, dispatch: Dispatch, send: Send) -> Sent:
    """Send a step of a dispatch, in the version that was read. The first claim of a new dispatch also creates it.

    LimitReachedError, VersionConflictError and UnavailableError mean that the step was not sent. Once the POST has
    begun, nothing is raised. After UnavailableError the claim may be stored all the same; the dispatch then continues
    when the step's window ends.

    If the contact has opted out, its service window is closed, or its channel is down, nothing is sent. The step counts
    as given up, and the next one is due. If it cannot be known whether the contact has opted out, the step is tried
    again, as if the provider had been unavailable.
    """
    if is_down(ports, dispatch, send):
        return _not_sent(ports, dispatch, send, AnswerKind.DOWN)
    if is_closed(ports, planned := dispatch.steps[send.step]):
        opted_out = ports.dispatches.has_opted_out(customer_of(ports, planned.contact), planned.consent_on)
        return _not_sent(ports, dispatch, send, AnswerKind.OPTED_OUT if opted_out else AnswerKind.CLOSED)
    now = ports.clock()
    claim_id = _claim_id(ports)
    address = planned.contact
    customer = customer_of(ports, address)
    claimed = failover.claim(
        dispatch, send, claim_id=claim_id, now=now, contact=customer if customer != address else None
    )
    try:
        claimed, taken = take_room(ports, _with_window(ports, claimed, send), send)
    except LimitReachedError:
        # To someone who has opted out, nothing is sent later either.
        if confirms_stop(dispatch) or not ports.dispatches.has_opted_out(customer, planned.consent_on):
            raise
        return _not_sent(ports, dispatch, send, AnswerKind.OPTED_OUT)
    ends = {failover.wake_at(claimed) or now, now + claimed.window(send.step)}
    ports.timers.arm([Timer(dispatch.dispatch_uuid, at + POST_TIME) for at in sorted(ends)])
    try:
        save = partial(ports.dispatches.save_claim, step=send.step)
        stored = _save_ours(ports, save, claimed, send.step)
    except VersionConflictError:
        give_back(ports, taken)
        raise

    answer = _submit(ports, claimed, send.step)
    record = partial(failover.record_answer, step=send.step, answer=answer, claim_id=claim_id, now=ports.clock())
    recorded = record(stored)
    try:
        recorded = _save_answer(ports, stored, record)
    except GetthroughError:
        if answer is _NOT_LOOKED:
            raise
        return Sent(recorded, send, answer, recorded=False)
    try:
        if answer.kind is AnswerKind.OPTED_OUT and failover.is_claimed_by(recorded, send.step, claim_id):
            # What it had reserved of the limits on spending was given back with the answer.
            give_back(ports, [one for one in taken if not one.counter.limit.currency])
            if recorded.attempts[send.step].tries == 1:
                ports.dispatches.withhold(claimed, send.step)
        at = failover.wake_at(recorded)
        if at is not None:
            ports.timers.arm([Timer(dispatch.dispatch_uuid, at)])
        recorded = match_pending(ports, recorded, send.step)
        recorded = _revoke_passed_over(ports, recorded)
    except GetthroughError:
        return Sent(recorded, send, answer, recorded=False)
    return Sent(recorded, send, answer, recorded=True)


_NOT_LOOKED = Answer(kind=AnswerKind.UNAVAILABLE)


def _submit(ports: Sending, claimed: Dispatch, step: int) -> Answer:
    """POST a step that was claimed, unless its contact has opted out. It is noted first, so that an opt-out which is
    stored after this look finds it."""
    planned = claimed.steps[step]
    try:
        ports.dispatches.note_claim(claimed, step)
        opted_out = _has_opted_out(ports, claimed, step)
    except UnavailableError:
        return _NOT_LOOKED
    if opted_out is not confirms_stop(claimed):
        return Answer(kind=AnswerKind.OPTED_OUT)
    return ports.gateway.submit(for_vonage(planned, claimed.message_uuid(step), claimed.attempts[step].chosen))


def _has_opted_out(ports: Sending, claimed: Dispatch, step: int) -> bool:
    """Whether the customer of a claimed step has, or the address itself: it may be no account of theirs any more."""
    planned = claimed.steps[step]
    contacts = dict.fromkeys((claimed.contact(step), planned.contact))
    return any(ports.dispatches.has_opted_out(contact, planned.consent_on) for contact in contacts)


def _claim_id(ports: Sending) -> str:
    """Twelve random digits. They tell the claims of one step apart, and each write of the dispatch pays for them."""
    return ports.new_id()[-12:]


def _with_window(ports: Sending, claimed: Dispatch, send: Send) -> Dispatch:
    """A claimed step with the window that is chosen for it, if that is automatic. Another try keeps its own. What
    cannot be read is not waited for: the window is then near the channel's usual one."""
    if claimed.steps[send.step].tolerance is None or send.because is Because.RETRY:
        return claimed
    weeks: Sequence[Arrivals] = ()
    with suppress(UnavailableError):
        weeks = ports.arrivals(group_of(claimed.steps[send.step]))
    chosen = choose_for(claimed, send.step, weeks)
    return failover.with_attempt(claimed, send.step, replace(claimed.attempts[send.step], chosen=chosen))


def _not_sent(ports: Sending, dispatch: Dispatch, send: Send, why: AnswerKind) -> Sent:
    return Sent(pass_over(ports, dispatch, send, why), send, Answer(kind=why), recorded=True)


def pass_over(ports: Sending, dispatch: Dispatch, step: Send | Skip, why: AnswerKind) -> Dispatch:
    """Record that a step is not sent, and arm the timer for the next one. Raises the same errors as `send_step`."""
    now, claim_id = ports.clock(), _claim_id(ports)
    claimed = failover.claim(dispatch, step, claim_id=claim_id, now=now)
    passed = failover.record_answer(claimed, step.step, Answer(kind=why), claim_id=claim_id, now=now)
    if failover.wake_at(passed) is not None:
        ports.timers.arm([Timer(dispatch.dispatch_uuid, now + POST_TIME)])
    return _save_ours(ports, ports.dispatches.save, passed, step.step)


def _save_ours(ports: Sending, save: Callable[[Dispatch], Dispatch], claimed: Dispatch, step: int) -> Dispatch:
    """Store a claim. If the answer to the write was lost, read the item again to see whether the claim is this one."""
    try:
        return save(claimed)
    except (VersionConflictError, UnavailableError):
        stored = ports.dispatches.get(claimed.dispatch_uuid)
        if stored is None or not failover.is_claimed_by(stored, step, claimed.attempts[step].claim_id):
            raise
        return stored


def _save_answer(ports: Sending, claimed: Dispatch, record: Callable[[Dispatch], Dispatch]) -> Dispatch:
    """Store an answer, on top of what webhooks may have changed since the claim."""
    try:
        return save_counting(ports.dispatches, ports.counters, claimed, record(claimed))
    except VersionConflictError:
        return _save_answer_on_newer(ports, claimed.dispatch_uuid, record)


@starts_over_on_conflict
def _save_answer_on_newer(ports: Sending, dispatch_uuid: str, record: Callable[[Dispatch], Dispatch]) -> Dispatch:
    newer = found(ports.dispatches.get(dispatch_uuid))
    recorded = record(newer)
    return newer if recorded == newer else save_counting(ports.dispatches, ports.counters, newer, recorded)


def _revoke_passed_over(ports: Sending, recorded: Dispatch) -> Dispatch:
    """Revoke the message of a step that was passed over, so that it doesn't arrive after its fallback. This is tried
    once; if the message arrives all the same, it counts as a late success."""
    for step, vonage_message_uuid in failover.revocable(recorded):
        at, answer = ports.clock(), ports.gateway.update(vonage_message_uuid, REVOKED)
        revocation = Revocation(at, accepted=answer.kind is AnswerKind.ACCEPTED)
        record = partial(failover.record_revocation, step=step, revocation=revocation)
        changed = change_dispatch(ports, recorded.dispatch_uuid, record)
        recorded = changed.after if changed else recorded
    return recorded
