"""Breadth first through every state that a world can come to, with the promises checked on each step and each state."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Dispatch, OnUnknown
from getthrough.domain.values.quiet_hours import quiet_until
from tests.simulation.world import EVENTS, Budget, Model, World


class Explored(NamedTuple):
    """How many states there are, how many steps between them, and how many histories (0: they go round for ever)."""

    states: int
    steps: int
    histories: int


class BrokenPromiseError(AssertionError):
    """A promise does not hold; the message is the history that breaks it, event by event."""


def explore(model: Model, budget: Budget) -> Explored:
    """Visit every reachable state. BrokenPromiseError for the shortest history that breaks a promise."""
    start = model.start(budget)
    number_of = {start: 0}
    came_from: list[tuple[int, str]] = [(-1, "start")]
    successors: list[list[int]] = []
    worlds = [start]
    queue = deque([start])
    while queue:
        world = queue.popleft()
        number = number_of[world]
        following = []
        for event, after in model.next(world):
            broken = _broken_by_step(model, world, after) or _broken_in_state(model, after)
            if broken:
                raise BrokenPromiseError(_history(came_from, number, [event], broken))
            if after not in number_of:
                number_of[after] = len(worlds)
                worlds.append(after)
                came_from.append((number, event))
                queue.append(after)
            following.append(number_of[after])
        successors.append(following)
    ended = [_is_over(model, world) for world in worlds]
    for number, world in enumerate(worlds):
        if not successors[number] and not ended[number]:
            raise BrokenPromiseError(_history(came_from, number, [], f"P1: stuck for ever\n{world}"))
    lost = _cannot_reach(ended, successors)
    if lost is not None:
        raise BrokenPromiseError(_history(came_from, lost, [], "P1: no outcome can be reached from here"))
    return Explored(len(worlds), sum(map(len, successors)), _count_histories(successors))


def _is_over(model: Model, world: World) -> bool:
    """The dispatch has an outcome; or there is none, and the client knows that it was not accepted."""
    dispatch = model.dispatch(world)
    if dispatch is None:
        return not world.processes and not world.accepted and not world.budget.calls
    return dispatch.outcome is not None


def _broken_by_step(model: Model, world: World, after: World) -> str | None:
    allowed = 2 if model.on_unknown is OnUnknown.RESEND else 1
    for number, (were, are) in enumerate(zip(world.posts, after.posts, strict=True)):
        if are != were and are.maybe > allowed:
            return f"P3: step {number} was submitted again"
    old, new = model.dispatch(world), model.dispatch(after)
    step = _claimed(old, new)
    if step is not None and old is not None and old.closed is not None:
        return f"step {step} was claimed after the dispatch had been closed"
    if step is not None and new is not None and new.steps[step].contact in world.opted_out:
        return f"P9: step {step} was claimed for a contact that had opted out"
    if step is not None and old is not None and old.succeeded_by is not None:
        return "P5: a step was claimed after a success had been recorded"
    if step is not None and new is not None:
        return too_early(new, step)
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


def _broken_in_state(model: Model, world: World) -> str | None:
    dispatch = model.dispatch(world)
    if dispatch is None:
        return "P1: accepted, but not stored" if world.accepted else None
    for step, status in world.acked:
        if failover.apply(dispatch, EVENTS[step, status]) != dispatch:
            return (
                f"P4, P7, P8: {status} of step {step} was acknowledged, but folding a copy of it changes the dispatch"
            )
    last = len(dispatch.attempts) - 1
    waits_for = dispatch.steps[last].contact if dispatch.attempts else None
    waits = dispatch.outcome is None and waits_for is not None and not dispatch.attempts[last].opted_out
    if waits and (waits_for, "STOP") in world.said:
        return f"P9: {waits_for} opted out, and the dispatch still waits for it"
    idle = not world.processes and not world.queue
    if idle and dispatch.outcome is None and not world.budget.ticks:
        return "P1: under way, but no timer is left"
    return None


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
