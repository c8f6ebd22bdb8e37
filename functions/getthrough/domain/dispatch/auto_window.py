"""Automatic windows (`expiry_time: "auto"`): what one message gets, and what a dispatch shows for the next ones."""

import zlib
from collections import Counter
from collections.abc import Sequence

from getthrough.domain.dispatch.canary import is_canary
from getthrough.domain.dispatch.dispatch import AnswerKind, Attempt, Because, Dispatch, Step
from getthrough.domain.message.arrivals import UNCUT, Arrivals, Chosen, Group, Kind, bucket, choose
from getthrough.domain.message.channels import CHANNELS
from getthrough.domain.message.status import FAILURES
from getthrough.domain.values.phone_numbers import calling_code

Counts = Counter[tuple[Group, Kind, int]]
"""How many messages of each group showed what, in which bucket; 0 for those that failed or are open."""

_TRAVELLED = frozenset({AnswerKind.ACCEPTED, AnswerKind.UNKNOWN})


def group_of(step: Step) -> Group:
    """With which messages a step's is counted."""
    address = step.address
    country = calling_code(address.address) if address.contact.is_phone else ""
    return Group(address.channel, country, str(step.message.get("from", "")))


def choose_for(dispatch: Dispatch, step: int, weeks: Sequence[Arrivals]) -> Chosen:
    """The window of a step that has an automatic one. Some messages have no `ttl`, always the same ones."""
    planned = dispatch.steps[step]
    chosen = choose(weeks, planned.address.channel, planned.tolerance or 0.0)
    return chosen._replace(cut=zlib.crc32(dispatch.message_uuid(step).encode()) % UNCUT > 0)


def shown_by(dispatch: Dispatch | None) -> Counts:
    """What a dispatch shows of how long its messages take. Nothing before it has ended, nothing of a canary, and
    nothing of a message whose time of arrival cannot be right.

    The difference between two versions of it is what the later one adds. So over all its versions each message is
    counted once, as what is known of it at last.
    """
    shown = Counts()
    if dispatch is None or dispatch.outcome is None or is_canary(dispatch):
        return shown
    for number, attempt in enumerate(dispatch.attempts):
        untimed = attempt.arrived and attempt.arrived_at is None
        if attempt.answer is not None and attempt.answer.kind in _TRAVELLED and not untimed:
            shown[group_of(dispatch.steps[number]), *_shown(dispatch, number, attempt)] += 1
    return shown


def _shown(dispatch: Dispatch, number: int, attempt: Attempt) -> tuple[Kind, int]:
    if attempt.arrived_at is not None:
        return Kind.ARRIVED, bucket((attempt.arrived_at - attempt.window_from).total_seconds())
    ttl = _ttl(dispatch.steps[number], attempt.chosen)
    later = dispatch.attempts[number + 1 :]
    if attempt.status in FAILURES and (ttl is None or (later and later[0].because is Because.FAILED)):
        return Kind.FAILED, 0
    return (Kind.OPEN, 0) if ttl is None else (Kind.CUT, bucket(ttl))


def _ttl(step: Step, chosen: Chosen | None) -> float | None:
    rule = CHANNELS[step.address.channel].ttl if step.address.channel in CHANNELS else None
    found: object = step.message if rule else None
    for name in rule.path if rule else ():
        found = found.get(name) if isinstance(found, dict) else None
    if isinstance(found, int):
        return found
    fits = rule is not None and chosen is not None and rule.floor <= chosen.window <= rule.ceiling
    return float(chosen.window) if fits and chosen is not None and chosen.cut else None
