"""When a channel to a country is down, so that messages may start with their next step. Pure.

What becomes of messages is counted by channel and calling code. Older outcomes fade, so what counts is the last few
minutes. Where at least LEAST of them are known and MOST_FAILING of these failed, the channel is down. From then on only
messages that are sent later say whether it is up again: a few dispatches are probes, which are sent all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

LEAST = 20
"""How many recent outcomes must be known: fewer say nothing about a channel."""

MOST_FAILING = 0.9
"""The share of failures from which on a channel is down. A list of numbers of which half are dead is far from it."""

HALF_LIFE = timedelta(minutes=5)
"""After so long an outcome counts half. So a channel with less than three outcomes a minute is never down."""

PROBES = 8
"""One in so many dispatches is a probe."""

ARRIVALS = 3
"""So many more probes must arrive than fail before a channel is up again."""

FORGOTTEN = timedelta(minutes=15)
"""If nothing is heard of a channel that is down for so long, it is tried again."""

FAILURES_AT_ONCE = 5
"""So many failures are stored together."""

MOST_REMEMBERED = 100
"""Of so many channels something is remembered: they are one item, whatever countries a client sends to."""

_REMEMBERED = timedelta(hours=1)
_BEGINNING = datetime.min.replace(tzinfo=UTC)


class WhenDown(StrEnum):
    """What a message with a fallback does whose channel is down: wait for its window as ever, or leave it to the next
    step at once."""

    SKIP = "skip"
    WAIT = "wait"


class Known(NamedTuple):
    """What became of a message, when that became known, and when it was sent."""

    destination: str
    arrived: bool
    sent_at: datetime
    at: datetime


class Health(NamedTuple):
    """What is known of a channel to a country. While it is up, `arrived` and `failed` are its recent outcomes, faded to
    `at`. While it is down, `probes` is how many more probes have arrived than failed, never below 0, and `at` is when
    it was last heard of. Messages that were sent before `since`, its last change, count no more."""

    down: bool = False
    since: datetime = _BEGINNING
    at: datetime = _BEGINNING
    arrived: float = 0
    failed: float = 0
    probes: int = 0

    def is_down(self, now: datetime) -> bool:
        return self.down and now - self.at < FORGOTTEN


NOTHING_KNOWN = Health()

Channels = Mapping[str, Health]
"""By destination, such as `sms 44`. Where nothing is known, nothing is wrong."""


def after(health: Health, known: Known) -> Health:
    """What is known of a channel after another outcome."""
    if health.down and not health.is_down(known.at):
        health = Health(since=health.at + FORGOTTEN)
    at = max(health.at, known.at)
    if known.sent_at < health.since:
        # Too old to say that it is up again, but not that it is still down.
        return health._replace(at=at) if health.down and not known.arrived else health
    if health.down:
        probes = max(0, health.probes + (1 if known.arrived else -1))
        return Health(since=at, at=at) if probes >= ARRIVALS else health._replace(at=at, probes=probes)
    kept = 0.5 ** ((at - health.at) / HALF_LIFE)
    arrived, failed = health.arrived * kept + known.arrived, health.failed * kept + (not known.arrived)
    if arrived + failed >= LEAST and failed >= MOST_FAILING * (arrived + failed):
        return Health(down=True, since=at, at=at)
    return health._replace(at=at, arrived=round(arrived, 3), failed=round(failed, 3))


def after_all(channels: Channels, known: Iterable[Known], now: datetime) -> Channels:
    """The same for all channels. What is of no use any more is forgotten."""
    changed = dict(channels)
    for one in sorted(known, key=lambda it: it.at):
        changed[one.destination] = after(changed.get(one.destination, NOTHING_KNOWN), one)
    matter = [(name, health) for name, health in changed.items() if _matters(health, now)]
    return dict(sorted(matter, key=lambda one: (one[1].down, one[1].at))[-MOST_REMEMBERED:])


def turns(before: Channels, after: Channels) -> list[tuple[str, bool]]:
    """Which channels went down (True) or came up again."""
    was, is_now = ({name for name, health in channels.items() if health.down} for channels in (before, after))
    return [(name, name in is_now) for name in sorted(was ^ is_now)]


def are_news(known: Sequence[Known], channels: Channels, now: datetime) -> bool:
    """False for outcomes that hardly change what is known of channels: nearly all arrived, where all do."""
    failures = sum(not one.arrived for one in known)
    return failures >= FAILURES_AT_ONCE or any(
        channels[destination].is_down(now) for destination in {one.destination for one in known} & channels.keys()
    )


def _matters(health: Health, now: datetime) -> bool:
    lately = now - max(health.since, _BEGINNING) < _REMEMBERED
    return health.is_down(now) or lately or (health.failed > health.arrived and now - health.at < _REMEMBERED)


def is_probe(dispatch_uuid: str) -> bool:
    """True for the few dispatches that are sent to a channel that is down. The same ones for each who asks."""
    return int(dispatch_uuid[:2], 16) % PROBES == 0


def is_skipped(destinations: tuple[str, ...], channels: Channels, now: datetime) -> bool:
    """True if the first of these, the steps that are left, is down and a later one is not."""
    down = [destination in channels and channels[destination].is_down(now) for destination in destinations]
    return down[:1] == [True] and not all(down)
