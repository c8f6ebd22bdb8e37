"""Slowing down those who try secrets: by name and place, bounded, and never the client itself."""

from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.client.attempts import FORGOTTEN_AFTER, FREE_TRIES, LONGEST_WAIT, MOST_KEPT, Attempts

HERE, ELSEWHERE, OTHER_NAME = ("shop", "192.0.2.1"), ("shop", "192.0.2.2"), ("second", "192.0.2.1")


def refused(times: int) -> tuple[Attempts, float]:
    """After so many refusals, each as soon as it is looked at."""
    attempts, now = Attempts(), 0.0
    for _ in range(times):
        now += attempts.wait(HERE, now)
        attempts.refused(HERE, now)
    return attempts, now


def test_each_further_refusal_doubles_the_wait_up_to_a_minute() -> None:
    waits = [attempts.wait(HERE, now) for attempts, now in map(refused, range(14))]

    assert waits == [0.0] * FREE_TRIES + [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]


@given(st.integers(0, 200))
def test_no_one_waits_who_comes_from_elsewhere_or_has_another_name(times: int) -> None:
    attempts, now = refused(times)

    assert (attempts.wait(ELSEWHERE, now), attempts.wait(OTHER_NAME, now)) == (0.0, 0.0)


def test_a_success_and_time_make_it_forgotten() -> None:
    attempts, now = refused(10)
    attempts.let_in(HERE)
    assert attempts.wait(HERE, now) == 0.0

    attempts, now = refused(10)
    later = now + attempts.wait(HERE, now) + FORGOTTEN_AFTER + 1
    attempts.refused(HERE, later)
    assert attempts.wait(HERE, later) == 0.0


def test_what_is_kept_is_bounded() -> None:
    attempts, now = refused(10)
    for number in range(MOST_KEPT):
        attempts.refused((f"name {number}", "192.0.2.9"), now)

    assert (attempts.wait(HERE, now), len(attempts._refused)) == (0.0, MOST_KEPT)
