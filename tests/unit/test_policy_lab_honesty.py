"""The lab on traffic with known laws and fixed seeds. `make lab` tries all laws, and more often."""

import pytest

from tests.lab.coverage import Trials, covered
from tests.lab.learning import USUAL, cost_of, learned
from tests.lab.world import LAWS, Law

USUAL_LAW, HUMPS, CUT = (
    next(law for law in LAWS if law.name == name) for name in ("log-normal", "two humps", "log-normal, cut by ttl")
)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("law", "window"), [(USUAL_LAW, 20), (CUT, 300)], ids=["shorter", "longer, cut by ttl"])
def test_nine_of_ten_intervals_hold_the_truth(law: Law, window: int) -> None:
    trials = 10
    held = covered(law, window, Trials(trials, dispatches=100, truth_from=2_000))

    assert sum(held.values()) >= 0.9 * trials * len(held), held


@pytest.mark.parametrize("law", [USUAL_LAW, HUMPS], ids=lambda law: law.name)
def test_the_automatic_window_costs_a_tenth_more_than_an_oracles_at_most_and_less_than_the_usual(law: Law) -> None:
    cost = cost_of(law, 10_000)
    ours = cost.of(learned(law, 1, 2_000).window)

    assert ours <= 1.1 * cost.of(cost.oracle)
    assert ours <= cost.of(USUAL)
