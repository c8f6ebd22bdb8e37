"""The automatic window: what is learned from counts of arrivals, and how much of it is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.message.arrivals import (
    CEILING,
    ENOUGH,
    FLOOR,
    LAST,
    Arrivals,
    Chosen,
    Why,
    bucket,
    choose,
    ends,
    late_share,
)
from getthrough.domain.message.channels import CHANNELS


def counted(*takes: float, cut: dict[float, int] | None = None, open_: int = 0) -> Arrivals:
    arrived: dict[int, int] = {}
    for seconds in takes:
        arrived[bucket(seconds)] = arrived.get(bucket(seconds), 0) + 1
    return Arrivals(arrived, {bucket(at): count for at, count in (cut or {}).items()}, open_)


counts = st.dictionaries(st.integers(0, LAST), st.integers(1, 3_000), max_size=12)
weeks = st.lists(st.builds(Arrivals, arrived=counts, cut=counts, open=st.integers(0, 100)), max_size=4)


@pytest.mark.parametrize("seconds", [0.0, 0.4, 1.0, 1.01, 29.9, 604_800.0, 1e9])
def test_a_bucket_holds_the_times_up_to_its_end(seconds: float) -> None:
    number = bucket(seconds)

    assert number in (0, LAST) or ends(number - 1) < seconds <= ends(number)


@pytest.mark.parametrize(("channel", "window"), [("sms", 30), ("whatsapp", 60), ("email", 600)])
def test_before_anything_is_known_the_window_is_near_the_channels_usual_one(channel: str, window: int) -> None:
    chosen = choose([], channel)

    assert (chosen.why, chosen.seen, chosen.changed) == (Why.USUAL, 0, False)
    assert window <= chosen.window <= 3 * window


def test_the_window_is_the_shortest_with_few_enough_late_messages() -> None:
    known = counted(*[4.0] * 9_800, *[45.0] * 150, *[400.0] * 50)

    assert choose([known], "sms") == Chosen(44, Why.LEARNED, 10_000)
    assert late_share(known, 44) <= 0.01
    assert choose([known], "sms", 0.05).window <= 6


@given(weeks=weeks, channel=st.sampled_from(sorted(CHANNELS)))
def test_it_stays_within_its_bounds_and_a_higher_tolerance_never_makes_it_longer(
    weeks: list[Arrivals], channel: str
) -> None:
    windows = [choose(weeks, channel, tolerance).window for tolerance in (0.001, 0.01, 0.05, 0.2)]

    usual = CHANNELS[channel].window
    assert windows == sorted(windows, reverse=True)
    assert all(round(usual * FLOOR) <= window <= usual * CEILING for window in windows)


@pytest.mark.parametrize(("takes", "window", "why"), [(0.4, 5, Why.FLOOR), (3_000.0, 600, Why.CEILING)])
def test_the_timeline_can_say_that_a_bound_was_met(takes: float, window: int, why: Why) -> None:
    assert choose([counted(*[takes] * 3_000)], "sms") == Chosen(window, why, 3_000)


def test_messages_that_were_cut_are_no_arrivals_and_no_losses() -> None:
    """Of 1,000 messages half take 60 seconds. Most are cut at 30; the few that are not show the late half."""
    seen = counted(*[5.0] * 500, *[60.0] * 100, cut={30.0: 400})

    assert late_share(seen, 30.0) == pytest.approx(0.5, abs=0.02)
    assert choose([seen], "sms").window > 55


def test_a_message_that_never_arrives_asks_for_no_longer_window() -> None:
    arrived = [4.0] * 2_000

    assert choose([counted(*arrived, open_=500)], "sms").window <= choose([counted(*arrived)], "sms").window


def test_a_week_that_differs_from_those_before_it_counts_alone_and_says_so() -> None:
    earlier, slower = counted(*[4.0] * 1_500), counted(*[4.0] * 150, *[50.0] * 150)

    assert choose([slower, earlier], "sms") == choose([slower], "sms")._replace(changed=True)
    assert not choose([counted(*[4.0] * 300), earlier], "sms").changed
    assert choose([counted(*[50.0] * 20), earlier], "sms").changed is False


def test_older_weeks_count_until_there_are_enough() -> None:
    week = counted(*[4.0] * (ENOUGH // 2))

    assert choose([week] * 5, "sms").seen == ENOUGH
