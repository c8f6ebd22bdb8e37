"""What a page of the console costs does not grow with what is stored: its calls and the items that they read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from getthrough.adapters import dynamo_dispatches
from getthrough.adapters.dynamo_conversations import DynamoConversations
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_figures import DynamoFigures
from getthrough.domain.contact.contact import contact_of
from getthrough.domain.dispatch.day import day_of, describe_day
from getthrough.domain.ports import DispatchFilter
from tests.aws_calls import Call, around_calls
from tests.contract.conftest import REAL
from tests.long_history import History

NOW = datetime(2026, 11, 29, 18, 0, tzinfo=UTC)
TODAY = NOW.replace(hour=0)
PLANNED, REPLIES = 5, 120
SMALL = History(NOW, dispatches=600, of_today=150, planned=PLANNED, replies=REPLIES, customers=10)
LARGE = History(NOW, dispatches=1_200, of_today=500, planned=PLANNED, replies=2 * REPLIES, customers=10)


class Reads:
    """How many calls were made, and how many items they brought."""

    def __init__(self) -> None:
        self.calls = self.items = 0

    def note(self, _service: str, _operation: str, parameters: dict[str, Any], call: Call) -> dict[str, Any]:
        answer = call(**parameters)
        self.calls += 1
        self.items += len(answer.get("Items", ())) + sum(map(len, answer.get("Responses", {}).values()))
        return answer


@contextmanager
def counted() -> Iterator[Reads]:
    reads = Reads()
    with pytest.MonkeyPatch.context() as patch:
        around_calls(patch, reads.note)
        yield reads


def pages(table: str) -> dict[str, Callable[[], Any]]:
    """What the console's views ask for."""
    dispatches, conversations = DynamoDispatches(table), DynamoConversations(table)
    customer = (contact_of("sms", "447700900007"),)
    return {
        "messages": lambda: dispatches.newest(20),
        "of a day": lambda: dispatches.newest(20, None, DispatchFilter(since=TODAY, before=TODAY + timedelta(days=1))),
        "not delivered": lambda: dispatches.newest(2, None, DispatchFilter(outcome="exhausted")),
        "under way": lambda: dispatches.newest(20, None, DispatchFilter(outcome="open")),
        "of a customer": lambda: dispatches.newest(20, None, DispatchFilter(customer)),
        "a day's figures": lambda: DynamoFigures(table).between(TODAY, TODAY + timedelta(days=1)),
        "inbox": lambda: conversations.newest(20),
    }


def costs(table: str) -> dict[str, tuple[int, int]]:
    found = {}
    for name, page in pages(table).items():
        with counted() as reads:
            page()
        found[name] = (reads.calls, reads.items)
    return found


@REAL
def test_a_page_costs_as_much_with_a_long_history_as_with_a_short_one(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dynamo_dispatches, "MOST_EXAMINED", 160)
    SMALL.store(store)
    small = costs(store)
    LARGE.store(store)

    assert costs(store) == small
    calls_of = {name: calls for name, (calls, _) in small.items()}
    assert calls_of == {
        "messages": 5,
        "of a day": 5,
        "not delivered": 5,
        "under way": 10,
        "of a customer": 3,
        "a day's figures": 1,
        "inbox": 5,
    }


@REAL
def test_what_was_planned_first_is_found_among_all_that_came_since(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynamo_dispatches, "MOST_EXAMINED", 20)
    SMALL.store(store)

    page = DynamoDispatches(store).newest(PLANNED, None, DispatchFilter(outcome="open"))
    assert [int(found.dispatch_uuid[:8], 16) for found in page.items] == [4, 3, 2, 1, 0]
    assert page.cursor is None


@REAL
def test_the_figures_of_a_full_day_are_complete(store: str) -> None:
    SMALL.store(store)

    day = day_of(TODAY.date().isoformat(), "UTC")
    assert day is not None
    shown = describe_day(day, DynamoFigures(store).between(day.since, day.before))
    known = {name: shown[name] for name in ("dispatches", "succeeded", "exhausted", "open", "messages_sent")}
    assert known == {"dispatches": 150, "succeeded": 147, "exhausted": 3, "open": 0, "messages_sent": 150}
