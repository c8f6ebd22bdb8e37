"""Two policies side by side: what each did, or would have done, with intervals.

Dispatches whose fates are all known count the same in every set of draws. The others are played once for each set. The
intervals join the spread between dispatches with the spread between sets (Rubin's rules for multiple imputation). If
something had to be guessed, they reach from the lower end of the bad guesses to the upper end of the good ones.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from math import ceil, inf, sqrt
from statistics import NormalDist, fmean, variance
from typing import NamedTuple

from getthrough.domain.values.quiet_hours import QuietHours
from tools.lab.fates import Before, Draws, Kind, Known, each, moved_to, under_ttl
from tools.lab.past import NEVER, Fate, Past, Way
from tools.lab.play import Played, goes_the_same, play
from tools.lab.policy import TODAY, Policy, plan_under

SETS = 8
LEVEL = 0.94
"""The intervals are called those of 90 %. They are a little wider, because no model is quite true: `make lab` counts
how often they hold the truth."""

PERCENTILES = (50, 90, 99)
SHARES = ("reached", "failed_over", "doubles")


class Estimate(NamedTuple):
    """A figure, and the ends of its interval. The upper end of a percentile is infinite if there were too few
    dispatches to see one."""

    value: float
    low: float
    high: float


class Figures(NamedTuple):
    """`shares` are of all dispatches. `seconds` are until the customer was reached, by percentile; empty if no one was.
    `cost` is the sum in each currency. `guessed` is the share of dispatches of which something had to be guessed."""

    dispatches: int
    shares: dict[str, Estimate]
    seconds: dict[int, Estimate]
    cost: dict[str, Estimate]
    guessed: float


class Different(NamedTuple):
    """A dispatch that would have gone differently, in this share of the sets of draws; and how, in one of them."""

    dispatch_uuid: str
    share: float
    before: Played
    after: Played


class Comparison(NamedTuple):
    today: Figures
    policy: Figures
    change: dict[str, Estimate]
    different: list[Different]


class _Sums:
    """One set's sums: of each figure and of its square, and the times until customers were reached."""

    def __init__(self) -> None:
        self.count = 0
        self.first = defaultdict[str, float](float)
        self.second = defaultdict[str, float](float)
        self.ends: dict[str, tuple[float, float]] = {}
        self.seconds = array("d")

    def add(self, figures: dict[str, float], reached: float | None) -> None:
        self.count += 1
        for name, value in figures.items():
            self.first[name] += value
            self.second[name] += value * value
            least, most = self.ends.get(name, (value, value))
            self.ends[name] = min(least, value), max(most, value)
        if reached is not None:
            self.seconds.append(reached)


class Lab:
    """Compare a policy with today's. `level` is that of the intervals, and `sets` how many sets of fates are drawn."""

    def __init__(self, policy: Policy, known: Known, *, seed: int = 1, level: float = LEVEL, sets: int = SETS) -> None:
        self._policy, self._known, self._level = policy, known, level
        self._draws = list(each(known, seed, sets))
        self._certain = {name: _Sums() for name in ("today", "policy", "change")}
        self._drawn = {name: [_Sums() for _ in self._draws] for name in self._certain}
        self._prices: dict[object, tuple[str, float] | None] = {}
        self._guessed = {"today": 0, "policy": 0}

    def compare(self, pasts: Iterable[Past]) -> Comparison:
        """Play each dispatch under both policies. One pass; only what differs is kept."""
        different = [found for past in pasts if (found := self._play(past)) is not None]
        today, policy = (self._figures(name) for name in ("today", "policy"))
        names = [*SHARES, *(f"cost {currency}" for currency in sorted({*today.cost, *policy.cost}))]
        change = {name: self._mean("change", name) for name in names}
        for name in names[len(SHARES) :]:
            change[name] = Estimate(*(today.dispatches * value for value in change[name]))
        return Comparison(today, policy, change, different)

    def _play(self, past: Past) -> Different | None:
        plans = {"today": plan_under(TODAY, past), "policy": plan_under(self._policy, past)}
        quiet = {"today": past.quiet_hours, "policy": self._policy.quiet_hours or past.quiet_hours}
        worlds: list[dict[int, Fate]] = [{} for _ in self._draws]
        played: dict[str, list[Played]] = {}
        for name, plan in plans.items():
            results, guessed = list[Played](), False
            if name == "policy" and self._is_the_same(plans, quiet, played["today"]):
                played[name] = played["today"]
                continue
            for draws, world in zip(self._draws, worlds, strict=True):
                before, fates = draws.guessed, _Fates(past, plan, draws, world)
                results.append(play(past, [way for _, way in plan], quiet[name], fates))
                guessed |= draws.guessed > before
                if not fates.drew:
                    break
            played[name] = results
            self._guessed[name] += guessed
        certain = all(len(results) == 1 for results in played.values())
        changed = 0
        for number in range(1 if certain else len(self._draws)):
            pair = {name: results[number if len(results) > 1 else 0] for name, results in played.items()}
            figures = {name: self._value(past, plans[name], result) for name, result in pair.items()}
            figures["change"] = {
                key: figures["policy"].get(key, 0.0) - figures["today"].get(key, 0.0)
                for key in {**figures["policy"], **figures["today"]}
            }
            for name, values in figures.items():
                sums = self._certain[name] if certain else self._drawn[name][number]
                sums.add(values, pair[name].reached if name in pair else None)
            changed += pair["today"] != pair["policy"] and plans["today"] != plans["policy"]
            if pair["today"] != pair["policy"]:
                shown = pair
        if not changed:
            return None
        share = changed if certain else changed / len(self._draws)
        return Different(past.dispatch_uuid, float(share), shown["today"], shown["policy"])

    @staticmethod
    def _is_the_same(
        plans: dict[str, list[tuple[int, Way]]], quiet: dict[str, QuietHours | None], played: list[Played]
    ) -> bool:
        (number, first), (other_number, other) = plans["today"][0], plans["policy"][0]
        alike = len(played) == 1 and number == other_number and quiet["today"] == quiet["policy"]
        return alike and goes_the_same(played[0], first, other)

    def _value(self, past: Past, plan: Sequence[tuple[int, Way]], result: Played) -> dict[str, float]:
        values = {
            "reached": float(result.reached is not None),
            "failed_over": float(result.failed_over),
            "doubles": float(result.copies > 1),
        }
        for place in result.sent:
            number, way = plan[place]
            if (price := past.prices[number] or self._price(way)) is not None:
                name = f"cost {price[0]}"
                values[name] = values.get(name, 0.0) + price[1]
        return values

    def _price(self, way: Way) -> tuple[str, float] | None:
        if way.group not in self._prices:
            self._prices[way.group] = self._known.price(way.group)
        return self._prices[way.group]

    def _figures(self, name: str) -> Figures:
        certain, drawn = self._certain[name], self._drawn[name]
        total = certain.count + drawn[0].count
        currencies = {key for sums in (certain, *drawn) for key in sums.first if key.startswith("cost ")}
        cost = {key[5:]: Estimate(*(total * value for value in self._mean(name, key))) for key in sorted(currencies)}
        return Figures(
            dispatches=total,
            shares={key: self._share(name, key) for key in SHARES},
            seconds=self._seconds(name),
            cost=cost,
            guessed=self._guessed[name] / total if total else 0.0,
        )

    def _mean(self, name: str, key: str) -> Estimate:
        return self._joined(name, lambda sets: self._mean_of(name, key, sets))

    def _share(self, name: str, key: str) -> Estimate:
        def of(sets: Sequence[_Sums]) -> Estimate:
            value, spread, factor = self._spread(name, key, sets)
            count = value * (1 - value) / spread if spread > 0 else self._certain[name].count + sets[0].count
            return wilson(value, count, factor)

        return self._joined(name, of)

    def _mean_of(self, name: str, key: str, sets: Sequence[_Sums]) -> Estimate:
        """The interval is as if two more dispatches had had the least that one had, and two the most. Otherwise it
        would be too narrow where few had anything else than the others (Agresti and Coull)."""
        value, spread, factor = self._spread(name, key, sets)
        count = self._certain[name].count + sets[0].count
        ends = [sums.ends[key] for sums in (self._certain[name], *sets) if key in sums.ends]
        least, most = min(low for low, _ in ends), max(high for _, high in ends)
        middle = (value * count + 2 * least + 2 * most) / (count + 4)
        more = 2 * ((least - middle) ** 2 + (most - middle) ** 2) / (count + 4) ** 2
        half = factor * sqrt(spread + more)
        return Estimate(value, min(middle - half, value), max(middle + half, value))

    def _joined(self, name: str, of: Callable[[Sequence[_Sums]], Estimate]) -> Estimate:
        """The estimate from all sets; after guesses, from the bad guesses' lower to the good guesses' upper end."""
        drawn = self._drawn[name]
        if self._certain[name].count + drawn[0].count == 0:
            return Estimate(0.0, 0.0, 0.0)
        whole = of(drawn)
        if not any(self._guessed.values()):
            return whole
        ends = [of(drawn[start::2]) for start in (0, 1)]
        return Estimate(whole.value, min(end.low for end in ends), max(end.high for end in ends))

    def _spread(self, name: str, key: str, sets: Sequence[_Sums]) -> tuple[float, float, float]:
        """The mean, its variance, and the factor for the interval: Rubin's rules."""
        certain = self._certain[name]
        means, within = [], []
        for sums in sets:
            count = certain.count + sums.count
            mean = (certain.first[key] + sums.first[key]) / count
            means.append(mean)
            square = (certain.second[key] + sums.second[key]) / count
            within.append(max(square - mean * mean, 0.0) / count)
        return fmean(means), *joined(means, fmean(within), self._level)

    def _seconds(self, name: str) -> dict[int, Estimate]:
        sets = [sorted((*self._certain[name].seconds, *sums.seconds)) for sums in self._drawn[name]]
        sets = [times for times in sets if times]
        return {percent: self._percentile(sets, percent / 100) for percent in PERCENTILES} if sets else {}

    def _percentile(self, sets: Sequence[Sequence[float]], part: float) -> Estimate:
        """The interval is that of order statistics, widened by the spread between the sets."""
        normal = NormalDist().inv_cdf(0.5 + self._level / 2)
        values, lows, highs = [], [], []
        for times in sets:
            half = normal * sqrt(part * (1 - part) / len(times))
            values.append(_rank(times, part))
            lows.append(_rank(times, part - half))
            highs.append(_rank(times, part + half) if len(times) * (part + half) <= len(times) else inf)
        value = fmean(values)
        between = normal * sqrt((1 + 1 / len(values)) * variance(values)) if len(values) > 1 else 0.0
        low, high = value - fmean(lows), fmean(highs) - value
        return Estimate(value, max(value - sqrt(low**2 + between**2), 0.0), value + sqrt(high**2 + between**2))


class _Fates:
    """The fates of one dispatch under a plan, as one set of draws has them. `drew` is true if one was drawn. `world`
    keeps them by the number of the message, so that each policy meets the same."""

    def __init__(self, past: Past, plan: Sequence[tuple[int, Way]], draws: Draws, world: dict[int, Fate]) -> None:
        self._past, self._plan, self._draws, self._world = past, plan, draws, world
        self._before: tuple[float, float] | None = None
        self.drew = False

    def __call__(self, place: int, claimed: float) -> Fate:
        number, way = self._plan[place]
        known = self._past.fates[number]
        if known is not None and (known.cut is None or (way.ttl is not None and way.ttl <= known.cut)):
            at = self._past.arrived_at(number)
            kind = self._past.ways[number].group, number > 0
            waited = at is not None and self._past.together(number) and self._draws.took_long(kind, known)
            fate = moved_to(known, at - claimed) if at is not None and waited else known
        else:
            self.drew |= known is None or known.cut != NEVER
            fate = self._world.get(number) or self._draw((way.group, place > 0), known, claimed)
            self._world[number] = fate
        took = inf if fate.arrived is None else fate.arrived
        self._before = took, claimed + took
        return under_ttl(fate, way.ttl)

    def _draw(self, kind: Kind, known: Fate | None, claimed: float) -> Fate:
        if known is not None:
            return self._draws.rest(kind, known)
        before = Before(self._before[0], self._before[1] - claimed) if self._before else None
        return self._draws.unsent(kind, before)


def joined(means: Sequence[float], within: float, level: float) -> tuple[float, float]:
    """The variance of the mean of several sets of draws, and how many of its roots an interval has to each side."""
    normal = NormalDist().inv_cdf(0.5 + level / 2)
    between = (1 + 1 / len(means)) * variance(means) if len(means) > 1 else 0.0
    if between == 0:
        return within, normal
    freedom = (len(means) - 1) * (1 + within / between) ** 2
    return within + between, normal + (normal**3 + normal) / (4 * freedom)


def wilson(share: float, count: float, factor: float) -> Estimate:
    """Wilson's interval of a share, with the correction for continuity. It keeps within 0 and 1, and knows that none of
    a few is not never, and that one of a few may be far less."""
    square = factor**2
    low = square - 2 - 1 / count + 4 * share * (count * (1 - share) + 1)
    high = square + 2 - 1 / count + 4 * share * (count * (1 - share) - 1)
    middle, width = 2 * count * share + square, 2 * (count + square)
    return Estimate(
        share,
        max((middle - 1 - factor * sqrt(max(low, 0.0))) / width, 0.0) if share > 0 else 0.0,
        min((middle + 1 + factor * sqrt(max(high, 0.0))) / width, 1.0) if share < 1 else 1.0,
    )


def _rank(times: Sequence[float], part: float) -> float:
    """The nearest-rank percentile, as the summary of a day has it."""
    return times[min(max(ceil(len(times) * part), 1), len(times)) - 1]
