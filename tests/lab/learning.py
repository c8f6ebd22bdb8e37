"""What the automatic window costs, against an oracle that knows the law, and against the usual window.

The cost of a window is how long customers wait until they are reached, on average, and a price for each late message.
The price is the one at which the oracle's window costs least: the client's tolerance implies it.
"""

from __future__ import annotations

from math import inf
from random import Random
from typing import NamedTuple

from getthrough.domain.message import arrivals
from getthrough.domain.message.arrivals import Arrivals, Chosen, bucket, choose
from getthrough.domain.message.channels import CHANNELS
from tests.lab.world import ANSWERED, Customer, Law

USUAL = CHANNELS["sms"].window
LEAST, MOST = USUAL * arrivals.FLOOR, USUAL * arrivals.CEILING
LEARN_EVERY = 50


class Cost(NamedTuple):
    """Of many customers with a known law: the costs of windows."""

    takes: list[float]
    waits: list[tuple[float, float]]

    def late(self, window: float) -> float:
        return sum(it > window for it in self.takes) / len(self.takes)

    def seconds(self, window: float) -> float:
        return sum(min(first, ANSWERED + window + second) for first, second in self.waits) / len(self.waits)

    @property
    def oracle(self) -> float:
        exact = sorted(self.takes)[int(len(self.takes) * (1 - arrivals.TOLERANCE))]
        return min(max(exact, LEAST), MOST)

    def of(self, window: float) -> float:
        less, more = self.oracle / 1.15, self.oracle * 1.15
        price = (self.seconds(more) - self.seconds(less)) / (self.late(less) - self.late(more))
        return self.seconds(window) + price * self.late(window)


def cost_of(law: Law, count: int = 20_000) -> Cost:
    rng = Random(f"{law.name} cost")
    customers = [law.draw(rng) for _ in range(count)]
    waits = [(_takes(it), it.takes[1]) for it in customers if not it.rejected]
    return Cost([first for first, _ in waits if first < inf], [it for it in waits if min(it) < inf])


def learned(law: Law, seed: object, arrived: int) -> Chosen:
    """The window after so many arrivals, when every message had the window that was automatic at its time, and a `ttl`
    of it, but for those that are left uncut."""
    rng = Random(f"{law.name} {seed}")
    known = Arrivals({}, {}, 0)
    chosen = choose([known], "sms")
    sent = 0
    while known.seen < arrived:
        customer = law.draw(rng)
        sent += 1
        if not customer.rejected:
            cut = chosen.window >= 20 and rng.randrange(arrivals.UNCUT) > 0
            known = _with(known, _takes(customer), chosen.window if cut else inf)
        if sent % LEARN_EVERY == 0:
            chosen = choose([known], "sms")
    return choose([known], "sms")


def _takes(customer: Customer) -> float:
    return max(customer.takes[0], customer.on_at)


def _with(known: Arrivals, takes: float, ttl: float) -> Arrivals:
    counts, at = (known.arrived, takes) if takes <= ttl else (known.cut, ttl)
    if at == inf:
        return known._replace(open=known.open + 1)
    counts[bucket(at)] = counts.get(bucket(at), 0) + 1  # type: ignore[index]
    return known
