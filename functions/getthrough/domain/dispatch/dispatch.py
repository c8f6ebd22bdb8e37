"""A dispatch as data: what shall be told (steps), what was done about it (attempts), and what follows from both.

Only facts are stored. Whether a step is late, or how the dispatch ended, is derived from them, so that no order
of events can leave two stored answers that disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from getthrough.domain.contact.contact import Contact, contact_of
from getthrough.domain.event.webhook import Usage
from getthrough.domain.message.status import ARRIVED, FAILURES, Condition, Status, meets
from getthrough.domain.values import identifiers
from getthrough.domain.values.quiet_hours import QuietHours


class Outcome(StrEnum):
    """How a dispatch ended."""

    SUCCEEDED = "succeeded"
    EXHAUSTED = "exhausted"
    CANCELLED = "cancelled"
    STOPPED = "stopped"


class OnUnknown(StrEnum):
    """What to do when nobody knows whether the provider took a message."""

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
    """What the provider's answer to a POST means for the step. After OPTED_OUT and QUIET there was no POST: the contact
    does not want any, or not at this hour."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"
    OPTED_OUT = "opted_out"
    QUIET = "quiet"


GIVEN_UP = frozenset({AnswerKind.REFUSED, AnswerKind.OPTED_OUT, AnswerKind.QUIET})
"""After these nothing is on its way to the customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of the provider. `account` tells that it refused our account, not this message."""

    kind: AnswerKind
    http_status: int | None = None
    vonage_message_uuid: str | None = None
    problem: Mapping[str, Any] | None = None
    account: bool = False


@dataclass(frozen=True, slots=True)
class Revocation:
    """The provider was asked to take a message back; `accepted` tells whether it said that it will."""

    at: datetime
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One way to tell the customer: a Messages API v1 message and its window (`expiry_time`, in seconds).

    `given` is what the client wrote in those fields (`to`, `from`) whose phone number was normalised. A step that is
    `urgent` knows no quiet hours.
    """

    message: Mapping[str, Any]
    expiry_time: int
    condition_status: Condition
    given: Mapping[str, str] = field(default_factory=dict)
    urgent: bool = False

    @property
    def window(self) -> timedelta:
        return timedelta(seconds=self.expiry_time)

    @property
    def contact(self) -> Contact:
        return contact_of(self.message["channel"], self.message["to"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The sending of a step.

    `claim_id` names whoever may POST it; `window_from` is when the window began: at the claim, and anew when the
    provider has answered. `answer` is None while a POST is under way, and for ever if its sender died.

    `arrived_at` is the earliest moment at which, by the provider's own word, the message was delivered or read; None if
    it named none. `replied_at` is when the customer answered, noted where that is the step's condition; `stopped_at`
    when the contact opted out after the message had been sent; `revocation` what came of asking the provider to take it
    back.
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

    @property
    def arrived(self) -> bool:
        return self.status in ARRIVED or self.replied_at is not None

    @property
    def failed(self) -> bool:
        """True once the step was given up: by us, the provider or the network, unless it arrived all the same; or by
        the customer, who opted out."""
        given_up = self.answer is not None and self.answer.kind in GIVEN_UP
        return self.stopped_at is not None or (not self.arrived and (given_up or self.status in FAILURES))

    @property
    def not_accepted(self) -> bool:
        """True if the provider took none of the tries, for certain, and the next one is not under way."""
        unavailable = self.answer is not None and self.answer.kind is AnswerKind.UNAVAILABLE
        return unavailable and not self.resent and self.status is None

    @property
    def not_sent(self) -> bool:
        """True if nothing was sent (again), because the contact had opted out, or was not to be disturbed."""
        return self.answer is not None and self.answer.kind in (AnswerKind.OPTED_OUT, AnswerKind.QUIET)

    @property
    def posted(self) -> bool:
        """True if it was sent, or may have been."""
        return not self.not_sent or self.tries > 1

    @property
    def opted_out(self) -> bool:
        """True if the contact opted out, before the message was sent or after it."""
        before = self.answer is not None and self.answer.kind is AnswerKind.OPTED_OUT
        return before or self.stopped_at is not None


@dataclass(frozen=True, slots=True)
class Closing:
    """An end that no status can be read from: the last window ended, the client cancelled, the customer opted out."""

    outcome: Outcome
    at: datetime


class InBatch(NamedTuple):
    """The batch that a dispatch belongs to, and the number of its recipient there, from 0."""

    batch_uuid: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """One thing that a customer shall be told. `attempts[n]` belongs to `steps[n]`; steps are claimed in order.

    Nothing is sent before `send_at`, nor in the quiet hours; `held_until` is the end of those in which the step fell
    due that is to be claimed next. What is in a batch takes turns: before `turn_at` nothing of it is sent either.
    `request_sha256` is there if the client gave an idempotency key: it tells whether a request is the same again.
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
    closed: Closing | None = None
    request_sha256: str | None = None
    version: int = 0

    @property
    def client_ref(self) -> str | None:
        """The client's own reference, as given with the first step."""
        return self.steps[0].message.get("client_ref")

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, or None while it is under way. A success counts whenever it is seen."""
        if self.succeeded_by is not None:
            return Outcome.SUCCEEDED
        if self.closed is not None:
            return self.closed.outcome
        if len(self.attempts) == len(self.steps) and self.attempts[-1].failed:
            return Outcome.STOPPED if self.attempts[-1].opted_out else Outcome.EXHAUSTED
        return None

    @property
    def posted(self) -> bool:
        """True once anything was sent, or may have been."""
        return any(attempt.posted for attempt in self.attempts)

    @property
    def costs(self) -> list[tuple[str, Decimal]]:
        """What it cost in each currency, exactly."""
        sums: dict[str, Decimal] = {}
        for attempt in self.attempts:
            if attempt.usage is not None:
                sums[attempt.usage.currency] = sums.get(attempt.usage.currency, Decimal(0)) + attempt.usage.price
        return sorted(sums.items())

    @property
    def succeeded_by(self) -> int | None:
        """The step that told the customer: the first one in time, else the earliest of the late ones."""
        met = [n for n in range(len(self.attempts)) if self.condition_met(n)]
        return min(met, key=lambda n: (self.late(n), n), default=None)

    @property
    def double_messages(self) -> int:
        """How many messages reached the customer beyond the first."""
        return max(0, sum(attempt.arrived for attempt in self.attempts) - 1)

    def condition_met(self, step: int) -> bool:
        attempt, condition = self.attempts[step], self.steps[step].condition_status
        return attempt.replied_at is not None if condition is Condition.REPLIED else meets(attempt.status, condition)

    def late(self, step: int) -> bool:
        """True for a success that was recorded after a later step had been claimed, or after the last window ended.

        A claim is only possible while no success is recorded, so a later claim proves the order. A last step that is
        rejected and then delivered is not late: the same webhooks in the other order would not be either.
        """
        if not self.condition_met(step):
            return False
        gone_on = step < len(self.attempts) - 1
        return gone_on or (self.closed is not None and self.closed.outcome is Outcome.EXHAUSTED)

    def window_ends_at(self, step: int) -> datetime:
        return self.attempts[step].window_from + self.steps[step].window

    def message_uuid(self, step: int) -> str:
        return identifiers.message_uuid(self.dispatch_uuid, step)
