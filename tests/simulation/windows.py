"""The promises about windows: those of a channel in which free messages may be sent (P19), and automatic ones (P21)."""

from collections.abc import Iterator
from datetime import timedelta

from getthrough.domain.conversation.conversation import Received
from getthrough.domain.conversation.service_window import needs_window
from getthrough.domain.dispatch.dispatch import AnswerKind, Dispatch
from getthrough.domain.message.channels import CHANNELS
from tests.builders import NOON
from tests.simulation.state import Store

OPEN_FOR = timedelta(hours=24)
LEAST, MOST = 1 / 6, 20


def claimed_outside(dispatch: Dispatch, step: int, store: Store) -> str | None:
    """A free message that was claimed when no message of the customer's to its sender was a day old or less."""
    message, at = dispatch.steps[step].message, dispatch.attempts[step].tried_at
    opens = [
        one.message for one in store.written if at - one.message.at < OPEN_FOR and _is_to(message["from"], one.message)
    ]
    return f"P19: step {step} was claimed outside its service window" if needs_window(message) and not opens else None


def refused_inside(dispatch: Dispatch, store: Store) -> str | None:
    """A step that was not sent although a message that opens its window had been stored by then."""
    for number, attempt in enumerate(dispatch.attempts):
        if attempt.answer is None or attempt.answer.kind is not AnswerKind.CLOSED:
            continue
        at, sender = attempt.claimed_at, dispatch.steps[number].message["from"]
        for contact, message, stored_at in store.written:
            known = contact == dispatch.contact(number) or contact.is_phone
            before = NOON + timedelta(seconds=stored_at) < at < message.at + OPEN_FOR
            if known and before and _is_to(sender, message):
                return f"P19: step {number} was refused in its service window"
    return None


def _is_to(sender: str, message: Received) -> bool:
    return bool(message.body["to"] == sender)


def badly_chosen(old: Dispatch | None, new: Dispatch) -> str | None:
    """What is wrong with the automatic windows of a dispatch."""
    return next(_badly_chosen(old, new), None)


def _badly_chosen(old: Dispatch | None, new: Dispatch) -> Iterator[str]:
    before = old.attempts if old is not None else ()
    for number, attempt in enumerate(new.attempts):
        step = new.steps[number]
        if step.tolerance is None:
            continue
        chosen, usual = attempt.chosen, CHANNELS[step.address.channel].window
        if chosen is None:
            if not attempt.not_sent:
                yield f"P21: step {number} was claimed without a window"
        elif not usual * LEAST <= chosen.window <= usual * MOST:
            yield f"P21: the window of step {number} is out of its bounds"
        elif number < len(before) and before[number].chosen != chosen:
            yield f"P21: the window of step {number} became another"
        elif number + 1 < len(new.attempts) and not attempt.failed:
            ends_at = attempt.window_from + timedelta(seconds=chosen.window)
            if new.attempts[number + 1].claimed_at < ends_at and number + 1 >= len(before):
                yield f"P21: step {number + 1} was claimed before the window that was chosen had ended"
