"""Ten thousand recipients at thirty a second: the real use-cases on a virtual clock, a queue and functions with AWS's
limits, and a provider that may refuse what it gets."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from getthrough.domain.batch.batch import dispatch_uuid
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.ports import Timer
from getthrough.usecases.change_batch import cancel_batch, create_batch
from getthrough.usecases.ports import Batching
from getthrough.usecases.retrying import Origin
from tests.builders import NOON, at
from tests.fakes import FakeClock
from tests.simulation.aws import Queue
from tests.simulation.day import RATE, Day
from tests.simulation.provider import Provider, most_in_a_second

MANY = 10_000
IDEAL = timedelta(seconds=MANY / RATE)
FALLBACK = {"channel": "sms", "message_type": "text", "from": "Bakery", "text": "Hello {{ name }}!"}
MESSAGE = {**FALLBACK, "channel": "whatsapp", "from": "447700900999"}


def day(seed: int = 1, storm: tuple[float, float] = (0, 0)) -> tuple[Day, Provider]:
    clock = FakeClock()
    provider = Provider(clock=clock, storm=storm)
    return Day(clock=clock, gateway=provider, seed=seed), provider


def accept(day: Day, many: int = MANY, message: Mapping[str, Any] = MESSAGE, **fields: Any) -> str:
    recipients = [{"to": f"4477{number:08}", "variables": {"name": f"Ann {number}"}} for number in range(many)]
    body = {"message": message, "recipients": recipients, **fields}
    return create_batch(day.ports(Batching), body, Origin("bakery", f"key {many} {fields}")).batch.batch_uuid


def members(day: Day, batch_uuid: str, many: int = MANY) -> list[Dispatch]:
    return [day.dispatches.stored[dispatch_uuid(batch_uuid, number)] for number in range(many)]


@pytest.mark.exhaustive
def test_ten_thousand_messages_take_at_most_345_seconds_and_never_exceed_the_rate_and_its_burst() -> None:
    today, provider = day()
    batch_uuid = accept(today)

    today.pass_until(at(3600))

    assert provider.accepted == {dispatch.message_uuid(0): 1 for dispatch in members(today, batch_uuid)}
    assert len(provider.posts) == MANY
    assert IDEAL <= max(provider.posts) - NOON <= timedelta(seconds=345)
    assert most_in_a_second(provider.posts) <= 2 * RATE
    sent = {dispatch.steps[0].message["text"] for dispatch in members(today, batch_uuid)}
    assert sent == {f"Hello Ann {number}!" for number in range(MANY)}
    assert today.dispatches.batches.stored[batch_uuid].state == "sent"


@pytest.mark.exhaustive
def test_a_minute_of_429_slows_a_batch_and_loses_and_doubles_nothing() -> None:
    today, provider = day(storm=(100, 160))
    batch_uuid = accept(today)

    today.pass_until(at(7200))

    assert provider.accepted == {dispatch.message_uuid(0): 1 for dispatch in members(today, batch_uuid)}
    assert provider.refused > 0
    assert max(provider.posts) - NOON >= IDEAL + timedelta(seconds=60), "the storm costs at least its own length"
    assert max(provider.posts) - NOON <= IDEAL + timedelta(seconds=60 + 330), "and a back-off of five minutes at most"
    assert most_in_a_second(provider.posts) <= 2 * RATE
    assert provider.refused < 60 * RATE + RATE, "every try takes a token"


@pytest.mark.exhaustive
def test_fallbacks_keep_to_the_rate_like_first_messages() -> None:
    """No status comes, so that every recipient gets a second message: twice as many, in twice the time."""
    many = 1_000
    today, provider = day()
    batch_uuid = accept(today, many, {**MESSAGE, "expiry_time": 15, "failover": [FALLBACK]})

    today.pass_until(at(600))

    expected = {dispatch.message_uuid(step): 1 for dispatch in members(today, batch_uuid, many) for step in (0, 1)}
    assert provider.accepted == expected
    assert most_in_a_second(provider.posts) <= 2 * RATE
    assert max(provider.posts) - NOON <= timedelta(seconds=2 * many / RATE + 20)


@pytest.mark.exhaustive
def test_when_quiet_hours_end_for_all_recipients_at_once_the_batch_keeps_to_its_rate() -> None:
    many = 2_000
    quiet = {"from": "12:00", "to": "12:30", "time_zone": "UTC"}
    today, provider = day()
    batch_uuid = accept(today, many, {**MESSAGE, "quiet_hours": quiet})

    today.pass_until(at(3600))

    assert provider.accepted == {dispatch.message_uuid(0): 1 for dispatch in members(today, batch_uuid, many)}
    assert at(1800) <= min(provider.posts)
    assert max(provider.posts) <= at(1800 + many / RATE + 10)
    assert most_in_a_second(provider.posts) <= 2 * RATE
    assert today.queue.most_waiting < 4 * many


def test_two_batches_share_the_accounts_rate_and_each_keeps_its_own() -> None:
    today, provider = day()
    slow, fast = accept(today, 300, rate=5), accept(today, 900)

    today.pass_until(at(40))
    first = {which: sum(dispatch.posted for dispatch in _so_far(today, which)) for which in (slow, fast)}
    today.pass_until(at(600))

    assert 100 <= first[slow] <= 40 * 5 + 6, "5 a second at most; less, since both together want 35"
    assert len(provider.posts) == sum(provider.accepted.values()) == 1_200
    assert most_in_a_second(provider.posts) <= 2 * RATE
    assert max(provider.posts) - NOON <= timedelta(seconds=300 / 5 * 1.3)


def test_a_batch_keeps_its_own_rate_when_its_quiet_hours_end() -> None:
    quiet = {"from": "12:00", "to": "12:30", "time_zone": "UTC"}
    today, provider = day()
    batch_uuid = accept(today, 60, {**MESSAGE, "quiet_hours": quiet}, rate=2)

    today.pass_until(at(3600))

    assert provider.accepted == {dispatch.message_uuid(0): 1 for dispatch in members(today, batch_uuid, 60)}
    assert most_in_a_second(provider.posts) <= 2 * 2 + 1
    assert max(provider.posts) <= at(1800 + 60 / 2 * 1.5)


def test_a_batch_does_not_wait_for_one_that_was_held_and_cancelled_before_it() -> None:
    quiet = {"from": "12:00", "to": "12:30", "time_zone": "UTC"}
    today, provider = day()
    held = accept(today, 3_000, {**MESSAGE, "quiet_hours": quiet})
    today.pass_until(at(1803))
    cancel_batch(today.ports(Batching), held)
    sent = len(provider.posts)

    accept(today, 60)
    today.pass_until(at(1810))

    assert len(provider.posts) == sent + 60


@pytest.mark.parametrize("seconds", [0.5, 7, pytest.param(20.2, marks=pytest.mark.exhaustive)])
def test_a_cancelled_batch_sends_nothing_more(seconds: float) -> None:
    today, provider = day()
    last = {**FALLBACK, "expiry_time": 60}
    batch_uuid = accept(today, 900, {**MESSAGE, "expiry_time": 15, "failover": [last]})
    today.pass_until(at(seconds))

    cancel_batch(today.ports(Batching), batch_uuid)
    posted = len(provider.posts)
    today.pass_until(at(90_000))

    assert len(provider.posts) == posted
    ended = Counter(dispatch.outcome for dispatch in _so_far(today, batch_uuid))
    assert set(ended) <= {"cancelled", "exhausted"}
    assert today.queue.waiting == set()
    assert list(today.dispatches.due(at(1e6), at(1e6))) == []


@pytest.mark.exhaustive
def test_an_outage_of_an_hour_loses_no_recipient_and_is_not_made_up_for_at_once() -> None:
    """All timers of that hour are lost: what the tick finds afterwards keeps to the rate."""
    today, provider = day()
    batch_uuid = accept(today, 3_000)
    today.pass_until(at(30))
    today.queue.lose_all()
    today.clock.now = at(3_630)

    today.pass_until(at(7_200))

    assert provider.accepted == {dispatch.message_uuid(0): 1 for dispatch in members(today, batch_uuid, 3_000)}
    assert most_in_a_second(provider.posts) <= 2 * RATE


@pytest.mark.parametrize("seed", range(3))
def test_timers_that_fire_twice_send_no_message_twice(seed: int) -> None:
    today, provider = day(seed)
    dice = Random(seed)

    def fire_twice(timer: Timer) -> float:
        return sum(today.fire(timer) for _ in range(1 + (dice.random() < 0.3)))

    today.queue = Queue(today.agenda, fire_twice, today.limits)
    batch_uuid = accept(today, 600)
    today.pass_until(at(600))

    assert provider.accepted == {dispatch.message_uuid(0): 1 for dispatch in members(today, batch_uuid, 600)}
    assert most_in_a_second(provider.posts) <= 2 * RATE


def _so_far(day: Day, batch_uuid: str) -> list[Dispatch]:
    return [item for item in day.dispatches.stored.values() if item.batch and item.batch.batch_uuid == batch_uuid]
