"""What invocations use of what AWS charges for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil
from typing import Any

from bench.write_units import Written, size

READ_UNIT = 4096
"""Bytes that one unit reads consistently."""

LOG_EVENT = 26
"""Bytes that CloudWatch adds to each line."""


class What(StrEnum):
    """`CALLS` are those to AWS. `QUEUE` are requests to SQS, also those of the poller. `POSTS` wait for Vonage."""

    REQUESTS = "requests to the API"
    INVOCATIONS = "invocations"
    CALLS = "calls"
    POSTS = "POSTs to Vonage"
    WRITE_UNITS = "write units"
    READ_UNITS = "read units"
    QUEUE = "requests to SQS"
    EVENTS = "events on the bus"
    LOG_BYTES = "bytes of logs"


Used = Mapping[tuple[str, What], float]
"""By function. What is not named is 0."""


@dataclass
class Invocation:
    function: str
    requests: int = 0
    calls: list[str] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    read_units: float = 0
    queue_requests: float = 0
    events: int = 0
    posts: int = 0
    log_bytes: int = 0

    def log(self, text: str) -> None:
        self.log_bytes += sum(len(line.encode()) + LOG_EVENT for line in text.splitlines())

    def used(self) -> Used:
        amounts = {
            What.REQUESTS: self.requests,
            What.INVOCATIONS: 1,
            What.CALLS: len(self.calls),
            What.POSTS: self.posts,
            What.WRITE_UNITS: sum(written.units for written in self.written),
            What.READ_UNITS: self.read_units,
            What.QUEUE: self.queue_requests,
            What.EVENTS: self.events,
            What.LOG_BYTES: self.log_bytes,
        }
        # The tick runs all the same: what it does for itself is part of an idle stack.
        ours = {What.QUEUE: self.queue_requests} if self.function == "TickFunction" else amounts
        return {(self.function, what): amount for what, amount in ours.items()}


def sum_of(invocations: Iterable[Invocation]) -> Used:
    total = Counter[tuple[str, What]]()
    for invocation in invocations:
        total.update(invocation.used())
    return total


def of_one(fewer: Used, more: Used, many: int) -> Used:
    """What each of so many more uses."""
    return {key: (more.get(key, 0) - fewer.get(key, 0)) / many for key in more}


def amount(used: Used, what: What, *functions: str) -> float:
    """Of all functions, or of these."""
    return sum(
        many for (function, kind), many in used.items() if kind is what and function in (functions or [function])
    )


def read_units(answer: Mapping[str, Any], *, consistent: bool) -> float:
    """By DynamoDB's rules: a read of nothing costs as much as one of a small item."""
    if "Responses" in answer:
        return sum(_of_bytes(size(item), consistent) for items in answer["Responses"].values() for item in items)
    items = answer.get("Items") or ([answer["Item"]] if "Item" in answer else [])
    return _of_bytes(sum(map(size, items)), consistent)


def _of_bytes(length: int, consistent: bool) -> float:
    return max(1, ceil(length / READ_UNIT)) * (1 if consistent else 0.5)
