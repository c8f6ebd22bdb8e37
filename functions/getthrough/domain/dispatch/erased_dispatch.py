"""A dispatch without its customer: when what was sent, what became of it and what it cost stays; to whom, and the
words, go. And one without the words only, which may be kept for a shorter time."""

from dataclasses import replace
from datetime import datetime, timedelta

from getthrough.domain.contact.contact import ERASED
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Attempt, ClientSuccess, Dispatch, Outcome, Step
from getthrough.domain.dispatch.outgoing import ttl_of, with_ttl

_STAYS = ("channel", "message_type", "from")
"""Fields of a message that are not the customer's. `from` is the sender: ourselves."""

_STAYS_WITHOUT_TEXTS = (*_STAYS, "to", "client_ref", "webhook_url")


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


def texts_until(dispatch: Dispatch, retention: timedelta | None) -> datetime | None:
    """How long what was sent is kept, if that is `retention` from the last try on. None while the dispatch is open, and
    if nothing is to be removed. A dispatch that has ended keeps the time that it got then."""
    if dispatch.outcome is None or dispatch.erased_at is not None or dispatch.texts_removed_at is not None:
        return None
    if dispatch.texts_until is not None or retention is None:
        return dispatch.texts_until
    return (dispatch.attempts[-1].tried_at if dispatch.attempts else dispatch.created_at) + retention


def without_texts(dispatch: Dispatch, at: datetime) -> Dispatch:
    """The dispatch without what was sent. Nothing is sent after an outcome, so nothing needs it any more."""
    return replace(dispatch, steps=tuple(map(_without_text, dispatch.steps)), texts_until=None, texts_removed_at=at)


def _without_text(step: Step) -> Step:
    message = {name: step.message[name] for name in _STAYS_WITHOUT_TEXTS if name in step.message}
    ttl = ttl_of(step)
    return replace(step, message=message if ttl is None else with_ttl(message, int(ttl)))


def erased_step(step: Step) -> Step:
    """The step without its address and its content."""
    stays = {name: step.message[name] for name in _STAYS if name in step.message}
    return replace(step, message={**stays, "to": ERASED}, given={})


def _erased_attempt(attempt: Attempt) -> Attempt:
    answer = attempt.answer
    return replace(attempt, contact=None, answer=replace(answer, problem=None) if answer else None)
