"""The ports: protocols for everything the use-cases need from outside.

Each has a real adapter and a fake, and the contract tests hold both to the same behavior.

Every method may raise UnavailableError. The result is then unknown, and calling again is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:  # so that a function doesn't load modules it never uses
    from getthrough.domain.batch.batch import Batch, Note, Recipient, Tally
    from getthrough.domain.contact.consent import OptOut
    from getthrough.domain.contact.contact import Contact
    from getthrough.domain.conversation.conversation import Received, Sent
    from getthrough.domain.dispatch.dispatch import Answer, Dispatch
    from getthrough.domain.erasure.erasure import Erasure, Place, Sweep, Whom
    from getthrough.domain.event.webhook import InboundMessage, StatusEvent
    from getthrough.domain.limit.limits import Counter, Taken
    from getthrough.domain.message.outages import Channels, Known
    from getthrough.domain.notification.breaker import Health
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
    """The id of a dispatch, schedule or batch, and when to process it."""

    uuid: str
    at: datetime


class DispatchFilter(NamedTuple):
    """Which dispatches: those that are for one customer, with an outcome (`open` for those without), created from a
    moment on and before another. `contacts` are all the contacts that are this customer; none means every customer."""

    contacts: tuple[Contact, ...] = ()
    outcome: str | None = None
    since: datetime | None = None
    before: datetime | None = None


EVERYTHING = DispatchFilter()


class Seen(NamedTuple):
    """What was known of a webhook when it was stored.

    `new`: it wasn't stored yet. `completed`: it is marked as needing no further work. `replayed`: the stored one has
    the same token (`jti`), so this is a replay, not a retry. `erased`: an erasure took it before it was completed.
    """

    new: bool
    completed: bool = False
    replayed: bool = False
    erased: bool = False


class Dispatches(Protocol):
    """Stored dispatches. Every returned dispatch is durably stored."""

    def save(self, dispatch: Dispatch) -> Dispatch:
        """Store the next version and return it. Version 0 is a dispatch that isn't stored yet.

        Raises VersionConflictError if the stored version isn't the one that was read.
        """

    def save_claim(self, dispatch: Dispatch, step: int) -> Dispatch:
        """Save a dispatch with a newly claimed step, as `save` does. `note_claim` comes next."""

    def note_claim(self, dispatch: Dispatch, step: int) -> None:
        """Add a claimed step to its contact's conversation. A step that is there already stays as it is."""

    def withhold(self, dispatch: Dispatch, step: int) -> None:
        """Take a step that was noted, and never sent, out of the conversation. Its dispatch stays listed."""

    def has_opted_out(self, contact: Contact, on: str | None) -> bool:
        """Whether a contact has opted out, of everything or of a channel (a consistent read)."""

    def get(self, dispatch_uuid: str) -> Dispatch | None:
        """The newest version (a consistent read), or None."""

    def get_many(self, dispatch_uuids: Iterable[str]) -> dict[str, Dispatch]:
        """The dispatches with these ids, at most 100. Ids without a dispatch are left out."""

    def refer(self, vonage_message_uuid: str, message_uuid: str, at: datetime) -> None:
        """Remember which message the provider's id belongs to. `at` is when the provider reported the id."""

    def resolve(self, vonage_message_uuid: str) -> str | None:
        """The message_uuid that `refer` remembered, or None."""

    def due(self, now: datetime, until: datetime) -> Iterator[Timer]:
        """Every open dispatch, schedule and batch that is due at `until`. A dispatch whose timer is armed already, as
        `failover.is_armed` says, only if it is overdue `now`. One may come a little earlier than it is due, as
        `failover.indexed_at` says."""

    def newest(self, limit: int, cursor: str | None = None, only: DispatchFilter = EVERYTHING) -> Page[Dispatch]:
        """At most `limit` (100 or fewer) dispatches, newest first, starting at the cursor.

        A page may have fewer than `limit`, or none, before the end, because each page examines a bounded number.
        """

    def created(self, since: datetime, before: datetime) -> Iterator[Dispatch]:
        """The dispatches created from `since` on and before `before`, newest first. They are read as the caller
        iterates."""


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
        """Store a list. Storing it again does no harm. It is kept until `needed_until` and the retention time after
        that."""

    def some(self, list_id: str, numbers: range) -> list[Recipient]:
        """The recipients with these numbers, all in one chunk. Raises UnavailableError if the list is gone."""

    def keep(self, list_id: str, total: int, needed_until: datetime) -> bool:
        """Keep a list until `needed_until`, or longer if an earlier call asked for that. Returns False if the list is
        gone."""


class Tallies(Protocol):
    """The progress and results of each batch's recipients. Noting the same thing again changes nothing."""

    def note(self, notes: Iterable[Note]) -> None:
        """Note the states of dispatches. A note never undoes a later one."""

    def of(self, batch_uuid: str) -> Tally:
        """The totals of a batch's notes."""


class Throughput(Protocol):
    """The sending rate of our Vonage account, which all batches share, and of each batch that is slower.

    Each is a token bucket with a queue. A message whose slot has come usually finds a token; if not, it queues again.
    """

    def take(self, batch: Batch, now: datetime) -> datetime | None:
        """Take a token for one message of a batch. Without a free token, join the batch's queue and return the slot."""

    def queue(self, count: int, now: datetime) -> datetime:
        """Join the account's queue with `count` messages. Returns the first slot."""


class Counters(Protocol):
    """What limits have counted. A lost answer may have counted once more than was needed, never once less."""

    def take(self, wanted: Taken) -> int | Decimal | None:
        """Count so much more, if there is room. Returns what is counted then, or None."""

    def correct(self, counter: Counter, by: int | Decimal) -> None:
        """Count so much more or less, whether or not there is room."""

    def counted(self, counters: Sequence[Counter]) -> dict[Counter, int | Decimal]:
        """What some counters have. Those that have nothing are left out."""

    def price(self, kind: str) -> Decimal | None:
        """The highest price that was seen for a kind of message, or None."""

    def saw(self, kind: str, price: Decimal) -> None:
        """Note a price, if it is the highest one."""

    def queue(self, wanted: Taken) -> datetime:
        """A time at which to try again, after the counter's period. Those who wait get different ones, as far apart as
        the limit allows."""


class ChannelHealth(Protocol):
    """What is known of channels to countries, a few seconds ago."""

    def known(self) -> Channels: ...

    def note(self, known: Sequence[Known]) -> list[tuple[str, bool]]:
        """Count what became of messages, now or with the next ones. Returns the destinations that this showed to be
        down (True) or up again."""


class StatusEvents(Protocol):
    def add(self, event: StatusEvent) -> Seen:
        """Store an event once."""

    def complete(self, event: StatusEvent) -> None:
        """Mark a stored event as completed: its copies need no further work."""

    def of(self, dispatch_uuid: str) -> list[StatusEvent]:
        """All the events of a dispatch, in no particular order."""

    def pending(self, vonage_message_uuid: str) -> list[StatusEvent]:
        """The pending matches: events that were stored before `refer` named the provider's id."""


class Conversations(Protocol):
    """Messages to and from each contact. `Dispatches.note_claim` adds those that are sent."""

    def add(self, message: InboundMessage, answers: str | None = None, *, customer: Contact | None = None) -> Seen:
        """Store a message once, with the message_uuid of ours that it quotes, in the conversation with the customer:
        its own contact, unless another is given. Copies need only have Vonage's id in common: all of them are the first
        one, in the place where that was stored."""

    def complete(self, message: InboundMessage) -> None:
        """Mark a stored message as completed: its copies need no further processing."""

    def sent(self, contact: Contact, since: datetime, *, awaiting_reply: bool = False) -> list[Sent]:
        """The newest 100 steps sent to a contact since a moment, newest first. With `awaiting_reply`, only those that
        await a reply, among the newest 1,000."""

    def received(self, contact: Contact, since: datetime) -> Iterator[Received]:
        """The newest 1,000 messages from a contact since a moment, newest first (a consistent read), without those that
        have no time of Vonage's. They are read as the caller iterates."""

    def page(self, contacts: Sequence[Contact], limit: int, cursor: str | None = None) -> Page[Sent | Received]:
        """At most `limit` (100 or fewer) entries of the conversation with a customer, newest first."""

    def newest(self, limit: int, cursor: str | None = None) -> Page[InboundMessage]:
        """At most `limit` (100 or fewer) messages from all contacts, newest first."""


class Aliases(Protocol):
    """The telephones behind accounts such as WhatsApp user ids, as far as they are known."""

    def phone_of(self, account: Contact) -> Contact | None:
        """The telephone of an account, or None (a consistent read)."""

    def accounts_of(self, contact: Contact) -> list[Contact]:
        """The accounts of a telephone, 100 at most (a consistent read)."""

    def is_confirmed(self, account: Contact, phone: Contact) -> bool:
        """Whether all that follows from an alias has been done."""

    def add(self, account: Contact, phone: Contact) -> bool:
        """Note whose an account is, for either side. False if it is noted as another telephone's, which stays."""

    def confirm(self, account: Contact, phone: Contact) -> None:
        """Note that all that follows from an alias has been done."""

    def remove(self, account: Contact, phone: Contact) -> None:
        """Forget whose an account is. Nothing happens if it is not this telephone's."""


class OptOuts(Protocol):
    def change(self, opt_out: OptOut) -> bool:
        """Store an opt-out or opt-in, for all channels and for its own, and a record of it that never changes.

        False if a later one is stored already, or this very one; its record is kept all the same. Of two at the same
        moment the one that opts out counts. A copy leaves no record."""

    def get(self, contact: Contact) -> OptOut | None:
        """A contact's newest opt-out or opt-in on any channel (a consistent read), or None."""

    def of(self, contact: Contact) -> list[OptOut]:
        """The same, and the newest on each channel. Those on a channel come last."""

    def records(self, contact: Contact) -> list[OptOut]:
        """The newest 100 records of a contact's opt-outs and opt-ins, the most recent first (a consistent read)."""

    def newest(self, limit: int, cursor: str | None = None) -> Page[OptOut]:
        """At most `limit` (100 or fewer) contacts that have opted out, the most recent first."""


class Marks(Protocol):
    """Who was erased. A mark stays as long as a late webhook may come."""

    def erased_at(self, contacts: Iterable[Contact]) -> datetime | None:
        """When the first of these contacts was erased, or is being erased (a consistent read), or None."""


class Personal(NamedTuple):
    """Something that names customers: its kind, whom it names, and what it says. The rest is the adapter's."""

    kind: str
    contacts: frozenset[Contact]
    attributes: Mapping[str, Any]


class SearchedPart(NamedTuple):
    """A part of the table: what names customers there, and where the next part begins (None at the end). `names` is the
    customer whose address can be read from that place."""

    found: Sequence[Personal]
    place: Place | None
    names: Contact | None = None


class Erasures(Protocol):
    """Erasures, and the table as they search it."""

    def running(self, contact: Contact) -> Erasure | None:
        """The newest erasure of a contact, if it is not done (a consistent read), or None."""

    def get(self, erasure_uuid: str) -> Erasure | None:
        """An erasure with its counts (a consistent read), or None."""

    def some(self, erasure_uuids: Iterable[str]) -> list[Erasure]:
        """These erasures, at most 100 (a consistent read). UnavailableError if one is missing."""

    def sweep(self) -> Sweep:
        """The search as it is (a consistent read)."""

    def save(self, sweep: Sweep, new: Erasure | None = None) -> Sweep:
        """Store the next version of the search, and with it a new erasure and the marks of its contacts: all or
        nothing. Raises VersionConflictError if another function stored one first."""

    def look(self, place: Place | None, whom: Iterable[Contact]) -> SearchedPart:
        """The next part of the table after a place. `whom` are the contacts that texts are searched for."""

    def erase(self, personal: Personal, whom: Whom, at: datetime) -> bool:
        """Erase these contacts, which belong to the erasures with these ids, from something that was found, and count
        it for each: all or nothing. Returns False if it has changed since. It is erased once, however often this is
        called."""

    def finish(self, erasure_uuid: str, at: datetime) -> None:
        """Forget whom an erasure was about. Doing it again changes nothing."""

    def count(self, erasure_uuid: str, kind: str, at: datetime) -> None:
        """Count something that was found and erased elsewhere."""


class Quarantine(Protocol):
    """Webhooks that had no effect; each is there for a month."""

    def add(self, webhook: Quarantined) -> None:
        """Keep a webhook. A verified one takes the place of a copy; a forged one changes nothing if a copy is there, so
        that a stranger who knows a body cannot rewrite what is known of it."""

    def get(self, digest: str) -> Quarantined | None:
        """One quarantined webhook (a consistent read), or None."""

    def newest(self, limit: int, cursor: str | None = None) -> Page[Quarantined]:
        """At most `limit` (100 or fewer) quarantined webhooks, newest first."""

    def delete(self, digest: str) -> None:
        """Delete one. Deleting one that doesn't exist does nothing."""


class Forgotten(NamedTuple):
    """For each dead letter that was deleted, whom it named; and whether there may be further ones to look at."""

    deleted: Sequence[frozenset[Contact]]
    more: bool


class NamedLetters(Protocol):
    """A dead-letter queue whose messages may name customers."""

    def forget(self, names: Callable[[str], frozenset[Contact]], hidden_for: timedelta) -> Forgotten:
        """Delete the messages that name a customer, among the next hundred. The others are hidden that long."""


class DeadLetters(Protocol):
    """A dead-letter queue."""

    @property
    def name(self) -> str:
        """The name that people use for it."""

    def look(self) -> Looked:
        """The approximate number of messages, and up to ten of them. Nothing is removed, but the shown messages are
        hidden from other readers for one second. For webhooks to clients also how many wait for another attempt."""

    def release(self, before: datetime) -> Released:
        """Send a batch of messages back to their source. When it returns no messages, the ones left can't be released.

        Messages that reached this queue at `before` or later stay, so that a message that fails again at once doesn't
        circulate. A message is deleted only after it was sent, so one may be sent twice and none is lost.
        """


class Timers(Protocol):
    def arm(self, due: Iterable[Timer]) -> None:
        """Process each timer at its moment, or up to one second later. A timer in the past fires at once.

        A timer more than 15 minutes away needs nothing: the tick finds it in the table.
        """


REVOKED = {"status": "revoked"}
"""The change that revokes an RCS message."""


class Gateway(Protocol):
    def submit(self, message: Mapping[str, Any]) -> Answer:
        """POST one v1 message. Failures of the provider or the network are answers, never exceptions."""

    def update(self, vonage_message_uuid: str, change: Mapping[str, Any]) -> Answer:
        """PATCH a message that the provider has, for example with REVOKED. Never raises, like `submit`."""


class EventBus(Protocol):
    def put(self, events: Sequence[ClientEvent]) -> None:
        """Publish all events, if anything listens to the bus. Raises UnavailableError if any was not accepted; others
        may have been published."""


class Callbacks(Protocol):
    """Webhooks that wait to be sent to the client's systems."""

    def put(self, callbacks: Sequence[Callback], delay: timedelta = timedelta()) -> None:
        """Queue an attempt for each after a delay (at most 15 minutes). Raises UnavailableError if any was not
        accepted."""

    def give_up(self, callback: Callback) -> None:
        """Put one that is not tried any more into the dead-letter queue."""


class Receivers(Protocol):
    def post(self, callback: Callback) -> Attempted:
        """Attempt to deliver once. Failures of the receiver or the network are verdicts, never exceptions. Never
        returns GIVEN_UP."""


class Hosts(Protocol):
    """What is known of the receivers' hosts. It may be forgotten at any time."""

    def get(self, host: str) -> Health: ...

    def put(self, host: str, health: Health) -> None: ...
