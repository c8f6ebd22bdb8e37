"""Handle what may happen twice: a change that loses a race, and a request that a client repeats."""

from collections.abc import Callable
from functools import wraps
from typing import Generic, NamedTuple, ParamSpec, Protocol, TypeVar
from uuid import UUID

from getthrough.domain.limit.limits import LimitReachedError
from getthrough.domain.ports import NewId
from getthrough.domain.values import identifiers
from getthrough.domain.values.errors import (
    IdempotencyConflictError,
    InvalidRequestError,
    VersionConflictError,
)

CONFLICTS = 10
"""How often a change is tried on a newer version. A dispatch gets few webhooks at the same time."""


class OfRequest(Protocol):
    """A dispatch, batch or schedule, with the hash of the request that created it."""

    @property
    def request_sha256(self) -> str | None: ...


P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C", bound=OfRequest)


def starts_over_on_conflict(change: Callable[P, T]) -> Callable[P, T]:
    """Repeat a function that reads, decides and writes if another writer was faster.

    Raises VersionConflictError if other writers were faster every time.
    """

    @wraps(change)
    def starting_over(*arguments: P.args, **named: P.kwargs) -> T:
        for _ in range(CONFLICTS):
            try:
                return change(*arguments, **named)
            except VersionConflictError:
                continue
        raise VersionConflictError("it kept changing")

    return starting_over


class Origin(NamedTuple):
    """The client that sent a request, the request's idempotency key, and its id in the log."""

    client_name: str
    idempotency_key: str | None = None
    request_id: str | None = None

    def derive(self, new_id: NewId, *kind: str) -> UUID:
        """A UUID for what the request creates. With a key, it is derived from client, kind and key, so every copy of
        the request gets the same one."""
        if self.idempotency_key is None:
            return UUID(new_id())
        return identifiers.derived(self.client_name, *kind, self.idempotency_key)


def refuse_copy(origin: Origin, stored: Callable[[], object | None]) -> None:
    """Raise VersionConflictError if an earlier copy of a request with a key created something.

    Call this before a list of people is stored. A copy would store again whom an erasure has removed since, and another
    request with the same key would leave a list that belongs to nothing.
    """
    if origin.idempotency_key is not None and stored() is not None:
        raise VersionConflictError("an earlier copy of the request was first")


class Existing(NamedTuple, Generic[C]):
    """What an earlier copy of the request created."""

    created: C


def create_once(
    create: Callable[[], T], stored: Callable[[], C | None], request_sha256: Callable[[], str | None]
) -> T | Existing[C]:
    """Create what a request asks for, unless an earlier copy of the request did.

    A copy gets its answer even if the request would be refused by now, for example because its time has passed or a
    limit is reached. Raises IdempotencyConflictError if the key was used for another request.
    """
    try:
        return create()
    except (InvalidRequestError, LimitReachedError, VersionConflictError):
        existing = stored()
        if existing is None:
            raise
    if existing.request_sha256 != request_sha256():
        raise IdempotencyConflictError
    return Existing(existing)
