"""The protocol in a world of which everything is known: one dispatch, its timers, its webhooks, and who works on it.

The use-cases that run here are the real ones (`process.py`). A state is a value (`state.py`). `Model.next` gives every
state that may follow one. What can follow is worked out once for each combination of parts that matters to it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from math import ceil
from typing import Any, NamedTuple

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Dispatch, OnUnknown, Step
from getthrough.domain.dispatch.request import Request
from getthrough.domain.limit.limits import NO_LIMITS, Limits
from getthrough.domain.message.arrivals import Arrivals
from getthrough.domain.message.status import Status
from getthrough.domain.values.errors import UnavailableError
from getthrough.domain.values.identifiers import parse_message_uuid
from getthrough.domain.values.quiet_hours import QuietHours
from getthrough.usecases.queue_due import HORIZON
from tests.builders import NOON
from tests.simulation import erasing, storage
from tests.simulation.process import CLAIM, LINKED_TO, Asked, Call, Message, claims_in, run, with_claims
from tests.simulation.state import Budget, Job, Places, Posts, Process, Said, Store, World
from tests.simulation.storage import CONFLICT

_FAULT = UnavailableError("fault")
_BEGINS_AT_ANY_TIME = frozenset({"timer", "webhook", "inbound", "cancel", "unlink", "erase", "tick"})
"""What may begin may still begin later, whatever happens meanwhile."""


class Outcome(NamedTuple):
    """What a port call may come to: its result, what is stored after it, and whether that was a fault. `result` and
    `store` are places."""

    label: str
    result: int
    store: int
    fault: bool = False


class Follows(NamedTuple):
    """What may follow for one process, whatever the others do: it goes on as `process`, or is over (None). `budget` is
    None if nothing went wrong."""

    event: str
    budget: int | None
    store: int
    process: int | None


class Begins(NamedTuple):
    """A process that may begin, unless one with the same job is running."""

    event: str
    budget: int
    job: int


class Model:
    """A dispatch's plan, and what the provider may do: the answers that it may give, the statuses that it may report.
    `send_at` is in seconds after noon; quiet hours begin on that day, in UTC. `says` is what a customer may say, beside
    STOP and Yes. `down` are the channels that are known to be down. `gives` is the one automatic answer that the stack
    has: then that is the dispatch, and its plan is its own. A stack that `enforces` service windows looks at them. An
    automatic window is chosen by any of these `arrivals`."""

    def __init__(
        self,
        *steps: Step,
        answers: tuple[str, ...] = ("accepted", "refused", "unavailable", "unknown, accepted", "unknown, not accepted"),
        statuses: tuple[Status, ...] = (Status.SUBMITTED, Status.REJECTED, Status.DELIVERED),
        on_unknown: OnUnknown = OnUnknown.MOVE_ON,
        send_at: int | None = None,
        quiet_hours: QuietHours | None = None,
        says: tuple[Said, ...] = (),
        limits: Limits = NO_LIMITS,
        down: tuple[str, ...] = (),
        gives: str = "",
        enforces: bool = False,
        arrivals: tuple[tuple[Arrivals, ...], ...] = (),
    ) -> None:
        self.steps, self.answers, self.statuses, self.on_unknown = steps, answers, statuses, on_unknown
        at = None if send_at is None else NOON + timedelta(seconds=send_at)
        self.down = down
        self.quiet_hours, self.says, self.limited = quiet_hours, says, any(not row.currency for row in limits.rows)
        self._asked = Asked(Request(steps, on_unknown, "", at, quiet_hours), limits, down, gives, enforces)
        self.gives, self.enforces, self.arrivals = gives, enforces, arrivals
        self.dispatches = Places[Dispatch | None](None)
        self.stores = Places[Store]()
        self.budgets = Places[Budget]()
        self.processes = Places[Process]()
        self._jobs = Places[Job]()
        self._calls = Places[Call]()
        self._values = Places[Hashable]()
        self._results = Places[tuple[int, ...]](())
        self._calm = self.budgets.of(Budget())
        self._spent = cache(self._spend)
        self._follows = cache(self._follow)
        self._begins = cache(self._begin)
        self._starts = cache(self._start)
        self._outcomes = cache(self._carry_out)
        self._saved = cache(self._save)
        self._progress = cache(self._run)
        self._acknowledged = cache(self._acknowledge)
        self._later = cache(self._next_moment)
        self._claims_stored = cache(lambda store: claims_in(self.dispatch(store)))
        self._claims_known = cache(self._claims_of)
        self._count_claims = cache(lambda *claims: len({claim for some in claims for claim in some}))
        self._names = cache(self._number)
        self._renamed_store = cache(self._rename_store)
        self._renamed_process = cache(self._rename_process)

    def start(self, budget: Budget) -> World:
        accounts = [step.contact for step in self.steps if step.contact.may_be_linked] if budget.unlinks else []
        links = frozenset((account, LINKED_TO) for account in accounts)
        store = Store(tuple(Posts() for _ in self.steps), phones=links, confirmed=links)
        return World(self.budgets.of(budget), self.stores.of(store))

    def dispatch(self, store: int) -> Dispatch | None:
        return self.dispatches[self.stores[store].dispatch]

    def next(self, world: World) -> Iterator[tuple[str, World]]:
        """Every state that may follow, with the name of what happened."""
        budget, store, running, now = world
        claims = self._count_claims(self._claims_stored(store), *map(self._claims_known, running))
        limits = self.budgets[budget]
        wrong = self._wrong(budget)
        for process in running:
            others = tuple([other for other in running if other != process])
            for event, spent, after, resumed in self._follows(process, wrong, store, now, claims):
                processes = others if resumed is None else _sorted(others, resumed)
                yield event, self._world(budget if spent is None else spent, after, processes, now)
            if limits.crashes:
                yield "crash", self._world(self._spent(budget, "crashes"), store, others, now)
        if len(running) < limits.at_once:
            jobs = [self.processes[process].job for process in running]
            for event, spent, job in self._begins(budget, store, now):
                if job not in jobs:
                    for happened, left, after, resumed in self._starts(spent, job, store, now, claims):
                        processes = running if resumed is None else _sorted(running, resumed)
                        yield f"{event}{happened}", self._world(spent if left is None else left, after, processes, now)
        if not running or limits.slow:
            later = self._later(store, now, limits.ticks)
            if later is not None and (limits.until is None or later <= limits.until):
                fewer = self._spent(budget, "slow") if running else budget
                yield "time passes", self._world(fewer, store, running, later)

    def is_left(self, world: World) -> bool:
        """True if a history is followed no further than this, because of its time."""
        limits = self.budgets[world.budget]
        later = self._later(world.store, world.now, limits.ticks)
        return limits.until is not None and not world.processes and later is not None and later > limits.until

    def may_call(self, budget: Budget, store: Store) -> bool:
        """Whether a client's call may come now, as far as an erasure has to do with it."""
        return (store.erasure is not None) == budget.again

    def _spend(self, budget: int, name: str) -> int:
        """The place of a budget that has one less of something."""
        limits = self.budgets[budget]
        return self.budgets.of(limits._replace(**{name: getattr(limits, name) - 1}))

    # Names of claims

    def _world(self, budget: int, store: int, processes: tuple[int, ...], now: int) -> World:
        """The state with its claims numbered in their order. Two states in which only the ids of claims differ go on
        alike, so they are one."""
        names = self._names(self._claims_stored(store), *map(self._claims_known, processes))
        if names is not None:
            store = self._renamed_store(store, names)
            processes = tuple(sorted(self._renamed_process(process, names) for process in processes))
        return World(budget, store, processes, now)

    def _number(self, *claims: tuple[str, ...]) -> tuple[tuple[str, str], ...] | None:
        """The new name of each claim; None if all have theirs."""
        order = dict.fromkeys(claim for some in claims for claim in some)
        names = tuple((claim, f"{CLAIM}{number}") for number, claim in enumerate(order))
        return None if all(old == new for old, new in names) else names

    def _rename_store(self, place: int, names: tuple[tuple[str, str], ...]) -> int:
        store = self.stores[place]
        dispatch = self.dispatches.of(with_claims(self.dispatches[store.dispatch], dict(names)))
        return self.stores.of(store._replace(dispatch=dispatch))

    def _rename_process(self, place: int, names: tuple[tuple[str, str], ...]) -> int:
        job, results, call = self.processes[place]
        new = dict(names)
        has = self._results.of(
            tuple(self._values.of(with_claims(self._values[one], new)) for one in self._results[results])
        )
        return self.processes.of(Process(job, has, self._calls.of(with_claims(self._calls[call], new))))

    def _claims_of(self, process: int) -> tuple[str, ...]:
        _, results, call = self.processes[process]
        known = (*(self._values[place] for place in self._results[results]), self._calls[call])
        return tuple(dict.fromkeys(claims_in(known)))

    # A process that begins or goes on

    def _begin(self, budget: int, store: int, now: int) -> tuple[Begins, ...]:
        return tuple(
            Begins(event, self.budgets.of(spent), self._jobs.of(Job(kind, about)))
            for event, spent, kind, about in self._beginnings(self.budgets[budget], self.stores[store], now)
        )

    def _beginnings(self, budget: Budget, store: Store, now: int) -> Iterator[tuple[str, Budget, str, Any]]:
        if budget.calls and not store.accepted and self.may_call(budget, store):
            yield f"call {budget.calls}", budget._replace(calls=budget.calls - 1), "api", budget.calls
        if budget.cancels and store.dispatch:
            yield "cancel", budget._replace(cancels=budget.cancels - 1), "cancel", None
        if budget.unlinks:
            yield "unlink", budget._replace(unlinks=budget.unlinks - 1), "unlink", None
        yield from self._erasures(budget, store, now)
        for due in sorted(set(store.queue)):
            if due <= now:
                yield f"timer {due}", budget, "timer", due
        if budget.webhooks:
            spent = budget._replace(webhooks=budget.webhooks - 1)
            for step, posts in enumerate(store.posts):
                for status in self.statuses if posts.accepted else ():
                    yield f"{status} of step {step}", spent, "webhook", (step, status)
        yield from self._sayings(budget, store)
        if budget.ticks and store.dispatch:
            yield "tick", budget, "tick", None

    def _erasures(self, budget: Budget, store: Store, now: int) -> Iterator[tuple[str, Budget, str, Any]]:
        if budget.erasures:
            yield "erase", budget._replace(erasures=budget.erasures - 1), "erase", self.steps[0].address
        goes_on_at = erasing.goes_on_at(store.sweep)
        if goes_on_at is not None and goes_on_at <= now:
            yield "sweep", budget, "sweep", None

    def _sayings(self, budget: Budget, store: Store) -> Iterator[tuple[str, Budget, str, Any]]:
        addresses = dict.fromkeys(step.address for step in self.steps)
        for address in addresses if budget.stops else ():
            stop = Said(*address, "STOP")
            yield stop.event, budget._replace(stops=budget.stops - 1), "inbound", stop
        for address in addresses if budget.replies else ():
            yes = Said(*address, "Yes")
            yield yes.event, budget._replace(replies=budget.replies - 1), "inbound", yes
        for said in self.says if budget.says else ():
            if said.quotes is None or store.posts[said.quotes].accepted:
                yield said.event, budget._replace(says=budget.says - 1), "inbound", said

    def _follow(self, place: int, budget: int, store: int, now: int, claims: int) -> tuple[Follows, ...]:
        process, limits = self.processes[place], self.budgets[budget]
        follows = []
        for label, result, after, fault in self._outcomes(process.call, store, now):
            if fault and not limits.faults:
                continue
            left = self._spent(budget, "faults") if fault else None
            results = self._results.of((*self._results[process.results], result))
            resumed, ended = self._resume(process.job, results, after, now, claims)
            event = f"{self._jobs[process.job].kind}: {self._calls[process.call][0]} {label}".rstrip()
            follows.append(Follows(event, left, ended, resumed))
            if resumed is None and ended != after and limits.lost_acks:
                spent = self._spent(budget if left is None else left, "lost_acks")
                follows.append(Follows(f"{event}; its acknowledgement is lost", spent, after, None))
        return tuple(follows)

    def _wrong(self, budget: int) -> int:
        """What follows a call is the same for all budgets with which nothing can go wrong in it."""
        limits = self.budgets[budget]
        return budget if limits.faults or limits.lost_acks else self._calm

    def _start(self, budget: int, job: int, store: int, now: int, claims: int) -> tuple[Follows, ...]:
        """What may follow when a process begins. Most make their first call at once: what comes before that call could
        as well come before the beginning. Not if it knows a moment, and time may pass."""
        process, after = self._resume(job, 0, store, now, claims)
        waits = self._jobs[job].kind not in _BEGINS_AT_ANY_TIME
        if process is None or waits or (self.processes[process].results and self.budgets[budget].slow):
            return (Follows("", None, after, process),)
        known = claims + len(self._claims_known(process))
        follows = self._follows(process, self._wrong(budget), after, now, known)
        return tuple(one._replace(event=f", {one.event}") for one in follows)

    def _resume(self, job: int, results: int, store: int, now: int, claims: int) -> tuple[int | None, int]:
        """The process at its next call, or None if it is over; and what is stored then."""
        process, ended_well = self._progress(job, results, now, claims)
        if process is not None or not ended_well:
            return process, store
        return None, self._acknowledged(store, job)

    def _run(self, job: int, results: int, now: int, claims: int) -> tuple[int | None, bool]:
        """The process at its next call, or None if it is over, whether or not it ended well."""
        given = tuple(self._values[place] for place in self._results[results])
        progress = run(self._jobs[job], self._asked, given, now, claims)
        if progress.call is None:
            return None, progress.ended_well
        has = self._results.of(tuple(map(self._values.of, progress.results)))
        return self.processes.of(Process(job, has, self._calls.of(progress.call))), False

    def _acknowledge(self, store: int, job: int) -> int:
        return self.stores.of(storage.acknowledged(self.stores[store], self._jobs[job]))

    # What a port call may come to

    def _carry_out(self, call: int, store: int, now: int) -> tuple[Outcome, ...]:
        name, arguments = self._calls[call]
        before = self.stores[store]
        if name == "submit":
            return tuple(
                Outcome(label, self._values.of(answer), self.stores.of(after))
                for label, answer, after in self._submitted(before, arguments[0])
            )
        if name == "arrivals":
            known = [Outcome(f"{number}", self._values.of(one), store) for number, one in enumerate(self.arrivals)]
            return (*known, Outcome("fails", self._values.of(_FAULT), store, fault=True))
        result, stored = self._executed(call, before, now)
        after = self.stores.of(stored)
        fault, conflict = self._values.of(_FAULT), self._values.of(CONFLICT)
        outcomes = [Outcome("", self._values.of(result), after), Outcome("fails", fault, store, fault=True)]
        if after != store:
            outcomes.append(Outcome("takes effect, but its answer is lost", fault, after, fault=True))
            if name in storage.SAVES:
                outcomes.append(Outcome("takes effect, and is done again", conflict, after, fault=True))
        return tuple(outcomes)

    def _submitted(self, before: Store, message: Message) -> Iterator[tuple[str, Answer, Store]]:
        address = parse_message_uuid(message["client_ref"])
        assert address is not None
        step = address[1]
        for label in self.answers:
            accepted, possible = label in ("accepted", "unknown, accepted"), label not in ("refused", "unavailable")
            posts = Posts(before.posts[step].accepted + accepted, before.posts[step].possible + possible)
            after = before._replace(posts=(*before.posts[:step], posts, *before.posts[step + 1 :]))
            yield label, Answer(kind=AnswerKind(label.partition(",")[0])), after

    def _executed(self, call: int, store: Store, now: int) -> tuple[Any, Store]:
        name, arguments = self._calls[call]
        if name.startswith("erasures."):
            result, after, dispatch = erasing.executed(name, arguments, store, self.dispatches[store.dispatch])
            return result, after._replace(dispatch=self.dispatches.of(dispatch))
        if name not in storage.SAVES:
            return storage.executed(name, arguments, store, self.dispatches[store.dispatch], now)
        refused = storage.refusal(arguments, store, self.dispatches[store.dispatch])
        if refused is not None:
            return refused, store
        saved = self._saved(call)
        return self.dispatches[saved], store._replace(dispatch=saved)

    def _save(self, call: int) -> int:
        """The place of what a save stores, which its arguments say whenever it is not refused."""
        return self.dispatches.of(storage.next_version(self._calls[call][1][0]))

    # Time

    def _next_moment(self, store: int, now: int, ticks: bool) -> int | None:
        """The next moment at which anything can become different."""
        moments = {*self.stores[store].queue, erasing.goes_on_at(self.stores[store].sweep) or now}
        dispatch = self.dispatch(store)
        if ticks and dispatch:
            for at in (failover.wake_at(dispatch), failover.indexed_at(dispatch)):
                wakes = ceil((at - NOON).total_seconds()) if at else now
                moments |= {wakes, wakes - int(HORIZON.total_seconds())}
        if self.quiet_hours is not None:
            began = datetime.combine(NOON, self.quiet_hours.starts, UTC) - NOON
            moments.add(int(began.total_seconds()))
        return min((moment for moment in moments if moment > now), default=None)


def _sorted(others: tuple[int, ...], process: int) -> tuple[int, ...]:
    return tuple(sorted((*others, process)))
