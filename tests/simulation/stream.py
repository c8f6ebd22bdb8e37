"""A stream of DynamoDB and the function that reads it, on a virtual clock, as AWS runs them (`aws_limits.py`)."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.simulation.aws import Agenda
from tests.simulation.aws_limits import MOST_BATCHES_PER_SHARD, SHARD_POLLS_PER_SECOND


@dataclass(frozen=True)
class Mapping:
    """The event source mapping: its `ParallelizationFactor`, its `BatchSize`, and the stream's shards."""

    parallelization_factor: int = 1
    batch_size: int = 100
    shards: int = 1


class Stream:
    """`handle` is what the function does with a batch of records of (item, change). It returns how many seconds it
    takes. Changes of one item are handled in their order, one batch at a time."""

    def __init__(self, agenda: Agenda, handle: Callable[[Sequence[tuple[str, int]]], float], mapping: Mapping) -> None:
        assert 1 <= mapping.parallelization_factor <= MOST_BATCHES_PER_SHARD
        self._agenda, self._handle, self._mapping = agenda, handle, mapping
        lanes = mapping.shards * mapping.parallelization_factor
        self._waiting: list[deque[tuple[str, int]]] = [deque() for _ in range(lanes)]
        self._busy = [False] * lanes

    def write(self, item: str, change: int) -> None:
        """Lambda sees it with the next poll of its shard. Items are spread over shards and batches by their keys."""
        lane = zlib.crc32(item.encode()) % len(self._waiting)
        self._waiting[lane].append((item, change))
        self._agenda.after(1 / SHARD_POLLS_PER_SECOND, self._poll, lane)

    def _poll(self, lane: int) -> None:
        waiting = self._waiting[lane]
        if self._busy[lane] or not waiting:
            return
        batch = [waiting.popleft() for _ in range(min(self._mapping.batch_size, len(waiting)))]
        self._busy[lane] = True
        self._agenda.after(self._handle(batch), self._end, lane)

    def _end(self, lane: int) -> None:
        self._busy[lane] = False
        self._poll(lane)
