"""Ten thousand recipients at thirty a second: the real use-cases on a virtual clock, a queue with SQS's delays whose
timers ring up to half a second late, and an account that refuses what comes too fast."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from getthrough.domain.batch.batch import dispatch_uuid
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Dispatch
from getthrough.domain.ports import Timer
from getthrough.usecases.change_batch import cancel_batch, create_batch
from getthrough.usecases.ports import Batching
from getthrough.usecases.retrying import Origin
from tests.builders import NOON, at
from tests.fakes import FakeClock, FakeGateway
from tests.simulation.day import RATE, Day

MANY = 10_000
IDEAL = timedelta(seconds=MANY / RATE)
SECOND = timedelta(seconds=1)
FALLBACK = {"channel": "sms", "message_type": "text", "from": "Bakery", "text": "Hello {{ name }}!"}
MESSAGE = {**FALLBACK, "channel": "whatsapp", "from": "447700900999"}

ACCEPTED = AnswerKind.ACCEPTED


@dataclass
class Account(FakeGateway):
    """Takes everything, but nothing in a storm: then it answers 429. `posts` are the moments of all POSTs."""

    clock: FakeClock = field(default_factory=FakeClock)
    storm: tuple[float, float] = (0, 0)
    posts: list[datetime] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)

    def submit(self, message: Mapping[str, Any]) -> Answer:
        now = self.clock()
        self.posts.append(now)
        if at(self.storm[0]) <= now < at(self.storm[1]):
            return Answer(kind=AnswerKind.UNAVAILABLE, http_status=429)
        self.taken[message["client_ref"]] += 1
        return Answer(kind=ACCEPTED, http_status=202, vonage_message_uuid=f"vonage-{len(self.posts)}")


def day(seed: int = 1, storm: tuple[float, float] = (0, 0)) -> tuple[Day, Account]:
    clock, dice = FakeClock(), Random(seed)
    account = Account(clock=clock, storm=storm)
    return Day(clock=clock, gateway=account, lag=lambda: dice.uniform(0.01, 0.5)), account


def accept(day: Day, many: int = MANY, message: Mapping[str, Any] = MESSAGE, **fields: Any) -> str:
    recipients = [{"to": f"4477{number:08}", "variables": {"name": f"Ann {number}"}} for number in range(many)]
    body = {"message": message, "recipients": recipients, **fields}
    return create_batch(day.ports(Batching), body, Origin("bakery", f"key {many} {fields}")).batch.batch_uuid


def most_in_a_second(moments: list[datetime]) -> int:
    """The most of them in any second, wherever it begins."""
    window: deque[datetime] = deque()
    most = 0
    for moment in sorted(moments):
        window.append(moment)
        while window[0] <= moment - SECOND:
            window.popleft()
        most = max(most, len(window))
    return most


def members(day: Day, batch_uuid: str, many: int = MANY) -> list[Dispatch]:
    return [day.dispatches.stored[dispatch_uuid(batch_uuid, number)] for number in range(many)]


def test_ten_thousand_are_sent_in_the_right_time_and_never_faster_than_the_rate_and_its_burst() -> None:
    today, account = day()
    batch_uuid = accept(today)

    today.pass_until(at(3600))

    assert account.taken == {dispatch.message_uuid(0): 1 for dispatch in members(today, batch_uuid)}
    assert len(account.posts) == MANY
    assert IDEAL <= max(account.posts) - NOON <= IDEAL + timedelta(seconds=5)
    assert most_in_a_second(account.posts) <= 2 * RATE
    sent = {dispatch.steps[0].message["text"] for dispatch in members(today, batch_uuid)}
    assert sent == {f"Hello Ann {number}!" for number in range(MANY)}
    assert today.dispatches.batches.stored[batch_uuid].state == "sent"


def test_a_storm_of_429_slows_it_and_loses_and_doubles_nothing() -> None:
    today, account = day(storm=(100, 160))
    batch_uuid = accept(today)

    today.pass_until(at(7200))

    assert account.taken == {dispatch.message_uuid(0): 1 for dispatch in members(today, batch_uuid)}
    refused = len(account.posts) - MANY
    assert refused > 0
    assert max(account.posts) - NOON >= IDEAL + timedelta(seconds=60), "the storm costs at least its own length"
    assert max(account.posts) - NOON <= IDEAL + timedelta(seconds=60 + 330), "and a back-off of five minutes at most"
    assert most_in_a_second(account.posts) <= 2 * RATE
    assert refused < 60 * RATE + RATE, "every try takes its turn"


def test_fallbacks_take_turns_as_well_as_first_messages() -> None:
    """Nothing is heard of any of them, so that everybody gets a second message: twice as many, in twice the time."""
    many = 1_000
    today, account = day()
    batch_uuid = accept(today, many, {**MESSAGE, "expiry_time": 15, "failover": [FALLBACK]})

    today.pass_until(at(600))

    expected = {dispatch.message_uuid(step): 1 for dispatch in members(today, batch_uuid, many) for step in (0, 1)}
    assert account.taken == expected
    assert most_in_a_second(account.posts) <= 2 * RATE
    assert max(account.posts) - NOON <= timedelta(seconds=2 * many / RATE + 20)


def test_when_quiet_hours_end_for_everybody_at_once_they_still_take_turns() -> None:
    many = 2_000
    quiet = {"from": "12:00", "to": "12:30", "time_zone": "UTC"}
    today, account = day()
    batch_uuid = accept(today, many, {**MESSAGE, "quiet_hours": quiet})

    today.pass_until(at(3600))

    assert account.taken == {dispatch.message_uuid(0): 1 for dispatch in members(today, batch_uuid, many)}
    assert at(1800) <= min(account.posts)
    assert max(account.posts) <= at(1800 + many / RATE + 10)
    assert most_in_a_second(account.posts) <= 2 * RATE
    assert today.most_alive < 4 * many


def test_two_batches_share_what_there_is_and_each_keeps_its_own_rate() -> None:
    today, account = day()
    slow, fast = accept(today, 300, rate=5), accept(today, 900)

    today.pass_until(at(40))
    first = {which: sum(dispatch.posted for dispatch in _so_far(today, which)) for which in (slow, fast)}
    today.pass_until(at(600))

    assert 100 <= first[slow] <= 40 * 5 + 6, "5 a second at most; less, since both together want 35"
    assert len(account.posts) == sum(account.taken.values()) == 1_200
    assert most_in_a_second(account.posts) <= 2 * RATE
    assert max(account.posts) - NOON <= timedelta(seconds=300 / 5 * 1.3)


def test_a_batch_keeps_its_own_rate_when_its_quiet_hours_end() -> None:
    quiet = {"from": "12:00", "to": "12:30", "time_zone": "UTC"}
    today, account = day()
    batch_uuid = accept(today, 60, {**MESSAGE, "quiet_hours": quiet}, rate=2)

    today.pass_until(at(3600))

    assert account.taken == {dispatch.message_uuid(0): 1 for dispatch in members(today, batch_uuid, 60)}
    assert most_in_a_second(account.posts) <= 2 * 2 + 1
    assert max(account.posts) <= at(1800 + 60 / 2 * 1.5)


def test_whoever_comes_after_a_batch_that_was_held_and_cancelled_need_not_wait_for_it() -> None:
    quiet = {"from": "12:00", "to": "12:30", "time_zone": "UTC"}
    today, account = day()
    held = accept(today, 3_000, {**MESSAGE, "quiet_hours": quiet})
    today.pass_until(at(1803))
    cancel_batch(today.ports(Batching), held)
    sent = len(account.posts)

    accept(today, 60)
    today.pass_until(at(1810))

    assert len(account.posts) == sent + 60


@pytest.mark.parametrize("seconds", [0.5, 7, 20.2])
def test_after_it_was_cancelled_nobody_gets_anything_more(seconds: float) -> None:
    today, account = day()
    last = {**FALLBACK, "expiry_time": 60}
    batch_uuid = accept(today, 900, {**MESSAGE, "expiry_time": 15, "failover": [last]})
    today.pass_until(at(seconds))

    cancel_batch(today.ports(Batching), batch_uuid)
    posted = len(account.posts)
    today.pass_until(at(90_000))

    assert len(account.posts) == posted
    ended = Counter(dispatch.outcome for dispatch in _so_far(today, batch_uuid))
    assert set(ended) <= {"cancelled", "exhausted"}
    assert today.queue == []
    assert list(today.dispatches.due(at(1e6))) == []


def test_an_hour_without_functions_loses_nobody_and_does_not_send_all_at_once() -> None:
    """All timers of that hour are lost: what the tick finds afterwards takes its turns."""
    today, account = day()
    batch_uuid = accept(today, 3_000)
    today.pass_until(at(30))
    today.queue.clear()
    today.clock.now = at(3_630)

    today.pass_until(at(7_200))

    assert account.taken == {dispatch.message_uuid(0): 1 for dispatch in members(today, batch_uuid, 3_000)}
    assert most_in_a_second(account.posts) <= 2 * RATE


@pytest.mark.parametrize("seed", range(3))
def test_timers_that_ring_twice_make_nobody_hear_it_twice(seed: int) -> None:
    today, account = day(seed)
    fire, dice = today.fire, Random(seed)

    def fire_twice(timer: Timer) -> None:
        for _ in range(1 + (dice.random() < 0.3)):
            fire(timer)

    today.fire = fire_twice  # type: ignore[method-assign]
    batch_uuid = accept(today, 600)
    today.pass_until(at(600))

    assert account.taken == {dispatch.message_uuid(0): 1 for dispatch in members(today, batch_uuid, 600)}
    assert most_in_a_second(account.posts) <= 2 * RATE


def _so_far(day: Day, batch_uuid: str) -> list[Dispatch]:
    return [item for item in day.dispatches.stored.values() if item.batch and item.batch.batch_uuid == batch_uuid]
