"""The protocol in a world of which everything is known: one dispatch, its timers, its webhooks, and who works on it.

The use-cases that run here are the real ones. A process (an invocation) is nothing but the results of the port calls
that it has made so far: to go on, it is run again from the start, is given those results, and stops at its next call.
So a state of the world is a value, every call is a point where anything may come between, and a crash is forgetting
a process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from math import ceil
from typing import Any, NamedTuple
from uuid import UUID

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Contact
from getthrough.domain.conversation.conversation import Sent
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Dispatch, OnUnknown, Step
from getthrough.domain.dispatch.request import Request
from getthrough.domain.event.webhook import InboundMessage, StatusEvent, parse_inbound, parse_status
from getthrough.domain.message.status import Condition, Status
from getthrough.domain.ports import Seen, Timer
from getthrough.domain.values.errors import (
    GetthroughError,
    OptedOutError,
    UnavailableError,
    VersionConflictError,
)
from getthrough.domain.values.identifiers import dispatch_uuid_from, message_uuid, parse_message_uuid
from getthrough.domain.values.quiet_hours import QuietHours
from getthrough.usecases.advance_dispatch import advance_dispatch
from getthrough.usecases.change_dispatch import cancel_dispatch
from getthrough.usecases.queue_due import HORIZON, queue_due
from getthrough.usecases.receive_inbound import receive_inbound
from getthrough.usecases.record_status import record_status
from getthrough.usecases.retrying import Origin
from getthrough.usecases.send_dispatch import send_dispatch
from tests.builders import NOON, status_payload

LONGEST_DELAY = 900

KEY = "order 7"
DISPATCH_UUID = dispatch_uuid_from(UUID(bytes=hashlib.sha256(f"bakery\0{KEY}".encode()).digest()[:16]))

Webhook = tuple[int, Status]
"""A status webhook: the step and its status."""


class Budget(NamedTuple):
    """How much may go wrong, or happen by itself, in one history. Every way in which it may happen is explored.

    `calls` are the client's, all with one idempotency key, of which each may come before the others are answered;
    `cancels` its cancellations; `stops` are customers who opt out, `replies` customers who answer; `faults` port calls
    that fail, or are carried out and then fail; `lost_acks` invocations that end well without anybody hearing of it;
    `slow` how often time may pass in the middle of an invocation; `at_once` how many invocations run at the same time.
    With `ticks` the tick may run at any time.
    """

    crashes: int = 0
    faults: int = 0
    webhooks: int = 0
    lost_acks: int = 0
    stops: int = 0
    replies: int = 0
    calls: int = 1
    cancels: int = 0
    ticks: bool = False
    slow: int = 1
    at_once: int = 2


class Process(NamedTuple):
    """`kind` is api (`about` the number of the call), timer (its due time), webhook, inbound (a contact and what it
    says), cancel or tick.

    `results` and `call` stand in the model's table.
    """

    kind: str
    about: Any
    results: int
    call: int


class Posts(NamedTuple):
    """What the provider received for a step: how many it took, and how many it may have taken, for all that we know."""

    taken: int = 0
    maybe: int = 0


class World(NamedTuple):
    """A state. `dispatch` stands in the model's table; `queue` holds due times, in seconds after noon, in order;
    `acked` the webhooks that were answered with 200, `settled` those of which nothing is left to be done, `said` the
    inbound messages that were answered with 200."""

    budget: Budget
    posts: tuple[Posts, ...]
    now: int = 0
    dispatch: int = 0
    events: frozenset[Webhook] = frozenset()
    acked: frozenset[Webhook] = frozenset()
    completed: frozenset[Webhook] = frozenset()
    said: frozenset[tuple[Contact, str]] = frozenset()
    queue: tuple[int, ...] = ()
    processes: tuple[Process, ...] = ()
    ids: int = 0
    accepted: bool = False
    opted_out: frozenset[Contact] = frozenset()


class Message(dict[str, Any]):
    """A message that can be looked up in a table."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self.get("to"))


def _same(value: Any) -> Any:
    return value


_HASHABLE: dict[type, Callable[[Any], Any]] = {dict: Message, list: tuple}


class _Suspend(BaseException):
    """A process has come to a call whose result it does not have yet."""


class _Ports:
    """Every bundle of one process, and each port in it: they give the process the results that it has, then stop it."""

    dispatches = events = conversations = opt_outs = timers = gateway = property(lambda self: self)

    def __init__(self, results: tuple[Any, ...], now: int, ids: int) -> None:
        self.results, self.given, self.now, self.ids = list(results), 0, now, ids
        self.call: tuple[str, tuple[Any, ...]] = ("", ())

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._give, name)

    def clock(self) -> datetime:
        """Reading the clock is no point where others come between: the call that follows it is."""
        if self.given == len(self.results):
            self.results.append(NOON + timedelta(seconds=self.now))
        moment: datetime = self._give("clock")
        return moment

    def new_id(self) -> str:
        if self.given == len(self.results):
            self.results.append(f"claim {self.ids}")
            self.ids += 1
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
            raise result
        return result


class Model:
    """A dispatch's plan, and what the provider may do: the answers that it may give, the statuses that it may tell.
    `send_at` is in seconds after noon; quiet hours begin on that day, by the clocks of UTC."""

    def __init__(
        self,
        *steps: Step,
        answers: tuple[str, ...] = ("accepted", "refused", "unavailable", "unknown, taken", "unknown, not taken"),
        statuses: tuple[Status, ...] = (Status.SUBMITTED, Status.REJECTED, Status.DELIVERED),
        on_unknown: OnUnknown = OnUnknown.MOVE_ON,
        send_at: int | None = None,
        quiet_hours: QuietHours | None = None,
    ) -> None:
        self.steps, self.answers, self.statuses, self.on_unknown = steps, answers, statuses, on_unknown
        self.send_at = None if send_at is None else NOON + timedelta(seconds=send_at)
        self.quiet_hours = quiet_hours
        self._table: list[Any] = [None]
        self._place: dict[Any, int] = {None: 0}
        self._resumed: dict[tuple[Any, ...], tuple[Process | None, int, bool]] = {}

    def dispatch(self, world: World) -> Dispatch | None:
        found: Dispatch | None = self._table[world.dispatch]
        return found

    def start(self, budget: Budget) -> World:
        return World(budget, tuple(Posts() for _ in self.steps))

    def next(self, world: World) -> Iterator[tuple[str, World]]:
        """Every state that may follow, with the name of what happened."""
        for process in world.processes:
            yield from self._step(world, process)
            if world.budget.crashes:
                spent = world.budget._replace(crashes=world.budget.crashes - 1)
                yield f"{process.kind} crashes", _without(world, process)._replace(budget=spent)
        if len(world.processes) < world.budget.at_once:
            yield from self._begin(world)
        if not world.processes or world.budget.slow:
            yield from self._pass_time(world)

    def _begin(self, world: World) -> Iterator[tuple[str, World]]:
        running = {(process.kind, process.about) for process in world.processes}
        if world.budget.calls and not world.accepted:
            spent = world._replace(budget=world.budget._replace(calls=world.budget.calls - 1))
            yield f"call {world.budget.calls}", self._resume(spent, "api", world.budget.calls, ())
        if world.budget.cancels and world.dispatch and ("cancel", None) not in running:
            spent = world._replace(budget=world.budget._replace(cancels=world.budget.cancels - 1))
            yield "cancel", self._resume(spent, "cancel", None, ())
        for due in sorted(set(world.queue)):
            if due <= world.now and ("timer", due) not in running:
                yield f"timer {due}", self._resume(world, "timer", due, ())
        if world.budget.webhooks:
            spent = world._replace(budget=world.budget._replace(webhooks=world.budget.webhooks - 1))
            for step, posts in enumerate(world.posts):
                for status in self.statuses if posts.taken else ():
                    if ("webhook", (step, status)) not in running:
                        yield f"{status} of step {step}", self._resume(spent, "webhook", (step, status), ())
        if world.budget.stops:
            spent = world._replace(budget=world.budget._replace(stops=world.budget.stops - 1))
            yield from self._say("STOP", spent)
        if world.budget.replies:
            spent = world._replace(budget=world.budget._replace(replies=world.budget.replies - 1))
            yield from self._say("Yes", spent)
        if world.budget.ticks and world.dispatch and ("tick", None) not in running:
            yield "tick", self._resume(world, "tick", None, ())

    def _say(self, text: str, world: World) -> Iterator[tuple[str, World]]:
        running = {(process.kind, process.about) for process in world.processes}
        for contact in dict.fromkeys(step.contact for step in self.steps):
            if ("inbound", (contact, text)) not in running:
                yield f"{contact.address} says {text}", self._resume(world, "inbound", (contact, text), ())

    def _step(self, world: World, process: Process) -> Iterator[tuple[str, World]]:
        name, arguments = self._table[process.call]
        results = self._table[process.results]
        for label, result, after in self._outcomes(world, name, arguments):
            event = f"{process.kind}: {name} {label}".rstrip()
            without = _without(after, process)
            resumed = self._resume(without, process.kind, process.about, (*results, result))
            yield event, resumed
            ended_well = resumed.processes == without.processes and resumed != without
            if ended_well and world.budget.lost_acks:
                spent = without.budget._replace(lost_acks=without.budget.lost_acks - 1)
                yield f"{event}; nobody hears that it is done", without._replace(budget=spent)

    def _resume(self, world: World, kind: str, about: Any, results: tuple[Any, ...]) -> World:
        """The world with a process run up to its next call, or gone if it has come to its end."""
        key = kind, about, self._keep(results), world.now, world.ids
        if key not in self._resumed:
            self._resumed[key] = self._run_up_to_next_call(kind, about, results, world)
        process, ids, ended_well = self._resumed[key]
        if process is not None:
            order = sorted((*world.processes, process), key=lambda one: (one.kind, str(one.about)))
            return world._replace(processes=tuple(order), ids=ids)
        return _ended_well(world, kind, about) if ended_well else world

    def _run_up_to_next_call(
        self, kind: str, about: Any, results: tuple[Any, ...], world: World
    ) -> tuple[Process | None, int, bool]:
        ports = _Ports(results, world.now, world.ids)
        try:
            self._run(kind, about, ports)
        except _Suspend:
            process = Process(kind, about, self._keep(tuple(ports.results)), self._keep(ports.call))
            return process, ports.ids, False
        except GetthroughError:  # the timer stays on the queue, the webhook comes again, the client sees a 5xx
            return None, ports.ids, False
        return None, ports.ids, True

    def _run(self, kind: str, about: Any, ports: Any) -> None:
        match kind:
            case "api":
                request = Request(self.steps, self.on_unknown, "", self.send_at, self.quiet_hours)
                send_dispatch(ports, request, Origin("bakery", KEY))
            case "timer":
                advance_dispatch(ports, Timer(DISPATCH_UUID, NOON + timedelta(seconds=about)))
            case "webhook":
                record_status(ports, EVENTS[about])
            case "cancel":
                cancel_dispatch(ports, DISPATCH_UUID)
            case "inbound":
                receive_inbound(ports, _SAYINGS[about])
            case "tick":
                queue_due(ports)

    def _outcomes(self, world: World, name: str, arguments: tuple[Any, ...]) -> Iterator[tuple[str, Any, World]]:
        """Everything that a port call may come to: its result, and the world after it."""
        if name == "submit":
            yield from self._submit(world, arguments[0])
            return
        result, after = self._execute(world, name, arguments)
        yield "", result, after
        if world.budget.faults:
            spent = world.budget._replace(faults=world.budget.faults - 1)
            yield "fails", _FAULT, world._replace(budget=spent)
            if after != world:
                yield "is done, but the answer is lost", _FAULT, after._replace(budget=spent)
                if name in ("save", "save_claim"):
                    yield "is done, and done again", _CONFLICT, after._replace(budget=spent)

    def _submit(self, world: World, message: Message) -> Iterator[tuple[str, Any, World]]:
        address = parse_message_uuid(message["client_ref"])
        assert address is not None
        step = address[1]
        before = world.posts[step]
        for label in self.answers:
            taken, maybe = label in ("accepted", "unknown, taken"), label not in ("refused", "unavailable")
            posts = Posts(before.taken + taken, before.maybe + maybe)
            after = world._replace(posts=(*world.posts[:step], posts, *world.posts[step + 1 :]))
            yield label, Answer(kind=AnswerKind(label.partition(",")[0])), after

    def _execute(self, world: World, name: str, arguments: tuple[Any, ...]) -> tuple[Any, World]:
        dispatch = self.dispatch(world)
        match name, arguments:
            case "get", (Contact() as contact,):
                return (_opt_out(contact) if contact in world.opted_out else None), world
            case "get", _:
                return dispatch, world
            case "save" | "save_claim", (changed, *step):
                assert changed.dispatch_uuid == DISPATCH_UUID, "P2: another dispatch for the same key"
                if changed.version != (dispatch.version if dispatch else 0):
                    return _CONFLICT, world
                if step and changed.steps[step[0]].contact in world.opted_out:
                    return _OPTED_OUT, world
                saved = _next_version(changed)
                return saved, world._replace(dispatch=self._keep(saved))
            case "arm", (due,):
                return None, world._replace(queue=_armed(world, due))
            case "change", (opt_out,):
                return True, world._replace(opted_out=world.opted_out | {opt_out.contact})
            case "sent", (contact, _, *awaiting_reply):
                sent = _sent(dispatch, contact)
                return tuple(one for one in sent if one.awaits_reply or not awaiting_reply), world
            case (("add" | "complete"), (InboundMessage(), *_)):
                return Seen(new=True), world
            case (("add" | "complete"), (StatusEvent() as event,)):
                return _webhook(name, event, world)
            case "due", (until,):
                at = failover.wake_at(dispatch) if dispatch else None
                return ((Timer(DISPATCH_UUID, at),) if at is not None and at <= until else ()), world
            case _:
                raise AssertionError(f"no such port call: {name}")

    def _pass_time(self, world: World) -> Iterator[tuple[str, World]]:
        """The clock goes on to the next moment at which anything can become different."""
        moments = set(world.queue)
        dispatch = self.dispatch(world)
        if world.budget.ticks and dispatch and (at := failover.wake_at(dispatch)) is not None:
            wakes = ceil((at - NOON).total_seconds())
            moments |= {wakes, wakes - int(HORIZON.total_seconds())}
        if self.quiet_hours is not None:
            began = datetime.combine(NOON, self.quiet_hours.starts, UTC) - NOON
            moments.add(int(began.total_seconds()))
        later = [moment for moment in moments if moment > world.now]
        if later:
            slow = world.budget.slow - 1 if world.processes else world.budget.slow
            yield "time passes", world._replace(now=min(later), budget=world.budget._replace(slow=slow))

    def _keep(self, value: Any) -> int:
        """The place of a value in the table: comparing places is comparing values, and a hundred times faster."""
        if value not in self._place:
            self._place[value] = len(self._table)
            self._table.append(value)
        return self._place[value]


_FAULT = UnavailableError("fault")
_OPTED_OUT = OptedOutError("no more messages")
_CONFLICT = VersionConflictError("somebody else, or we ourselves, wrote first")


class _Sayings(dict[tuple[Contact, str], InboundMessage]):
    """What each contact may say; at a time at which everything had been sent, so that it answers all of it."""

    def __missing__(self, saying: tuple[Contact, str]) -> InboundMessage:
        contact, text = saying
        payload = {"channel": contact.channel, "from": contact.address, "message_uuid": "in", "text": text}
        self[saying] = parse_inbound(payload, received_at=_LATER)
        return self[saying]


_LATER = NOON + timedelta(days=1)
_SAYINGS = _Sayings()
EVENTS = {
    (step, status): parse_status(
        status_payload(status, client_ref=message_uuid(DISPATCH_UUID, step)), received_at=NOON + timedelta(seconds=1)
    )
    for step in range(10)
    for status in Status
}


def _webhook(name: str, event: StatusEvent, world: World) -> tuple[Seen | None, World]:
    """Store an event, or note that it is settled."""
    key = event.step or 0, event.status or Status.SUBMITTED
    if name == "complete":
        return None, world._replace(completed=world.completed | {key})
    return Seen(key not in world.events, key in world.completed), world._replace(events=world.events | {key})


def _opt_out(contact: Contact) -> OptOut:
    return OptOut(contact=contact, opted_out=True, changed_at=_LATER, why="", by="customer")


def _sent(dispatch: Dispatch | None, contact: Contact) -> tuple[Sent, ...]:
    """What the claims have noted in a contact's conversation."""
    attempts = enumerate(dispatch.attempts) if dispatch else ()
    return tuple(
        Sent(message_uuid(DISPATCH_UUID, number), attempt.claimed_at, True, step.condition_status is Condition.REPLIED)
        for number, attempt in attempts
        if dispatch and (step := dispatch.steps[number]).contact == contact and not attempt.not_sent
    )


def _next_version(dispatch: Dispatch) -> Dispatch:
    return replace(dispatch, version=dispatch.version + 1)


def _armed(world: World, due: tuple[Timer, ...]) -> tuple[int, ...]:
    """The queue with new timers: whole seconds, rounded up, nothing beyond the longest delay.

    Three timers of one moment can do no more than two: one that is being carried out, and another one.
    """
    now = NOON + timedelta(seconds=world.now)
    delays = [ceil((item.at - now).total_seconds()) for item in due]
    moments = [world.now + max(0, delay) for delay in delays if delay <= LONGEST_DELAY]
    return tuple(sorted((*world.queue, *(moment for moment in moments if world.queue.count(moment) < 2))))


def _without(world: World, process: Process) -> World:
    return world._replace(processes=tuple(other for other in world.processes if other != process))


def _ended_well(world: World, kind: str, about: Any) -> World:
    match kind:
        case "api":
            return world._replace(accepted=True)
        case "timer":
            queue = list(world.queue)
            queue.remove(about)
            return world._replace(queue=tuple(queue))
        case "webhook":
            return world._replace(acked=world.acked | {about})
        case "inbound":
            return world._replace(said=world.said | {about})
        case _:
            return world
