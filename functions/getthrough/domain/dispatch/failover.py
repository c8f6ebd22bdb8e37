"""The kernel: what an event changes in a dispatch, and what to do next.

Pure functions. The caller stores the result under the version that it read. If another writer was first, the caller
starts again from the stored state. So each decision is still right when it takes effect.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import reduce

from getthrough.domain.contact.contact import Contact
from getthrough.domain.dispatch.automatic import confirms_stop, is_too_late
from getthrough.domain.dispatch.dispatch import (
    GIVEN_UP,
    Answer,
    AnswerKind,
    Attempt,
    Because,
    ClientSuccess,
    Closing,
    Dispatch,
    Limited,
    OnUnknown,
    Outcome,
    Revocation,
    Step,
)
from getthrough.domain.event.webhook import StatusEvent, Usage, credible
from getthrough.domain.message.channels import CHANNELS
from getthrough.domain.message.status import ARRIVED, FAILURES, Condition, join
from getthrough.domain.values.backoff import backoff
from getthrough.domain.values.quiet_hours import Then, quiet_until

RESEND_AFTER = timedelta(seconds=60)
"""How long `resend` waits for a status after a lost answer before it sends the message once more."""

LONGEST_POST = timedelta(seconds=20)
"""How much earlier than it is due the index may have a dispatch."""

ARMED_WITHIN = timedelta(minutes=14)
"""For a moment that is so near, who stores a dispatch arms a timer on the queue, which holds timers for 15 minutes."""

RETRY_BASE = timedelta(seconds=1)
RETRY_CAP = timedelta(minutes=5)

_MAYBE_ACCEPTED = frozenset({AnswerKind.ACCEPTED, AnswerKind.UNKNOWN})
_BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Send:
    """Claim and send this step. `because` RETRY means another try of the current step."""

    step: int
    because: Because


@dataclass(frozen=True, slots=True)
class Skip:
    """Skip this step: it is due in quiet hours, and the client does not want it to wait."""

    step: int
    because: Because


@dataclass(frozen=True, slots=True)
class Hold:
    """A step is due in quiet hours: store that it waits until they end."""

    until: datetime
    because: Because


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Do nothing before `at`, unless a webhook arrives."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Finish:
    """The dispatch has ended."""

    outcome: Outcome


Decision = Send | Skip | Hold | WaitUntil | Finish


def decide(dispatch: Dispatch, now: datetime) -> Decision:
    """What to do now. A failure sends the next step at once; without a status, the end of the window does. A met
    condition ends the dispatch. Every step waits for `send_at`, for its slot in a batch, and for the end of quiet
    hours.
    """
    decision, quiet = _due(dispatch, now), dispatch.quiet_hours
    if not isinstance(decision, Send) or quiet is None or dispatch.steps[decision.step].urgent:
        return decision
    until = quiet_until(quiet, now)
    if until is None:
        return decision
    skips = quiet.then is Then.SKIP
    return Skip(decision.step, decision.because) if skips else Hold(until, decision.because)


def _due(dispatch: Dispatch, now: datetime) -> Send | WaitUntil | Finish:
    """What to do now if no new quiet hours start. A held step waits for the end of its quiet hours or for its slot. The
    end of a window does not wait for a retry."""
    decision = _decide(dispatch, now)
    if not isinstance(decision, Send):
        return decision
    held_until = None if dispatch.steps[decision.step].urgent else dispatch.held_until
    until = max((at for at in (held_until, dispatch.slot_at) if at is not None), default=now)
    if until <= now:
        return decision
    ends_at = dispatch.window_ends_at(decision.step) if decision.because is Because.RETRY else until
    return WaitUntil(min(until, ends_at))


def _decide(dispatch: Dispatch, now: datetime) -> Send | WaitUntil | Finish:
    """What to do now if there are no quiet hours and no slots."""
    if dispatch.outcome is not None:
        return Finish(dispatch.outcome)
    if not dispatch.attempts:
        if is_too_late(dispatch, now):
            return Finish(Outcome.EXHAUSTED)
        early = dispatch.send_at is not None and now < dispatch.send_at
        return WaitUntil(dispatch.send_at) if dispatch.send_at and early else Send(0, Because.FIRST)
    step = len(dispatch.attempts) - 1
    attempt = dispatch.attempts[step]
    if attempt.failed:
        return Send(step + 1, Because.OPTED_OUT if attempt.opted_out else Because.FAILED)
    ends_at = dispatch.window_ends_at(step)
    if now >= ends_at:
        more = step + 1 < len(dispatch.steps)
        return Send(step + 1, Because.WINDOW_ENDED) if more else Finish(Outcome.EXHAUSTED)
    retry_at = _retry_at(dispatch, attempt)
    if retry_at is None or retry_at >= ends_at:
        return WaitUntil(ends_at)
    return Send(step, Because.RETRY) if now >= retry_at else WaitUntil(retry_at)


def silent(dispatch: Dispatch, now: datetime) -> bool:
    """True if the dispatch moves on or ends because no status of the current step ever arrived."""
    if dispatch.outcome is not None or not dispatch.attempts:
        return False
    step = len(dispatch.attempts) - 1
    attempt = dispatch.attempts[step]
    return attempt.status is None and not attempt.failed and now >= dispatch.window_ends_at(step)


def wake_at(dispatch: Dispatch) -> datetime | None:
    """When the dispatch must be examined again if no webhook arrives. None once it has ended.

    It is the first time at which `decide` does not wait. If it does not wait at any time, something has been due since
    the last try or the creation, and that time is the answer.
    """
    moment = _BEGINNING
    while isinstance(decision := _due(dispatch, moment), WaitUntil):
        moment = decision.at
    if moment > _BEGINNING:
        return moment
    if isinstance(decision, Finish):
        return None
    return dispatch.attempts[-1].tried_at if dispatch.attempts else dispatch.created_at


def indexed_at(dispatch: Dispatch) -> datetime | None:
    """When the tick's index has the dispatch: at `wake_at`, or LONGEST_POST before it at most.

    An answer moves the end of a window by as long as the POST took. The index keeps the end that the claim had, because
    to move an entry costs two writes. A timer for that moment arms one for the exact end.
    """
    at = wake_at(dispatch)
    if at is None or not dispatch.attempts:
        return at
    attempt = dispatch.attempts[-1]
    took = attempt.window_from - attempt.tried_at
    ends = at == dispatch.window_ends_at(len(dispatch.attempts) - 1)
    return at - took if ends and timedelta() < took <= LONGEST_POST else at


def is_armed(dispatch: Dispatch, at: datetime) -> bool:
    """Whether a timer for this moment was armed by who stored the dispatch. The tick need not arm another one until the
    moment is over. It only depends on what moves the moment, because to move an entry of the index costs two writes."""
    since = dispatch.attempts[-1].tried_at if dispatch.attempts else dispatch.created_at
    return at - since <= ARMED_WITHIN


def hold(dispatch: Dispatch, held: Hold) -> Dispatch:
    """The dispatch, held until quiet hours end. If the provider certainly did not accept the step, its window restarts
    then. It restarts only once, so that it ends eventually."""
    waiting = replace(dispatch, held_until=held.until)
    if held.because is not Because.RETRY:
        return waiting
    last, attempt = len(dispatch.attempts) - 1, dispatch.attempts[-1]
    if not _last_try_unavailable(attempt) or attempt.window_from != attempt.claimed_at:
        return waiting
    return with_attempt(waiting, last, replace(attempt, window_from=held.until))


def limit(dispatch: Dispatch, met: Limited) -> Dispatch:
    """The dispatch, whose next step met a limit. If it waits, that is like a slot in a batch. A step that meets a limit
    again has met it since the first time."""
    *earlier, last = dispatch.limited or (None,)
    if last is not None and (last.step, last.limit) == (met.step, met.limit):
        met = met._replace(at=last.at)
    else:
        earlier = list(dispatch.limited)
    return replace(dispatch, limited=(*earlier, met), slot_at=met.until or dispatch.slot_at)


def apply(dispatch: Dispatch, event: StatusEvent) -> Dispatch:
    """Apply a status event. The result does not depend on the order or the number of copies of events."""
    if event.step is None or event.step >= len(dispatch.attempts):
        return dispatch
    attempt = dispatch.attempts[event.step]
    updated = replace(
        attempt,
        status=join(attempt.status, None if event.throttled else event.status),
        throttled=attempt.throttled | ({event.vonage_message_uuid} if event.throttled else set()),
        usage=_higher_price(attempt.usage, event.usage),
        arrived_at=_earliest(attempt.arrived_at, _arrived_at(event)),
    )
    return with_attempt(dispatch, event.step, updated)


def reply(dispatch: Dispatch, step: int, at: datetime, *, quoted: bool = False) -> Dispatch:
    """Record that the customer answered a step: with a message that quotes it, or with any, if the step waits for a
    reply. The earliest answer counts, in whatever order answers arrive."""
    attempt = dispatch.attempts[step]
    waits = dispatch.steps[step].condition_status is Condition.REPLIED
    given_up = attempt.answer is not None and attempt.answer.kind in GIVEN_UP
    if not quoted and (given_up or not waits):
        return dispatch
    heard = max(at, attempt.claimed_at)
    first = heard if attempt.replied_at is None else min(heard, attempt.replied_at)
    return with_attempt(dispatch, step, replace(attempt, replied_at=first))


def stop(dispatch: Dispatch, contact: Contact, at: datetime, on: str | None = None) -> Dispatch:
    """Give up the current step if it went to a contact that opts out. A dispatch that has ended does not change. With
    `on` this is about one channel; it concerns only steps that are kept to it. Without, it concerns all others.

    If the message has arrived, the dispatch ends: the customer has read it and must not get it again elsewhere. The
    confirmation of a stop goes on: a copy of the message that asked for it comes here too.
    """
    step = len(dispatch.attempts) - 1
    if dispatch.outcome or step < 0 or dispatch.attempts[step].stopped_at or confirms_stop(dispatch):
        return dispatch
    planned = dispatch.steps[step]
    if contact not in (dispatch.contact(step), planned.contact) or planned.consent_on != on:
        return dispatch
    heard = max(at, dispatch.attempts[step].claimed_at)
    stopped = with_attempt(dispatch, step, replace(dispatch.attempts[step], stopped_at=heard))
    return finish(stopped, Outcome.STOPPED, heard) if stopped.attempts[step].arrived else stopped


def stop_by_answer(dispatch: Dispatch, step: int, at: datetime) -> Dispatch:
    """End the dispatch, because the customer answered this step with STOP. The answer proves that the message arrived,
    even if nothing has been reported yet, so no later step is sent."""
    if dispatch.outcome or step >= len(dispatch.attempts):
        return dispatch
    attempt = dispatch.attempts[step]
    heard = attempt.stopped_at or max(at, attempt.claimed_at)
    return finish(with_attempt(dispatch, step, replace(attempt, stopped_at=heard)), Outcome.STOPPED, heard)


def revocable(dispatch: Dispatch) -> Iterator[tuple[int, str]]:
    """The earlier steps whose messages can be revoked, with the provider's ids: messages on a channel that supports it
    and without a delivery report. None until the provider has accepted a later step: two messages are better than none.
    """
    latest = dispatch.attempts[-1].answer
    if latest is None or latest.kind is not AnswerKind.ACCEPTED:
        return
    for step, attempt in enumerate(dispatch.attempts[:-1]):
        gone = attempt.arrived or attempt.status in FAILURES or attempt.revocation is not None
        identifier = attempt.answer.vonage_message_uuid if attempt.answer else None
        if identifier is not None and not gone and _is_revocable(dispatch.steps[step]):
            yield step, identifier


def _is_revocable(step: Step) -> bool:
    channel = CHANNELS.get(step.address.channel)
    return channel is not None and channel.revocable


def record_revocation(dispatch: Dispatch, step: int, revocation: Revocation) -> Dispatch:
    """The dispatch with the result of a request to revoke a message."""
    return with_attempt(dispatch, step, replace(dispatch.attempts[step], revocation=revocation))


def rebuild(dispatch: Dispatch, events: Iterable[StatusEvent]) -> Dispatch:
    """The dispatch rebuilt from its stored events. It must equal the stored dispatch."""
    reset = (
        replace(attempt, status=None, usage=None, arrived_at=None, throttled=frozenset())
        for attempt in dispatch.attempts
    )
    return reduce(apply, events, replace(dispatch, attempts=tuple(reset)))


def claim(
    dispatch: Dispatch, send: Send | Skip, *, claim_id: str, now: datetime, contact: Contact | None = None
) -> Dispatch:
    """The dispatch with this step claimed by `claim_id`. It must be stored before anything is sent. `contact` is the
    customer, if the step's address is an alias."""
    if send.because is not Because.RETRY:
        attempt = Attempt(
            claimed_at=now,
            claim_id=claim_id,
            because=send.because,
            window_from=now,
            tried_at=now,
            contact=contact,
        )
        return replace(dispatch, attempts=(*dispatch.attempts, attempt), held_until=None, slot_at=None)
    dispatch = replace(dispatch, held_until=None, slot_at=None)
    attempt = dispatch.attempts[send.step]
    again = replace(
        attempt,
        claim_id=claim_id,
        tried_at=now,
        tries=attempt.tries + 1,
        resent=attempt.resent or not (_last_try_unavailable(attempt) or attempt.throttled_now),
        throttled_before=len(attempt.throttled),
        answer=None,
        answered_at=None,
        retry_at=None,
        contact=contact,
    )
    return with_attempt(dispatch, send.step, again)


def is_claimed_by(dispatch: Dispatch, step: int, claim_id: str) -> bool:
    return step < len(dispatch.attempts) and dispatch.attempts[step].claim_id == claim_id


def record_answer(dispatch: Dispatch, step: int, answer: Answer, *, claim_id: str, now: datetime) -> Dispatch:
    """The dispatch with the provider's answer to the POST of `claim_id`. Unchanged if another claim replaced it."""
    attempt = dispatch.attempts[step]
    if attempt.claim_id != claim_id or attempt.answer is not None:
        return dispatch
    window_is_open = step == len(dispatch.attempts) - 1 and not attempt.throttled_before
    unavailable = answer.kind is AnswerKind.UNAVAILABLE
    answered = replace(
        attempt,
        answer=answer,
        answered_at=now,
        window_from=now if answer.kind in _MAYBE_ACCEPTED and window_is_open else attempt.window_from,
        retry_at=now + _backoff(dispatch.message_uuid(step), attempt.tries) if unavailable else None,
    )
    return with_attempt(dispatch, step, answered)


def finish(dispatch: Dispatch, outcome: Outcome, now: datetime) -> Dispatch:
    """The dispatch, closed. Unchanged if it already has an outcome."""
    return dispatch if dispatch.outcome else replace(dispatch, closed=Closing(outcome, now))


def record_client_success(dispatch: Dispatch, reason: str | None, now: datetime) -> Dispatch:
    """The dispatch with the client's own success: nothing more is sent. The first one counts."""
    return dispatch if dispatch.client_success else replace(dispatch, client_success=ClientSuccess(now, reason))


def _last_try_unavailable(attempt: Attempt) -> bool:
    return attempt.answer is not None and attempt.answer.kind is AnswerKind.UNAVAILABLE


def _retry_at(dispatch: Dispatch, attempt: Attempt) -> datetime | None:
    """When this step may be sent again. None once a status shows that the provider accepted it and kept it."""
    if attempt.throttled_now:
        return attempt.tried_at + _backoff(dispatch.message_uuid(len(dispatch.attempts) - 1), attempt.tries)
    if attempt.not_accepted:
        return attempt.retry_at
    if attempt.status is not None:
        return None
    if attempt.answer is None or attempt.answer.kind is AnswerKind.UNKNOWN:
        resend = dispatch.on_unknown is OnUnknown.RESEND and not attempt.resent
        return (attempt.answered_at or attempt.tried_at) + RESEND_AFTER if resend else None
    return attempt.retry_at


def _backoff(seed: str, tries: int) -> timedelta:
    return backoff(RETRY_BASE, RETRY_CAP, tries, seed)


def _higher_price(one: Usage | None, other: Usage | None) -> Usage | None:
    """Keep the highest reported price, so that merging does not depend on order."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda usage: (usage.price, usage.currency, str(usage.price)))


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    """Keep the earliest time, so that merging does not depend on order."""
    if one is None or other is None:
        return one or other
    return min(one, other)


def _arrived_at(event: StatusEvent) -> datetime | None:
    """When the message arrived, according to the provider, to the millisecond as it is stored. Our own time of receipt
    would differ for each copy."""
    at = credible(event.timestamp, event.received_at) if event.status in ARRIVED else None
    return at and at.replace(microsecond=at.microsecond // 1000 * 1000)


def with_attempt(dispatch: Dispatch, step: int, attempt: Attempt) -> Dispatch:
    attempts = (*dispatch.attempts[:step], attempt, *dispatch.attempts[step + 1 :])
    return replace(dispatch, attempts=attempts)
