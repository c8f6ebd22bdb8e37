"""A dispatch as data: its steps, its attempts, and what follows from them.

Only facts are stored. Lateness and outcome are derived from them, so that no order of events can leave contradictory
data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from getthrough.domain.contact.contact import Address, Contact, address_of, opt_outs_of
from getthrough.domain.event.webhook import Usage
from getthrough.domain.message.arrivals import Chosen
from getthrough.domain.message.channels import OptOutScope
from getthrough.domain.message.outages import WhenDown
from getthrough.domain.message.status import ARRIVED, FAILURES, Condition, Status, meets
from getthrough.domain.values import identifiers
from getthrough.domain.values.phone_numbers import calling_code
from getthrough.domain.values.quiet_hours import QuietHours


class Outcome(StrEnum):
    """How a dispatch ended."""

    SUCCEEDED = "succeeded"
    EXHAUSTED = "exhausted"
    CANCELLED = "cancelled"
    STOPPED = "stopped"


class OnUnknown(StrEnum):
    """What to do if the provider's answer was lost."""

    MOVE_ON = "move_on"
    RESEND = "resend"


class Because(StrEnum):
    """Why a step was sent."""

    FIRST = "first"
    FAILED = "failed"
    WINDOW_ENDED = "window_ended"
    OPTED_OUT = "opted_out"
    RETRY = "retry"


class AnswerKind(StrEnum):
    """What the provider's answer to a POST means for the step. After those in NOT_SENT there was no POST: the
    contact had opted out, it was in quiet hours, a limit left no room, the channel's service window was closed, or the
    channel was down."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"
    OPTED_OUT = "opted_out"
    QUIET = "quiet"
    LIMITED = "limited"
    CLOSED = "service_window_closed"
    DOWN = "channel_down"


NOT_SENT = frozenset({AnswerKind.OPTED_OUT, AnswerKind.QUIET, AnswerKind.LIMITED, AnswerKind.CLOSED, AnswerKind.DOWN})
GIVEN_UP = NOT_SENT | {AnswerKind.REFUSED}
"""After these answers, no message is on its way to the customer."""

_MAYBE_ACCEPTED = frozenset({AnswerKind.ACCEPTED, AnswerKind.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of the provider. `account` is true if it refused our account, not this message."""

    kind: AnswerKind
    http_status: int | None = None
    vonage_message_uuid: str | None = None
    problem: Mapping[str, Any] | None = None
    account: bool = False


@dataclass(frozen=True, slots=True)
class Revocation:
    """A request to revoke a message. `accepted` is true if the provider accepted it."""

    at: datetime
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One way to reach the customer: a Messages API v1 message and its window (`expiry_time`, in seconds).

    `given` has the original text of those fields (`to`, `from`) whose phone number was normalised. An `urgent` step
    ignores quiet hours. `opt_out_scope` says which opt-outs of its customer count. `when_down` says whether the next
    step may be sent in its place while its channel is down. With a `tolerance` the window is
    chosen when the step is claimed: the shortest after which at most this share of the messages would still arrive.
    """

    message: Mapping[str, Any]
    expiry_time: int
    condition_status: Condition
    given: Mapping[str, str] = field(default_factory=dict)
    urgent: bool = False
    opt_out_scope: OptOutScope = OptOutScope.CUSTOMER
    when_down: WhenDown = WhenDown.WAIT
    tolerance: float | None = None

    @property
    def window(self) -> timedelta:
        return timedelta(seconds=self.expiry_time)

    @property
    def address(self) -> Address:
        return address_of(self.message["channel"], self.message["to"])

    @property
    def contact(self) -> Contact:
        return self.address.contact

    @property
    def destination(self) -> str:
        """Its channel and the calling code of its number, which is empty for an account: messages with the same one
        fail together, and cost about the same."""
        address = self.address
        return f"{address.channel} {calling_code(address.address) if address.contact.is_phone else ''}"

    @property
    def consent_on(self) -> str | None:
        """The channel whose opt-outs prevent this step. None if any of the customer's does."""
        return None if self.opt_out_scope is OptOutScope.CUSTOMER else opt_outs_of(self.address.channel)


class Reserved(NamedTuple):
    """What a try may cost at most, as far as that was known, when it was reserved, and the limits that count it."""

    amount: Decimal
    currency: str
    at: datetime
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The sending of a step.

    `claim_id` names the process that may POST it. `window_from` is when the window started: at the claim, and again
    when the provider answered. `answer` is None during a POST, and stays None if the process died.

    `arrived_at` is the earliest time at which the message was delivered or read, according to the provider.
    `replied_at` is when the customer answered: a message that quotes this one, or any, if the step waits for a reply.
    `stopped_at` is when the contact opted out after the message was sent. `revocation` is the request to revoke the
    message, if there was one. `contact` is the customer whose alias the step's address was, if it was known as one.

    `throttled` has the provider's ids of the tries that it accepted and then rejected, because there were too many at
    once. `throttled_before` is how many there were when the current try began.

    `reserved` is the money that the current try took from limits on spending, if there are any. `chosen` is the window
    of a step that has an automatic one.
    """

    claimed_at: datetime
    claim_id: str
    because: Because
    window_from: datetime
    tried_at: datetime
    tries: int = 1
    resent: bool = False
    answer: Answer | None = None
    answered_at: datetime | None = None
    retry_at: datetime | None = None
    status: Status | None = None
    usage: Usage | None = None
    arrived_at: datetime | None = None
    replied_at: datetime | None = None
    stopped_at: datetime | None = None
    revocation: Revocation | None = None
    contact: Contact | None = None
    throttled: frozenset[str] = frozenset()
    throttled_before: int = 0
    reserved: Reserved | None = None
    chosen: Chosen | None = None

    @property
    def throttled_now(self) -> bool:
        """True if the provider threw the current try away and wants it again. Every earlier try is accounted for: it
        was certainly not accepted, or it is one of those that were throttled before."""
        on_its_way = self.status not in (None, Status.SUBMITTED)
        return len(self.throttled) > self.throttled_before and not self.resent and not on_its_way

    @property
    def arrived(self) -> bool:
        return self.status in ARRIVED or self.replied_at is not None

    @property
    def failed(self) -> bool:
        """True if we, the provider or the network gave up and the message did not arrive, or if the customer opted
        out."""
        given_up = self.answer is not None and self.answer.kind in GIVEN_UP
        return self.stopped_at is not None or (not self.arrived and (given_up or self.status in FAILURES))

    @property
    def not_accepted(self) -> bool:
        """True if the provider certainly accepted none of the tries, or threw out what it had accepted, and no other
        try is running. A status before that is of an earlier try."""
        unavailable = self.answer is not None and self.answer.kind is AnswerKind.UNAVAILABLE
        thrown_out = self.throttled_before > 0 and self.status is Status.SUBMITTED
        return self.throttled_now or (unavailable and not self.resent and (self.status is None or thrown_out))

    @property
    def not_sent(self) -> bool:
        """True if nothing was sent (again)."""
        return self.answer is not None and self.answer.kind in NOT_SENT

    @property
    def posted(self) -> bool:
        """True if the message was sent or may have been sent."""
        return not self.not_sent or self.tries > 1

    @property
    def spent(self) -> Decimal:
        """What the current try counts in limits on spending: its price, once Vonage has reported it; before that, what
        was reserved, or nothing if Vonage certainly does not charge it. A price of 0 is none: it comes where something
        else is charged, as on WhatsApp."""
        reserved, usage = self.reserved, self.usage
        if reserved is None or self.not_sent:
            return Decimal(0)
        if usage is not None and usage.currency == reserved.currency and usage.price > 0:
            return usage.price
        refused = self.answer is not None and self.answer.kind not in _MAYBE_ACCEPTED and self.status is None
        free = refused or self.not_accepted or self.status in FAILURES
        return Decimal(0) if free else reserved.amount

    @property
    def opted_out(self) -> bool:
        """True if the contact opted out, before or after the message was sent."""
        before = self.answer is not None and self.answer.kind is AnswerKind.OPTED_OUT
        return before or self.stopped_at is not None


@dataclass(frozen=True, slots=True)
class Closing:
    """An end that no status shows: the last window ended, the client cancelled, or the customer opted out."""

    outcome: Outcome
    at: datetime


class ClientSuccess(NamedTuple):
    """The client knows that the customer has acted: it paid, logged in, or came to the shop."""

    at: datetime
    reason: str | None


class Limited(NamedTuple):
    """A step met a limit, whose value was `most`. It waits until a time, or was passed over (None)."""

    step: int
    limit: str
    most: str
    at: datetime
    until: datetime | None


class InBatch(NamedTuple):
    """The batch that a dispatch belongs to, and the number of its recipient there, from 0."""

    batch_uuid: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """One notification to one customer. `attempts[n]` belongs to `steps[n]`. Steps are claimed in order.

    Nothing is sent before `send_at` or in quiet hours. `held_until` is the end of the quiet hours in which the next
    step was due. A dispatch of a batch has a slot, and so has one that waits for a limit: nothing is sent before
    `slot_at`. `limited` are the limits that its steps met. `request_sha256` identifies the request if the client sent
    an idempotency key. `request_id` is the id of the request that asked for it; without one, a batch or a schedule did.
    `test` is true for one of a test client, which figures leave out. `erased_at` is when its customer's data was
    removed from it. What was sent is kept until `texts_until`, if that is shorter than the rest, and was removed at
    `texts_removed_at`.
    """

    dispatch_uuid: str
    client_name: str
    created_at: datetime
    steps: tuple[Step, ...]
    attempts: tuple[Attempt, ...] = ()
    on_unknown: OnUnknown = OnUnknown.MOVE_ON
    send_at: datetime | None = None
    quiet_hours: QuietHours | None = None
    held_until: datetime | None = None
    batch: InBatch | None = None
    slot_at: datetime | None = None
    limited: tuple[Limited, ...] = ()
    closed: Closing | None = None
    client_success: ClientSuccess | None = None
    request_sha256: str | None = None
    request_id: str | None = None
    test: bool = False
    erased_at: datetime | None = None
    texts_until: datetime | None = None
    texts_removed_at: datetime | None = None
    version: int = 0

    @property
    def client_ref(self) -> str | None:
        """The client's own reference, as given with the first step."""
        return self.steps[0].message.get("client_ref")

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, or None while it is open. A success counts whenever it is reported."""
        if self.client_success is not None or self.succeeded_by is not None:
            return Outcome.SUCCEEDED
        if self.closed is not None:
            return self.closed.outcome
        if len(self.attempts) == len(self.steps) and self.attempts[-1].failed:
            return Outcome.STOPPED if self.attempts[-1].opted_out else Outcome.EXHAUSTED
        return None

    @property
    def due_at(self) -> datetime | None:
        """When the next step is sent, if it waits for `send_at` or for the end of quiet hours."""
        if self.outcome is not None:
            return None
        return self.held_until or (None if self.attempts else self.send_at)

    @property
    def planned(self) -> bool:
        """Whether nothing was sent yet, because its time has not come."""
        return self.due_at is not None and not self.attempts

    @property
    def joins_lists(self) -> bool:
        """Whether its next write lists it with its contacts. It is the first one. Of a batch it is the second one: most
        recipients are sent their message a moment after the first, and the note of that lists the dispatch too."""
        return self.version == (0 if self.batch is None else 1)

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """Those whom it is for, each once."""
        return tuple(dict.fromkeys(map(self.contact, range(len(self.steps)))))

    @property
    def posted(self) -> bool:
        """True once a message was sent or may have been sent."""
        return any(attempt.posted for attempt in self.attempts)

    @property
    def costs(self) -> list[tuple[str, Decimal]]:
        """The exact cost in each currency."""
        sums: dict[str, Decimal] = {}
        for attempt in self.attempts:
            if attempt.usage is not None:
                sums[attempt.usage.currency] = sums.get(attempt.usage.currency, Decimal(0)) + attempt.usage.price
        return sorted(sums.items())

    @property
    def succeeded_by(self) -> int | None:
        """The step that met its condition: the first one in time, else the earliest of the late ones."""
        met = [n for n in range(len(self.attempts)) if self.condition_met(n)]
        return min(met, key=lambda n: (self.late(n), n), default=None)

    @property
    def double_messages(self) -> int:
        """How many messages reached the customer after the first one."""
        return max(0, sum(attempt.arrived for attempt in self.attempts) - 1)

    def condition_met(self, step: int) -> bool:
        """An answer of the customer's proves that the message was read, whatever the provider reports."""
        attempt = self.attempts[step]
        return attempt.replied_at is not None or meets(attempt.status, self.steps[step].condition_status)

    def contact(self, step: int) -> Contact:
        """The customer for whom the step is, or was claimed."""
        claimed_for = self.attempts[step].contact if step < len(self.attempts) else None
        return claimed_for or self.steps[step].contact

    def late(self, step: int) -> bool:
        """True for a success that was recorded after a later step had been claimed, or after the last window ended.

        A step can be claimed only while no success is recorded, so a later claim proves the order. A last step that is
        rejected and then delivered is not late, because the same webhooks in the other order would not be late.
        """
        if not self.condition_met(step):
            return False
        gone_on = step < len(self.attempts) - 1
        return gone_on or (self.closed is not None and self.closed.outcome is Outcome.EXHAUSTED)

    def window_ends_at(self, step: int) -> datetime:
        return self.attempts[step].window_from + self.window(step)

    def window(self, step: int) -> timedelta:
        """The step's own window, or the one that was chosen for it."""
        chosen = self.attempts[step].chosen if step < len(self.attempts) else None
        return timedelta(seconds=chosen.window) if chosen else self.steps[step].window

    def message_uuid(self, step: int) -> str:
        return identifiers.message_uuid(self.dispatch_uuid, step)


class Sendable(Protocol):
    """What becomes a dispatch: a request, or a schedule at each of its runs."""

    @property
    def steps(self) -> tuple[Step, ...]: ...

    @property
    def on_unknown(self) -> OnUnknown: ...

    @property
    def quiet_hours(self) -> QuietHours | None: ...


def new_dispatch(source: Sendable, dispatch_uuid: str, client_name: str, created_at: datetime) -> Dispatch:
    """A dispatch with every field that a request sets for the whole of it, except its times."""
    return Dispatch(
        dispatch_uuid=dispatch_uuid,
        client_name=client_name,
        created_at=created_at,
        steps=source.steps,
        on_unknown=source.on_unknown,
        quiet_hours=source.quiet_hours,
    )
