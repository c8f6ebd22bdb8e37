"""What the use-cases need of the outside world, by role. Each has a real adapter and a fake; tests prove them equal.

Every method may raise UnavailableError: nothing is known to have been done, and calling again is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:  # a function that imports this page must not load what it never touches
    from getthrough.domain.batch.batch import Batch, Note, Recipient, Tally
    from getthrough.domain.contact.consent import OptOut
    from getthrough.domain.contact.contact import Contact
    from getthrough.domain.conversation.conversation import Received, Sent
    from getthrough.domain.dispatch.dispatch import Answer, Dispatch
    from getthrough.domain.event.webhook import InboundMessage, StatusEvent
    from getthrough.domain.notification.callback import Attempted, Callback
    from getthrough.domain.notification.client_events import ClientEvent
    from getthrough.domain.recovery.dead_letter import Looked, Released
    from getthrough.domain.recovery.quarantine import Quarantined
    from getthrough.domain.schedule.schedule import Schedule
    from getthrough.domain.values.page import Page

Clock = Callable[[], datetime]
"""Now, in UTC."""

NewId = Callable[[], str]
"""A text that is unique."""


class Timer(NamedTuple):
    """A dispatch, a schedule or a batch, and when it must be looked at."""

    uuid: str
    at: datetime


class DispatchFilter(NamedTuple):
    """Which dispatches: those that sent something to a contact, with an outcome (`open` for those without), from a
    moment on, before a moment. The moments are those of creation, or, for a contact, of the first sending to it."""

    contact: Contact | None = None
    outcome: str | None = None
    since: datetime | None = None
    before: datetime | None = None


EVERYTHING = DispatchFilter()


class Seen(NamedTuple):
    """What storing a webhook found: whether it is new, whether all that follows from it was done before, and whether
    what is stored came with the same token (`jti`), so that this is a replayed copy and no retry."""

    new: bool
    completed: bool = False
    replayed: bool = False


class Dispatches(Protocol):
    """The table's dispatches. What is returned was durably stored before."""

    def save(self, dispatch: Dispatch) -> Dispatch:
        """Store the next version and return it; version 0 is a dispatch that is not stored yet.

        VersionConflictError unless what is stored is the version that was read.
        """

    def save_claim(self, dispatch: Dispatch, step: int) -> Dispatch:
        """Save a dispatch in which this step was claimed just now, and note the step in its contact's conversation.

        OptedOutError if the contact has opted out, VersionConflictError as for `save`; both are judged at the same
        moment, which is that of the write.
        """

    def get(self, dispatch_uuid: str) -> Dispatch | None:
        """The newest version (a consistent read), or None."""

    def get_many(self, dispatch_uuids: Iterable[str]) -> dict[str, Dispatch]:
        """Those of at most 100 that there are."""

    def refer(self, vonage_message_uuid: str, message_uuid: str, at: datetime) -> None:
        """Remember whose message the provider's id names; `at` is when the provider answered."""

    def resolve(self, vonage_message_uuid: str) -> str | None:
        """The message_uuid that `refer` remembered, or None."""

    def due(self, until: datetime) -> Iterator[Timer]:
        """Every dispatch under way, every schedule and every batch whose wake_at is not after `until`."""

    def newest(self, limit: int, cursor: str | None = None, only: DispatchFilter = EVERYTHING) -> Page[Dispatch]:
        """At most `limit` (100 or fewer) dispatches, newest first, from where the cursor of another page points.

        A page may have fewer than `limit`, or none, before the end: only so many are looked at for each."""

    def created(self, since: datetime, before: datetime) -> Iterator[Dispatch]:
        """Every dispatch that was created from a moment on and before another, newest first; read as far as the caller
        goes."""


class Schedules(Protocol):
    def save(self, schedule: Schedule) -> Schedule:
        """Store the next version and return it, as `Dispatches.save` does."""

    def get(self, schedule_uuid: str) -> Schedule | None:
        """The newest version (a consistent read), or None."""

    def newest(self, limit: int, cursor: str | None = None) -> Page[Schedule]:
        """At most `limit` (100 or fewer) schedules, newest first."""


class Batches(Protocol):
    def save(self, batch: Batch) -> Batch:
        """Store the next version and return it, as `Dispatches.save` does."""

    def get(self, batch_uuid: str) -> Batch | None:
        """The newest version (a consistent read), or None."""

    def newest(self, limit: int, cursor: str | None = None) -> Page[Batch]:
        """At most `limit` (100 or fewer) batches, newest first."""


class RecipientLists(Protocol):
    """The recipients of batches and schedules, in the order in which they were given."""

    def put(self, list_id: str, recipients: Sequence[Recipient], needed_until: datetime) -> None:
        """Store a list, perhaps once more. It is there for as long as it is needed, and the time that all is kept."""

    def some(self, list_id: str, numbers: range) -> list[Recipient]:
        """The recipients with these numbers, which are all of one chunk. UnavailableError if the list is not there."""

    def keep(self, list_id: str, total: int, needed_until: datetime) -> bool:
        """See that a list is there for so long, or longer if that was asked for before. False if it is gone."""


class Tallies(Protocol):
    """What has become of the recipients of each batch. Noting something again changes nothing."""

    def note(self, notes: Iterable[Note]) -> None:
        """Note what has become of some dispatches, each as it was later than what was noted of it before."""

    def of(self, batch_uuid: str) -> Tally:
        """The sum of what was noted."""


class Throughput(Protocol):
    """What our account at Vonage can send in a second, shared by all batches, and what each of them may: token buckets
    with a queue in front of them. Whoever has waited for its turn finds a token, as a rule; if not, it queues again."""

    def take(self, batch: Batch, now: datetime) -> datetime | None:
        """Take the right to send one message of a batch at this moment. If there is none left: the moment at which it
        has its turn, since it has joined the queue of its batch."""

    def queue(self, count: int, now: datetime) -> datetime:
        """Join the account's queue with so many messages; the moment at which the first of them has its turn."""


class StatusEvents(Protocol):
    def add(self, event: StatusEvent) -> Seen:
        """Store an event once."""

    def complete(self, event: StatusEvent) -> None:
        """Note that all that follows from a stored event has been done: its copies need nothing more."""

    def of(self, dispatch_uuid: str) -> list[StatusEvent]:
        """All the events of a dispatch, in no particular order."""

    def pending(self, vonage_message_uuid: str) -> list[StatusEvent]:
        """The pending matches: events that were stored before `refer` named the provider's id."""


class Conversations(Protocol):
    """What was sent to each contact (see `Dispatches.save_claim`) and what came from it."""

    def add(self, message: InboundMessage, answers: str | None = None) -> Seen:
        """Store a message once, with the message_uuid of ours that it quotes."""

    def complete(self, message: InboundMessage) -> None:
        """Note that all that follows from a stored message has been done."""

    def sent(self, contact: Contact, since: datetime, *, awaiting_reply: bool = False) -> list[Sent]:
        """The newest 100 steps that were sent to a contact since a moment, newest first; or of those that await a
        reply, among the newest 1,000."""

    def page(self, contact: Contact, limit: int, cursor: str | None = None) -> Page[Sent | Received]:
        """At most `limit` (100 or fewer) entries of a conversation, newest first."""

    def newest(self, limit: int, cursor: str | None = None) -> Page[InboundMessage]:
        """At most `limit` (100 or fewer) messages from all contacts, those that came last first."""


class OptOuts(Protocol):
    def change(self, opt_out: OptOut) -> bool:
        """Store an opt-out or opt-in. False if a later one is stored already, or this very one. Of two at the same
        moment the one that opts out counts."""

    def get(self, contact: Contact) -> OptOut | None:
        """A contact's newest opt-out or opt-in (a consistent read), or None."""

    def newest(self, limit: int, cursor: str | None = None) -> Page[OptOut]:
        """At most `limit` (100 or fewer) contacts that have opted out, those that did last first."""


class Quarantine(Protocol):
    """Webhooks that had no effect; each is there for a month."""

    def add(self, webhook: Quarantined) -> None:
        """Keep a webhook. A verified one takes the place of a copy; a forged one changes nothing if a copy is there, so
        that a stranger who knows a body cannot rewrite what is known of it."""

    def get(self, digest: str) -> Quarantined | None:
        """One of them (a consistent read), or None."""

    def newest(self, limit: int, cursor: str | None = None) -> Page[Quarantined]:
        """At most `limit` (100 or fewer) of them, those that came last first."""

    def delete(self, digest: str) -> None:
        """Take one away; nothing happens if it is not there."""


class DeadLetters(Protocol):
    """A queue of messages that were given up."""

    @property
    def name(self) -> str:
        """What people call it."""

    def look(self) -> Looked:
        """About how many there are, and up to ten of them. Nothing is taken away, but what is shown is hidden from
        other readers for a second."""

    def release(self, before: datetime) -> Released:
        """Send some back to where they came from: those that are left once this says that there were none cannot be.

        Those that were sent to this queue at that moment or later are kept: what fails again at once must not go round.
        A message is deleted only after it was sent, so one may be sent twice, and none is lost.
        """


class Timers(Protocol):
    def arm(self, due: Iterable[Timer]) -> None:
        """See that each is looked at in its moment, or up to a second later; at once if that is past.

        A moment more than 15 minutes away needs nothing: the tick finds it in the table.
        """


REVOKED = {"status": "revoked"}
"""The change that takes an RCS message back."""


class Gateway(Protocol):
    def submit(self, message: Mapping[str, Any]) -> Answer:
        """POST one v1 message. Never raises for what the provider or the network does: that is the answer."""

    def update(self, vonage_message_uuid: str, change: Mapping[str, Any]) -> Answer:
        """PATCH a message that the provider has, such as with REVOKED. Never raises, like `submit`."""


class EventBus(Protocol):
    def put(self, events: Sequence[ClientEvent]) -> None:
        """Publish all of them. UnavailableError if any was not taken; others may have been."""


class Callbacks(Protocol):
    """Webhooks to the client's own systems that are still to be sent."""

    def put(self, callbacks: Sequence[Callback], delay: timedelta = timedelta()) -> None:
        """Have each attempted after a delay (15 minutes at most). UnavailableError if any was not taken."""

    def give_up(self, callback: Callback) -> None:
        """Put one that is not tried any more into the dead-letter queue."""


class Receivers(Protocol):
    def post(self, callback: Callback) -> Attempted:
        """Attempt to deliver once. Never raises for what the receiver or the network does; never GIVEN_UP."""
