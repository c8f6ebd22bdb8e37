"""Everything that can go wrong, as the rest of the code names it.

GetthroughError
├── InvalidRequestError        the client's body is wrong; lists every violation
├── UnauthenticatedError       the client's credentials are missing or wrong
├── ForbiddenError             the client may not do this: it lacks the route's scope, or has limits
├── NotFoundError              the requested thing does not exist
├── IdempotencyConflictError   the key was used for another request
├── CancelledError             the schedule was cancelled and cannot be changed
├── LimitReachedError          a limit leaves no room for the message (domain/limit/limits.py)
├── VersionConflictError       another writer was first: read the item again
├── UnavailableError           AWS did not answer, or the secret cannot be read: try again
├── UnsignedWebhookError       no token: Vonage should send it again
├── ForgedWebhookError         a token that is not Vonage's
├── MalformedWebhookError      signed by Vonage, but its body cannot be read
└── CutWebhookError            only the beginning of a webhook was kept
"""

from typing import NamedTuple, TypeVar

MOST_VIOLATIONS = 100
"""The most violations that one response lists. A list in a body can have thousands of invalid items."""

T = TypeVar("T")


class GetthroughError(Exception):
    """Base of all the errors above. Messages hold no personal data: they may be logged."""


class Violation(NamedTuple):
    """An invalid field of a request, named as a client would write it (`failover[0].to`), and the reason."""

    name: str
    reason: str


class InvalidRequestError(GetthroughError):
    def __init__(self, *violations: Violation) -> None:
        super().__init__(f"{len(violations)} invalid parameters")
        self.violations = violations[:MOST_VIOLATIONS]


class UnauthenticatedError(GetthroughError):
    pass


class ForbiddenError(GetthroughError):
    pass


class NotFoundError(GetthroughError):
    pass


class IdempotencyConflictError(GetthroughError):
    pass


class CancelledError(GetthroughError):
    pass


class VersionConflictError(GetthroughError):
    pass


class UnavailableError(GetthroughError):
    pass


class UnsignedWebhookError(GetthroughError):
    pass


class ForgedWebhookError(GetthroughError):
    pass


class MalformedWebhookError(GetthroughError):
    pass


class CutWebhookError(GetthroughError):
    pass


def found(thing: T | None) -> T:
    """The thing itself. NotFoundError if it is None."""
    if thing is None:
        raise NotFoundError
    return thing
