"""How long messages take to arrive, as counts; and the window that follows from them (`expiry_time: "auto"`).

Messages that travel alike are counted together: those on one channel, to one country, from one sender. The policy lab
(tools/lab) uses these functions too. docs/policy-lab.md explains them in words.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from math import ceil, erf, exp2, log, log2, sqrt
from typing import NamedTuple

from getthrough.domain.message.channels import CHANNELS

PER_OCTAVE = 4
"""Buckets for each doubling of the time: the end of one is 19 % after its start."""

SHORTEST = 0.5
"""The end of bucket 0, in seconds."""

LAST = ceil(PER_OCTAVE * log2(7 * 86_400 / SHORTEST))
"""The last bucket ends after the longest window."""

TOLERANCE = 0.01
"""The default share of the messages that arrive which may arrive after their window."""

PRIOR = 50.0
"""Before anything is known, it is as if so many messages had arrived, 1 % of them after the channel's usual window."""

FLOOR, CEILING = 1 / 6, 20
"""An automatic window is at least and at most this part of the channel's usual one."""

UNCUT = 5
"""One of so many messages with an automatic window has no `ttl`, so that it shows how late messages arrive."""

ENOUGH = 2_000
"""With so many recent arrivals, older weeks are not used."""

_CHANGED = 3.0
"""Standard deviations between the latest week and those before it that are no chance."""

_Z99 = 2.326348
"""99 % of a normal law are below so many standard deviations."""

_STEP = 2 ** (1 / PER_OCTAVE)


class Group(NamedTuple):
    """Messages that travel alike. `country` is a calling code; empty for an address that is no phone number."""

    channel: str
    country: str
    sender: str


class Kind(StrEnum):
    """What a message showed: it arrived, it failed, its `ttl` ended before it arrived, or nothing so far."""

    ARRIVED = "a"
    FAILED = "f"
    CUT = "c"
    OPEN = "o"


class Arrivals(NamedTuple):
    """Counts of messages that travelled alike, in one week or several: those that `arrived` and those that were `cut`
    by bucket, those that are `open`, and those that `failed`. These do not matter for a window: a fallback follows a
    failure at once."""

    arrived: Mapping[int, int] = {}
    cut: Mapping[int, int] = {}
    open: int = 0
    failed: int = 0

    @property
    def seen(self) -> int:
        return sum(self.arrived.values())


class ArrivalsOfWeek(NamedTuple):
    """`week` is the date of a Monday, in UTC."""

    group: Group
    week: str
    arrivals: Arrivals


class Why(StrEnum):
    """Where an automatic window comes from."""

    LEARNED = "learned"
    FLOOR = "floor"
    CEILING = "ceiling"
    USUAL = "usual"
    """Too little is known, so it is near the channel's usual window."""


class Chosen(NamedTuple):
    """An automatic window in seconds, and why: after how many arrivals, and whether these changed lately. With `cut`
    the message has a `ttl` of this window, as any other has."""

    window: int
    why: Why
    seen: int
    changed: bool = False
    cut: bool = True


def bucket(seconds: float) -> int:
    return min(max(ceil(PER_OCTAVE * log2(max(seconds, 1e-3) / SHORTEST)), 0), LAST)


def ends(number: int) -> float:
    """The end of a bucket, in seconds. It starts at the end of the one before it."""
    return SHORTEST * exp2(number / PER_OCTAVE)


def choose(weeks: Sequence[Arrivals], channel: str, tolerance: float = TOLERANCE) -> Chosen:
    """The shortest window whose share of late arrivals stays within the tolerance. `weeks` come newest first.

    The share of which it must be certain is a standard deviation below the tolerance, so little data makes a longer
    window.
    """
    usual = CHANNELS[channel].window
    used, changed = _recent(weeks)
    known = _sum(used)
    window = _shortest(known, usual, tolerance)
    floor, ceiling = max(round(usual * FLOOR), 1), usual * CEILING
    whole = min(max(ceil(window), floor), ceiling)
    why = Why.USUAL if known.seen < PRIOR else Why.LEARNED
    if window < floor or window > ceiling:
        why = Why.FLOOR if window < floor else Why.CEILING
    return Chosen(whole, why, known.seen, changed)


def late_share(known: Arrivals, window: float) -> float:
    """The share of the messages that arrive which arrive after this window."""
    share, start = 1.0, 0.0
    for end, after, _ in _curve(known):
        if end >= window:
            part = log(window / start) / log(end / start) if start and window > start else 0.0
            return share + (after - share) * part
        share, start = after, end
    return 0.0


def _shortest(known: Arrivals, usual: int, tolerance: float) -> float:
    before, start = 1.0, SHORTEST / _STEP
    for end, after, count in _curve(_with_prior(known, usual)):
        if after + sqrt(after / count) <= tolerance:
            allowed = (sqrt(tolerance + 1 / (4 * count)) - sqrt(1 / (4 * count))) ** 2
            part = (before - allowed) / (before - after) if before > after else 1.0
            return float(start * (end / start) ** min(max(part, 0.0), 1.0))
        before, start = after, end
    return start


def _curve(known: Arrivals) -> Iterable[tuple[float, float, float]]:
    """For each bucket: its end, the share of the arriving messages that arrive later, and how many messages that share
    is known from. The estimate of Kaplan and Meier: a message that was cut says nothing of what comes after it."""
    arrived, cut = known.arrived, known.cut
    total = left = sum(arrived.values()) + sum(cut.values()) + known.open
    alive, points = 1.0, []
    for number in range(max([*arrived, *cut, 0]) + 1):
        watched = left - cut.get(number, 0) / 2
        size = left / alive if alive > 0 else total
        if watched > 0:
            alive *= 1 - min(arrived.get(number, 0) / watched, 1.0)
        left -= arrived.get(number, 0) + cut.get(number, 0)
        points.append((ends(number), alive, size))
    arrive = 1 - alive
    return [(end, (it - alive) / arrive if arrive > 0 else 0.0, max(size, 1.0)) for end, it, size in points]


def _with_prior(known: Arrivals, usual: int) -> Arrivals:
    """A log-normal law whose median is a sixth of the usual window, and whose 99 % arrive within it."""
    below, arrived = 0.0, dict[int, float](known.arrived)
    for number in range(bucket(usual * CEILING) + 1):
        upto = (1 + erf(_Z99 * log(6 * ends(number) / usual) / log(6) / sqrt(2))) / 2
        arrived[number] = arrived.get(number, 0) + PRIOR * (upto - below)
        below = upto
    return known._replace(arrived=arrived)  # type: ignore[arg-type]


def _recent(weeks: Sequence[Arrivals]) -> tuple[list[Arrivals], bool]:
    """The newest weeks that are enough. If the latest differs from those before it, it alone."""
    used: list[Arrivals] = []
    for week in weeks:
        used.append(week)
        if sum(one.seen for one in used) >= ENOUGH:
            break
    latest, before = used[:1], _sum(used[1:])
    changed = bool(latest) and _differ(latest[0], before)
    return (latest if changed else used), changed


def _differ(latest: Arrivals, before: Arrivals) -> bool:
    """Whether a week's arrivals took longer, or less, than earlier ones: another share of them after the middle, or
    after nine tenths, of the earlier ones."""
    if min(latest.seen, before.seen) < PRIOR:
        return False
    return any(_apart(latest, before, share) for share in (0.5, 0.1))


def _apart(latest: Arrivals, before: Arrivals, share: float) -> bool:
    place = next(end for end, later, _ in _curve(before) if later <= share)
    one, other = late_share(latest, place), late_share(before, place)
    both = (one * latest.seen + other * before.seen) / (latest.seen + before.seen)
    spread = sqrt(both * (1 - both) * (1 / latest.seen + 1 / before.seen))
    return abs(one - other) > _CHANGED * spread > 0


def _sum(several: Iterable[Arrivals]) -> Arrivals:
    arrived, cut, left = dict[int, int](), dict[int, int](), 0
    for one in several:
        for total, counts in ((arrived, one.arrived), (cut, one.cut)):
            for number, count in counts.items():
                total[number] = total.get(number, 0) + count
        left += one.open
    return Arrivals(arrived, cut, left)
