"""The kernel: what a dispatch becomes when something happened, and what is to be done about it now.

Pure functions. Whoever calls them stores the result under the version that they read, and tries again from the
stored state when somebody else was quicker; so each decision holds at the moment when it takes effect.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import reduce

from getthrough.domain.contact.contact import Contact
from getthrough.domain.dispatch.dispatch import (
    GIVEN_UP,
    Answer,
    AnswerKind,
    Attempt,
    Because,
    Closing,
    Dispatch,
    OnUnknown,
    Outcome,
    Revocation,
    Step,
)
from getthrough.domain.event.webhook import StatusEvent, Usage, credible
from getthrough.domain.message.channels import CHANNELS
from getthrough.domain.message.status import ARRIVED, FAILURES, Condition, join
from getthrough.domain.values.quiet_hours import Then, quiet_until

RESEND_AFTER = timedelta(seconds=60)
"""How long a message whose fate is unknown may stay without any status before `resend` sends it once more."""

RETRY_BASE = timedelta(seconds=1)
RETRY_CAP = timedelta(minutes=5)

_IN_DOUBT_OR_OUT = frozenset({AnswerKind.ACCEPTED, AnswerKind.UNKNOWN})
_BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Send:
    """Claim and send this step; `because` RETRY is another try of the step that is out already."""

    step: int
    because: Because


@dataclass(frozen=True, slots=True)
class Skip:
    """Pass this step over: it fell due in quiet hours, and the client does not want it to wait."""

    step: int
    because: Because


@dataclass(frozen=True, slots=True)
class Hold:
    """A step is due, in quiet hours: note that it waits until they end."""

    until: datetime
    because: Because


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Nothing to do before `at`, unless a webhook comes."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Finish:
    """It is over."""

    outcome: Outcome


Decision = Send | Skip | Hold | WaitUntil | Finish


def decide(dispatch: Dispatch, now: datetime) -> Decision:
    """What is to be done now. A failure moves on at once, a silent window when it ends; a met condition ends it.
    Whatever is to be sent waits for its time, for its turn in a batch, and for quiet hours to end."""
    decision, quiet = _due(dispatch, now), dispatch.quiet_hours
    if not isinstance(decision, Send) or quiet is None or dispatch.steps[decision.step].urgent:
        return decision
    until = quiet_until(quiet, now)
    if until is None:
        return decision
    skips = quiet.then is Then.SKIP
    return Skip(decision.step, decision.because) if skips else Hold(until, decision.because)


def _due(dispatch: Dispatch, now: datetime) -> Send | WaitUntil | Finish:
    """What were to be done now if no quiet hours began any more: what is held waits for the end of those that it met,
    or for its turn, but a window does not wait for another try."""
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
    """What were to be done now if there were no quiet hours."""
    if dispatch.outcome is not None:
        return Finish(dispatch.outcome)
    if not dispatch.attempts:
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
    """True for a dispatch that goes on, or ends, because nothing at all was heard of what is out."""
    if dispatch.outcome is not None or not dispatch.attempts:
        return False
    step = len(dispatch.attempts) - 1
    attempt = dispatch.attempts[step]
    return attempt.status is None and not attempt.failed and now >= dispatch.window_ends_at(step)


def wake_at(dispatch: Dispatch) -> datetime | None:
    """When the dispatch must be looked at again if no webhook comes; None when it is over.

    It is the first moment at which `decide` does not wait. Where it would not wait even before any time has passed,
    something has been due since the last thing that we did, and that moment is the answer.
    """
    moment = _BEGINNING
    while isinstance(decision := _due(dispatch, moment), WaitUntil):
        moment = decision.at
    if moment > _BEGINNING:
        return moment
    if isinstance(decision, Finish):
        return None
    return dispatch.attempts[-1].tried_at if dispatch.attempts else dispatch.created_at


def hold(dispatch: Dispatch, held: Hold) -> Dispatch:
    """The dispatch, held until quiet hours end. The window of a step that surely nobody has starts anew then: once, for
    it has to end some day, however many nights there are."""
    waiting = replace(dispatch, held_until=held.until)
    if held.because is not Because.RETRY:
        return waiting
    last, attempt = len(dispatch.attempts) - 1, dispatch.attempts[-1]
    if not _not_accepted(attempt) or attempt.window_from != attempt.claimed_at:
        return waiting
    return _with_attempt(waiting, last, replace(attempt, window_from=held.until))


def apply(dispatch: Dispatch, event: StatusEvent) -> Dispatch:
    """Fold one status event in. The same for every order and any number of copies of the same events."""
    if event.step is None or event.step >= len(dispatch.attempts):
        return dispatch
    attempt = dispatch.attempts[event.step]
    updated = replace(
        attempt,
        status=join(attempt.status, event.status),
        usage=_higher_price(attempt.usage, event.usage),
        arrived_at=_earliest(attempt.arrived_at, _arrived_at(event)),
    )
    return _with_attempt(dispatch, event.step, updated)


def reply(dispatch: Dispatch, step: int, at: datetime) -> Dispatch:
    """Note that the customer answered a step at that moment, if that is what the step waits for. Of several answers
    the first counts, in whatever order they come."""
    attempt = dispatch.attempts[step]
    asked = dispatch.steps[step].condition_status is Condition.REPLIED
    if not asked or (attempt.answer is not None and attempt.answer.kind in GIVEN_UP):
        return dispatch
    heard = max(at, attempt.claimed_at)
    first = heard if attempt.replied_at is None else min(heard, attempt.replied_at)
    return _with_attempt(dispatch, step, replace(attempt, replied_at=first))


def stop(dispatch: Dispatch, contact: Contact, at: datetime) -> Dispatch:
    """Give up the step that is out, if it went to a contact that opts out; unchanged if the dispatch is over.

    If the message has arrived the dispatch ends: whoever says stop to it knows, and must not be told again elsewhere.
    """
    step = len(dispatch.attempts) - 1
    if dispatch.outcome or step < 0 or dispatch.steps[step].contact != contact or dispatch.attempts[step].stopped_at:
        return dispatch
    heard = max(at, dispatch.attempts[step].claimed_at)
    stopped = _with_attempt(dispatch, step, replace(dispatch.attempts[step], stopped_at=heard))
    return finish(stopped, Outcome.STOPPED, heard) if stopped.attempts[step].arrived else stopped


def revocable(dispatch: Dispatch) -> Iterator[tuple[int, str]]:
    """The steps that were passed over and can be taken back, with the provider's ids: messages on a channel that allows
    it which, for all that is known, are not delivered. None as long as the provider has not accepted a later one: two
    messages are better than none."""
    latest = dispatch.attempts[-1].answer
    if latest is None or latest.kind is not AnswerKind.ACCEPTED:
        return
    for step, attempt in enumerate(dispatch.attempts[:-1]):
        gone = attempt.arrived or attempt.status in FAILURES or attempt.revocation is not None
        identifier = attempt.answer.vonage_message_uuid if attempt.answer else None
        if identifier is not None and not gone and _is_revocable(dispatch.steps[step]):
            yield step, identifier


def _is_revocable(step: Step) -> bool:
    channel = CHANNELS.get(step.contact.channel)
    return channel is not None and channel.revocable


def record_revocation(dispatch: Dispatch, step: int, revocation: Revocation) -> Dispatch:
    """The dispatch with what came of asking the provider to take a message back."""
    return _with_attempt(dispatch, step, replace(dispatch.attempts[step], revocation=revocation))


def rebuild(dispatch: Dispatch, events: Iterable[StatusEvent]) -> Dispatch:
    """The dispatch as its stored events make it, whatever was folded in before: what is stored must equal it."""
    reset = (replace(attempt, status=None, usage=None, arrived_at=None) for attempt in dispatch.attempts)
    return reduce(apply, events, replace(dispatch, attempts=tuple(reset)))


def claim(dispatch: Dispatch, send: Send | Skip, *, claim_id: str, now: datetime) -> Dispatch:
    """The dispatch with this step claimed by `claim_id`: to be stored before anything is sent."""
    dispatch = replace(dispatch, held_until=None, slot_at=None)
    if send.because is not Because.RETRY:
        attempt = Attempt(claimed_at=now, claim_id=claim_id, because=send.because, window_from=now, tried_at=now)
        return replace(dispatch, attempts=(*dispatch.attempts, attempt))
    attempt = dispatch.attempts[send.step]
    again = replace(
        attempt,
        claim_id=claim_id,
        tried_at=now,
        tries=attempt.tries + 1,
        resent=attempt.resent or not _not_accepted(attempt),
        answer=None,
        answered_at=None,
        retry_at=None,
    )
    return _with_attempt(dispatch, send.step, again)


def is_claimed_by(dispatch: Dispatch, step: int, claim_id: str) -> bool:
    return step < len(dispatch.attempts) and dispatch.attempts[step].claim_id == claim_id


def record_answer(dispatch: Dispatch, step: int, answer: Answer, *, claim_id: str, now: datetime) -> Dispatch:
    """The dispatch with the provider's answer to what `claim_id` sent; unchanged if that claim was superseded."""
    attempt = dispatch.attempts[step]
    if attempt.claim_id != claim_id or attempt.answer is not None:
        return dispatch
    window_is_open = step == len(dispatch.attempts) - 1
    unavailable = answer.kind is AnswerKind.UNAVAILABLE
    answered = replace(
        attempt,
        answer=answer,
        answered_at=now,
        window_from=now if answer.kind in _IN_DOUBT_OR_OUT and window_is_open else attempt.window_from,
        retry_at=now + _backoff(dispatch.message_uuid(step), attempt.tries) if unavailable else None,
    )
    return _with_attempt(dispatch, step, answered)


def finish(dispatch: Dispatch, outcome: Outcome, now: datetime) -> Dispatch:
    """The dispatch, closed; unchanged if it has an outcome."""
    return dispatch if dispatch.outcome else replace(dispatch, closed=Closing(outcome, now))


def _not_accepted(attempt: Attempt) -> bool:
    return attempt.answer is not None and attempt.answer.kind is AnswerKind.UNAVAILABLE


def _retry_at(dispatch: Dispatch, attempt: Attempt) -> datetime | None:
    """When this step may be sent again: never, once the provider has shown that it took it."""
    if attempt.status is not None:
        return None
    if attempt.answer is None or attempt.answer.kind is AnswerKind.UNKNOWN:
        resend = dispatch.on_unknown is OnUnknown.RESEND and not attempt.resent
        return (attempt.answered_at or attempt.tried_at) + RESEND_AFTER if resend else None
    return attempt.retry_at


def _backoff(seed: str, tries: int) -> timedelta:
    """Doubling up to the cap, then spread over its upper half: by the seed, so that the kernel stays pure."""
    whole = min(RETRY_CAP, RETRY_BASE * (1 << min(tries - 1, 16)))
    share = 500 + zlib.crc32(f"{seed}:{tries}".encode()) % 500
    return timedelta(milliseconds=whole // timedelta(seconds=1) * share)


def _higher_price(one: Usage | None, other: Usage | None) -> Usage | None:
    """An attempt costs the highest price that was told of it: a join, like the status."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda usage: (usage.price, usage.currency, str(usage.price)))


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    """A message arrived when it first did: a join too."""
    if one is None or other is None:
        return one or other
    return min(one, other)


def _arrived_at(event: StatusEvent) -> datetime | None:
    """When the event says that the message arrived, to the millisecond, as it is stored. It is the provider's time and
    not that of our hearing of it, which is another for each copy."""
    at = credible(event.timestamp, event.received_at) if event.status in ARRIVED else None
    return at and at.replace(microsecond=at.microsecond // 1000 * 1000)


def _with_attempt(dispatch: Dispatch, step: int, attempt: Attempt) -> Dispatch:
    attempts = (*dispatch.attempts[:step], attempt, *dispatch.attempts[step + 1 :])
    return replace(dispatch, attempts=attempts)
