"""Everything that can go wrong, as the rest of the code names it.

GetthroughError
├── InvalidRequestError        the client's body is wrong; lists every violation
├── UnauthenticatedError       the client's credentials are missing or wrong
├── NotFoundError              what was asked for is not there
├── IdempotencyConflictError   the key was used before, for another request
├── CancelledError             what is to be changed was cancelled, and stays so
├── OptedOutError              the contact wants no more messages
├── VersionConflictError       another writer was first: read it again
├── UnavailableError           AWS did not answer, or the secret cannot be read: nothing was done, try again
├── UnsignedWebhookError       no token: Vonage must send it again
├── ForgedWebhookError         a token that is not Vonage's
├── MalformedWebhookError      signed by Vonage, but not understood
└── CutWebhookError            only the beginning of a webhook was kept
"""

from typing import NamedTuple, TypeVar

MOST_VIOLATIONS = 100
"""Violations that are reported of one request: a list in a body can have some thousand wrong items."""

T = TypeVar("T")


class GetthroughError(Exception):
    """Base of all the errors above. Messages hold no personal data: they may be logged."""


class Violation(NamedTuple):
    """One thing wrong with a request: the field as a client would write it (`failover[0].to`), and why."""

    name: str
    reason: str


class InvalidRequestError(GetthroughError):
    def __init__(self, *violations: Violation) -> None:
        super().__init__(f"{len(violations)} invalid parameters")
        self.violations = violations[:MOST_VIOLATIONS]


class UnauthenticatedError(GetthroughError):
    pass


class NotFoundError(GetthroughError):
    pass


class IdempotencyConflictError(GetthroughError):
    pass


class CancelledError(GetthroughError):
    pass


class OptedOutError(GetthroughError):
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
    """What was looked for. NotFoundError if there is no such thing."""
    if thing is None:
        raise NotFoundError
    return thing
