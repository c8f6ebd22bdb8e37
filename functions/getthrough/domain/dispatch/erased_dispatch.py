"""A dispatch without its customer: when what was sent, what became of it and what it cost stays; to whom, and the
words, go."""

from dataclasses import replace
from datetime import datetime

from getthrough.domain.contact.contact import ERASED
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Attempt, ClientSuccess, Dispatch, Outcome, Step

_STAYS = ("channel", "message_type", "from")
"""Fields of a message that are not the customer's. `from` is the sender: ourselves."""


def erased_dispatch(dispatch: Dispatch, at: datetime) -> Dispatch:
    """The dispatch without everything that may be personal. Erasing it again changes nothing.

    All its steps are for one customer, so all of them are erased. An open dispatch is cancelled, because it has no
    address any more. A status that comes later still counts.
    """
    if dispatch.erased_at is not None:
        return dispatch
    success = dispatch.client_success
    return replace(
        failover.finish(dispatch, Outcome.CANCELLED, at),
        steps=tuple(map(erased_step, dispatch.steps)),
        attempts=tuple(map(_erased_attempt, dispatch.attempts)),
        client_success=ClientSuccess(success.at, None) if success else None,
        request_sha256=None,
        erased_at=at,
    )


def erased_step(step: Step) -> Step:
    """The step without its address and its content."""
    stays = {name: step.message[name] for name in _STAYS if name in step.message}
    return replace(step, message={**stays, "to": ERASED}, given={})


def _erased_attempt(attempt: Attempt) -> Attempt:
    answer = attempt.answer
    return replace(attempt, contact=None, answer=replace(answer, problem=None) if answer else None)
