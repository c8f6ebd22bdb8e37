"""The canary: one message to the operator's own phone, on a schedule, which shows that everything works.

It is an ordinary dispatch. Its client's name marks it: no client has a colon in its name.
"""

from getthrough.domain.dispatch.dispatch import Dispatch, Outcome

CANARY = "getthrough:canary"


def is_canary(dispatch: Dispatch) -> bool:
    return dispatch.client_name == CANARY


def is_counted(dispatch: Dispatch) -> bool:
    """False for what only tests the stack: figures are about customers."""
    return not is_canary(dispatch) and not dispatch.test


def has_arrived(before: Dispatch, after: Dispatch) -> bool:
    """True for the change with which a canary arrived in time. A late one stays away for the alarm."""
    return (
        is_canary(after)
        and before.outcome is None
        and after.outcome is Outcome.SUCCEEDED
        and not any(map(after.late, range(len(after.attempts))))
    )
