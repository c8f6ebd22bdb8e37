"""Automatic answers: the confirmation of a STOP or a START, and the reply to HELP.

Each is an ordinary dispatch of one step. Its client's name marks it: no client has a colon in its name.
"""

from datetime import datetime, timedelta

from getthrough.domain.dispatch.dispatch import Dispatch

STOPPED, STARTED, HELP = "getthrough:stop", "getthrough:start", "getthrough:help"

IN_TIME = timedelta(hours=1)
"""A message that is older when it arrives gets no answer, and an answer is tried for no longer."""


def is_automatic(dispatch: Dispatch) -> bool:
    return dispatch.client_name in (STOPPED, STARTED, HELP)


def is_too_late(dispatch: Dispatch, now: datetime) -> bool:
    """True for an automatic answer that was not sent within its time."""
    return is_automatic(dispatch) and now >= dispatch.created_at + IN_TIME


def confirms_stop(dispatch: Dispatch) -> bool:
    """True for the one message that goes to a customer who has opted out."""
    return dispatch.client_name == STOPPED
