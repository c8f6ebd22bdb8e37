"""Vonage's message statuses as a lattice: a step's status never falls.

submitted < undeliverable, rejected < delivered < read

Joining is commutative, associative and idempotent, so any order and any number of copies of the same webhooks
give the same status. Both failures have the same effect; their order only makes the join unambiguous.
"""

from enum import StrEnum


class Status(StrEnum):
    SUBMITTED = "submitted"
    UNDELIVERABLE = "undeliverable"
    REJECTED = "rejected"
    DELIVERED = "delivered"
    READ = "read"


class Condition(StrEnum):
    """What makes a step succeed: a status of Vonage's, or the customer's reply. An answer that quotes
    the message meets every condition: it proves that the message was read."""

    DELIVERED = "delivered"
    READ = "read"
    REPLIED = "replied"


FAILURES = frozenset({Status.UNDELIVERABLE, Status.REJECTED})
ARRIVED = frozenset({Status.DELIVERED, Status.READ})

_RANK = {status: rank for rank, status in enumerate(Status)}
_MEETS = {Condition.DELIVERED: ARRIVED, Condition.READ: frozenset({Status.READ}), Condition.REPLIED: frozenset()}


def join(one: Status | None, other: Status | None) -> Status | None:
    """The higher of two statuses; None is below all."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=_RANK.__getitem__)


def meets(status: Status | None, condition: Condition) -> bool:
    """Whether a status meets a condition. No status meets `replied`."""
    return status in _MEETS[condition]
