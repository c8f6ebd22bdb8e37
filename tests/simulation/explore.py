"""Breadth first through every state that a world can come to, with the promises checked on each step and each state.

A promise about a step looks at what is stored before and after it, one about a state at what is stored in it. Many
steps and states share that, so each combination is checked once.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import cache, partial
from typing import NamedTuple

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.automatic import HELP, STARTED, STOPPED, confirms_stop
from getthrough.domain.dispatch.dispatch import AnswerKind, Dispatch, OnUnknown, Outcome
from getthrough.domain.limit.limits import Counter
from getthrough.domain.message.outages import WhenDown
from getthrough.domain.values.quiet_hours import quiet_until
from tests.simulation.process import EVENTS, ORIGIN
from tests.simulation.state import Budget, Store, World
from tests.simulation.storage import reaches
from tests.simulation.windows import badly_chosen, claimed_outside, refused_inside
from tests.simulation.world import Model

OK = 200


class Explored(NamedTuple):
    """How many states there are, how many steps between them, and how many histories (0: they go round for ever)."""

    states: int
    steps: int
    histories: int


class BrokenPromiseError(AssertionError):
    """A promise does not hold; the message is the history that breaks it, event by event."""


def explore(model: Model, budget: Budget) -> Explored:
    """Visit every reachable state. BrokenPromiseError for the shortest history that breaks a promise."""
    worlds, came_from, successors = _visit(model, model.start(budget))
    ended = _which_are_over(model, worlds)
    for number, following in enumerate(successors):
        if not following and not ended[number]:
            raise BrokenPromiseError(_history(came_from, number, [], f"P1: stuck for ever\n{worlds[number]}"))
    lost = _cannot_reach(ended, successors)
    if lost is not None:
        raise BrokenPromiseError(_history(came_from, lost, [], "P1: no outcome can be reached from here"))
    return Explored(len(worlds), sum(map(len, successors)), _count_histories(successors))


@contextmanager
def no_collector() -> Iterator[None]:
    """Nothing that is made here goes round in circles: the collector would only look through it, again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _visit(model: Model, start: World) -> tuple[list[World], list[tuple[int, str]], list[list[int]]]:
    """Every reachable state, how it was first reached (from which state, by what), and which states follow it."""
    broken_by_step = cache(partial(_broken_by_step, model))
    broken_in_store = cache(partial(_broken_in_store, model, model.budgets[start.budget]))
    forgotten = cache(partial(_forgotten, model))
    wasted = cache(partial(_wasted, model, start.budget))
    number_of = {start: 0}
    worlds = [start]
    came_from: list[tuple[int, str]] = [(-1, "start")]
    successors: list[list[int]] = []
    for number, world in enumerate(worlds):  # which grows as it is read
        following = []
        for event, after in model.next(world):
            broken = broken_by_step(world.store, after.store) if after.store != world.store else None
            place = number_of.setdefault(after, len(worlds))
            if place == len(worlds):
                worlds.append(after)
                came_from.append((number, event))
                broken = broken or broken_in_store(after.store)
                if not after.processes and forgotten(after.store, after.budget):
                    broken = broken or "P1: under way, but no timer is left"
                if not after.processes and wasted(after.store, after.budget):
                    broken = broken or "P15: a message is counted that was not claimed, and nothing went wrong"
            if broken:
                raise BrokenPromiseError(_history(came_from, number, [event], broken))
            following.append(place)
        successors.append(following)
    return worlds, came_from, successors


def _which_are_over(model: Model, worlds: list[World]) -> list[bool]:
    """Those whose dispatch has an outcome; or there is none, and the client knows that it was not accepted; or those
    where the history is left. Not while an erasure goes on."""

    @cache
    def over(store: int, budget: int, idle: bool) -> bool:
        dispatch = model.dispatch(store)
        stored, left = model.stores[store], model.budgets[budget]
        if stored.sweep.turns:
            return False
        if dispatch is None:
            return idle and not stored.accepted and not (left.calls and model.may_call(left, stored))
        return dispatch.outcome is not None

    return [over(world.store, world.budget, not world.processes) or model.is_left(world) for world in worlds]


def _broken_by_step(model: Model, before: int, after: int) -> str | None:
    allowed = 2 if model.on_unknown is OnUnknown.RESEND else 1
    was, is_now = model.stores[before], model.stores[after]
    for number, (were, are) in enumerate(zip(was.posts, is_now.posts, strict=True)):
        if are != were and are.possible > allowed:
            return f"P3: step {number} was submitted again"
        if are != were and number not in was.noted:
            return f"P9: step {number} was sent, and no STOP would find it"
        if are != were and number in was.barred:
            return f"P9: step {number} was sent to a customer who had said STOP when it was noted"
    old, new = model.dispatch(before), model.dispatch(after)
    if wrong := _unnoted(old, new, was) or (badly_chosen(old, new) if new else None):
        return wrong
    step = _claimed(old, new)
    if step is None or new is None:
        return None
    if model.enforces and (wrong := claimed_outside(new, step, was)):
        return wrong
    if old is not None and old.closed is not None:
        return f"step {step} was claimed after the dispatch had been closed"
    if old is not None and old.succeeded_by is not None:
        return "P5: a step was claimed after a success had been recorded"
    return too_early(new, step)


def _unnoted(old: Dispatch | None, new: Dispatch | None, was: Store) -> str | None:
    """A change that has no entry in the audit trail: a dispatch that is not its own, or a cancellation."""
    if new is not None and old is None and not new.client_name.startswith("getthrough:"):
        known = (new.client_name, new.request_id) == (ORIGIN.client_name, ORIGIN.request_id)
        return None if known else "P17: a dispatch does not say who asked for it"
    cancelled = new is not None and new.closed is not None and new.closed.outcome is Outcome.CANCELLED
    before = old is not None and old.closed is not None
    if cancelled and not before and new is not None and new.erased_at is None and not was.entries:
        return "P17: a dispatch was cancelled, and no entry says by whom"
    return None


def too_early(dispatch: Dispatch, step: int) -> str | None:
    """What is wrong with the moment at which a step was claimed."""
    tried_at, quiet = dispatch.attempts[step].tried_at, dispatch.quiet_hours
    if dispatch.send_at is not None and tried_at < dispatch.send_at:
        return f"P13: step {step} was claimed before its time"
    if quiet is not None and not dispatch.steps[step].urgent and quiet_until(quiet, tried_at) is not None:
        return f"P13: step {step} was claimed in quiet hours"
    return None


def _claimed(old: Dispatch | None, new: Dispatch | None) -> int | None:
    """The step that was claimed between the two, to be sent."""
    if new is None or not new.attempts:
        return None
    last = len(new.attempts) - 1
    before = old.attempts[last] if old is not None and last < len(old.attempts) else None
    fresh = before is None or before.tries < new.attempts[last].tries
    return last if fresh and not new.attempts[last].not_sent else None


def _broken_in_store(model: Model, budget: Budget, place: int) -> str | None:
    store, dispatch = model.stores[place], model.dispatch(place)
    for counter, count in store.taken:
        if count > counter.limit.most:
            return f"P15: {count} are counted where {counter.limit.value} are allowed"
        if count < _counts(dispatch, counter):
            return "P15: a message was claimed that is not counted"
    if model.limited and sum(count for _, count in store.taken) < len(_claimed_at(dispatch)):
        return "P15: a message was claimed in a period in which nothing is counted"
    if wrong := _named_after_erasure(budget, store, dispatch) or _skipped_wrongly(model, dispatch):
        return wrong
    if any(entry.status == OK for entry in store.entries) and (dispatch is None or dispatch.outcome is None):
        return "P17: an entry says that a dispatch was cancelled that goes on"
    if dispatch is not None and (wrong := refused_inside(dispatch, store)):
        return wrong
    if dispatch is None:
        return _lost(model, store)
    if confirms_stop(dispatch):
        return _unconfirmed(store, dispatch)
    for step, status in store.acked:
        if failover.apply(dispatch, EVENTS[step, status]) != dispatch:
            return f"P4, P7, P8: {status} of step {step} was acknowledged, but a copy of it changes the dispatch"
    return _unheard(store, dispatch)


_ASKS_FOR = {STOPPED: "STOP", STARTED: "START", HELP: "HELP"}


def _lost(model: Model, store: Store) -> str | None:
    """What should be stored, as someone was promised."""
    if any(said.text == _ASKS_FOR.get(model.gives) for said in store.heard):
        return "P9: a message was acknowledged, and its answer is not stored"
    return "P1: accepted, but not stored" if store.accepted else None


def _unheard(store: Store, dispatch: Dispatch) -> str | None:
    """What a customer said that was acknowledged, and does not count."""
    last = len(dispatch.attempts) - 1
    current = dispatch.attempts[last] if dispatch.attempts and dispatch.outcome is None else None
    # What was claimed and noted after a STOP is not sent. If its sender dies, it waits for the end of its window.
    found_by_stop = last in store.noted - store.barred
    waits = current is not None and found_by_stop and not current.opted_out and not current.not_sent
    for said in store.heard:
        stops = said.text == "STOP"
        if waits and stops and reaches(said, dispatch, last, store):
            return f"P9: {said.address} opted out, and the dispatch still waits for it"
        if said.quotes is not None and stops and dispatch.outcome is None:
            return f"P9: {said.address} answered STOP to step {said.quotes}, and the dispatch goes on"
        if said.quotes is not None and not stops and not dispatch.condition_met(said.quotes):
            return f"P4: {said.address} answered step {said.quotes}, which does not count"
    return None


def _unconfirmed(store: Store, dispatch: Dispatch) -> str | None:
    """A STOP's confirmation that was given up although the STOP has been in force ever since."""
    given_up = any(attempt.not_sent for attempt in dispatch.attempts)
    in_force = all(one.opted_out for one in store.consents)
    return "P9: a STOP that is in force was not confirmed" if given_up and in_force else None


def _skipped_wrongly(model: Model, dispatch: Dispatch | None) -> str | None:
    """A step that was skipped because of its channel: it allowed that, the channel was down, and another was left."""
    for number, attempt in enumerate(dispatch.attempts if dispatch else ()):
        if dispatch and attempt.answer is not None and attempt.answer.kind is AnswerKind.DOWN:
            left = [step.destination in model.down for step in dispatch.steps[number:]]
            if dispatch.steps[number].when_down is WhenDown.WAIT or not left[0] or all(left) or attempt.tries > 1:
                return f"P20: step {number} was skipped"
    return None


def _named_after_erasure(all_luck: Budget, store: Store, dispatch: Dispatch | None) -> str | None:
    """What still names a customer whose erasure is done. A dispatch that was asked for after the erasure may stay, but
    not with half of it erased."""
    if store.erasure is None or store.erasure.done_at is None:
        return None
    if store.kept:
        return "P16: a late message of a customer who was erased is stored"
    if dispatch is None:
        return None
    if dispatch.erased_at is None:
        return None if all_luck.again else "P16: the dispatch names a customer who was erased"
    return "P16: a status names a customer who was erased" if store.events - store.nameless else None


def _forgotten(model: Model, store: int, budget: int) -> bool:
    """True if no timer is left, and no tick to look, for a dispatch that is under way."""
    dispatch = model.dispatch(store)
    under_way = dispatch is not None and dispatch.outcome is None
    return under_way and not model.stores[store].queue and not model.budgets[budget].ticks


def _wasted(model: Model, all_luck: int, store: int, budget: int) -> bool:
    """True if a counter has more than was claimed, although no process crashed and no call failed."""
    had, has = model.budgets[all_luck], model.budgets[budget]
    if (had.crashes, had.faults) != (has.crashes, has.faults):
        return False
    dispatch = model.dispatch(store)
    return any(count != _counts(dispatch, counter) for counter, count in model.stores[store].taken)


def _counts(dispatch: Dispatch | None, counter: Counter) -> int | Decimal:
    """How many messages were claimed in the period of a counter that counts all of them, or what they cost."""
    if counter.limit.currency:
        attempts = dispatch.attempts if dispatch else ()
        reserved = [one for one in attempts if one.reserved and counter.starts_at <= one.reserved.at < counter.ends_at]
        return sum((one.spent for one in reserved), Decimal(0))
    return sum(counter.starts_at <= moment < counter.ends_at for moment in _claimed_at(dispatch))


def _claimed_at(dispatch: Dispatch | None) -> list[datetime]:
    """When each message was claimed: once for each step that was sent, and once more for one that was sent again."""
    sent = [one for one in dispatch.attempts if not one.not_sent] if dispatch else []
    return [one.claimed_at for one in sent] + [one.tried_at for one in sent if one.resent]


def _history(came_from: list[tuple[int, str]], number: int, events: list[str], broken: str) -> str:
    while number > 0:
        number, event = came_from[number]
        events.append(event)
    return "\n  ".join([broken, *reversed(events)])


def _cannot_reach(ended: list[bool], successors: list[list[int]]) -> int | None:
    """The first state from which no state that is over can be reached."""
    predecessors: list[list[int]] = [[] for _ in successors]
    for number, following in enumerate(successors):
        for other in following:
            predecessors[other].append(number)
    good = list(ended)
    queue = deque(number for number, over in enumerate(ended) if over)
    while queue:
        for number in predecessors[queue.popleft()]:
            if not good[number]:
                good[number] = True
                queue.append(number)
    return next((number for number, reached in enumerate(good) if not reached), None)


def _count_histories(successors: list[list[int]]) -> int:
    """Paths from the start to a state without successors; 0 if a step leads back, so that there is no end to them."""
    order: list[int] = []
    waiting = [0] * len(successors)
    for following in successors:
        for other in following:
            waiting[other] += 1
    ready = deque([0])
    while ready:
        number = ready.popleft()
        order.append(number)
        for other in successors[number]:
            waiting[other] -= 1
            if waiting[other] == 0:
                ready.append(other)
    if len(order) < len(successors):
        return 0
    paths = [0] * len(successors)
    for number in reversed(order):
        paths[number] = sum(paths[other] for other in successors[number]) or 1
    return paths[0]
