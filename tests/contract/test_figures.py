"""Figures of quarters in the table: what is added is summed up for any time, and the same records add once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest

from getthrough.adapters.dynamo_figures import DynamoFigures
from getthrough.domain.dispatch.figures import Figure, Figures, Kind
from getthrough.domain.values.errors import UnavailableError
from tests.contract.conftest import RACES

pytestmark = RACES

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
NEW = map(str, count())
"""Records that no other test has: what adds once does so in the whole account, and all tables have one name."""

ONE, MANY = Decimal(1), Decimal("998999999999999999.999999999001")

ALL: Figures = {
    Figure(Kind.DISPATCHES): Decimal(4),
    Figure(Kind.OUTCOME, "succeeded"): Decimal(3),
    Figure(Kind.FAILED_OVER): ONE,
    Figure(Kind.LATE): ONE,
    Figure(Kind.COST, "EUR"): MANY,
    Figure(Kind.COST, "NO/ CURRENCY #1"): ONE,
    Figure(Kind.SENT, "viber_service"): Decimal(5),
    Figure(Kind.TOOK, "viber_service", 0): Decimal(2),
    Figure(Kind.TOOK, "viber_service", 57): ONE,
}


def sent(number: int = 1) -> Figures:
    return {Figure(Kind.SENT, "sms"): Decimal(number)}


@pytest.fixture
def figures(store: str) -> DynamoFigures:
    return DynamoFigures(store)


def test_every_figure_comes_back_as_it_was_added(figures: DynamoFigures) -> None:
    figures.add({NEW_YEAR: ALL}, next(NEW))

    assert figures.between(NEW_YEAR, NEW_YEAR + QUARTER) == ALL


def test_a_time_has_the_quarters_that_begin_in_it_also_over_the_turn_of_a_month(figures: DynamoFigures) -> None:
    figures.add({NEW_YEAR + number * QUARTER: sent(10**number) for number in range(4)}, next(NEW))
    figures.add({NEW_YEAR - QUARTER: sent(5)}, next(NEW))

    assert figures.between(NEW_YEAR, NEW_YEAR + 2 * QUARTER) == sent(11)
    assert figures.between(NEW_YEAR - QUARTER, NEW_YEAR + QUARTER) == sent(6)
    assert figures.between(NEW_YEAR - QUARTER, NEW_YEAR) == sent(5)
    assert figures.between(NEW_YEAR, NEW_YEAR) == figures.between(NEW_YEAR + QUARTER, NEW_YEAR) == {}


def test_what_is_taken_back_is_gone(figures: DynamoFigures) -> None:
    figures.add({NEW_YEAR: sent()}, next(NEW))
    figures.add({NEW_YEAR: sent(-1)}, next(NEW))

    assert figures.between(NEW_YEAR, NEW_YEAR + QUARTER) == {}


def test_the_same_records_add_once_and_others_add_more(figures: DynamoFigures) -> None:
    first, second = next(NEW), next(NEW)
    for once in (first, first, second, first):
        figures.add({NEW_YEAR: sent(), NEW_YEAR + QUARTER: sent()}, once)

    assert figures.between(NEW_YEAR, NEW_YEAR + 2 * QUARTER) == sent(4)


def test_a_batch_of_records_may_be_of_more_quarters_than_one_transaction_takes(figures: DynamoFigures) -> None:
    records = next(NEW) * 500
    for _ in range(2):
        figures.add({NEW_YEAR + number * QUARTER: sent() for number in range(250)}, records)

    assert figures.between(NEW_YEAR, NEW_YEAR + 250 * QUARTER) == sent(250)


def test_a_quarter_may_get_more_figures_than_one_expression_takes(figures: DynamoFigures) -> None:
    many: Figures = {Figure(Kind.TOOK, "viber_service", number): ONE for number in range(750)}
    records = next(NEW)
    for _ in range(2):
        figures.add({NEW_YEAR: many, NEW_YEAR + QUARTER: sent()}, records)

    assert figures.between(NEW_YEAR, NEW_YEAR + QUARTER) == many
    assert figures.between(NEW_YEAR + QUARTER, NEW_YEAR + 2 * QUARTER) == sent()


def test_what_many_add_at_once_is_all_counted_or_said_to_have_failed(figures: DynamoFigures) -> None:
    records = next(NEW)

    def add(number: int) -> int:
        try:
            figures.add({NEW_YEAR: sent()}, f"{records} {number}")
        except UnavailableError:
            return 0
        return 1

    with ThreadPoolExecutor(8) as threads:
        done = sum(threads.map(add, range(40)))

    assert figures.between(NEW_YEAR, NEW_YEAR + QUARTER) == sent(done)


def test_nothing_is_written_where_nothing_changed(figures: DynamoFigures) -> None:
    figures.add({NEW_YEAR: {}}, next(NEW))

    assert figures.between(NEW_YEAR, NEW_YEAR + QUARTER) == {}
