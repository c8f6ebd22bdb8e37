"""Port Throughput: never more than the rate and one second's burst, no token twice, and turns that do not overlap."""

from bisect import bisect_right
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from getthrough.domain.batch.batch import Batch
from getthrough.domain.ports import Throughput
from tests.builders import BATCH_UUID, NOON, at, batch
from tests.contract.conftest import MOST_A_SECOND, RACES, throughput_of
from tests.fakes import FakeThroughput

INTERVAL = timedelta(microseconds=33_334)
"""Between two messages of the account: rounded up, so that there are never more than the rate."""

SECOND = timedelta(seconds=1)
FAST, SLOW = batch(rate=MOST_A_SECOND), batch(rate=2)
OTHER = batch(rate=MOST_A_SECOND, batch_uuid=BATCH_UUID.replace("5f1a", "6f1a"))


def taken(throughput: Throughput, moments: list[datetime], whose: Batch = FAST) -> list[datetime]:
    """Those of some moments at which there was a token."""
    return [moment for moment in moments if throughput.take(whose, moment) is None]


def most_in_a_second(moments: list[datetime]) -> int:
    """In the worst second, both ends of which belong to it."""
    in_order = sorted(moments)
    return max((bisect_right(in_order, first + SECOND) - place for place, first in enumerate(in_order)), default=0)


def test_a_second_of_messages_may_leave_at_once_and_then_one_after_the_other(throughput: Throughput) -> None:
    assert len(taken(throughput, [NOON] * 40)) == MOST_A_SECOND
    moments = [NOON + milliseconds * SECOND / 1_000 for milliseconds in range(100)]
    assert len(taken(throughput, moments)) == 3


def test_who_finds_no_token_has_joined_the_queue(throughput: Throughput) -> None:
    taken(throughput, [NOON] * MOST_A_SECOND)

    assert [throughput.take(FAST, NOON) for _ in range(2)] == [NOON, NOON + INTERVAL]
    assert throughput.take(OTHER, NOON) == NOON, "each batch has its own"
    assert throughput.queue(1, NOON) == NOON


def test_what_was_not_used_for_long_is_a_second_of_messages_and_no_more(throughput: Throughput) -> None:
    throughput.take(FAST, NOON)
    assert len(taken(throughput, [at(3_600)] * 40)) == MOST_A_SECOND


def test_half_a_second_later_half_of_them_are_there_again(throughput: Throughput) -> None:
    taken(throughput, [NOON] * 40)
    assert len(taken(throughput, [at(0.5)] * 40)) == MOST_A_SECOND // 2


def test_all_batches_share_what_the_account_may_send(throughput: Throughput) -> None:
    assert len(taken(throughput, [NOON] * 20)) == 20
    assert len(taken(throughput, [NOON] * 20, OTHER)) == 10
    assert len(taken(throughput, [NOON] * 20, SLOW)) == 0


def test_a_slow_batch_has_no_more_than_its_own_rate_and_a_queue_of_its_own(throughput: Throughput) -> None:
    assert len(taken(throughput, [NOON] * 3, SLOW)) == 3, "those of a second, and the first of the next"
    assert [throughput.take(SLOW, NOON) for _ in range(2)] == [NOON, at(0.5)]
    assert throughput.queue(1, NOON) == NOON
    assert throughput.take(SLOW, at(0.5)) is None
    assert throughput.take(SLOW, at(0.5)) == at(1)
    assert throughput.take(OTHER, NOON) is None


def test_turns_come_one_after_the_other(throughput: Throughput) -> None:
    assert throughput.queue(15, NOON) == NOON
    assert throughput.queue(1, NOON) == NOON + 15 * INTERVAL
    assert throughput.queue(2, at(0.1)) == NOON + 16 * INTERVAL
    assert throughput.queue(1, at(60)) == at(60), "no one is in the queue any more"
    assert throughput.queue(1, at(60)) == at(60) + INTERVAL


def test_a_slot_is_no_token_and_a_token_no_slot(throughput: Throughput) -> None:
    throughput.queue(300, NOON)
    assert len(taken(throughput, [NOON] * MOST_A_SECOND)) == MOST_A_SECOND
    assert throughput.queue(1, NOON) == NOON + 300 * INTERVAL


@pytest.mark.parametrize("rate", [1, 7, 30, 839, 1_000])
def test_in_the_long_run_it_is_the_rate(rate: int) -> None:
    """Asked twice as often as there are tokens, for half a minute."""
    throughput = FakeThroughput(rate)
    asked = [NOON + number * SECOND / (2 * rate) for number in range(60 * rate)]

    found = taken(throughput, asked, batch(rate=rate))
    later = [moment for moment in found if moment >= at(10)]

    assert 20 * rate * 0.995 - 1 <= len(later) <= 20 * rate
    assert most_in_a_second(later) <= rate + 1


GAPS = st.lists(st.integers(0, 300_000), min_size=1, max_size=80)


@settings(deadline=None)
@given(gaps=GAPS, rate=st.sampled_from([1, 2, 3, 7, 30, 839, 1_000]), slower=st.sampled_from([1, 3, 100]))
def test_in_no_second_are_there_more_than_the_rate_and_one_seconds_burst(
    gaps: list[int], rate: int, slower: int
) -> None:
    throughput, now, asked = FakeThroughput(rate), NOON, list[datetime]()
    for gap in gaps:
        now += timedelta(microseconds=gap)
        asked += [now] * min(rate, 40)
    asker = batch(rate=max(1, rate // slower))

    found = taken(throughput, asked, asker)

    assert most_in_a_second(found) <= 2 * asker.mailing.rate + 1
    spent = (found[-1] - found[0]) / SECOND
    assert len(found) <= asker.mailing.rate * (1 + spent) + 1


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gaps=st.lists(st.integers(0, 400_000), min_size=1, max_size=6), rate=st.integers(1, 9))
def test_every_store_decides_as_the_fake_does(store: str | None, gaps: list[int], rate: int) -> None:
    one, fake, now = throughput_of(store, rate), FakeThroughput(rate), _later()
    for gap in gaps:
        now += timedelta(microseconds=gap)
        for asker in (FAST, SLOW):
            assert [one.take(asker, now) for _ in range(2)] == [fake.take(asker, now) for _ in range(2)]
        assert one.queue(gap % 5 + 1, now) == fake.queue(gap % 5 + 1, now)


_begun = [NOON]


def _later() -> datetime:
    """An hour after all that was asked before: the store is the same in all examples."""
    _begun[0] += timedelta(hours=1)
    return _begun[0]


@RACES
@pytest.mark.parametrize("_again", range(3))
def test_no_token_is_given_twice(throughput: Throughput, _again: int) -> None:
    """Those that meet too many others may get the answer that there is none."""
    throughput.take(FAST, at(-60))
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: throughput.take(FAST, NOON), range(60))).count(None)
    assert 0 < found <= MOST_A_SECOND
    assert found + len(taken(throughput, [NOON] * 40)) == MOST_A_SECOND


@RACES
@pytest.mark.parametrize("_again", range(3))
def test_turns_never_overlap(throughput: Throughput, _again: int) -> None:
    throughput.queue(1, at(-60))
    with ThreadPoolExecutor(8) as threads:
        slots = sorted(threads.map(lambda _: throughput.queue(3, NOON), range(32)))
    assert slots[0] == NOON
    assert all(after - before == 3 * INTERVAL for before, after in pairwise(slots))
