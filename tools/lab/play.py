"""Play a dispatch through the failover rules of `domain.dispatch.failover`, with given fates of its messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from heapq import heappop, heappush
from math import inf
from typing import NamedTuple

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import (
    GIVEN_UP,
    Answer,
    AnswerKind,
    Dispatch,
    OnUnknown,
    Outcome,
    Step,
)
from getthrough.domain.dispatch.failover import Finish, Hold, Send, Skip, WaitUntil
from getthrough.domain.event.webhook import StatusEvent
from getthrough.domain.message.status import Status
from getthrough.domain.values.quiet_hours import QuietHours
from tools.lab.past import Fate, Past, Way

Fates = Callable[[int, float], Fate]
"""The fate of the message at a place of the plan that is claimed so many seconds after the start. It is asked once for
each that is sent, in order."""

_Event = tuple[datetime, int, int, object]


class Played(NamedTuple):
    """`reached` is after how many seconds the customer had a message; None if never. `sent` are the places of the
    messages that went out, and `copies` is how many of them the customer got. It was over after `over` seconds."""

    outcome: Outcome
    reached: float | None
    sent: tuple[int, ...]
    copies: int
    over: float

    @property
    def failed_over(self) -> bool:
        return any(self.sent)


def play(past: Past, plan: Sequence[Way], quiet_hours: QuietHours | None, fates: Fates) -> Played:
    """What becomes of a dispatch with this plan. Its first message is due when it was in the past."""
    start = past.started_at if quiet_hours == past.quiet_hours else past.due_at
    dispatch = Dispatch(
        dispatch_uuid=past.dispatch_uuid,
        client_name="",
        created_at=start,
        steps=tuple(_step(way) for way in plan),
        on_unknown=OnUnknown.MOVE_ON,
        quiet_hours=quiet_hours,
    )
    events: list[_Event] = []
    if past.ended is not None:
        heappush(events, (start + timedelta(seconds=past.ended[1]), 0, -1, past.ended[0]))
    now, number = start, 1
    while True:
        match failover.decide(dispatch, now):
            case Send() as send:
                dispatch = failover.claim(dispatch, send, claim_id="", now=now)
                for after, what in _happens(fates(send.step, (now - start).total_seconds())):
                    heappush(events, (now + timedelta(seconds=after), number, send.step, what))
                    number += 1
            case Skip() as skip:
                dispatch = failover.claim(dispatch, skip, claim_id="", now=now)
                dispatch = _answered(dispatch, skip.step, AnswerKind.QUIET, now)
            case Hold() as hold:
                dispatch = failover.hold(dispatch, hold)
            case WaitUntil(at):
                if events and events[0][0] <= at:
                    now, _, step, what = heappop(events)
                    dispatch = _happened(dispatch, step, what, now)
                else:
                    now = at
            case Finish(outcome):
                dispatch = failover.finish(dispatch, outcome, now)
                break
    while events:  # what still arrives after the end
        at, _, step, what = heappop(events)
        dispatch = _happened(dispatch, step, what, at)
    heard = [it for attempt in dispatch.attempts if (it := attempt.arrived_at or attempt.replied_at) is not None]
    return Played(
        outcome=dispatch.outcome or Outcome.EXHAUSTED,
        reached=(min(heard) - past.due_at).total_seconds() if heard else None,
        sent=tuple(step for step, attempt in enumerate(dispatch.attempts) if attempt.posted),
        copies=sum(attempt.arrived for attempt in dispatch.attempts),
        over=(now - start).total_seconds(),
    )


def goes_the_same(played: Played, first: Way, other: Way) -> bool:
    """Whether another window or `ttl` of the first message makes no difference, because all was over before it ended.
    Playing it again would say the same, and takes longer."""
    ends = (first.window, other.window, first.ttl or inf, other.ttl or inf)
    alike = first._replace(window=0, ttl=None, follows=False) == other._replace(window=0, ttl=None, follows=False)
    return alike and played.sent == (0,) and played.reached is not None and played.over < min(ends)


@lru_cache(10_000)
def _step(way: Way) -> Step:
    return Step(
        message={"channel": way.group.channel, "to": str(way.person)},
        expiry_time=way.window,
        condition_status=way.condition,
        urgent=way.urgent,
    )


def _happens(fate: Fate) -> list[tuple[float, object]]:
    """What comes back of a message, and when. Of one that was never accepted nothing does, until its window ends."""
    if fate.answer is AnswerKind.UNAVAILABLE:
        return []
    answered: list[tuple[float, object]] = [(fate.answered, fate.answer)]
    if fate.answer in GIVEN_UP:
        return answered
    later = (
        (fate.arrived, Status.DELIVERED),
        (fate.read, Status.READ),
        (fate.failed, Status.REJECTED),
        (fate.replied, "replied"),
        (fate.stopped, "stopped"),
    )
    return answered + [(max(after, fate.answered), what) for after, what in later if after is not None]


def _happened(dispatch: Dispatch, step: int, what: object, at: datetime) -> Dispatch:
    match what:
        case AnswerKind():
            return _answered(dispatch, step, what, at)
        case Status():
            return failover.apply(dispatch, _event(what, step, at))
        case Outcome.SUCCEEDED:
            return failover.record_client_success(dispatch, None, at)
        case Outcome():
            return failover.finish(dispatch, what, at)
        case "replied":
            return failover.reply(dispatch, step, at, quoted=True)
        case _:
            contact, on = dispatch.contact(step), dispatch.steps[step].consent_on
            return failover.stop(dispatch, contact, at, on)


def _answered(dispatch: Dispatch, step: int, kind: AnswerKind, at: datetime) -> Dispatch:
    return failover.record_answer(dispatch, step, Answer(kind=kind), claim_id="", now=at)


def _event(status: Status, step: int, at: datetime) -> StatusEvent:
    return StatusEvent(
        digest="", vonage_message_uuid="", status=status, timestamp=at, received_at=at, body="", step=step
    )
