"""A receiver's host that does not answer is probed, and what waits for it is kept until it answers again."""

import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.adapters.receiver_hosts import RememberedHosts
from getthrough.domain.notification import breaker
from getthrough.domain.notification.breaker import FAILURES, HEALTHY, LONGEST_WAIT, PROBE, Health
from getthrough.domain.notification.callback import LIFE, Attempted, Callback, Verdict
from getthrough.usecases.deliver_callback import deliver_callback
from getthrough.usecases.ports import Delivering
from tests.builders import NOON
from tests.fakes import FakeClock, FakeMarks

HOUR = timedelta(hours=1)
NO_ANSWER = Attempted(Verdict.FAILED, reason="ConnectTimeout")
UP = Attempted(Verdict.DELIVERED, 200)


@dataclass
class World:
    """Receivers that answer at each moment as the test says, and the queue between the attempts."""

    answer: Callable[[str, datetime], Attempted]
    clock: FakeClock = field(default_factory=FakeClock)
    attempts: list[tuple[datetime, str]] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    held_at: list[datetime] = field(default_factory=list)
    given_up: list[Callback] = field(default_factory=list)
    _queue: list[tuple[datetime, int, Callback]] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=count)
    hosts: RememberedHosts = field(default_factory=RememberedHosts)

    def post(self, callback: Callback) -> Attempted:
        self.attempts.append((self.clock(), callback.host))
        return self.answer(callback.host, self.clock())

    def put(self, callbacks: Sequence[Callback], delay: timedelta = timedelta()) -> None:
        assert timedelta() <= delay <= timedelta(seconds=900)
        for callback in callbacks:
            heapq.heappush(self._queue, (self.clock() + delay, next(self._numbers), callback))

    def give_up(self, callback: Callback) -> None:
        self.given_up.append(callback)

    def run(self, events: int, host: str = "shop.example", every: timedelta = timedelta()) -> None:
        for number in range(events):
            at = NOON + number * every
            callback = Callback(f"https://{host}/events", f"evt_{host}_{number}", {}, at + LIFE)
            heapq.heappush(self._queue, (at, next(self._numbers), callback))
        ports = Delivering(receivers=self, hosts=self.hosts, callbacks=self, marks=FakeMarks(), clock=self.clock)
        while self._queue:
            at, _, callback = heapq.heappop(self._queue)
            self.clock.advance(max(0.0, (at - self.clock()).total_seconds()))
            self.verdicts.append(deliver_callback(ports, callback).verdict)
            if self.verdicts[-1] is Verdict.HELD:
                self.held_at.append(self.clock())


def test_a_dead_receiver_costs_a_probe_and_each_events_last_attempt() -> None:
    """Without a breaker each event costs more than a hundred attempts in its day."""
    world = World(lambda host, now: NO_ANSWER)
    world.run(500)

    assert len(world.given_up) == 500, "all end where an alarm sees them"
    before_the_end = [at for at, _ in world.attempts if at < NOON + LIFE]
    assert len(before_the_end) < 150
    assert len(world.attempts) == len(before_the_end) + 500


def test_when_it_is_back_everything_arrives_within_its_longest_wait() -> None:
    back = NOON + 5 * HOUR
    world = World(lambda host, now: UP if now >= back else NO_ANSWER)
    world.run(500)

    assert (world.verdicts.count(Verdict.DELIVERED), world.given_up) == (500, [])
    assert max(at for at, _ in world.attempts) <= back + LONGEST_WAIT + PROBE + timedelta(seconds=10)


def test_others_are_not_held_for_it() -> None:
    world = World(lambda host, now: NO_ANSWER if host == "dead.example" else UP)
    for _ in range(FAILURES):
        world.hosts.put("dead.example", breaker.after(world.hosts.get("dead.example"), NO_ANSWER, "", NOON))
    assert breaker.waits_until(world.hosts.get("dead.example"), NOON) is not None
    world.run(50)

    assert world.verdicts == [Verdict.DELIVERED] * 50


@pytest.mark.parametrize("share", [0.05, 0.2])
def test_a_receiver_that_fails_now_and_then_is_hardly_ever_held(share: float) -> None:
    chance = random.Random(17)
    world = World(lambda host, now: NO_ANSWER if chance.random() < share else UP)
    world.run(2_000, every=timedelta(seconds=1))

    assert world.verdicts.count(Verdict.DELIVERED) == 2_000
    assert world.verdicts.count(Verdict.HELD) < 2_000 * share


def test_a_long_outage_opens_and_closes_once() -> None:
    """No flapping: webhooks are held from its first minute until its last probe, and neither before nor after."""
    begin, end = NOON + HOUR, NOON + 3 * HOUR
    world = World(lambda host, now: NO_ANSWER if begin <= now < end else UP)
    world.run(2_000, every=timedelta(seconds=10))

    assert world.verdicts.count(Verdict.DELIVERED) == 2_000
    assert begin < world.held_at[0] < begin + timedelta(minutes=1)
    assert world.held_at[-1] < end + LONGEST_WAIT + PROBE
    assert len([at for at, _ in world.attempts if begin <= at < end]) < 40


@pytest.mark.parametrize("status", [400, 401, 404, 410, 418, 301])
def test_what_is_wrong_with_one_webhook_holds_no_other(status: int) -> None:
    """On a host with many customers a wrong path must not stop the others."""
    attempted = Attempted(Verdict.GONE if status == 410 else Verdict.FAILED, status)
    assert breaker.after(Health(2), attempted, "shop.example", NOON) == HEALTHY


@pytest.mark.parametrize("attempted", [NO_ANSWER, *(Attempted(Verdict.FAILED, code) for code in (429, 500, 502, 503))])
def test_five_failures_in_a_row_make_a_host_wait(attempted: Attempted) -> None:
    fourth = HEALTHY
    for failures in range(1, 5):
        fourth = breaker.after(fourth, attempted, "shop.example", NOON)
        assert fourth == Health(failures)
    fifth = breaker.after(fourth, attempted, "shop.example", NOON)

    assert fifth.until is not None
    assert timedelta(seconds=15) <= fifth.until - NOON <= timedelta(seconds=30)
    assert breaker.after(fifth, UP, "shop.example", NOON) == HEALTHY


@pytest.mark.parametrize(("said", "waited"), [(0, 0), (60, 60), (900, 900), (86_400, 900)])
def test_what_a_host_says_about_when_holds_for_all_its_webhooks(said: int, waited: int) -> None:
    health = breaker.after(HEALTHY, Attempted(Verdict.FAILED, 503, retry_after=said), "shop.example", NOON)
    until = NOON + timedelta(seconds=waited)
    assert health == Health(1, until)
    assert breaker.waits_until(health, NOON) == (until if waited else None)


def test_one_probe_at_a_time() -> None:
    waited = Health(5, NOON)
    assert breaker.waits_until(waited, NOON) is None
    assert breaker.waits_until(breaker.during(waited, NOON), NOON) == NOON + PROBE
    assert breaker.during(Health(2), NOON) == Health(2), "a host that need not wait is attempted by all"


@given(st.integers(0, 10_000), st.text(max_size=20))
def test_a_wait_is_bounded(failures: int, host: str) -> None:
    health = breaker.after(Health(failures), NO_ANSWER, host, NOON)
    assert health.until is None or NOON < health.until <= NOON + LONGEST_WAIT


def test_the_hosts_that_are_remembered_are_bounded_and_healthy_ones_take_nothing() -> None:
    hosts = RememberedHosts()
    for number in range(2_000):
        hosts.put(f"{number}.example", Health(1))
    hosts.put("1999.example", HEALTHY)

    assert [hosts.get(f"{n}.example") for n in (999, 1_000, 1_999)] == [HEALTHY, Health(1), HEALTHY]
    assert len(hosts._known) == 999


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Shop.example/a", "shop.example"),
        ("https://shop.example:8443?a=1", "shop.example:8443"),
        ("https://shop.example#x", "shop.example"),
        ("no url", ""),
    ],
)
def test_the_host_of_a_url(url: str, host: str) -> None:
    assert Callback(url, "evt_1", {}, NOON).host == host
