"""The promises hold in long random histories: up to ten steps, windows from a second to two days, all faults at once.

What is explored completely is small (`test_every_interleaving.py`); this goes far beyond those bounds, at random.
`make soak` does it for as long as you like.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Attempt, Because, Dispatch
from getthrough.usecases import receive_inbound
from tests.builders import message
from tests.simulation import moves, soak
from tests.simulation.aws_limits import Limits
from tests.simulation.explore import BrokenPromiseError
from tests.simulation.history import History
from tests.simulation.load import Load
from tests.simulation.moves import Option


class Drawn:
    """A chooser that Hypothesis can make smaller."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    def one_of(self, options: Sequence[Option]) -> Option:
        chosen: Option = self._data.draw(st.sampled_from(options))
        return chosen

    def number(self, least: int, most: int) -> int:
        return self._data.draw(st.integers(least, most))


class RandomHistories(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.history = History()

    def teardown(self) -> None:
        self.history.complete()

    @invariant()
    def the_promises_hold(self) -> None:
        self.history.check()


def _rule(move: moves.Move) -> object:
    def make(self: RandomHistories, data: st.DataObject) -> None:
        moves.make(move, self.history, Drawn(data))

    return rule(data=st.data())(make)


for _move, _weight in moves.MOVES.items():
    for _number in range(1 + _weight // 4):
        setattr(RandomHistories, f"{_move.__name__}_{_number}", _rule(_move))

SETTINGS = settings(
    max_examples=20,
    stateful_step_count=80,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class ManyRandomHistories(RandomHistories):
    """The same, more often."""


TestRandomHistories = RandomHistories.TestCase
TestRandomHistories.settings = SETTINGS
TestManyRandomHistories = pytest.mark.exhaustive(ManyRandomHistories.TestCase)
TestManyRandomHistories.settings = settings(SETTINGS, max_examples=100)


ANOTHER_ACCOUNT, QUOTED_BY_ANOTHER, LEARNED_SINCE = 155, 316, 1032
"""In these the one confirmation of the day went to another address of the customer's."""


@pytest.mark.parametrize(
    "seed",
    [
        *range(12),
        *(ANOTHER_ACCOUNT, QUOTED_BY_ANOTHER, LEARNED_SINCE),
        *(pytest.param(n, marks=pytest.mark.exhaustive) for n in range(12, 60)),
    ],
)
def test_the_promises_hold_in_a_random_history(seed: int) -> None:
    moves.random_history(seed, moves=150)


def test_an_account_that_is_linked_to_a_telephone_after_its_stop_may_get_its_confirmation() -> None:
    """The STOP had not been copied to the telephone yet."""
    moves.random_history(5_000_257, moves=300)


def test_a_stop_leaves_alone_what_is_over_although_a_late_delivery_opens_it_again() -> None:
    moves.random_history(8_000_901, moves=300)


def test_an_answer_counts_for_those_for_whom_a_step_was_noted_and_not_for_a_try_that_died_before_its_note() -> None:
    moves.random_history(11_001_429, moves=300)


@pytest.mark.parametrize("many", [60, pytest.param(300, marks=pytest.mark.exhaustive)])
def test_no_dispatch_is_stuck_lost_or_sent_twice_while_three_port_calls_in_ten_fail(many: int) -> None:
    history = Load(seed=1, dispatches=many).run()

    assert len(history.dispatches.stored) >= 0.75 * many, "a client without a key does not ask again"
    assert history.accepted <= set(history.dispatches.stored)
    assert history.counts["faults"] > 0.25 * history.counts["calls"]
    assert {dispatch.outcome for dispatch in history.dispatches.stored.values()} == {"exhausted", "succeeded"}


def test_no_dispatch_is_stuck_where_lambda_throttles() -> None:
    """Timers become dead letters then, and the tick makes up for them."""
    load = Load(seed=3, dispatches=150, limits=Limits(concurrency=1))

    stored = load.run().dispatches.stored.values()

    assert load.throttled > 0
    assert load.dead_letters > 0
    assert {dispatch.outcome for dispatch in stored} == {"exhausted", "succeeded"}


@pytest.mark.parametrize("many", [150, pytest.param(500, marks=pytest.mark.exhaustive)])
def test_the_next_step_starts_when_the_window_ends_whether_that_is_a_second_or_a_day(many: int) -> None:
    """A second for the queue's whole seconds, and one by which this queue is late itself."""
    dispatches = Load(seed=2, dispatches=many, trouble=False).run().dispatches.stored.values()
    late = [
        (attempt.claimed_at - dispatch.window_ends_at(step)).total_seconds()
        for dispatch in dispatches
        for step, attempt in enumerate(dispatch.attempts[1:])
        if attempt.because is Because.WINDOW_ENDED
    ]

    assert len(late) > many / 5
    assert 0 <= min(late) <= max(late) < 2.1


def test_a_history_is_made_again_by_its_seed() -> None:
    one, again = (moves.random_history(7, moves=150) for _ in range(2))

    assert (one.dispatches.stored, one.counts) == (again.dispatches.stored, again.counts)


def test_a_step_whose_fate_is_unknown_being_sent_again_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A history that cannot fail would tell nothing."""
    right = failover._retry_at

    def reckless(dispatch: Dispatch, attempt: Attempt) -> object:
        unknown = attempt.answer is not None and attempt.answer.kind == "unknown"
        return attempt.answered_at if unknown else right(dispatch, attempt)

    monkeypatch.setattr(failover, "_retry_at", reckless)
    with pytest.raises(BrokenPromiseError, match="P3"):
        list(map(_history_of, range(200)))


def test_a_stop_without_its_confirmation_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive_inbound, "_answer", lambda ports, answer: None)
    with pytest.raises(BrokenPromiseError, match="P9: nothing confirms"):
        list(map(_history_of, range(20)))


def test_a_confirmation_that_goes_to_someone_else_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = receive_inbound._answer

    def astray(ports: Any, answer: Dispatch) -> None:
        step = replace(answer.steps[0], message=message(to="447700900009"))
        right(ports, replace(answer, steps=(step,)))

    monkeypatch.setattr(receive_inbound, "_answer", astray)
    with pytest.raises(BrokenPromiseError, match="confirmed to someone who did not say it"):
        list(map(_history_of, range(20)))


def test_the_soak_reports_what_it_saw(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(soak, "CROWD", 20)

    assert soak.main(["--seconds", "0", "--seed", "3"]) == 0

    reported = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in reported] == ["seed 3", "under load", "at random", "every promise holds"]


def test_the_soak_fails_and_prints_the_seed_when_a_promise_is_broken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(seed: int, dispatches: int) -> Load:
        raise BrokenPromiseError("P1: stuck")

    monkeypatch.setattr(soak, "Load", broken)

    assert soak.main(["--seconds", "0", "--seed", "3"]) == 1
    assert capsys.readouterr().err.splitlines() == ["P1: stuck", "Again: make soak SEED=3"]


def _history_of(seed: int) -> History:
    return moves.random_history(seed, moves=150)
