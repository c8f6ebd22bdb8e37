"""How late timers are: the real use-cases on a virtual clock, with AWS's limits, and the tick every five minutes.

Rounding up to whole seconds costs up to one, delivery up to 0.3. A function that was idle for minutes starts cold.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from getthrough.domain.schedule.schedule import Missed
from getthrough.domain.values.quiet_hours import QuietHours
from tests.builders import NOON, SCHEDULE_UUID, at, dispatch, schedule, step
from tests.simulation.aws_limits import REAL, Limits
from tests.simulation.day import ON_TIME, Day
from tests.unit.stories import ACCEPTED, answered, claimed

IN_TIME = timedelta(seconds=2)
COLD = IN_TIME + timedelta(seconds=REAL.cold_start)
SLOW_GROWTH = replace(REAL, growth_every=60)
OUTAGE = tuple(tick for tick in ON_TIME if not 3_400 < tick < 7_000)


@pytest.mark.parametrize("seconds", [0.25, 1, 59.5, 600, 899.75, 900.25, 1200, 1201.5, 3600, 80_000])
def test_a_message_is_sent_within_two_seconds_of_its_time(seconds: float) -> None:
    """The function starts cold for it, and still."""
    day = Day()
    day.request(send_at=at(seconds))

    day.pass_until(at(86_400))

    (late,) = day.lateness()
    assert timedelta() <= late <= IN_TIME
    assert len(day.gateway.sent) == 1


@pytest.mark.parametrize("ends", [120, 1200, 40_000])
def test_what_waits_for_the_end_of_quiet_hours_is_sent_within_two_seconds_of_it(ends: int) -> None:
    day = Day()
    waiting = day.request(quiet_hours=QuietHours(time_zone="UTC", starts=NOON.time(), ends=at(ends).time()))

    day.pass_until(at(86_400))

    attempt = day.dispatches.stored[waiting.dispatch_uuid].attempts[0]
    assert timedelta() <= attempt.claimed_at - at(ends) <= IN_TIME


@pytest.mark.parametrize("window", [900, 1200, 40_000])
@pytest.mark.parametrize("took", [0.2, 0.99, 7, 20, 25])
def test_a_fallback_is_sent_within_two_seconds_of_the_end_of_a_window_however_long_its_post_took(
    window: int, took: float
) -> None:
    """The index of the tick has the end that the claim had."""
    day = Day()
    day.dispatches.save(answered(claimed(dispatch(step(window), step())), ACCEPTED, took, vonage_message_uuid="first"))
    day.clock.advance(took)

    day.pass_until(at(86_400))

    (stored,) = day.dispatches.stored.values()
    assert timedelta() <= stored.attempts[1].claimed_at - at(window + took) <= IN_TIME
    assert len(day.gateway.sent) == 1


@pytest.mark.parametrize(
    ("cron", "runs", "promised"),
    [pytest.param("* * * * *", 1440, IN_TIME, marks=pytest.mark.exhaustive), ("17 * * * *", 24, COLD)],
)
def test_each_run_of_a_schedule_is_in_time_for_a_day_and_its_timers_do_not_multiply(
    cron: str, runs: int, promised: timedelta
) -> None:
    """A run needs two timers, one after the other. What runs seldom has a cold start too."""
    day = Day()
    day.dispatches.schedules.save(schedule(cron))

    day.pass_until(at(86_400))

    made = [dispatch for dispatch in day.dispatches.stored.values() if dispatch.send_at]
    assert len(made) == len(day.gateway.sent) == runs
    late = sorted(day.lateness(since=at(200)))  # the first tick arms the first timer
    assert timedelta() <= late[0] <= late[-1] <= promised
    assert day.queue.most_waiting < 1500 + 10, "one for the end of each window, and a handful"
    assert day.queue.dead_letters == []


def lateness_of(moments: Sequence[float], limits: Limits) -> list[timedelta]:
    """How late messages are that are due so many seconds after noon, while the function is warm."""
    day = Day(limits=limits)
    for number in range(5):
        day.request(send_at=at(min(moments) - 30.5 + number / 100))
    ours = [day.request(send_at=at(moment)).dispatch_uuid for moment in moments]
    day.pass_until(at(max(moments) + 600))
    stored = [day.dispatches.stored[dispatch_uuid] for dispatch_uuid in ours]
    return sorted(one.attempts[0].claimed_at - one.send_at for one in stored if one.send_at)


@pytest.mark.parametrize("limits", [REAL, SLOW_GROWTH])
def test_ten_timers_of_one_moment_are_in_time_however_pollers_grow(limits: Limits) -> None:
    assert lateness_of([2_000] * 10, limits)[-1] <= IN_TIME


@pytest.mark.parametrize(
    ("a_second", "limits"), [pytest.param(30, REAL, marks=pytest.mark.exhaustive), (5, SLOW_GROWTH)]
)
def test_of_so_many_timers_a_second_99_of_100_are_in_time_and_none_is_later_than_three_seconds(
    a_second: int, limits: Limits
) -> None:
    dice, seconds = Random("arrivals"), 60
    late = lateness_of([2_000 + dice.random() * seconds for _ in range(a_second * seconds)], limits)

    assert late[len(late) * 99 // 100] <= IN_TIME
    assert late[-1] <= timedelta(seconds=3)


@pytest.mark.parametrize(
    ("a_second", "limits"), [pytest.param(30, REAL, marks=pytest.mark.exhaustive), (5, SLOW_GROWTH)]
)
def test_the_same_holds_for_windows_whose_timers_come_as_early_as_their_posts_were_long(
    a_second: int, limits: Limits
) -> None:
    dice, seconds = Random("windows"), 60
    day = Day(limits=limits)
    ends: dict[str, float] = {}
    for number in range(a_second * seconds):
        window, took = 2_000 + int(dice.random() * seconds), dice.choice((0.2, 0.4, 0.9, 2.5))
        made = dispatch(step(window), step(), dispatch_uuid=f"{number:08x}-8d47-4b60-9c11-a1b2c3d4e500")
        began = dice.random()
        out = answered(claimed(made, began), ACCEPTED, began + took, vonage_message_uuid=f"first {number}")
        ends[day.dispatches.save(out).dispatch_uuid] = began + took + window
    for number in range(5):
        day.request(send_at=at(1_970 + number / 100))

    day.pass_until(at(2_600))

    stored = day.dispatches.stored
    late = sorted(stored[one].attempts[1].claimed_at - at(moment) for one, moment in ends.items())
    assert timedelta() <= late[0] <= late[len(late) * 99 // 100] <= IN_TIME
    assert late[-1] <= timedelta(seconds=3)


def test_twenty_a_second_are_late_if_pollers_grow_only_at_the_end_of_a_minute() -> None:
    """What makes the load of the promise a load: five pollers send some sixteen messages a second."""
    dice = Random("arrivals")

    assert lateness_of([2_000 + dice.random() * 30 for _ in range(20 * 30)], SLOW_GROWTH)[-1] > 2 * IN_TIME


def test_when_the_tick_comes_an_hour_late_everything_is_sent_then() -> None:
    day = Day(OUTAGE)
    day.request(send_at=at(5000))
    day.dispatches.schedules.save(schedule("*/20 * * * *", next_at=at(1200), missed=Missed.ALL))

    day.pass_until(at(9000))

    again = next(tick for tick in OUTAGE if tick > 5000)
    stored = day.dispatches.schedules.stored[SCHEDULE_UUID]
    assert (stored.runs, stored.next_at) == (7, at(9600))
    claimed = [dispatch.attempts[0].claimed_at for dispatch in day.dispatches.stored.values()]
    assert len(claimed) == len(day.gateway.sent) == 8
    assert sorted(day.lateness(since=at(7000)))[-1] <= IN_TIME
    assert sum(at(again) <= moment <= at(again) + IN_TIME for moment in claimed) == 3, "those of the hour"
