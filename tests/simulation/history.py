"""One long history: many dispatches, the real use-cases on the fakes, and everything that may happen to them.

An invocation stands still at each of its port calls, so that any other may come between, and goes on when the caller
says so, with the fate of that call. The promises are looked at with every write, every POST, and whenever `check` is
called.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Any, NamedTuple

from getthrough.domain.contact.contact import Contact
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.automatic import STARTED, STOPPED, confirms_stop
from getthrough.domain.dispatch.dispatch import (
    GIVEN_UP,
    Answer,
    AnswerKind,
    Attempt,
    Because,
    Dispatch,
    OnUnknown,
)
from getthrough.domain.dispatch.request import Request
from getthrough.domain.event.webhook import InboundMessage, StatusEvent
from getthrough.domain.message.status import Condition
from getthrough.domain.ports import Timer
from getthrough.domain.schedule import schedule as schedules_of
from getthrough.domain.schedule.schedule import Missed, Schedule, State
from getthrough.domain.values.errors import GetthroughError, IdempotencyConflictError, UnavailableError
from getthrough.domain.values.identifiers import derived, dispatch_uuid_from, is_schedule_uuid, parse_message_uuid
from getthrough.usecases.advance_dispatch import advance_dispatch
from getthrough.usecases.change_dispatch import cancel_dispatch
from getthrough.usecases.change_schedule import change_schedule, create_schedule
from getthrough.usecases.queue_due import HORIZON, queue_due
from getthrough.usecases.receive_inbound import Received, receive_inbound
from getthrough.usecases.record_status import record_status
from getthrough.usecases.retrying import Origin
from getthrough.usecases.run_schedule import run_schedule
from getthrough.usecases.send_dispatch import send_dispatch
from getthrough.usecases.send_step import POST_TIME
from tests.fakes import (
    FakeAliases,
    FakeClock,
    FakeConversations,
    FakeCounters,
    FakeDispatches,
    FakeIds,
    FakeMarks,
    FakeOptOuts,
    FakeSchedules,
    FakeStatusEvents,
)
from tests.simulation.explore import BrokenPromiseError, too_early
from tests.simulation.invocation import Call, Invocation, Ports, Suspend

LONGEST_DELAY = timedelta(seconds=900)
TICK = timedelta(minutes=5)
EARLIEST = datetime.min.replace(tzinfo=UTC)
LONGEST_INVOCATION = timedelta(seconds=30)
RESEND_AFTER = timedelta(seconds=60)
SHORT = timedelta(minutes=10)
"""Windows up to here never need the tick: every timer of theirs fits into the queue."""

ANSWERS = ("accepted", "refused", "unavailable", "account", "unknown, accepted", "unknown, not accepted")
_KINDS = {
    "accepted": Answer(kind=AnswerKind.ACCEPTED, http_status=202),
    "refused": Answer(kind=AnswerKind.REFUSED, http_status=422),
    "unavailable": Answer(kind=AnswerKind.UNAVAILABLE, http_status=503),
    "account": Answer(kind=AnswerKind.UNAVAILABLE, http_status=402, account=True),
    "unknown, accepted": Answer(kind=AnswerKind.UNKNOWN),
    "unknown, not accepted": Answer(kind=AnswerKind.UNKNOWN, http_status=500),
}


class Fate(StrEnum):
    """What becomes of a port call. A POST only knows the deaths: everything else is the provider's answer."""

    DONE = "done"
    FAILS = "fails"
    LOST = "done, but the answer is lost"
    TWICE = "done, and done again"
    DIES_BEFORE = "the invocation dies before it"
    DIES_AFTER = "the invocation dies after it"


SAVES = ("save", "save_claim")
"""Of a dispatch: what is written of a schedule is looked at afterwards."""
DEATHS = (Fate.DIES_BEFORE, Fate.DIES_AFTER)


class Queued(NamedTuple):
    """A message of the queue, not to be seen before `at`."""

    at: datetime
    number: int
    due: Timer


class Asked(NamedTuple):
    request: Request
    key: str | None


class Accepted(NamedTuple):
    """A message that the provider has: it may report statuses of it."""

    message_uuid: str
    vonage_message_uuid: str


class Noted(NamedTuple):
    """A step in its contact's conversation. It `may_go_out` if its customer had, then or later, said what it needs:
    nothing of a STOP, or a STOP that it confirms. The address itself can have said it, before it was linked to that
    customer. `at` is when it was noted first, at its first try."""

    contacts: frozenset[Contact]
    wants_stopped: bool
    may_go_out: bool
    at: datetime


@dataclass
class IndexedDispatches(FakeDispatches):
    """The fake, with the index of what is under way kept as the table keeps it: by the writes."""

    waking: dict[str, datetime] = field(default_factory=dict)
    armed: set[str] = field(default_factory=set)

    def save(self, dispatch: Dispatch) -> Dispatch:
        saved = super().save(dispatch)
        indexed_at = failover.indexed_at(saved)
        if indexed_at is None:
            self.waking.pop(saved.dispatch_uuid, None)
        else:
            self.waking[saved.dispatch_uuid] = indexed_at
        self.armed -= {saved.dispatch_uuid}
        if indexed_at is not None and failover.is_armed(saved, indexed_at):
            self.armed.add(saved.dispatch_uuid)
        return saved

    def due(self, now: datetime, until: datetime) -> Iterator[Timer]:
        for dispatch_uuid, at in [*self.waking.items()]:
            if at <= (now if dispatch_uuid in self.armed else until):
                yield Timer(dispatch_uuid, at)
        yield from self.schedules.due(until)
        yield from self.batches.due(until)


@dataclass
class IndexedSchedules(FakeSchedules):
    """The same for schedules, in the same index."""

    waking: dict[str, datetime] = field(default_factory=dict)

    def save(self, schedule: Schedule) -> Schedule:
        saved = super().save(schedule)
        wake_at = schedules_of.wake_at(saved)
        self.waking.pop(saved.schedule_uuid, None)
        if wake_at is not None:
            self.waking[saved.schedule_uuid] = wake_at
        return saved


class Occurrences:
    """The times of a schedule from its beginning on, with the id of the dispatch that each of them makes."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        first = replace(schedule, next_at=schedule.created_at, max_runs=None)
        self._later = schedules_of.upcoming(first, first.created_at)
        self._next = next(self._later, None)
        self._past: dict[datetime, str] = {}

    def until(self, now: datetime) -> dict[datetime, str]:
        while self._next is not None and self._next <= now:
            self._past[self._next] = schedules_of.occurrence(self._schedule, self._next, now).dispatch_uuid
            self._next = next(self._later, None)
        return self._past


@dataclass
class History:
    """`when_over` hears of each invocation that ended, with what it returned or raised."""

    clock: FakeClock = field(default_factory=FakeClock)
    opt_outs: FakeOptOuts = field(default_factory=FakeOptOuts)
    aliases: FakeAliases = field(default_factory=FakeAliases)
    counters: FakeCounters = field(default_factory=FakeCounters)
    marks: FakeMarks = field(default_factory=FakeMarks)
    events: FakeStatusEvents = field(default_factory=FakeStatusEvents)
    conversations: FakeConversations = field(default_factory=FakeConversations)
    ids: FakeIds = field(default_factory=FakeIds)
    timers: dict[int, Queued] = field(default_factory=dict)
    running: list[Invocation] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    noted: dict[str, Noted] = field(default_factory=dict)
    reopened: dict[str, datetime] = field(default_factory=dict)
    said: list[InboundMessage] = field(default_factory=list)
    by_key: dict[str, str] = field(default_factory=dict)
    at_provider: list[Accepted] = field(default_factory=list)
    maybe_accepted: Counter[str] = field(default_factory=Counter)
    webhooks: list[StatusEvent] = field(default_factory=list)
    acked: dict[str, dict[str, StatusEvent]] = field(default_factory=dict)
    left_to_the_tick: set[str] = field(default_factory=set)
    altered: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    log: deque[str] = field(default_factory=lambda: deque(maxlen=80))
    when_over: Callable[[Invocation, Any], None] = lambda invocation, result: None
    _occurrences: dict[str, Occurrences] = field(default_factory=dict)
    _seen_schedules: dict[str, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dispatches = IndexedDispatches(opt_outs=self.opt_outs, conversations=self.conversations)
        self.schedules = IndexedSchedules(waking=self.dispatches.waking)

    # What happens

    def begin(self, kind: str, about: Any = None, *, unheard: bool = False) -> Invocation:
        invocation = Invocation(kind, about, self.clock(), unheard)
        self.note(f"{kind} begins {about if kind in ('timer', 'cancel') else ''}")
        if kind == "inbound":
            self.said.append(about)
        self.running.append(invocation)
        self._resume(invocation)
        return invocation

    def go_on(self, invocation: Invocation, fate: Fate = Fate.DONE, answer: str = "accepted") -> None:
        """Carry out the call at which an invocation stands, and run it up to its next one."""
        call = invocation.call
        assert call is not None
        posts = call.method == "submit"
        self.counts["calls"] += 1
        self.counts["faults"] += fate is not Fate.DONE and (fate in DEATHS or not posts)
        self.note(f"{invocation.kind}: {call.port}.{call.method} {answer if posts else ''} {fate}")
        if fate is Fate.DIES_BEFORE:
            self.running.remove(invocation)
            return
        result = self._carried_out(invocation, call, fate, answer)
        if fate is Fate.DIES_AFTER:
            self.running.remove(invocation)
            return
        invocation.results.append(result)
        self._resume(invocation)

    def finish(self, invocation: Invocation) -> None:
        while invocation in self.running:
            self.go_on(invocation)

    def pass_time(self, seconds: float) -> None:
        """The clock goes on; an invocation that has lived for too long is killed."""
        self.clock.advance(seconds)
        self.running = [one for one in self.running if self.clock() - one.began <= LONGEST_INVOCATION]

    def complete(self) -> None:
        """No more faults: all that runs ends well, time passes, and every webhook comes again, acknowledged or not."""
        while self.running:
            self.finish(self.running[0])
        self._let_time_pass()
        for event in self.webhooks:
            self.finish(self.begin("webhook", event))
        self.check()
        self._let_time_pass()
        self.check()
        for dispatch in self.dispatches.stored.values():
            self.promise(dispatch.outcome is not None, f"P1: {dispatch.dispatch_uuid} is stuck: {dispatch}")
        for schedule in self.schedules.stored.values():
            self.promise(schedule.state is not State.ACTIVE, f"P13: {schedule.schedule_uuid} never ends: {schedule}")

    def _let_time_pass(self) -> None:
        """Timers fire in their order, and the tick runs where it has something to find, until everything is over."""
        tick = self.clock()
        for _ in range(20_000):
            if not self.dispatches.waking:
                return
            tick = max(tick, min(self.dispatches.waking.values()) - HORIZON)
            timer = min(self.timers.values(), default=None)
            if timer is not None and timer.at <= tick:
                self.clock.now = max(self.clock(), timer.at)
                self.finish(self.begin("timer", timer))
            else:
                self.clock.now = max(self.clock(), tick)
                self.finish(self.begin("tick"))
                tick += TICK

    # What is promised

    def check(self) -> None:
        """Everything that holds at any moment, whatever was carried out and whichever invocation is still at work."""
        stored = self.dispatches.stored
        self.promise(all(one in stored for one in self.accepted), "P1: accepted, but not stored")
        reported: dict[str, list[StatusEvent]] = {}
        for event in self.events.stored.values():
            reported.setdefault(event.dispatch_uuid or "", []).append(event)
        for dispatch_uuid, dispatch in stored.items():
            wakes = dispatch_uuid in self.dispatches.waking
            self.promise(wakes == (dispatch.outcome is None), f"P1: {dispatch_uuid} is under way, but never due")
            acked, events = self.acked.get(dispatch_uuid, {}), reported.get(dispatch_uuid, [])
            for event in acked.values():
                again = failover.apply(dispatch, event)
                self.promise(again == dispatch, f"P8: a copy of {event.status} changes {dispatch_uuid}")
            if all(event.digest in acked for event in events):
                self._check_rebuilt(dispatch, events)
        for schedule in self.schedules.stored.values():
            wakes = schedule.schedule_uuid in self.dispatches.waking
            self.promise(wakes == (schedule.state is State.ACTIVE), f"P13: {schedule.schedule_uuid} is never due")
            self._check_occurrences(schedule)
        if not self.running:
            self._check_timers()

    def promise(self, holds: bool, broken: str) -> None:
        if not holds:
            raise BrokenPromiseError("\n  ".join([broken, *self.log]))

    def note(self, happened: str) -> None:
        self.log.append(f"{self.clock():%d %H:%M:%S.%f} {happened}")

    def _check_rebuilt(self, dispatch: Dispatch, events: list[StatusEvent]) -> None:
        for order in (events, events[::-1]):
            same = failover.rebuild(dispatch, order) == dispatch
            self.promise(same, f"P4: {dispatch.dispatch_uuid} is not what its events make of it")

    def _check_timers(self) -> None:
        """With short windows neither a crash nor a fault costs a timer. Only a lost message of the queue needs the
        tick, or an invocation that was slow between a timer and the write that it is for, and then died."""
        alive = {timer.due.uuid for timer in self.timers.values()} | self.left_to_the_tick
        for dispatch_uuid in self.dispatches.waking.keys() & self.dispatches.stored.keys():
            dispatch = self.dispatches.stored[dispatch_uuid]
            at_once = dispatch.send_at is None and dispatch.quiet_hours is None
            short = at_once and all(step.window <= SHORT for step in dispatch.steps)
            self.promise(not short or dispatch_uuid in alive, f"P1: {dispatch_uuid} is under way without a timer")

    def _check_write(self, before: Dispatch | None, after: Dispatch) -> None:
        """P5 and P6 are about the claim, the moment after which a step may be sent."""
        if before is not None and before.outcome is not None and after.outcome is None:
            self.reopened[after.dispatch_uuid] = self.clock()
        if not after.attempts:
            return
        last = len(after.attempts) - 1
        again = before is not None and last < len(before.attempts)
        if again and before and before.attempts[last].tries == after.attempts[last].tries:
            return
        attempt = after.attempts[last]
        if attempt.not_sent:
            return
        early = too_early(after, last)
        self.promise(early is None, f"{early}: {after}")
        if before is None:
            return
        self.promise(before.succeeded_by is None, "P5: a step was claimed after a success had been recorded")
        self.promise(before.closed is None, "a step was claimed after the dispatch had been closed")
        if again:
            self._check_another_try(before.attempts[last], attempt)
        elif last == 0:
            return
        elif attempt.because is Because.WINDOW_ENDED:
            in_time = attempt.claimed_at >= before.window_ends_at(last - 1)
            self.promise(in_time, "P6: a step was claimed before the window of the one before had ended")
        else:
            self.promise(before.attempts[last - 1].failed, "P6: a step was claimed though the one before did not fail")

    def _check_occurrences(self, schedule: Schedule) -> None:
        """What was made counts as made, and nothing else: under `all`, every one of the times that were to come. Time
        alone changes none of that."""
        state = schedule.version, len(self.dispatches.stored)
        if self._seen_schedules.get(schedule.schedule_uuid) == state:
            return
        self._seen_schedules[schedule.schedule_uuid] = state
        times = self._occurrences.setdefault(schedule.schedule_uuid, Occurrences(schedule)).until(self.clock())
        made = [at for at, dispatch_uuid in times.items() if dispatch_uuid in self.dispatches.stored]
        reported = f"{schedule.schedule_uuid} made {made} of {list(times)}: {schedule}"
        self.promise(schedule.runs <= len(made), f"P13: {reported}")
        if schedule.schedule_uuid not in self.altered and schedule.missed is Missed.ALL:
            done = [at for at in times if schedule.next_at is None or at < schedule.next_at][: schedule.max_runs]
            self.promise(schedule.runs == len(done) and made[: len(done)] == done, f"P13: {reported}")

    def _check_another_try(self, before: Attempt, after: Attempt) -> None:
        self.promise(before.status is None, "P3: tried again, although a status shows that it was accepted")
        if before.answer is None or before.answer.kind is AnswerKind.UNKNOWN:
            waited = after.tried_at - (before.answered_at or before.tried_at) >= RESEND_AFTER
            self.promise(waited, "P3: sent again before its status could come")

    def _check_obeyed(self, message: InboundMessage, received: Received) -> None:
        """What an inbound message asks for has been done when it is acknowledged."""
        opted_out = message.contact in self.opt_outs.opted_out
        if received.opted_out is not None:
            self._check_confirmed(message, STOPPED if received.opted_out else STARTED)
        at = message.timestamp or message.received_at
        for dispatch in self.dispatches.stored.values():
            last = len(dispatch.attempts) - 1
            sent = last >= 0 and not dispatch.attempts[last].not_sent
            waits = dispatch.outcome is None and sent and dispatch.contact(last) == message.contact
            noted = self.noted.get(dispatch.message_uuid(last)) if waits else None
            was_over = self.reopened.get(dispatch.dispatch_uuid, EARLIEST) >= message.received_at
            obeyed = received.opted_out and opted_out and not was_over
            if obeyed and noted and noted.may_go_out and not confirms_stop(dispatch):
                given_up = dispatch.attempts[last].opted_out
                self.promise(given_up, f"P9: {dispatch.dispatch_uuid} waits for a contact that has opted out")
            acted_on = not received.seen.completed  # a copy says nothing of what the first one did
            if received.opted_out is None and message.quotes is None and acted_on:
                self._check_answered(dispatch, message.contact, at)

    def _check_confirmed(self, message: InboundMessage, name: str) -> None:
        """One confirmation for each customer and day, whatever copies and deaths: its id has both. It goes to an
        address from which the customer said the same: another account of theirs, or one that quoted a message of ours.
        """
        day = (message.timestamp or message.received_at).date()
        hashes = map(Ports.answers.hash_of, self._customers(message))
        ids = {dispatch_uuid_from(derived(name, customer, f"{day}")) for customer in hashes}
        answers = [self.dispatches.stored[one] for one in ids & self.dispatches.stored.keys()]
        self.promise(bool(answers), f"P9: nothing confirms what {message.contact.address} said")
        asked = {one.contact for one in self.said if one.text == message.text}
        to_them = all(one.steps[0].contact in asked for one in answers)
        self.promise(to_them, f"P9: what {message.contact.address} said is confirmed to someone who did not say it")

    def _customers(self, message: InboundMessage) -> set[Contact]:
        """All that the writer of a message may be known as. One who quotes a message is the one to whom it was sent."""
        known = {message.contact}
        for quoted in self.at_provider:
            address = parse_message_uuid(quoted.message_uuid)
            if quoted.vonage_message_uuid == message.quotes and address is not None:
                dispatch, step = self.dispatches.stored[address[0]], address[1]
                known |= {dispatch.contact(step), dispatch.steps[step].contact}
        return known | {phone for one in known if (phone := self.aliases.phone_of(one))}

    def _check_answered(self, dispatch: Dispatch, contact: Contact, at: datetime) -> None:
        """What is noted after the answer goes out after it, so it cannot be what was answered. A try that died before
        its note sent nothing, so those count for whom the step was noted before."""
        for number, (step, attempt) in enumerate(zip(dispatch.steps, dispatch.attempts, strict=False)):
            noted = self.noted.get(dispatch.message_uuid(number))
            if noted is None or noted.at > at:
                continue
            theirs = (attempt.contact or step.contact) == contact and contact in noted.contacts
            asked = step.condition_status is Condition.REPLIED and theirs and not _given_up(attempt)
            if asked and at - timedelta(days=7) <= attempt.claimed_at <= at:
                self.promise(attempt.replied_at is not None, f"{dispatch.dispatch_uuid} does not know of its answer")

    # The ports

    def _carried_out(self, invocation: Invocation, call: Call, fate: Fate, answer: str) -> Any:
        if call.method == "submit":
            return self._submit(call.arguments[0], answer)
        if call.method == "update":
            return self._revoke(call.arguments[0])
        if fate is Fate.FAILS:
            return UnavailableError("fault")
        result = self._executed(call)
        if fate is Fate.TWICE:
            result = self._executed(call)
        if call.port == "dispatches" and call.method in SAVES and self.clock() - invocation.began > POST_TIME:
            # A timer that was armed before this write may have fired before it, and found nothing to do.
            self.left_to_the_tick.add(call.arguments[0].dispatch_uuid)
        return UnavailableError("fault") if fate is Fate.LOST else result

    def _executed(self, call: Call) -> Any:
        if call.port == "timers":
            return self._arm(*call.arguments)
        saves = call.port == "dispatches" and call.method in SAVES
        before = self.dispatches.stored.get(call.arguments[0].dispatch_uuid) if saves else None
        try:
            result = getattr(getattr(self, call.port), call.method)(*call.arguments, **call.named)
        except GetthroughError as error:
            return error
        if saves:
            self._check_write(before, result)
        if call.method == "note_claim":
            self._note_claim(*call.arguments)
        if call.port == "opt_outs" and call.method == "change":
            self.noted = {name: self._looked_at_again(noted) for name, noted in self.noted.items()}
        return list(result) if call.method == "due" else result

    def _note_claim(self, dispatch: Dispatch, step: int) -> None:
        contacts = frozenset({dispatch.contact(step), dispatch.steps[step].contact})
        stopped = confirms_stop(dispatch)
        may_go_out = (not contacts.isdisjoint(self.opt_outs.opted_out)) == stopped
        before = self.noted.get(dispatch.message_uuid(step))
        at = before.at if before else self.clock()
        self.noted[dispatch.message_uuid(step)] = Noted(contacts, stopped, may_go_out, at)

    def _looked_at_again(self, noted: Noted) -> Noted:
        """Who has changed their mind after a step was noted may get it."""
        fits = (not noted.contacts.isdisjoint(self.opt_outs.opted_out)) == noted.wants_stopped
        return noted._replace(may_go_out=noted.may_go_out or fits)

    def _arm(self, due: Iterable[Timer]) -> None:
        for item in due:
            delay = item.at - self.clock()
            if delay <= LONGEST_DELAY:
                self.counts["timers"] += 1
                at = self.clock() + timedelta(seconds=max(0, ceil(delay.total_seconds())))
                self.timers[self.counts["timers"]] = Queued(at, self.counts["timers"], item)

    def _submit(self, message: Mapping[str, Any], label: str) -> Answer:
        message_uuid = message["client_ref"]
        address = parse_message_uuid(message_uuid)
        assert address is not None
        self.counts["posts"] += 1
        self.maybe_accepted[message_uuid] += label not in ("refused", "unavailable", "account")
        dispatch = self.dispatches.stored.get(address[0])
        self.promise(dispatch is not None, f"P1: {message_uuid} was submitted before it was stored")
        noted = self.noted.get(message_uuid)
        self.promise(noted is not None, f"P9: {message_uuid} was submitted, and no STOP would find it")
        may_go_out = noted is not None and noted.may_go_out
        self.promise(may_go_out, f"P9: {message_uuid} was submitted to someone who had said STOP, or START")
        resend = dispatch is not None and dispatch.on_unknown is OnUnknown.RESEND
        allowed = self.maybe_accepted[message_uuid] <= (2 if resend else 1)
        self.promise(allowed, f"P3: {message_uuid} was submitted again")
        answer = _KINDS[label]
        if label in ("accepted", "unknown, accepted"):
            found = Accepted(message_uuid, f"vonage-{len(self.at_provider)}")
            self.at_provider.append(found)
            if label == "accepted":
                return Answer(
                    kind=answer.kind, http_status=answer.http_status, vonage_message_uuid=found.vonage_message_uuid
                )
        return answer

    def _revoke(self, vonage_message_uuid: str) -> Answer:
        """Only what was passed over is revoked, and only when something came after it."""
        found = next(one for one in self.at_provider if one.vonage_message_uuid == vonage_message_uuid)
        address = parse_message_uuid(found.message_uuid)
        assert address is not None
        dispatch, step = self.dispatches.stored[address[0]], address[1]
        self.promise(dispatch.steps[step].address.channel == "rcs", "revoked on a channel that cannot")
        later = range(step + 1, len(dispatch.attempts))
        out = any(self.maybe_accepted[dispatch.message_uuid(number)] for number in later)
        self.promise(out, f"{dispatch.message_uuid(step)} was revoked before anything came after it")
        self.counts["revoked"] += 1
        return Answer(kind=AnswerKind.ACCEPTED, http_status=202)

    # The invocations

    def _resume(self, invocation: Invocation) -> None:
        ports = Ports(invocation, self.clock, self.ids)
        try:
            result = self._run(invocation.kind, invocation.about, ports)
        except Suspend:
            return
        except GetthroughError as error:  # the timer stays on the queue, the webhook comes again, the client sees a 5xx
            result = error
        self.running.remove(invocation)
        self.note(f"{invocation.kind} ends {type(result).__name__}")
        self._over(invocation, result)
        self.when_over(invocation, result)

    def _run(self, kind: str, about: Any, ports: Any) -> Any:
        match kind:
            case "api":
                return send_dispatch(ports, about.request, Origin("bakery", about.key))
            case "timer" if is_schedule_uuid(about.due.uuid):
                return run_schedule(ports, about.due)
            case "timer":
                return advance_dispatch(ports, about.due)
            case "schedule":
                return create_schedule(ports, *about)
            case "alter":
                return change_schedule(ports, *about(ports.clock))
            case "webhook":
                return record_status(ports, about)
            case "inbound":
                return receive_inbound(ports, about)
            case "cancel":
                return cancel_dispatch(ports, about)
            case _:
                return queue_due(ports)

    def _over(self, invocation: Invocation, result: Any) -> None:
        about = invocation.about
        match invocation.kind, result:
            case "api", IdempotencyConflictError():
                others = any(
                    other.key == about.key and other.request.sha256 != about.request.sha256 for other in self.asked
                )
                self.promise(about.key is not None and others, "P2: refused as another request with the same key")
            case _, GetthroughError():
                return
            case "api", _:
                dispatch_uuid = result.dispatch.dispatch_uuid
                self.accepted.add(dispatch_uuid)
                if about.key is not None:
                    one = self.by_key.setdefault(about.key, dispatch_uuid) == dispatch_uuid
                    self.promise(one, "P2: two dispatches for one key")
                    same = result.dispatch.request_sha256 == about.request.sha256
                    self.promise(same, "P2: the answer of another request with the same key")
            case "timer", _ if not invocation.unheard:
                self.timers.pop(about.number, None)
            case "webhook", _ if not invocation.unheard and result.event.dispatch_uuid is not None:
                self.acked.setdefault(result.event.dispatch_uuid, {})[result.event.digest] = result.event
            case "inbound", _:
                self._check_obeyed(about, result)
            case "cancel", _:
                self.promise(result.outcome is not None, "cancelled, but still under way")


def _given_up(attempt: Attempt) -> bool:
    return attempt.answer is not None and attempt.answer.kind in GIVEN_UP
