"""The lattice of statuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.message.status import Condition, Status, join, meets

statuses = st.one_of(st.none(), st.sampled_from(Status))


@given(statuses, statuses)
def test_joining_is_commutative(one: Status | None, other: Status | None) -> None:
    assert join(one, other) is join(other, one)


@given(statuses, statuses, statuses)
def test_joining_is_associative(one: Status | None, two: Status | None, three: Status | None) -> None:
    assert join(join(one, two), three) is join(one, join(two, three))


@given(statuses, statuses)
def test_joining_again_changes_nothing(one: Status | None, other: Status | None) -> None:
    assert join(join(one, other), other) is join(one, other)


@given(statuses)
def test_nothing_is_below_every_status(status: Status | None) -> None:
    assert join(None, status) is status


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        (Status.SUBMITTED, Status.UNDELIVERABLE),
        (Status.SUBMITTED, Status.REJECTED),
        (Status.UNDELIVERABLE, Status.DELIVERED),
        (Status.REJECTED, Status.DELIVERED),
        (Status.DELIVERED, Status.READ),
    ],
)
def test_a_status_only_rises(lower: Status, higher: Status) -> None:
    assert join(lower, higher) is higher


@pytest.mark.parametrize(
    ("condition", "met_by"),
    [(Condition.DELIVERED, {Status.DELIVERED, Status.READ}), (Condition.READ, {Status.READ})],
)
def test_what_meets_a_condition(condition: Condition, met_by: set[Status]) -> None:
    assert {status for status in [None, *Status] if meets(status, condition)} == met_by
