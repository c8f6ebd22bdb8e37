"""A small day's backlog of webhooks into the real functions: some processes on DynamoDB Local (bench/webhooks)."""

from collections import Counter

import pytest

from bench.webhooks import burst
from bench.webhooks.expected import differences
from tests.contract.conftest import RACES


@pytest.fixture
def table(store: str | None) -> str:
    assert store is not None
    return store


@RACES
def test_a_burst_leaves_exactly_the_table_that_the_kernel_makes_of_its_events(table: str) -> None:
    done = burst.run(table, dispatches=20, seed=1, workers=2)

    assert done.faults == []
    kinds = Counter((seen.kind, seen.status) for seen in done.answered)
    assert set(kinds) == {
        ("new status", 200),
        ("new message", 200),
        ("copy", 200),
        ("forged", 401),
        ("unsigned", 503),
    }
    assert kinds["new status", 200] + kinds["new message", 200] == done.events


@pytest.mark.exhaustive
@RACES
def test_rotating_the_signature_secret_in_a_burst_loses_nothing(table: str) -> None:
    done = burst.run(table, dispatches=20, seed=2, workers=2, rotate=True)

    assert done.faults == []
    assert {seen.status for seen in done.answered if seen.kind in ("new status", "new message", "copy")} == {200}


@pytest.mark.exhaustive
@RACES
def test_webhooks_that_came_again_after_a_failure_leave_the_same_table(table: str) -> None:
    done = burst.run(table, dispatches=20, seed=3, workers=2, failing=0.1)

    assert done.faults == []
    assert {seen.status for seen in done.answered if seen.kind == "failed"} == {503}


def test_what_a_burst_left_otherwise_is_listed_item_by_item() -> None:
    def item(number: int, status: str, version: int, **more: str) -> dict[tuple[str, str], dict[str, object]]:
        pk, sk = f"DISPATCH#{number}", "DISPATCH"
        attempts = [{"status": "rejected"}, {"status": status, **more}]
        return {(pk, sk): {"pk": pk, "sk": sk, "attempts": attempts, "version": version}}

    must = item(1, "read", 0) | item(2, "read", 0) | item(3, "read", 0)
    left = item(1, "read", 7) | item(2, "delivered", 3, stopped_at="noon") | item(4, "read", 2)

    assert differences(must, left) == [
        "differs: DISPATCH#2 DISPATCH: attempts[1].status is 'delivered', must be 'read'; "
        "attempts[1].stopped_at is 'noon', must be None",
        "missing: DISPATCH#3 DISPATCH",
        "no one's: DISPATCH#4 DISPATCH",
    ]
