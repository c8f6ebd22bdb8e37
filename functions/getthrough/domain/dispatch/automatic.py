"""Automatic answers: the confirmation of a STOP or a START, and the reply to HELP.

Each is an ordinary dispatch of one step. Its client's name marks it: no client has a colon in its name.
"""

from getthrough.domain.dispatch.dispatch import Dispatch

STOPPED, STARTED, HELP = "getthrough:stop", "getthrough:start", "getthrough:help"


def is_automatic(dispatch: Dispatch) -> bool:
    return dispatch.client_name in (STOPPED, STARTED, HELP)


def confirms_stop(dispatch: Dispatch) -> bool:
    """True for the one message that goes to a customer who has opted out."""
    return dispatch.client_name == STOPPED
