"""Customers whose phones follow a known law: what a policy does to them can be computed, and what a lab sees of it.

A plan has an SMS and a fallback on WhatsApp. The fates of a customer's messages do not depend on the policy, except
through the time at which each is sent. So the same customers can be played under any policy: that is the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf
from random import Random
from typing import NamedTuple
from uuid import UUID

from getthrough.domain.dispatch.dispatch import AnswerKind
from getthrough.domain.message.arrivals import Group
from getthrough.domain.message.status import Condition
from tests.builders import NOON
from tools.lab.past import NEVER, Fate, Past, Way
from tools.lab.play import Played, play
from tools.lab.policy import Policy, plan_under

ANSWERED = 0.2
PRICES = (("EUR", 0.05), ("EUR", 0.02))
SMS, WHATSAPP = Group("sms", "44", "Bakery"), Group("whatsapp", "44", "447700900000")


class Customer(NamedTuple):
    """How long each message takes; infinite if it is lost. A phone that is off gets nothing before `on_at`."""

    takes: tuple[float, float]
    rejected: bool = False
    on_at: float = 0.0
    second_too: bool = False


class Law(NamedTuple):
    """`draw` makes a customer. With `ttl` an SMS lives as long as its window, as Getthrough sets it."""

    name: str
    draw: Callable[[Random], Customer]
    ttl: bool = False


def lognormal(rng: Random, median: float, sigma: float) -> float:
    return median * rng.lognormvariate(0.0, sigma)


def _usual(rng: Random) -> Customer:
    first = inf if rng.random() < 0.03 else lognormal(rng, 6.0, 1.2)
    second = inf if rng.random() < 0.05 else lognormal(rng, 3.0, 0.8)
    return Customer((first, second), rejected=rng.random() < 0.01)


def _two_humps(rng: Random) -> Customer:
    usual = _usual(rng)
    slow = rng.random() < 0.2
    return usual._replace(takes=(lognormal(rng, 90.0, 0.4), usual.takes[1])) if slow else usual


def _switched_off(rng: Random, *, second_too: bool = False) -> Customer:
    on_at = rng.expovariate(1 / 3_600) if rng.random() < 0.1 else 0.0
    return _usual(rng)._replace(on_at=on_at, second_too=second_too)


def _outage(rng: Random) -> Customer:
    usual = _usual(rng)
    if rng.random() >= 0.1:
        return usual
    return usual._replace(takes=(inf if rng.random() < 0.3 else rng.expovariate(1 / 400), usual.takes[1]))


LAWS = (
    Law("log-normal", _usual),
    Law("two humps", _two_humps),
    Law("switched off, the fallback to someone else", _switched_off),
    Law("switched off, the fallback to the same phone", lambda rng: _switched_off(rng, second_too=True)),
    Law("outages", _outage),
    Law("log-normal, cut by ttl", _usual, ttl=True),
    Law("two humps, cut by ttl", _two_humps, ttl=True),
)


def plan(window: int, *, ttl: bool) -> tuple[Way, ...]:
    sms = Way(SMS, 0, window, Condition.DELIVERED, urgent=False, ttl=float(window) if ttl else None, follows=ttl)
    return sms, Way(WHATSAPP, 1, 72 * 3_600, Condition.DELIVERED, urgent=False, ttl=None, follows=False)


def customers(law: Law, seed: object, count: int) -> Iterator[tuple[str, Customer]]:
    rng = Random(f"{law.name} {seed}")
    for _ in range(count):
        yield str(UUID(int=rng.getrandbits(120) << 8)), law.draw(rng)


def blank(dispatch_uuid: str, ways: tuple[Way, ...]) -> Past:
    return Past(dispatch_uuid, NOON, NOON, NOON, None, ways, (None,) * len(ways), (None,) * len(ways), None, ())


def truth_of(
    customer: Customer, ways: tuple[Way, ...], dispatch_uuid: str
) -> tuple[Played, dict[int, tuple[float, Fate]]]:
    """What a policy really does to a customer, and when it claims which messages, with their fates."""
    sent: dict[int, tuple[float, Fate]] = {}

    def fate(place: int, claimed: float) -> Fate:
        sent[place] = claimed, _fate(customer, place, claimed, ways[place].ttl)
        return sent[place][1]

    return play(blank(dispatch_uuid, ways), ways, None, fate), sent


def _fate(customer: Customer, place: int, claimed: float, ttl: float | None) -> Fate:
    if customer.rejected and place == 0:
        return Fate(AnswerKind.ACCEPTED, ANSWERED, failed=1.0)
    takes = customer.takes[place]
    if place == 0 or customer.second_too:
        takes = max(takes, customer.on_at - claimed)
    if ttl is not None and takes > ttl:
        return Fate(AnswerKind.ACCEPTED, ANSWERED, failed=ttl)
    return Fate(AnswerKind.ACCEPTED, ANSWERED, arrived=takes) if takes < inf else _lost()


def _lost() -> Fate:
    return Fate(AnswerKind.ACCEPTED, ANSWERED, cut=NEVER)


def seen(customer: Customer, ways: tuple[Way, ...], dispatch_uuid: str) -> Past:
    """What a lab sees of a customer after a policy: only the messages that were sent, and not beyond their `ttl`."""
    _, sent = truth_of(customer, ways, dispatch_uuid)
    fates: list[Fate | None] = [None] * len(ways)
    for place, (_, fate) in sent.items():
        ttl = ways[place].ttl
        fates[place] = fate
        if ttl is not None and fate.failed == ttl:
            fates[place] = fate._replace(failed=None, cut=ttl)
    prices = tuple(PRICES[place] if place in sent else None for place in range(len(ways)))
    return blank(dispatch_uuid, ways)._replace(
        fates=tuple(fates), prices=prices, claimed=tuple(at for at, _ in sent.values())
    )


class Truth(NamedTuple):
    """The figures of a run, as the lab names them."""

    shares: dict[str, float]
    seconds: dict[int, float]
    cost: float


def run(law: Law, before: int, policy: Policy, seed: object, count: int) -> Truth:
    """A simulated run of a policy that changes the plan of this window."""
    ways = plan(before, ttl=law.ttl)
    changed = tuple(way for _, way in plan_under(policy, blank("", ways)))
    played = [truth_of(customer, changed, uuid)[0] for uuid, customer in customers(law, seed, count)]
    times = sorted(one.reached for one in played if one.reached is not None)
    return Truth(
        shares={
            "reached": len(times) / count,
            "failed_over": sum(one.failed_over for one in played) / count,
            "doubles": sum(one.copies > 1 for one in played) / count,
        },
        seconds={percent: times[int(len(times) * percent / 100)] for percent in (50, 90, 99)},
        cost=sum(PRICES[place][1] for one in played for place in one.sent) / count,
    )
