"""The fates that no one knows: of a message that was never sent, and of one that was cut short by its `ttl`.

A fate that is known is kept. One that is not is drawn from messages that travelled alike. What was cut short gets the
rest of its fate from messages that were watched longer (Kaplan and Meier's estimate, as redistribution to the right). A
fallback that was never sent gets the fate of one that was, after a first message with a similar fate.

Each set of draws is from its own resample of the known messages (an approximate Bayesian bootstrap), so that the spread
between the sets shows how little is known. What no message shows is drawn at both extremes: see `Draws.hopeful`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import inf
from random import Random
from typing import NamedTuple

from getthrough.domain.dispatch.dispatch import AnswerKind
from getthrough.domain.message.arrivals import Group
from tools.lab.past import NEVER, Fate, Past

ENOUGH = 20
"""With fewer messages that travelled alike, those of the country count too, then those of the channel."""

WATCHED = 5
"""With fewer messages that were watched for longer, nothing is known about what comes after a cut."""

MOST = 5_000
"""So many messages of each kind are kept; more would add nothing that shows."""

LONG = 3.0
"""A message that arrived together with another one, and took so many times as long as half of those that arrived alone,
waited for the phone."""

NEAREST, SIMILAR = 10, 2.0
"""A fallback's fate is one of the nearest, if so many first messages took at most twice, and at least half, as long."""


Kind = tuple[Group, bool]
"""A group, and whether the message is a fallback."""


class Sample(NamedTuple):
    """A message that was sent: its fate, and when the one before it arrived; None if that was the first. `together`
    is true if it arrived at the same moment as another one of its dispatch."""

    fate: Fate
    before: float | None
    together: bool = False


class Before(NamedTuple):
    """What came before a message: how long the one before it took, or would have taken, infinite if it never arrives,
    and how many seconds after the message's own claim it arrives."""

    took: float
    arrives_in: float


class Known:
    """The fates that are known, by the group of the message: a bounded, random sample of each."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._seen = defaultdict[Kind, int](int)
        self.samples = defaultdict[Kind, list[Sample]](list)
        self._sums = defaultdict[tuple[Group, str], list[float]](lambda: [0.0, 0])

    def add(self, past: Past) -> None:
        """Learn from a dispatch."""
        before: float | None = None
        for number, (way, fate) in enumerate(zip(past.ways, past.fates, strict=True)):
            if fate is None:
                break
            if (price := past.prices[number]) is not None:
                total = self._sums[way.group, price[0]]
                total[0] += price[1]
                total[1] += 1
            if fate.answer in (AnswerKind.ACCEPTED, AnswerKind.UNKNOWN, AnswerKind.REFUSED):
                self._keep((way.group, number > 0), Sample(fate, before if number else None, past.together(number)))
            before = fate.arrived if fate.arrived is not None else inf

    def _keep(self, kind: Kind, sample: Sample) -> None:
        self._seen[kind] += 1
        kept = self.samples[kind]
        if len(kept) < MOST:
            kept.append(sample)
        elif (place := self._rng.randrange(self._seen[kind])) < MOST:
            kept[place] = sample

    def price(self, group: Group) -> tuple[str, float] | None:
        """What a message usually costs: the mean of those that travelled alike, else of the channel's."""
        for depth in (3, 1):
            found = [
                (int(count), currency, total / count)
                for (it, currency), (total, count) in self._sums.items()
                if it[:depth] == group[:depth]
            ]
            if found:
                return max(found)[1:]
        return None


class _Curve:
    """Messages by the time at which they were last watched, with the weight of each as an end of others."""

    def __init__(self, fates: Sequence[Fate]) -> None:
        self._fates = sorted(fates, key=_ended_at)
        self._times = [_ended_at(fate) for fate in self._fates]
        self._steps: list[float] = []
        left, taken = 1.0, 0.0
        for number, fate in enumerate(self._fates):
            if not _is_cut(fate):
                step = left / (len(self._fates) - number)
                left -= step
                taken += step
            self._steps.append(taken)

    def after(self, cut: float, rng: Random) -> Fate | None:
        """The fate of a message that was still under way at `cut`. None if too few were watched for longer."""
        start = bisect_left(self._times, cut + 1e-6)
        if len(self._times) - start < WATCHED:
            return None
        taken = self._steps[start - 1] if start else 0.0
        wanted = taken + rng.random() * (1 - taken)
        place = bisect_left(self._steps, wanted, lo=start)
        return self._fates[place] if place < len(self._fates) else Fate(AnswerKind.ACCEPTED, cut=NEVER)


class Draws:
    """One set of draws. What no message shows turns out well in a `hopeful` one (the message arrives at once) and badly
    in another (it never does). `guessed` counts how often that was needed."""

    def __init__(self, known: Known, rng: Random, *, hopeful: bool) -> None:
        self._rng, self._hopeful = rng, hopeful
        self._pools = {kind: rng.choices(samples, k=len(samples)) for kind, samples in known.samples.items() if samples}
        self._curves: dict[Kind, _Curve] = {}
        self._medians: dict[Kind, float] = {}
        self._firsts: dict[Group, list[Fate]] = {}
        self._fallbacks: dict[Group, tuple[list[float], list[Sample]]] = {}
        self.guessed = 0

    def rest(self, kind: Kind, fate: Fate) -> Fate:
        """The whole fate of a message that was cut short."""
        if fate.cut is None or fate.cut >= NEVER:
            return fate
        if kind not in self._curves:
            self._curves[kind] = _Curve([sample.fate for sample in self._alike(*kind)])
        drawn = self._curves[kind].after(fate.cut, self._rng)
        if drawn is None:
            self.guessed += 1
            return fate._replace(cut=None, arrived=fate.cut) if self._hopeful else fate._replace(cut=NEVER)
        return drawn._replace(answer=fate.answer, answered=fate.answered)

    def unsent(self, kind: Kind, before: Before | None) -> Fate:
        """The fate of a message that was never sent. `before` is None if none came before it."""
        group, _ = kind
        times, samples = self._sent_after(group) if before is not None else ([], [])
        if before is not None and before.took == inf and (lost := samples[bisect_left(times, inf) :]):
            return self.rest(kind, self._rng.choice(lost).fate)
        if before is not None and before.took < inf:
            low, high = (bisect_left(times, before.took * factor) for factor in (1 / SIMILAR, SIMILAR))
            if high - low >= NEAREST:
                start = min(max(bisect_left(times, before.took) - NEAREST // 2, low), high - NEAREST)
                drawn = samples[start + self._rng.randrange(NEAREST)]
                waited = drawn.together and self.took_long(kind, drawn.fate)
                return moved_to(drawn.fate, before.arrives_in) if waited else self.rest(kind, drawn.fate)
        if group not in self._firsts:
            self._firsts[group] = [sample.fate for sample in self._alike(group, later=False)]
        if not self._firsts[group]:
            self.guessed += 1
            return Fate(AnswerKind.ACCEPTED, **({"arrived": 0.0} if self._hopeful else {"cut": NEVER}))
        return self.rest(kind, self._rng.choice(self._firsts[group]))

    def took_long(self, kind: Kind, fate: Fate) -> bool:
        """Whether a message took much longer than those that arrived alone. Then it waited. Fallbacks are sent where
        phones are off, so most of them may have."""
        if kind not in self._medians:
            apart = [sample.fate for sample in self._alike(*kind) if not sample.together]
            times = sorted(fate.arrived for fate in apart if fate.arrived is not None)
            self._medians[kind] = times[len(times) // 2] if len(times) >= WATCHED else 0.0
        return fate.arrived is not None and fate.arrived > LONG * self._medians[kind]

    def _sent_after(self, group: Group) -> tuple[list[float], list[Sample]]:
        if group not in self._fallbacks:
            found = [(sample.before, sample) for sample in self._alike(group, later=True)]
            pairs = sorted(((time, one) for time, one in found if time is not None), key=lambda pair: pair[0])
            self._fallbacks[group] = [time for time, _ in pairs], [one for _, one in pairs]
        return self._fallbacks[group]

    def _alike(self, group: Group, later: bool) -> list[Sample]:
        """The messages that travelled alike: the group's, its country's or its channel's, whichever are enough; first
        messages or fallbacks, or both where there are none of the kind."""
        found: list[Sample] = []
        for positions in ((later,), (later, not later)):
            for depth in (3, 2, 1):
                found = [
                    sample
                    for (it, position), samples in self._pools.items()
                    if it[:depth] == group[:depth] and position in positions
                    for sample in samples
                ]
                if len(found) >= ENOUGH:
                    return found
        return found


def moved_to(fate: Fate, arrives: float) -> Fate:
    """The fate of a message that arrives so many seconds after its claim. What followed its arrival follows as late."""
    by = max(arrives, fate.answered) - (fate.arrived or 0.0)
    read, replied, stopped = (at if at is None else at + by for at in (fate.read, fate.replied, fate.stopped))
    return fate._replace(arrived=(fate.arrived or 0.0) + by, read=read, replied=replied, stopped=stopped)


def _ended_at(fate: Fate) -> float:
    for at in (fate.arrived, fate.failed, fate.cut):
        if at is not None:
            return at
    return fate.answered


def _is_cut(fate: Fate) -> bool:
    return fate.arrived is None and fate.failed is None and fate.cut is not None


def under_ttl(fate: Fate, ttl: float | None) -> Fate:
    """The fate of a message with this time to live: what would have come after it does not, and Vonage says so."""
    if ttl is None or fate.answer not in (AnswerKind.ACCEPTED, AnswerKind.UNKNOWN):
        return fate
    if fate.cut is None and _ended_at(fate) <= ttl:
        return fate
    return fate._replace(arrived=None, read=None, replied=None, stopped=None, failed=ttl, cut=None)


def each(known: Known, seed: int, sets: int) -> Iterator[Draws]:
    """Independent sets of draws, hopeful ones and others in turn."""
    for number in range(sets):
        yield Draws(known, Random(f"{seed} {number}"), hopeful=number % 2 == 0)
