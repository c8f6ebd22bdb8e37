"""A day of a stack: what it sent, through the real use-cases into the real table, and what Vonage then has to tell.

What the webhooks leave behind must not depend on their order, or there would be nothing to compare it with. For
statuses, prices and answers it never does. For opt-outs it does: a stop gives up the step that is out, and spares a
dispatch that is over. So every customer has a role, by number:

| role | statuses of the messages to this customer | what the customer writes |
|---|---|---|
| LISTENS | any, contradictions too, but none that says "never again" | anything but STOP |
| ANSWERS | the same; the last step waits for an answer | some answers: the first in time counts |
| STOPS | `submitted`: nothing that ends a dispatch | one STOP |
| BARRED | `submitted`, and one rejection that says "never again" | nothing |
| WAVERS | `delivered`, which was recorded before the backlog began: the dispatch is over | STOP and START by turns |
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from random import Random
from typing import Any
from uuid import UUID

from getthrough.adapters.dynamo_contacts import DynamoAliases, DynamoOptOuts
from getthrough.adapters.dynamo_conversations import DynamoConversations
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.adapters.system import utc_now
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Dispatch
from getthrough.domain.dispatch.request import parse_messages_request
from getthrough.domain.event.webhook import parse_status
from getthrough.domain.ports import Timer
from getthrough.domain.values.rfc3339 import to_text
from getthrough.usecases.advance_dispatch import advance_dispatch
from getthrough.usecases.ports import Advancing, Recording
from getthrough.usecases.record_status import record_status
from getthrough.usecases.retrying import Origin
from getthrough.usecases.send_dispatch import send_dispatch
from getthrough.usecases.send_step import Sent
from tests.builders import message
from tests.fakes import (
    FakeBatches,
    FakeChannels,
    FakeClock,
    FakeCounters,
    FakeGateway,
    FakeMarks,
    FakeThroughput,
    FakeTimers,
)
from tests.secret import event_hash_of, hash_of
from tests.webhook_samples import v1_inbound, v1_status

Json = dict[str, Any]

RETENTION = timedelta(days=90)
LENGTH = timedelta(hours=20)
WINDOW = 60

NUMBERS = 1_000
"""Ofcom's numbers for drama. In a day with more dispatches some customers get several."""


class Role(Enum):
    LISTENS = auto()
    ANSWERS = auto()
    STOPS = auto()
    BARRED = auto()
    WAVERS = auto()


_ROLES = (*[Role.LISTENS] * 6, Role.ANSWERS, Role.STOPS, Role.BARRED, Role.WAVERS)

_CHANNELS = ("sms", "whatsapp", "rcs", "viber_service")
_STORIES = (
    *[("submitted", "delivered")] * 6,
    *[("submitted", "delivered", "read")] * 4,
    *[("submitted", "rejected")] * 3,
    ("submitted",),
    ("undeliverable",),
    ("submitted", "rejected", "delivered"),
    ("submitted", "undeliverable", "rejected"),
    ("accepted", "delivered"),
    (),
)
_CODES = ("1000", "1180", "1220", "1300", "1340", "1360")
_NEVER_AGAIN = "1240"
_WORDS = ("On my way", "Is it vegan?", "Stop by at nine?", "START", "\U0001f9c1")


@dataclass
class Day:
    """All that Vonage has to tell: each payload is one event, different from all others."""

    statuses: list[Json] = field(default_factory=list)
    messages: list[Json] = field(default_factory=list)


def live(table_name: str, dispatches: int, seed: int) -> Day:
    """Send so many dispatches, the oldest 24 hours ago. The same seed makes the same day, but for the time of day."""
    day, begin = Day(), utc_now() - timedelta(hours=24)
    for number in range(dispatches):
        dice = Random(f"{seed}/{number}")
        sent = _Sender(table_name, dice, begin + LENGTH * number / dispatches)
        role = _ROLES[number % NUMBERS % len(_ROLES)]
        dispatch = sent.through(f"447700900{number % NUMBERS:03d}", role)
        day.messages += _messages(dispatch, role, dice, first=number < NUMBERS)
        day.statuses += _statuses(dispatch, role, dice, first=number < NUMBERS)
        if role is Role.WAVERS:
            day.statuses.append(sent.tell(dispatch))
        if dice.random() < 0.02:
            day.statuses.append(_of_no_one(dice, dispatch.created_at))
    return day


class _Sender:
    """Sends one dispatch on the real table. The provider is a fake, and so is the queue: the clock is moved instead."""

    def __init__(self, table_name: str, dice: Random, begin: datetime) -> None:
        self._dice, self._timers = dice, FakeTimers()
        self._clock = FakeClock(begin.replace(microsecond=begin.microsecond // 1000 * 1000))
        self._dispatches = DynamoDispatches(table_name, RETENTION, hash_of)
        self._events = DynamoStatusEvents(table_name, RETENTION, event_hash_of)
        self._aliases = DynamoAliases(table_name)
        self._conversations, self._opt_outs = (
            DynamoConversations(table_name, RETENTION),
            DynamoOptOuts(table_name, hash_of),
        )

    def through(self, number: str, role: Role) -> Dispatch:
        """Send one to three steps of a dispatch to a customer; each but the last one's window has ended in silence."""
        steps = self._dice.choice((1, 1, 2, 3))
        first, *fallbacks = [self._message(number, role, last=step == steps - 1) for step in range(steps)]
        ports = Advancing(
            aliases=self._aliases,
            channels=FakeChannels(),
            counters=FakeCounters(),
            dispatches=self._dispatches,
            events=self._events,
            batches=FakeBatches(),
            throughput=FakeThroughput(),
            timers=self._timers,
            gateway=FakeGateway(answers=[self._answer() for _ in range(steps)]),
            clock=self._clock,
            new_id=lambda: identifier(self._dice),
        )
        request = parse_messages_request({**first, "failover": fallbacks})
        sent = send_dispatch(ports, request, Origin("bakery"))
        assert isinstance(sent, Sent)
        for _ in range(self._dice.randrange(steps)):
            self._clock.advance(WINDOW)
            gone_on = advance_dispatch(ports, Timer(sent.dispatch.dispatch_uuid, self._clock()))
            assert isinstance(gone_on, Sent)
            sent = gone_on
        return sent.dispatch

    def tell(self, dispatch: Dispatch) -> Json:
        """Record that the last step which was sent was delivered."""
        step = len(dispatch.attempts) - 1
        payload = _status(dispatch, step, "delivered", 5, client_ref=dispatch.message_uuid(step))
        ports = Recording(
            aliases=self._aliases,
            dispatches=self._dispatches,
            events=self._events,
            conversations=self._conversations,
            opt_outs=self._opt_outs,
            marks=FakeMarks(),
            timers=self._timers,
            clock=utc_now,
        )
        record_status(ports, parse_status(payload, received_at=utc_now()))
        return payload

    def _message(self, number: str, role: Role, *, last: bool) -> Json:
        channel = self._dice.choice(_CHANNELS)
        reads = role is Role.LISTENS and channel != "sms" and self._dice.random() < 0.3
        condition = "replied" if role is Role.ANSWERS and last else "read" if reads else "delivered"
        window = None if last else WINDOW
        return message(channel=channel, to=number, condition_status=condition, expiry_time=window)

    def _answer(self) -> Answer:
        if self._dice.random() < 0.05:
            return Answer(kind=AnswerKind.UNKNOWN)
        return Answer(kind=AnswerKind.ACCEPTED, http_status=202, vonage_message_uuid=identifier(self._dice))


def identifier(dice: Random) -> str:
    return str(UUID(int=dice.getrandbits(128), version=4))


# What Vonage has to tell


def _statuses(dispatch: Dispatch, role: Role, dice: Random, *, first: bool) -> Iterator[Json]:
    any_story = role in (Role.LISTENS, Role.ANSWERS)
    for step, attempt in enumerate(dispatch.attempts):
        known_by_id = attempt.answer is not None and attempt.answer.vonage_message_uuid is not None
        for number, word in enumerate(dice.choice(_STORIES) if any_story else ("submitted",)):
            fields: Json = {"client_ref": dispatch.message_uuid(step)}
            if known_by_id and dice.random() < 0.1:
                fields = {"client_ref": None}
            if dice.random() < 0.6:
                fields["usage"] = {"price": f"0.0{dice.randrange(100, 999)}", "currency": "EUR"}
            if word == "rejected":
                fields["error"] = _error(dice.choice(_CODES))
            yield _status(dispatch, step, word, 2 + 7 * number, **fields)
    if role is Role.BARRED and first:
        step = len(dispatch.attempts) - 1
        reference, error = dispatch.message_uuid(step), _error(_NEVER_AGAIN)
        yield _status(dispatch, step, "rejected", 30, client_ref=reference, error=error)


def _status(dispatch: Dispatch, step: int, word: str, seconds: int, **fields: Any) -> Json:
    """A status webhook, so many seconds after its step was sent; a field given as None is left out."""
    sent, attempt = dispatch.steps[step].message, dispatch.attempts[step]
    payload = v1_status(sent["channel"], status=word, to=sent["to"], timestamp=_later(attempt.claimed_at, seconds))
    if about := payload.get("whatsapp"):  # the day's customers do not hide their numbers
        payload["whatsapp"] = {name: value for name, value in about.items() if name != "recipient"}
    payload["message_uuid"] = (attempt.answer and attempt.answer.vonage_message_uuid) or dispatch.message_uuid(step)
    return {name: value for name, value in {**payload, **fields}.items() if value is not None}


def _of_no_one(dice: Random, at: datetime) -> Json:
    """A status of a message that someone else sent with our application: it is kept, and belongs to no dispatch."""
    payload = v1_status(message_uuid=identifier(dice), timestamp=_later(at, 1))
    del payload["client_ref"]
    return payload


def _error(code: str) -> Json:
    return {"type": f"https://developer.vonage.com/api-errors/messages#{code}", "title": code, "detail": "Sorry."}


def _messages(dispatch: Dispatch, role: Role, dice: Random, *, first: bool) -> Iterator[Json]:
    match role:
        case Role.LISTENS:
            words = dice.choices(_WORDS, k=dice.randint(0, 1))
        case Role.ANSWERS:
            words = dice.choices(_WORDS, k=dice.randint(2, 4))
        case Role.STOPS:
            words = ["STOP"] if first else []
        case Role.BARRED:
            words = []
        case Role.WAVERS:
            words = dice.choices(("STOP", "Stop.", "START"), k=dice.randint(1, 4))
    step = len(dispatch.attempts) - 1
    sent, attempt = dispatch.steps[step].message, dispatch.attempts[step]
    for number, text in enumerate(words):
        # Some were written before the message came: they answer something else.
        seconds = 40 + 10 * number if dice.random() < 0.8 else -600 + 10 * number
        payload = v1_inbound(sent["channel"], text=text, message_uuid=identifier(dice))
        payload |= {"from": sent["to"], "timestamp": _later(attempt.claimed_at, seconds)}
        payload.pop("context", None)
        if attempt.answer and attempt.answer.vonage_message_uuid and dice.random() < 0.3:
            payload["context"] = {"message_uuid": attempt.answer.vonage_message_uuid}
        yield payload


def _later(moment: datetime, seconds: int) -> str:
    return to_text(moment + timedelta(seconds=seconds))
