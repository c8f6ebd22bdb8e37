"""Automatic windows (`expiry_time: "auto"`): what one message gets, and what a dispatch shows for the next ones."""

import zlib
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from getthrough.domain.dispatch.canary import is_counted
from getthrough.domain.dispatch.dispatch import AnswerKind, Attempt, Because, Dispatch, Step
from getthrough.domain.dispatch.outgoing import ttl_of
from getthrough.domain.message.arrivals import UNCUT, Arrivals, Chosen, Group, Kind, bucket, choose
from getthrough.domain.message.status import FAILURES
from getthrough.domain.values.phone_numbers import calling_code

Counts = Counter[tuple[Group, date, Kind, int]]
"""How many messages of each group that were sent in the week of a Monday showed what, in which bucket; 0 for those that
failed or are open."""

CLOSE = timedelta(seconds=2)
"""A failure so long before the end of a `ttl`, or later, is that end: Vonage's clock is not ours."""

_LONGEST_SENDER = 100
"""Senders that differ only after so many characters are counted together: they are part of a key."""

_TRAVELLED = frozenset({AnswerKind.ACCEPTED, AnswerKind.UNKNOWN})


def group_of(step: Step) -> Group:
    """With which messages a step's is counted."""
    address = step.address
    country = calling_code(address.address) if address.contact.is_phone else ""
    return Group(address.channel, country, str(step.message.get("from", ""))[:_LONGEST_SENDER])


def choose_for(dispatch: Dispatch, step: int, weeks: Sequence[Arrivals]) -> Chosen:
    """The window of a step that has an automatic one. Some messages have no `ttl`, always the same ones."""
    planned = dispatch.steps[step]
    chosen = choose(weeks, planned.address.channel, planned.tolerance or 0.0)
    return chosen._replace(cut=zlib.crc32(dispatch.message_uuid(step).encode()) % UNCUT > 0)


def shown_by(dispatch: Dispatch | None) -> Counts:
    """What a dispatch shows of how long its messages take. Nothing before it has ended, nothing of what only tests the
    stack, and nothing of a message whose time of arrival cannot be right."""
    shown = Counts()
    if dispatch is None or dispatch.outcome is None or not is_counted(dispatch):
        return shown
    for number, attempt in enumerate(dispatch.attempts):
        untimed = attempt.arrived and attempt.arrived_at is None
        if attempt.answer is not None and attempt.answer.kind in _TRAVELLED and not untimed:
            sent = attempt.claimed_at.date()
            monday = sent - timedelta(days=sent.weekday())
            shown[group_of(dispatch.steps[number]), monday, *_shown(dispatch, number, attempt)] += 1
    return shown


def added_by(before: Dispatch | None, after: Dispatch) -> Counts:
    """What a change adds to the counts, which is less than nothing for what is known better now. So over all versions
    of a dispatch each message is counted once, as what is known of it at last. Without its customer a dispatch does not
    say any more with which messages it was counted, so it stays counted as it was."""
    added = Counts()
    if after.erased_at is None:
        added.update(shown_by(after))
        added.subtract(shown_by(before))
    return added


def _shown(dispatch: Dispatch, number: int, attempt: Attempt) -> tuple[Kind, int]:
    if attempt.arrived_at is not None:
        return Kind.ARRIVED, bucket((attempt.arrived_at - attempt.window_from).total_seconds())
    ttl = ttl_of(dispatch.steps[number], attempt.chosen)
    later = dispatch.attempts[number + 1 :]
    if attempt.status in FAILURES and (ttl is None or (later and _failed_before(ttl, attempt, later[0]))):
        return Kind.FAILED, 0
    return (Kind.OPEN, 0) if ttl is None else (Kind.CUT, bucket(ttl))


def _failed_before(ttl: float, attempt: Attempt, following: Attempt) -> bool:
    """Whether a message failed while it could still arrive. Then the next step followed at once."""
    waited = following.claimed_at - attempt.window_from
    return following.because is Because.FAILED and waited < timedelta(seconds=ttl) - CLOSE
