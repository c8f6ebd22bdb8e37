"""The ports in memory: what the simulation runs on, held to the table's behaviour by the contract tests."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar, cast

from getthrough.domain.batch import batch as batches_of
from getthrough.domain.batch.batch import CHUNK, Batch, Note, Recipient, Tally
from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Contact, opt_outs_of
from getthrough.domain.conversation.conversation import Received, Sent
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Dispatch, Outcome
from getthrough.domain.dispatch.failover import indexed_at, is_armed
from getthrough.domain.event.webhook import InboundMessage, StatusEvent
from getthrough.domain.limit.limits import Counter, Taken, spacing
from getthrough.domain.message.outages import Channels, Known, after_all, turns
from getthrough.domain.message.status import Condition
from getthrough.domain.ports import EVERYTHING, DispatchFilter, Seen, Timer
from getthrough.domain.recovery.quarantine import Quarantined
from getthrough.domain.schedule import schedule as schedules_of
from getthrough.domain.schedule.schedule import Schedule
from getthrough.domain.values.errors import UnavailableError, VersionConflictError
from getthrough.domain.values.identifiers import dispatch_uuid_of
from getthrough.domain.values.page import Page
from getthrough.domain.values.rfc3339 import to_text
from tests.builders import NOON

B = TypeVar("B")


def ports_of(source: object, kind: type[B], **others: object) -> B:
    """The bundle of a kind (getthrough.usecases.ports), each port of it from the attribute of its name."""
    of_all = {"marks": FakeMarks(), "channels": FakeChannels()}
    others = {name: getattr(source, name, port) for name, port in of_all.items()} | others
    wanted = fields(kind)  # type: ignore[arg-type]
    given = {port.name: others.get(port.name, getattr(source, port.name, port.default)) for port in wanted}
    assert MISSING not in given.values(), given
    return kind(**given)


BEFORE = datetime.min.replace(tzinfo=UTC)


@dataclass
class FakeClock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class FakeAliases:
    phones: dict[Contact, Contact] = field(default_factory=dict)
    confirmed: list[tuple[Contact, Contact]] = field(default_factory=list)

    def phone_of(self, account: Contact) -> Contact | None:
        return self.phones.get(account)

    def accounts_of(self, contact: Contact) -> list[Contact]:
        return sorted(account for account, phone in self.phones.items() if phone == contact)[:100]

    def is_confirmed(self, account: Contact, phone: Contact) -> bool:
        return (account, phone) in self.confirmed

    def add(self, account: Contact, phone: Contact) -> bool:
        return self.phones.setdefault(account, phone) == phone

    def confirm(self, account: Contact, phone: Contact) -> None:
        if (account, phone) not in self.confirmed:
            self.confirmed.append((account, phone))

    def remove(self, account: Contact, phone: Contact) -> None:
        if self.phones.get(account) == phone:
            del self.phones[account]
            self.confirmed = [pair for pair in self.confirmed if pair != (account, phone)]


@dataclass
class FakeMarks:
    """Who was erased, and when."""

    erased: dict[Contact, datetime] = field(default_factory=dict)

    def erased_at(self, contacts: Iterable[Contact]) -> datetime | None:
        return max((self.erased[contact] for contact in contacts if contact in self.erased), default=None)


@dataclass
class FakeOptOuts:
    stored: dict[Contact, OptOut] = field(default_factory=dict)
    on_channels: dict[tuple[Contact, str], OptOut] = field(default_factory=dict)
    said: dict[tuple[Contact, OptOut], OptOut] = field(default_factory=dict)

    @property
    def opted_out(self) -> set[Contact]:
        return {contact for contact, consent in self.stored.items() if consent.opted_out}

    def change(self, opt_out: OptOut) -> bool:
        if not opt_out.copied:
            self.said.setdefault((opt_out.contact, replace(opt_out, words=None)), opt_out)
        own = opt_outs_of(opt_out.address.channel)
        there, everywhere = (replace(opt_out, words=None, on=on) for on in (own, None))
        newer_there = _is_newer(there, self.on_channels.get((opt_out.contact, own)))
        if newer_there:
            self.on_channels[opt_out.contact, own] = there
        if newer := _is_newer(everywhere, self.stored.get(opt_out.contact)):
            self.stored[opt_out.contact] = everywhere
        return newer or newer_there

    def of(self, contact: Contact) -> list[OptOut]:
        apart = sorted((on, one) for (whose, on), one in self.on_channels.items() if whose == contact)
        return [*([self.stored[contact]] if contact in self.stored else []), *(one for _, one in apart)]

    def refuses(self, contact: Contact, on: str | None) -> bool:
        consent = self.stored.get(contact) if on is None else self.on_channels.get((contact, on))
        return consent is not None and consent.opted_out

    def get(self, contact: Contact) -> OptOut | None:
        return self.stored.get(contact)

    def records(self, contact: Contact) -> list[OptOut]:
        said = [record for (whose, _), record in self.said.items() if whose == contact]
        return sorted(said, key=lambda record: record.changed_at, reverse=True)[:100]

    def newest(self, limit: int, cursor: str | None = None) -> Page[OptOut]:
        placed = {
            f"{to_text(consent.changed_at)}#{consent.contact}": consent
            for consent in self.stored.values()
            if consent.opted_out and not consent.copied
        }
        places, more = _places(placed, limit, cursor)
        return Page([placed[place] for place in places], more)


def _is_newer(opt_out: OptOut, stored: OptOut | None) -> bool:
    if stored is None or stored.changed_at < opt_out.changed_at:
        return True
    return stored.changed_at == opt_out.changed_at and opt_out.opted_out and not stored.opted_out


@dataclass
class FakeConversations:
    """`listing` has the notes that list a dispatch with a contact: when, and its id or that of a step."""

    messages: dict[str, tuple[Contact, InboundMessage, str | None]] = field(default_factory=dict)
    completed: set[str] = field(default_factory=set)
    claimed: dict[tuple[Contact, str], Sent] = field(default_factory=dict)
    listing: dict[tuple[Contact, str], datetime] = field(default_factory=dict)
    withheld: set[tuple[Contact, str]] = field(default_factory=set)

    def add(self, message: InboundMessage, answers: str | None = None, *, customer: Contact | None = None) -> Seen:
        key = message.digest
        if key in self.messages:
            same_token = message.jti is not None and self.messages[key][1].jti == message.jti
            return Seen(False, key in self.completed, same_token)
        self.messages[key] = customer or message.contact, message, answers
        return Seen(new=True)

    def complete(self, message: InboundMessage) -> None:
        self.completed.add(message.digest)

    def plan(self, dispatch: Dispatch, contacts: Iterable[Contact]) -> None:
        """What `FakeDispatches` does besides when it stores a new dispatch."""
        self.listing.update({(contact, dispatch.dispatch_uuid): dispatch.created_at for contact in contacts})

    def note(self, dispatch: Dispatch, step: int) -> None:
        """What `FakeDispatches.note_claim` does."""
        attempt, planned, contact = dispatch.attempts[step], dispatch.steps[step], dispatch.contact(step)
        awaits_reply = planned.condition_status is Condition.REPLIED
        sent = Sent(dispatch.message_uuid(step), attempt.claimed_at, planned.address.channel, awaits_reply)
        if (contact, sent.message_uuid) in self.claimed:
            return
        self.claimed[contact, sent.message_uuid] = sent
        if dispatch.joins_lists:
            self.listing[contact, sent.message_uuid] = attempt.claimed_at

    def sent(self, contact: Contact, since: datetime, *, awaiting_reply: bool = False) -> list[Sent]:
        sent = [entry for entry in self._shown([contact]) if entry.at >= since]
        newest = sorted(sent, key=lambda entry: (entry.at, entry.message_uuid), reverse=True)[:1_000]
        return [entry for entry in newest if entry.awaits_reply or not awaiting_reply][:100]

    def _shown(self, contacts: Sequence[Contact]) -> list[Sent]:
        claimed = self.claimed.items()
        return [entry for key, entry in claimed if key[0] in contacts and key not in self.withheld]

    def received(self, contact: Contact, since: datetime) -> Iterator[Received]:
        timely = {message.digest for _, message, _ in self.messages.values() if message.timestamp}
        entries = [entry for entry in self.page([contact], 10_000).items if isinstance(entry, Received)]
        return islice((entry for entry in entries if entry.digest in timely and entry.at >= since), 1_000)

    def page(self, contacts: Sequence[Contact], limit: int, cursor: str | None = None) -> Page[Sent | Received]:
        placed: dict[str, Sent | Received] = {
            f"{to_text(entry.at)}#{entry.message_uuid}": entry for entry in self._shown(contacts)
        }
        for digest, (whose, message, answers) in self.messages.items():
            if whose in contacts:
                at = message.timestamp or message.received_at
                place = f"{to_text(at) if message.timestamp else '0000'}#{digest}"
                placed[place] = Received(digest, at, message.address.channel, json.loads(message.body), answers)
        places, more = _places(placed, limit, cursor)
        return Page([placed[place] for place in places], more)

    def newest(self, limit: int, cursor: str | None = None) -> Page[InboundMessage]:
        placed = {f"{to_text(item.received_at)}#{item.digest}": item for _, item, _ in self.messages.values()}
        places, more = _places(placed, limit, cursor)
        return Page([placed[place] for place in places], more)


@dataclass
class FakeSchedules:
    stored: dict[str, Schedule] = field(default_factory=dict)

    def save(self, schedule: Schedule) -> Schedule:
        stored = self.stored.get(schedule.schedule_uuid)
        if schedule.version != (stored.version if stored else 0):
            raise VersionConflictError("another writer stored the schedule first")
        saved = replace(schedule, version=schedule.version + 1)
        self.stored[schedule.schedule_uuid] = saved
        return saved

    def get(self, schedule_uuid: str) -> Schedule | None:
        return self.stored.get(schedule_uuid)

    def newest(self, limit: int, cursor: str | None = None) -> Page[Schedule]:
        placed = {f"{to_text(item.created_at)}#{item.schedule_uuid}": item for item in self.stored.values()}
        places, more = _places(placed, limit, cursor)
        return Page([placed[place] for place in places], more)

    def due(self, until: datetime) -> Iterator[Timer]:
        """Those among what `FakeDispatches.due` finds."""
        for schedule in self.stored.values():
            if (moment := schedules_of.wake_at(schedule)) is not None and moment <= until:
                yield Timer(schedule.schedule_uuid, moment)


@dataclass
class FakeBatches:
    stored: dict[str, Batch] = field(default_factory=dict)

    def save(self, batch: Batch) -> Batch:
        stored = self.stored.get(batch.batch_uuid)
        if batch.version != (stored.version if stored else 0):
            raise VersionConflictError("another writer stored the batch first")
        saved = replace(batch, version=batch.version + 1)
        self.stored[batch.batch_uuid] = saved
        return saved

    def get(self, batch_uuid: str) -> Batch | None:
        return self.stored.get(batch_uuid)

    def newest(self, limit: int, cursor: str | None = None) -> Page[Batch]:
        placed = {f"{to_text(item.created_at)}#{item.batch_uuid}": item for item in self.stored.values()}
        places, more = _places(placed, limit, cursor)
        return Page([placed[place] for place in places], more)

    def due(self, until: datetime) -> Iterator[Timer]:
        """Those among what `FakeDispatches.due` finds."""
        for batch in self.stored.values():
            if (moment := batches_of.wake_at(batch)) is not None and moment <= until:
                yield Timer(batch.batch_uuid, moment)


@dataclass
class FakeRecipientLists:
    stored: dict[str, list[Recipient]] = field(default_factory=dict)
    needed_until: dict[str, datetime] = field(default_factory=dict)

    def put(self, list_id: str, recipients: Sequence[Recipient], needed_until: datetime) -> None:
        self.stored[list_id] = list(recipients)
        self.needed_until[list_id] = needed_until

    def some(self, list_id: str, numbers: range) -> list[Recipient]:
        if list_id not in self.stored:
            raise UnavailableError("the recipients are not there")
        assert numbers.start // CHUNK == (numbers.stop - 1) // CHUNK, "more than a chunk"
        return self.stored[list_id][numbers.start : numbers.stop]

    def keep(self, list_id: str, total: int, needed_until: datetime) -> bool:
        if list_id in self.stored:
            self.needed_until[list_id] = max(needed_until, self.needed_until[list_id])
        return list_id in self.stored


@dataclass
class FakeTallies:
    noted: dict[tuple[str, int], Note] = field(default_factory=dict)

    def note(self, notes: Iterable[Note]) -> None:
        for note in notes:
            before = self.noted.get((note.batch_uuid, note.number))
            once_sent = note._replace(sent=note.sent or (before is not None and before.sent))
            self.noted[note.batch_uuid, note.number] = once_sent

    def of(self, batch_uuid: str) -> Tally:
        notes = [note for (whose, _), note in self.noted.items() if whose == batch_uuid]
        cost: dict[str, Decimal] = {}
        for currency, price in (price for note in notes for price in note.costs):
            cost[currency] = cost.get(currency, Decimal(0)) + price
        ended = [note.outcome for note in notes if note.outcome is not None]
        delivered = ended.count(Outcome.SUCCEEDED)
        begun = sum(note.sent or note.outcome is not None for note in notes)
        return Tally(begun, sum(note.sent for note in notes), delivered, len(ended) - delivered, cost)


@dataclass
class FakeThroughput:
    """As the table has it: token buckets that hold what a second allows and one more, and the ends of queues, by the
    batch that is slower than the account ("" for the account)."""

    messages_per_second: int = 30
    taken_until: dict[str, datetime] = field(default_factory=dict)
    queued_until: dict[str, datetime] = field(default_factory=dict)

    def take(self, batch: Batch, now: datetime) -> datetime | None:
        slower = batch.mailing.rate < self.messages_per_second
        for whose, rate in [(batch.batch_uuid, batch.mailing.rate)] * slower + [("", self.messages_per_second)]:
            taken_until = self.taken_until.get(whose, now)
            if taken_until > now + timedelta(seconds=1):
                return self._queue(batch.batch_uuid, batch.mailing.rate, 1, now)
            self.taken_until[whose] = max(taken_until, now) + _interval(rate)
        return None

    def queue(self, count: int, now: datetime) -> datetime:
        return self._queue("", self.messages_per_second, count, now)

    def _queue(self, whose: str, rate: int, count: int, now: datetime) -> datetime:
        first = max(self.queued_until.get(whose, now), now)
        self.queued_until[whose] = first + count * _interval(rate)
        return first


@dataclass
class FakeCounters:
    """`taken` is what each counter has counted, `prices` the highest of each kind."""

    taken: dict[Counter, Any] = field(default_factory=dict)
    prices: dict[str, Decimal] = field(default_factory=dict)
    queued_until: dict[tuple[str, Contact | str], datetime] = field(default_factory=dict)

    def take(self, wanted: Taken) -> int | Decimal | None:
        counter, amount = wanted
        if self.taken.get(counter, 0) + amount > counter.limit.most:
            return None
        self.taken[counter] = self.taken.get(counter, 0) + amount
        return cast("int | Decimal", self.taken[counter])

    def correct(self, counter: Counter, by: int | Decimal) -> None:
        if (found := counter if counter in self.taken else same_counter(counter, self.taken)) is not None:
            self.taken[found] += by

    def counted(self, counters: Sequence[Counter]) -> dict[Counter, int | Decimal]:
        return {counter: self.taken[counter] for counter in counters if counter in self.taken}

    def price(self, kind: str) -> Decimal | None:
        return self.prices.get(kind)

    def saw(self, kind: str, price: Decimal) -> None:
        self.prices[kind] = max(price, self.prices.get(kind, price))

    def queue(self, wanted: Taken) -> datetime:
        counter = wanted.counter
        whose = counter.limit.name, counter.whose
        slot = max(self.queued_until.get(whose, counter.ends_at), counter.ends_at)
        self.queued_until[whose] = slot + spacing(wanted)
        return slot.replace(microsecond=slot.microsecond // 1000 * 1000)


def same_counter(counter: Counter, others: Iterable[Counter]) -> Counter | None:
    """The one with the same name and period: a correction does not know the limit's value."""
    place = counter.limit.name, counter.whose, counter.starts_at
    return next((it for it in others if (it.limit.name, it.whose, it.starts_at) == place), None)


def _interval(rate: int) -> timedelta:
    return timedelta(microseconds=-(-1_000_000 // rate))


@dataclass
class FakeChannels:
    """Each outcome counts at once."""

    now: Channels = field(default_factory=dict)

    def known(self) -> Channels:
        return self.now

    def note(self, known: Sequence[Known]) -> list[tuple[str, bool]]:
        before, self.now = self.now, after_all(self.now, known, known[-1].at)
        return turns(before, self.now)


@dataclass
class FakeDispatches:
    stored: dict[str, Dispatch] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    opt_outs: FakeOptOuts = field(default_factory=FakeOptOuts)
    conversations: FakeConversations = field(default_factory=FakeConversations)
    schedules: FakeSchedules = field(default_factory=FakeSchedules)
    batches: FakeBatches = field(default_factory=FakeBatches)

    def save(self, dispatch: Dispatch) -> Dispatch:
        stored = self.stored.get(dispatch.dispatch_uuid)
        if dispatch.version != (stored.version if stored else 0):
            raise VersionConflictError("another writer stored the dispatch first")
        saved = replace(dispatch, version=dispatch.version + 1)
        self.stored[dispatch.dispatch_uuid] = saved
        if dispatch.joins_lists:
            self.conversations.plan(dispatch, dispatch.contacts)
        return saved

    def save_claim(self, dispatch: Dispatch, step: int) -> Dispatch:
        saved = self.save(dispatch)
        if dispatch.joins_lists:  # its note lists it
            self.conversations.listing.pop((dispatch.contact(step), dispatch.dispatch_uuid))
        return saved

    def note_claim(self, dispatch: Dispatch, step: int) -> None:
        self.conversations.note(dispatch, step)

        if step == 0 and dispatch.attempts[0].tries > 1:
            self.conversations.plan(dispatch, [dispatch.contact(0)])

    def withhold(self, dispatch: Dispatch, step: int) -> None:
        self.conversations.withheld.add((dispatch.contact(step), dispatch.message_uuid(step)))

    def has_opted_out(self, contact: Contact, on: str | None) -> bool:
        return self.opt_outs.refuses(contact, on)

    def get(self, dispatch_uuid: str) -> Dispatch | None:
        return self.stored.get(dispatch_uuid)

    def get_many(self, dispatch_uuids: Iterable[str]) -> dict[str, Dispatch]:
        return {identifier: self.stored[identifier] for identifier in dispatch_uuids if identifier in self.stored}

    def refer(self, vonage_message_uuid: str, message_uuid: str, at: datetime) -> None:
        self.references[vonage_message_uuid] = message_uuid

    def resolve(self, vonage_message_uuid: str) -> str | None:
        return self.references.get(vonage_message_uuid)

    def due(self, now: datetime, until: datetime) -> Iterator[Timer]:
        for dispatch in self.stored.values():
            moment = indexed_at(dispatch)
            if moment is not None and moment <= (now if is_armed(dispatch, moment) else until):
                yield Timer(dispatch.dispatch_uuid, moment)
        yield from self.schedules.due(until)
        yield from self.batches.due(until)

    def newest(self, limit: int, cursor: str | None = None, only: DispatchFilter = EVERYTHING) -> Page[Dispatch]:
        placed = {
            f"{to_text(at)}#{identifier}": self.stored[dispatch_uuid_of(identifier)]
            for at, identifier in self._listed(only.contacts)
            if (only.since is None or at >= only.since) and (only.before is None or at < only.before)
        }
        fitting = {place: item for place, item in placed.items() if only.outcome in (None, item.outcome or "open")}
        places, more = _places(fitting, limit, cursor)
        return Page([fitting[place] for place in places], more)

    def created(self, since: datetime, before: datetime) -> Iterator[Dispatch]:
        found = [item for item in self.stored.values() if since <= item.created_at < before]
        return iter(sorted(found, key=lambda item: (item.created_at, item.dispatch_uuid), reverse=True))

    def _listed(self, contacts: tuple[Contact, ...]) -> list[tuple[datetime, str]]:
        if not contacts:
            return [(item.created_at, item.dispatch_uuid) for item in self.stored.values()]
        notes = self.conversations.listing.items()
        found = {dispatch_uuid_of(it): (at, it) for (whose, it), at in notes if whose in contacts}
        return [place for dispatch_uuid, place in found.items() if dispatch_uuid in self.stored]


def _places(placed: Iterable[str], limit: int, cursor: str | None) -> tuple[list[str], str | None]:
    """The places of a page, and the cursor of the next one."""
    after = sorted((place for place in placed if cursor is None or place < cursor), reverse=True)
    return after[:limit], after[limit - 1] if len(after) > limit else None


@dataclass
class FakeStatusEvents:
    stored: dict[tuple[str, str], StatusEvent] = field(default_factory=dict)
    completed: set[tuple[str, str]] = field(default_factory=set)

    def add(self, event: StatusEvent) -> Seen:
        key = _key(event)
        if key in self.stored:
            same_token = event.jti is not None and self.stored[key].jti == event.jti
            return Seen(False, key in self.completed, same_token)
        self.stored[key] = event
        return Seen(new=True)

    def complete(self, event: StatusEvent) -> None:
        self.completed.add(_key(event))

    def of(self, dispatch_uuid: str) -> list[StatusEvent]:
        return [event for event in self.stored.values() if event.dispatch_uuid == dispatch_uuid]

    def pending(self, vonage_message_uuid: str) -> list[StatusEvent]:
        return [event for (place, _), event in self.stored.items() if place == f"VONAGE#{vonage_message_uuid}"]


def _key(event: StatusEvent) -> tuple[str, str]:
    return event.dispatch_uuid or f"VONAGE#{event.vonage_message_uuid}", event.digest


@dataclass
class FakeQuarantine:
    stored: dict[str, Quarantined] = field(default_factory=dict)

    def add(self, webhook: Quarantined) -> None:
        if webhook.authorization is None or webhook.digest not in self.stored:
            self.stored[webhook.digest] = webhook

    def get(self, digest: str) -> Quarantined | None:
        return self.stored.get(digest)

    def newest(self, limit: int, cursor: str | None = None) -> Page[Quarantined]:
        placed = {f"{to_text(item.received_at)}#{item.digest}": item for item in self.stored.values()}
        places, more = _places(placed, limit, cursor)
        return Page([placed[place] for place in places], more)

    def delete(self, digest: str) -> None:
        self.stored.pop(digest, None)


@dataclass
class FakeTimers:
    """Keeps every timer that was armed, in order, those beyond 15 minutes too."""

    armed: list[Timer] = field(default_factory=list)

    def arm(self, due: Iterable[Timer]) -> None:
        self.armed.extend(due)


@dataclass
class FakeGateway:
    """Answers with what was put into `answers`, then accepts everything. `sent` is what it received."""

    answers: list[Answer] = field(default_factory=list)
    sent: list[Mapping[str, Any]] = field(default_factory=list)
    updates: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def submit(self, message: Mapping[str, Any]) -> Answer:
        self.sent.append(message)
        if self.answers:
            return self.answers.pop(0)
        identifier = f"vonage-{len(self.sent)}"
        return Answer(kind=AnswerKind.ACCEPTED, http_status=202, vonage_message_uuid=identifier)

    def update(self, vonage_message_uuid: str, change: Mapping[str, Any]) -> Answer:
        self.updates.append((vonage_message_uuid, change))
        return Answer(kind=AnswerKind.ACCEPTED, http_status=202)


@dataclass
class FakeIds:
    """UUIDs that count."""

    count: int = 0

    def __call__(self) -> str:
        self.count += 1
        return f"00000000-0000-4000-8000-{self.count:010x}00"
