"""What changes say of channels: which messages arrived, and which did not. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from getthrough.domain.dispatch.canary import is_counted
from getthrough.domain.dispatch.dispatch import Because, Dispatch
from getthrough.domain.event.error_codes import Meaning
from getthrough.domain.event.webhook import StatusEvent
from getthrough.domain.message.outages import Known
from getthrough.domain.message.status import ARRIVED, FAILURES
from getthrough.domain.notification.client_events import Change, OutcomeChanged, StatusStored

_WINDOW_CLOSED = 1340

_OF_THE_MESSAGE = frozenset({Meaning.INVALID_REQUEST, Meaning.NEVER_AGAIN})
"""Failures that say something about one request or one customer, and nothing about a channel."""


def outcomes(changes: Iterable[Change], dispatches: Mapping[str, Dispatch | None]) -> Iterator[Known]:
    """What became known of messages: from a status, and at the end of a dispatch from each step that was passed over
    because nothing was heard of it. `dispatches` are those of the statuses, by their ids."""
    for change in changes:
        match change:
            case StatusStored(event) if _tells(event) and (dispatch := dispatches.get(event.dispatch_uuid or "")):
                step = event.step or 0
                if is_counted(dispatch) and step < len(dispatch.attempts) and not _is_known(dispatch, step, event):
                    yield _known(dispatch, step, event)
            case OutcomeChanged(dispatch, at) if is_counted(dispatch):
                for step, attempt in enumerate(dispatch.attempts[:-1]):
                    if attempt.posted and not attempt.arrived and not attempt.failed:
                        yield Known(dispatch.steps[step].destination, False, attempt.tried_at, at)
            case _:
                pass


def _is_known(dispatch: Dispatch, step: int, event: StatusEvent) -> bool:
    """True for a failure that counts already: the dispatch has ended, and before that the step was passed over."""
    passed_over = any(later.because is Because.WINDOW_ENDED for later in dispatch.attempts[step + 1 : step + 2])
    return event.status in FAILURES and passed_over and dispatch.outcome is not None


def _known(dispatch: Dispatch, step: int, event: StatusEvent) -> Known:
    sent_at = dispatch.attempts[step].tried_at
    return Known(dispatch.steps[step].destination, event.status in ARRIVED, sent_at, event.received_at)


def _tells(event: StatusEvent) -> bool:
    """True for a status that says whether its channel works."""
    if event.status not in FAILURES or event.error is None:
        return event.status in ARRIVED or event.status in FAILURES
    of_the_message = event.error.meaning in _OF_THE_MESSAGE or event.error.code == _WINDOW_CLOSED
    return not event.throttled and not of_the_message
