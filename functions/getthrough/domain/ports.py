"""What the use-cases need of the outside world, by role. Each has a real adapter and a fake that the tests prove equal.

Every method may raise UnavailableError: nothing is known to have been done, and calling again is safe.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from getthrough.domain.dispatch import Answer, Contact, Dispatch
from getthrough.domain.webhook import InboundMessage, StatusEvent

Clock = Callable[[], datetime]
"""Now, in UTC."""

NewId = Callable[[], str]
"""A text that nobody else has."""


class Due(NamedTuple):
    dispatch_uuid: str
    at: datetime


class Page(NamedTuple):
    """Some dispatches, newest first, and the cursor of the next page (None at the end)."""

    dispatches: list[Dispatch]
    cursor: str | None


class Dispatches(Protocol):
    """The table's dispatches. What is returned was durably stored before."""

    def save(self, dispatch: Dispatch, unless_opted_out: Contact | None = None) -> Dispatch:
        """Store the next version and return it; version 0 is a dispatch that is not stored yet.

        VersionConflictError unless what is stored is the version that was read. OptedOutError if that contact has
        opted out; both are judged at the same moment, which is that of the write.
        """

    def get(self, dispatch_uuid: str) -> Dispatch | None:
        """The newest version (a consistent read), or None."""

    def refer(self, vonage_message_uuid: str, message_uuid: str, at: datetime) -> None:
        """Remember whose message the provider's id names; `at` is when it was told."""

    def resolve(self, vonage_message_uuid: str) -> str | None:
        """The message_uuid that `refer` remembered, or None."""

    def due(self, until: datetime) -> Iterator[Due]:
        """Every dispatch under way whose wake_at is not after `until`."""

    def newest(self, limit: int, cursor: str | None = None) -> Page:
        """At most `limit` (100 or fewer) dispatches, newest first, from where the cursor of another page points."""


class StatusEvents(Protocol):
    def add(self, event: StatusEvent) -> bool:
        """Store an event once: False if the same one is stored already."""

    def of(self, dispatch_uuid: str) -> list[StatusEvent]:
        """All the events of a dispatch, in no particular order."""


class InboundMessages(Protocol):
    def add(self, message: InboundMessage) -> bool:
        """Store a message once: False if the same one is stored already."""


class OptOuts(Protocol):
    def change(self, contact: Contact, opted_out: bool, at: datetime, why: str) -> bool:
        """The contact opted out, or in again, at that moment. False if a later change is stored already."""


class Timers(Protocol):
    def arm(self, due: Iterable[Due]) -> None:
        """See that each dispatch is advanced at its moment, or up to a second later; at once if that is past.

        A moment more than 15 minutes away needs nothing: the tick finds it in the table.
        """


class Gateway(Protocol):
    def submit(self, message: Mapping[str, Any]) -> Answer:
        """POST one v1 message. Never raises for what the provider or the network does: that is the answer."""
