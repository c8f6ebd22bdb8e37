"""Port Tallies: what has become of the recipients of a batch, counted once however often it is noted."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import permutations

import pytest

from getthrough.domain.batch.batch import Note, Tally
from getthrough.domain.dispatch.dispatch import Outcome
from getthrough.domain.ports import Tallies
from tests.builders import BATCH_UUID, NOON
from tests.contract.conftest import RACES

OTHER = BATCH_UUID.replace("5f1a", "6f1a")
NOTHING = Tally(0, 0, 0, 0, {})
OVER = [outcome for outcome in Outcome if outcome is not Outcome.SUCCEEDED]


def note(
    number: int = 0, outcome: Outcome | None = None, *costs: tuple[str, str], sent: bool = True, batch: str = BATCH_UUID
) -> Note:
    return Note(batch, number, NOON, sent, outcome, [(currency, Decimal(price)) for currency, price in costs])


def test_of_a_batch_of_which_nothing_is_known_nothing_was_sent(tallies: Tallies) -> None:
    assert tallies.of(BATCH_UUID) == NOTHING


def test_what_is_only_planned_is_not_counted(tallies: Tallies) -> None:
    tallies.note([note(sent=False)])
    tallies.note([])
    assert tallies.of(BATCH_UUID) == NOTHING


def test_each_recipient_is_counted_in_every_chunk(tallies: Tallies) -> None:
    tallies.note(note(number) for number in range(120))
    tallies.note([note(number, Outcome.SUCCEEDED) for number in range(0, 120, 2)])
    tallies.note([note(number, Outcome.EXHAUSTED) for number in range(1, 120, 4)])

    assert tallies.of(BATCH_UUID) == Tally(120, 120, 60, 30, {})
    assert tallies.of(OTHER) == NOTHING


def test_noting_it_again_changes_nothing(tallies: Tallies) -> None:
    notes = [note(0, None, ("EUR", "0.05")), note(1, Outcome.SUCCEEDED, ("EUR", "0.07")), note(2, Outcome.STOPPED)]
    for _ in range(3):
        tallies.note(notes)
        assert tallies.of(BATCH_UUID) == Tally(3, 3, 1, 1, {"EUR": Decimal("0.12")})


@pytest.mark.parametrize("outcome", OVER)
def test_every_other_outcome_is_a_failure(tallies: Tallies, outcome: Outcome) -> None:
    tallies.note([note(outcome=outcome)])
    assert tallies.of(BATCH_UUID) == Tally(1, 1, 0, 1, {})


def test_what_was_cancelled_before_it_was_sent_failed_without_being_sent(tallies: Tallies) -> None:
    tallies.note([note(outcome=Outcome.CANCELLED, sent=False)])
    assert tallies.of(BATCH_UUID) == Tally(1, 0, 0, 1, {})


@pytest.mark.parametrize("together", [True, False])
def test_a_late_success_is_no_failure_any_more(tallies: Tallies, together: bool) -> None:
    notes = [note(), note(outcome=Outcome.EXHAUSTED), note(outcome=Outcome.SUCCEEDED)]
    for some in [notes] if together else [[one] for one in notes]:
        tallies.note(some)
    assert tallies.of(BATCH_UUID) == Tally(1, 1, 1, 0, {})


def test_costs_are_summed_exactly_in_each_currency_and_the_last_reported_counts(tallies: Tallies) -> None:
    tallies.note([note(number, None, ("EUR", "0.1")) for number in range(3)])
    tallies.note([note(0, None, ("EUR", "0.1"), ("USD", "0.00000000000000000001"))])
    tallies.note([note(1, None, ("EUR", "0.3")), note(51, None, ("USD", "1"))])

    assert tallies.of(BATCH_UUID) == Tally(
        4, 4, 0, 0, {"EUR": Decimal("0.5"), "USD": Decimal("1.00000000000000000001")}
    )


def test_several_notes_of_one_recipient_count_as_the_last(tallies: Tallies) -> None:
    for notes in permutations([note(0, None, ("EUR", "0.1")), note(1), note(2, Outcome.SUCCEEDED)]):
        tallies.note(notes)
    tallies.note([note(0, None, ("EUR", "0.1")), note(0, Outcome.SUCCEEDED, ("EUR", "0.2"))])
    assert tallies.of(BATCH_UUID) == Tally(3, 3, 2, 0, {"EUR": Decimal("0.2")})


def test_batches_are_counted_apart(tallies: Tallies) -> None:
    tallies.note([note(0), note(0, Outcome.SUCCEEDED, batch=OTHER), note(1, batch=OTHER)])
    assert (tallies.of(BATCH_UUID), tallies.of(OTHER)) == (Tally(1, 1, 0, 0, {}), Tally(2, 2, 1, 0, {}))


@RACES
def test_what_many_note_at_once_is_all_counted(tallies: Tallies) -> None:
    def note_some(start: int) -> None:
        for number in range(start, 100, 4):
            tallies.note([note(number, Outcome.SUCCEEDED, ("EUR", "0.01"))])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(note_some, [*range(4), *range(4)]))

    assert tallies.of(BATCH_UUID) == Tally(100, 100, 100, 0, {"EUR": Decimal("1.00")})
