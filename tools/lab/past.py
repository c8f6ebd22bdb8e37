"""What is known of a dispatch that was sent: its plan, and the fate of each of its messages. Nothing personal.

All times of a fate are seconds since the message was claimed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from getthrough.domain.dispatch.auto_window import CLOSE, group_of
from getthrough.domain.dispatch.dispatch import AnswerKind, Attempt, Because, Dispatch, Outcome
from getthrough.domain.dispatch.outgoing import ttl_of
from getthrough.domain.dispatch.request import LAST_WINDOW
from getthrough.domain.event.webhook import StatusEvent
from getthrough.domain.message.arrivals import Chosen, Group
from getthrough.domain.message.status import FAILURES, Condition, Status
from getthrough.domain.values.quiet_hours import QuietHours

EXPIRED = 1360
"""Vonage's code for a message whose time to live ended."""

TOGETHER = 2.0
"""Seconds. Messages of a dispatch that arrive no further apart arrive together. Vonage's times have whole seconds."""

NEVER = 1e9
"""Seconds. What has not arrived within the window of a last step never does."""


class Fate(NamedTuple):
    """What happened to a message. None: it did not happen, as far as is known. After `cut` nothing is known, because
    the message's `ttl` ended, or because nothing later has been seen yet."""

    answer: AnswerKind
    answered: float = 0.0
    arrived: float | None = None
    read: float | None = None
    replied: float | None = None
    failed: float | None = None
    stopped: float | None = None
    cut: float | None = None


class Way(NamedTuple):
    """One message of a plan. `person` tells its recipients apart, as a number. `follows` is true if its `ttl` is its
    window, as Getthrough sets it if a client names none."""

    group: Group
    person: int
    window: int
    condition: Condition
    urgent: bool
    ttl: float | None
    follows: bool


class Past(NamedTuple):
    """A dispatch. `started_at` is when its first message was claimed. `ended` is how, and how many seconds after that,
    something other than a message ended it: the client cancelled, or knew that the customer has acted. `claimed` is how
    many seconds after `started_at` each message was claimed."""

    dispatch_uuid: str
    created_at: datetime
    due_at: datetime
    started_at: datetime
    quiet_hours: QuietHours | None
    ways: tuple[Way, ...]
    fates: tuple[Fate | None, ...]
    prices: tuple[tuple[str, float] | None, ...]
    ended: tuple[Outcome, float] | None
    claimed: tuple[float, ...]

    def arrived_at(self, number: int) -> float | None:
        """How many seconds after `started_at` a message arrived. None if it did not, or was not sent."""
        fate = self.fates[number] if number < len(self.claimed) else None
        return None if fate is None or fate.arrived is None else self.claimed[number] + fate.arrived

    def together(self, number: int) -> bool:
        """Whether a message arrived at the same moment as another one of its dispatch. Perhaps both waited until the
        phone was switched on."""
        at = self.arrived_at(number)
        others = (self.arrived_at(other) for other in range(len(self.claimed)) if other != number)
        return at is not None and any(other is not None and abs(other - at) <= TOGETHER for other in others)


def needs_events(dispatch: Dispatch, *, reads: bool) -> bool:
    """Whether the dispatch alone does not say all: when a message was read, or when it failed."""
    return any(
        (reads and attempt.status is Status.READ)
        or (attempt.status in FAILURES and not _moved_on(dispatch, number))
        or dispatch.steps[number].condition_status is Condition.READ
        for number, attempt in enumerate(dispatch.attempts)
    )


def past_of(dispatch: Dispatch, events: Iterable[StatusEvent], now: datetime) -> Past | None:
    """What is known at this time. None for a dispatch that was never sent."""
    if not dispatch.attempts:
        return None
    events = list(events)
    started_at = dispatch.attempts[0].claimed_at
    people = {contact: number for number, contact in enumerate(dict.fromkeys(step.contact for step in dispatch.steps))}
    ways = tuple(_way(dispatch, number, people[step.contact]) for number, step in enumerate(dispatch.steps))
    fates: list[Fate | None] = [None] * len(ways)
    prices: list[tuple[str, float] | None] = [None] * len(ways)
    for number, attempt in enumerate(dispatch.attempts):
        own = [event for event in events if event.step == number]
        fates[number] = _fate(attempt, own, ways[number].ttl, _moved_on(dispatch, number), now)
        if attempt.usage is not None:
            prices[number] = attempt.usage.currency, float(attempt.usage.price)
    return Past(
        dispatch_uuid=dispatch.dispatch_uuid,
        created_at=dispatch.created_at,
        due_at=max(dispatch.created_at, dispatch.send_at or dispatch.created_at),
        started_at=started_at,
        quiet_hours=dispatch.quiet_hours,
        ways=ways,
        fates=tuple(fates),
        prices=tuple(prices),
        ended=_ended(dispatch, started_at),
        claimed=tuple((attempt.claimed_at - started_at).total_seconds() for attempt in dispatch.attempts),
    )


def _way(dispatch: Dispatch, number: int, person: int) -> Way:
    step, chosen = dispatch.steps[number], _chosen(dispatch, number)
    window, ttl = int(dispatch.window(number).total_seconds()), ttl_of(step, chosen)
    return Way(
        group=group_of(step),
        person=person,
        window=window,
        condition=step.condition_status,
        urgent=step.urgent,
        ttl=ttl,
        follows=ttl == window or chosen is not None,
    )


def _chosen(dispatch: Dispatch, number: int) -> Chosen | None:
    return dispatch.attempts[number].chosen if number < len(dispatch.attempts) else None


def _moved_on(dispatch: Dispatch, number: int) -> float | None:
    """When the next step was claimed because this one failed, in seconds."""
    if number + 1 >= len(dispatch.attempts) or dispatch.attempts[number + 1].because is not Because.FAILED:
        return None
    return _seconds(dispatch.attempts[number], dispatch.attempts[number + 1].claimed_at)


def _fate(
    attempt: Attempt, events: Iterable[StatusEvent], ttl: float | None, moved_on: float | None, now: datetime
) -> Fate:
    answer = attempt.answer.kind if attempt.answer else AnswerKind.UNAVAILABLE
    arrived = _seconds(attempt, attempt.arrived_at) if attempt.arrived_at else None
    read = _first(attempt, (event for event in events if event.status is Status.READ))
    if read is None and attempt.status is Status.READ:
        read = arrived
    failed, cut = None, None
    if attempt.status in FAILURES:
        rejected = [event for event in events if event.status in FAILURES and not event.throttled]
        failed = _first(attempt, rejected) or moved_on
        expired = any(event.error is not None and event.error.code == EXPIRED for event in rejected)
        if ttl is not None and (expired or failed is None or failed >= ttl - CLOSE.total_seconds()):
            failed, cut = None, ttl
        elif failed is None:
            failed = _seconds(attempt, attempt.answered_at or attempt.tried_at)
    elif arrived is None and attempt.posted:
        seen = 0.0 if attempt.arrived else _seconds(attempt, now)  # one that arrived at an incredible time
        cut = seen if ttl is None else min(ttl, seen)
        cut = NEVER if cut >= LAST_WINDOW else cut
    return Fate(
        answer=answer,
        answered=_seconds(attempt, attempt.answered_at or attempt.tried_at),
        arrived=arrived,
        read=read,
        replied=_seconds(attempt, attempt.replied_at) if attempt.replied_at else None,
        failed=failed,
        stopped=_seconds(attempt, attempt.stopped_at) if attempt.stopped_at else None,
        cut=cut,
    )


def _first(attempt: Attempt, events: Iterable[StatusEvent]) -> float | None:
    return min((_seconds(attempt, event.happened_at) for event in events), default=None)


def _ended(dispatch: Dispatch, started_at: datetime) -> tuple[Outcome, float] | None:
    success, closed = dispatch.client_success, dispatch.closed
    if success is not None:
        return Outcome.SUCCEEDED, (success.at - started_at).total_seconds()
    if closed is not None and closed.outcome is Outcome.CANCELLED:
        return Outcome.CANCELLED, (closed.at - started_at).total_seconds()
    return None


def _seconds(attempt: Attempt, at: datetime) -> float:
    """Since the claim. Never negative: a provider may truncate its times, and its clock may differ."""
    return max((at - attempt.claimed_at).total_seconds(), 0.0)
