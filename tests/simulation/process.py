"""A process (an invocation) of a world: nothing but the results of the port calls that it has made so far.

To go on, it runs again from the start, is given those results, and stops at its next call. So every call is a point
where anything may come between, and a crash is forgetting a process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from getthrough.domain.client.audit import AuditEntry
from getthrough.domain.contact.contact import Address, contact_of
from getthrough.domain.dispatch.automatic_answer import Answers
from getthrough.domain.dispatch.dispatch import Dispatch, Step
from getthrough.domain.dispatch.request import Request
from getthrough.domain.erasure.erasure import SWEEP_UUID, Erasure
from getthrough.domain.event.webhook import InboundMessage, parse_inbound, parse_status
from getthrough.domain.limit.limits import NO_LIMITS, Limits
from getthrough.domain.message.outages import Channels, Health
from getthrough.domain.message.status import Status
from getthrough.domain.ports import Timer
from getthrough.domain.values.errors import GetthroughError, UnavailableError
from getthrough.domain.values.identifiers import derived, dispatch_uuid_from, message_uuid
from getthrough.domain.values.rfc3339 import to_text
from getthrough.handlers._audit import noted
from getthrough.handlers._http import Response
from getthrough.usecases.advance_dispatch import advance_dispatch
from getthrough.usecases.change_dispatch import cancel_dispatch
from getthrough.usecases.erase_contact import ask_erasure, run_sweep
from getthrough.usecases.know_customer import link_accounts
from getthrough.usecases.queue_due import queue_due
from getthrough.usecases.receive_inbound import receive_inbound
from getthrough.usecases.record_status import record_status
from getthrough.usecases.retrying import Origin
from getthrough.usecases.send_dispatch import send_dispatch
from tests.builders import FIRST, FROM, NOON, status_payload
from tests.simulation.state import Job, Said

KEY = "order 7"
DISPATCH_UUID = dispatch_uuid_from(UUID(bytes=hashlib.sha256(f"bakery\0{KEY}".encode()).digest()[:16]))
ORIGIN = Origin("bakery", KEY, "request 7")
LATER = NOON + timedelta(days=1)
"""When everything has been sent: customers speak then, so that they answer all of it. Who erases them looks at that
clock, so that what they wrote before is older than their erasure."""

_WRITTEN_LATE = LATER - timedelta(minutes=2)
_CUSTOMER = "keyed hash of the customer"
NO_ID = "in"
LINKED_TO = contact_of("sms", FIRST)
CLAIM = "claim "
_ERASURE = "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e500"

Call = tuple[str, tuple[Any, ...]]
"""A port's method and its arguments."""


class Message(dict[str, Any]):
    """A message, or another mapping, that can be looked up in a table."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self.get("to"))


class Progress(NamedTuple):
    """How far a process came: the results that it has, with the moments and ids that it read on its way, and its next
    call. Without a call it is over; `ended_well` is False if it failed."""

    results: tuple[Any, ...]
    call: Call | None = None
    ended_well: bool = False


class Asked(NamedTuple):
    """What the client asks for, the limits of its stack, and the channels that are down. A stack that `gives` an
    automatic answer is not asked for anything else. One that `enforces` service windows looks at them itself."""

    request: Request
    limits: Limits = NO_LIMITS
    down: tuple[str, ...] = ()
    gives: str = ""
    enforces: bool = False

    @property
    def dispatch_uuid(self) -> str:
        """The one dispatch that there may be: of the client's key, or of the customer's day."""
        of_the_day = derived(self.gives, _CUSTOMER, f"{NOON.date()}")
        return dispatch_uuid_from(of_the_day) if self.gives else DISPATCH_UUID


def run(job: Job, asked: Asked, results: tuple[Any, ...], now: int, claims: int) -> Progress:
    """Run a process up to its next call. Claims have ids from the number `claims` on."""
    ports = _Ports(results, now, claims)
    ports.limits, ports.channels = asked.limits, _Channels(asked.down)
    if asked.gives:
        ports.answers = Answers({asked.gives: "Cupcakes Ltd."}, hash_of=lambda contact: _CUSTOMER)
    ports.enforces = asked.enforces
    ports.noon = LATER if job.kind in ("erase", "sweep") else NOON
    try:
        _invoke(job, asked, ports)
    except _Suspend:
        return Progress(tuple(ports.results), ports.call)
    except GetthroughError:  # the timer stays on the queue, the webhook comes again, the client gets a 5xx
        return Progress(tuple(ports.results))
    return Progress(tuple(ports.results), ended_well=True)


def claims_in(known: Any) -> tuple[str, ...]:
    """The ids of claims that a value has, in their order."""
    match known:
        case str():
            return (known,) if known.startswith(CLAIM) else ()
        case Dispatch():
            return claims_in(tuple(attempt.claim_id for attempt in known.attempts))
        case tuple():
            return tuple(claim for one in known for claim in claims_in(one))
    return ()


def with_claims(known: Any, names: Mapping[str, str]) -> Any:
    """A value with other ids for its claims."""
    match known:
        case str():
            return names.get(known, known)
        case Dispatch():
            attempts = [replace(attempt, claim_id=with_claims(attempt.claim_id, names)) for attempt in known.attempts]
            return replace(known, attempts=tuple(attempts))
        case tuple():
            same_kind = getattr(known, "_make", tuple)
            return same_kind(with_claims(one, names) for one in known)
    return known


class _Suspend(BaseException):
    """A process has come to a call whose result it does not have yet."""


def _same(value: Any) -> Any:
    return value


def _countless(erasure: Erasure) -> Erasure:
    return replace(erasure, erased=Message())


def _with_messages(dispatch: Dispatch) -> Dispatch:
    """The messages of an automatic answer are no Message yet."""
    if isinstance(dispatch.steps[0].message, Message):
        return dispatch
    return replace(dispatch, steps=tuple(map(_with_message, dispatch.steps)))


def _with_message(step: Step) -> Step:
    return replace(step, message=Message(step.message), given=Message())


_HASHABLE: dict[type, Callable[[Any], Any]] = {
    dict: Message,
    list: tuple,
    Erasure: _countless,
    Dispatch: _with_messages,
}


class _Erasures:
    """The port whose methods have names that others have too."""

    def __init__(self, ports: _Ports) -> None:
        self._ports = ports

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._ports._give, f"erasures.{name}")


class _Channels(NamedTuple):
    """The port: what an environment has read before."""

    down: tuple[str, ...] = ()

    def known(self) -> Channels:
        return {destination: Health(down=True, at=LATER) for destination in self.down}


class _Ports:
    """Every bundle of one process, and each port in it: they give the process the results that it has, then stop it."""

    dispatches = events = conversations = opt_outs = aliases = timers = gateway = property(lambda self: self)
    counters = marks = property(lambda self: self)
    erasures = property(_Erasures)
    dead_letters = ()
    noon = NOON
    limits = NO_LIMITS
    channels = _Channels()
    client_limits = staticmethod(lambda client_name: NO_LIMITS)
    enforces = False
    service_windows = property(lambda self: self if self.enforces else None)
    messages_per_second = 30
    stop_phrases: frozenset[str] = frozenset()
    answers: Answers | None = None

    def __init__(self, results: tuple[Any, ...], now: int, claims: int) -> None:
        self.results, self.given, self.now, self.claims = list(results), 0, now, claims
        self.call: Call = ("", ())

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._give, name)

    def clock(self) -> datetime:
        """Nothing comes between a process and its clock: it does between a process and the call that follows."""
        if self.given == len(self.results):
            self.results.append(self.noon + timedelta(seconds=self.now))
        moment: datetime = self._give("clock")
        return moment

    def new_id(self) -> str:
        if self.noon == LATER:
            return _ERASURE
        if self.given == len(self.results):
            self.results.append(f"{CLAIM}{self.claims}")
            self.claims += 1
        identifier: str = self._give("new_id")
        return identifier

    def _give(self, name: str, *arguments: Any, **named: Any) -> Any:
        if self.given == len(self.results):
            given = (*arguments, *named.values())
            self.call = name, tuple(_HASHABLE.get(type(item), _same)(item) for item in given)
            raise _Suspend
        result = self.results[self.given]
        self.given += 1
        if isinstance(result, GetthroughError):
            raise result.with_traceback(None)
        return result


def _invoke(job: Job, asked: Asked, ports: Any) -> None:
    match job.kind:
        case "api":
            send_dispatch(ports, asked.request, ORIGIN)
        case "timer":
            advance_dispatch(ports, Timer(asked.dispatch_uuid, NOON + timedelta(seconds=job.about)))
        case "webhook":
            record_status(ports, EVENTS[job.about])
        case "cancel":
            entry = AuditEntry(NOON, "bakery", "dispatch.cancel", "request 9", asked.dispatch_uuid)
            noted(ports.note, entry, partial(_cancel, ports, asked.dispatch_uuid))
        case "unlink":
            link_accounts(ports, LINKED_TO, [])
        case "inbound":
            receive_inbound(ports, _INBOUND[job.about])
        case "erase":
            ask_erasure(ports, Address(*job.about), "bakery")
        case "sweep":
            run_sweep(ports, Timer(SWEEP_UUID, LATER + timedelta(seconds=ports.now)))
        case "tick":
            queue_due(ports)


def _cancel(ports: Any, dispatch_uuid: str) -> Response:
    try:
        cancel_dispatch(ports, dispatch_uuid)
    except UnavailableError:
        return {"statusCode": 503}
    return {"statusCode": 200}


_USAGE = {"currency": "EUR", "price": "0.04"}

EVENTS = {
    (step, status): parse_status(
        status_payload(status, client_ref=message_uuid(DISPATCH_UUID, step), usage=_USAGE),
        received_at=NOON + timedelta(seconds=1),
    )
    for step in range(10)
    for status in Status
}


class _Inbound(dict[Said, InboundMessage]):
    """What a customer may say."""

    def __missing__(self, said: Said) -> InboundMessage:
        payload: dict[str, Any] = {"channel": said.channel, "from": said.address, "to": FROM}
        payload["message_uuid"] = NO_ID if said.at is None else f"{said}"
        if said.quotes is not None:
            payload["context"] = {"message_uuid": vonages_id(said.quotes)}
        if said.user_id is not None:
            payload["whatsapp"] = {"user_id": said.user_id}
        if said.late:
            payload["timestamp"] = to_text(_WRITTEN_LATE)
        self[said] = parse_inbound({**payload, "text": said.text}, received_at=arrives_at(said))
        return self[said]


def arrives_at(said: Said) -> datetime:
    return LATER if said.at is None else NOON + timedelta(seconds=said.at)


def vonages_id(step: int) -> str:
    return f"vonage-{step}"


_INBOUND = _Inbound()
