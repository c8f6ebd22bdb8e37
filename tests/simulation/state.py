"""A state of the world as a value: what is stored, which timers wait, which processes run, what may still go wrong.

There are millions of states, and most of their parts recur. So each part stands once in a table and has a place there:
to compare places is to compare values, and much faster.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from getthrough.domain.client.audit import AuditEntry
from getthrough.domain.contact.contact import Contact
from getthrough.domain.conversation.conversation import Received
from getthrough.domain.erasure.erasure import Erasure, Sweep
from getthrough.domain.limit.limits import Counter
from getthrough.domain.message.status import Status

Value = TypeVar("Value", bound=Hashable)

Webhook = tuple[int, Status]
"""A status webhook: the step and its status."""


class Consent(NamedTuple):
    """What a contact said last about opting out, on a channel or (None) on all of them."""

    contact: Contact
    on: str | None
    changed_at: datetime
    opted_out: bool


class Said(NamedTuple):
    """What a customer says on a channel: from which address, quoting which step, and with which WhatsApp user id. A
    `late` message was written before the customer's erasure, however late it arrives. `at` is when it was written and
    arrives, in seconds after noon; without it, that is when everything has been sent."""

    channel: str
    address: str
    text: str
    quotes: int | None = None
    user_id: str | None = None
    late: bool = False
    at: int | None = None

    @property
    def event(self) -> str:
        quoting = "" if self.quotes is None else f", quoting step {self.quotes}"
        return f"{self.address}: {self.text}{quoting}{', late' if self.late else ''}"


class Written(NamedTuple):
    """A message that a customer wrote, the contact with which it is stored, and since when, in seconds after noon."""

    contact: Contact
    message: Received
    stored_at: int


class Places(Generic[Value]):
    """A table in which equal values have one place."""

    def __init__(self, *values: Value) -> None:
        self._values: list[Value] = []
        self._places: dict[Value, int] = {}
        for value in values:
            self.of(value)

    def of(self, value: Value) -> int:
        place = self._places.setdefault(value, len(self._values))
        if place == len(self._values):
            self._values.append(value)
        return place

    def __getitem__(self, place: int) -> Value:
        return self._values[place]


class Budget(NamedTuple):
    """How much may go wrong, or happen by itself, in one history. Every way in which it may happen is explored.

    `calls` are the client's, all with one idempotency key; each may come before the others are answered. `cancels` are
    its cancellations. `erasures` are requests to erase the customer of the first step; with `again` the client's calls
    come after one. With `unlinks` the accounts of the steps are linked to FIRST, and a client removes that.
    `stops` are customers who opt out, `replies` customers who answer, `says` is how often a customer
    says what the model has them say. `faults` are port calls that
    fail, or that take effect and then fail. `lost_acks` are invocations that end well, but whose acknowledgement is
    lost. `slow` says how often time may pass in the middle of an invocation, `at_once` how many invocations run at the
    same time. With `ticks` the tick may run at any time. `until` is the second after noon at which a history is left: a
    timer that is late every time, and meets another one of its dispatch, could put a limited step off for ever.
    """

    crashes: int = 0
    faults: int = 0
    webhooks: int = 0
    lost_acks: int = 0
    stops: int = 0
    replies: int = 0
    says: int = 0
    calls: int = 1
    cancels: int = 0
    erasures: int = 0
    again: bool = False
    unlinks: int = 0
    ticks: bool = False
    slow: int = 1
    at_once: int = 2
    until: int | None = None


class Job(NamedTuple):
    """What a process is there for. `kind` is api (`about` is the number of the call), timer (its due time), webhook,
    inbound (what is said), cancel, unlink, erase, sweep or tick."""

    kind: str
    about: Any


class Process(NamedTuple):
    """A job, the results of the port calls that were made for it so far, and the call that comes next: places."""

    job: int
    results: int
    call: int


class Posts(NamedTuple):
    """What the provider received for a step: how many messages it accepted, and how many it may have accepted, for all
    that we know."""

    accepted: int = 0
    possible: int = 0


class Store(NamedTuple):
    """All that outlives an invocation.

    `dispatch` is the place of what is stored, and `queue` has the due times of timers, in seconds after noon, in order.
    `acked` are the webhooks that were answered with 200, `completed` those that need no more work; `heard` and
    `completed_messages` are the same of inbound messages. `written` are those that open service windows, `entries` is
    the audit trail. `consents` has the newest of each contact and channel. `phones` are the telephones of accounts,
    `confirmed` those to which all opt-outs were copied. `accepted` is True once the client has its 202. `taken` is what
    the counters of limits have, `queued_until` the end of the queue of those who wait for one. `sweep` is the search
    for the customer of `erasure`; it has a timer whenever it should go on, as the tick sees to. `nameless` are the
    events without the customer, and `kept` is True while a late message is stored. `noted` are the steps that are in
    their contacts' conversations. Those of them that may not be sent are `barred`: their contact had opted out when
    they were noted at their last try, and has not opted in since. Of the confirmation of a STOP this is the other way
    round.
    """

    posts: tuple[Posts, ...]
    dispatch: int = 0
    queue: tuple[int, ...] = ()
    events: frozenset[Webhook] = frozenset()
    acked: frozenset[Webhook] = frozenset()
    completed: frozenset[Webhook] = frozenset()
    heard: frozenset[Said] = frozenset()
    completed_messages: frozenset[str] = frozenset()
    written: frozenset[Written] = frozenset()
    entries: frozenset[AuditEntry] = frozenset()
    consents: frozenset[Consent] = frozenset()
    phones: frozenset[tuple[Contact, Contact]] = frozenset()
    confirmed: frozenset[tuple[Contact, Contact]] = frozenset()
    accepted: bool = False
    taken: frozenset[tuple[Counter, int]] = frozenset()
    queued_until: datetime | None = None
    sweep: Sweep = Sweep()
    erasure: Erasure | None = None
    nameless: frozenset[Webhook] = frozenset()
    kept: bool = False
    noted: frozenset[int] = frozenset()
    barred: frozenset[int] = frozenset()

    def opted_out(self, contact: Contact, on: str | None) -> bool:
        return any(one.opted_out for one in self.consents if one[:2] == (contact, on))

    def opted_in_since(self, moment: datetime, contact: Contact, on: str | None) -> bool:
        return any(one.changed_at > moment for one in self.consents if one[:2] == (contact, on) and not one.opted_out)


class World(NamedTuple):
    """A state: the places of its budget, of what is stored and of its processes; and the time in seconds after noon."""

    budget: int
    store: int
    processes: tuple[int, ...] = ()
    now: int = 0
