"""How far the events for the client's systems are behind, by the number of batches that Lambda reads from a shard.

A batch takes 9 ms for each record: reading the dispatch and its share of the writes to the bus and the queue. That is
an assumption from the calls that are made; a shard is the least that a table has.
"""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.builders import NOON, at
from tests.simulation.aws import Agenda
from tests.simulation.stream import Mapping, Stream

PER_RECORD = 0.009
SECONDS = 60


def published(mapping: Mapping, a_second: int) -> tuple[list[tuple[str, int]], timedelta]:
    """All changes in the order in which they are published, and how long the last one is behind."""
    agenda = Agenda()
    order: list[tuple[str, int]] = []
    behind = [timedelta()]

    def handle(records: Sequence[tuple[str, int]]) -> float:
        order.extend(records)
        behind.append(agenda.clock() - NOON - timedelta(seconds=records[0][1] / a_second))
        return PER_RECORD * len(records)

    stream = Stream(agenda, handle, mapping)
    for number in range(a_second * SECONDS):
        agenda.after(number / a_second, stream.write, f"dispatch {number % 50}", number)
    agenda.run_until(at(600))
    return order, max(behind)


@pytest.mark.parametrize(("factor", "a_second"), [(1, 90), (10, 300)])
def test_events_are_published_within_seconds_at_so_many_writes_a_second(factor: int, a_second: int) -> None:
    order, behind = published(Mapping(parallelization_factor=factor), a_second)

    assert len(order) == a_second * SECONDS
    assert behind < timedelta(seconds=5)


def test_with_one_batch_a_shard_three_hundred_writes_a_second_fall_behind_for_minutes() -> None:
    _, behind = published(Mapping(parallelization_factor=1), 300)

    assert behind > timedelta(seconds=60)


def test_ten_batches_a_shard_keep_the_order_of_each_item() -> None:
    order, _ = published(Mapping(parallelization_factor=10), 300)

    by_item: dict[str, list[int]] = {}
    for item, change in order:
        by_item.setdefault(item, []).append(change)
    assert all(changes == sorted(changes) for changes in by_item.values())
