"""What is sent later goes out within two seconds of its time: the real use-cases on a virtual clock, a queue with SQS's
delays, and the tick every five minutes; or, when the tick itself is late, as soon as it runs again."""

from datetime import timedelta

import pytest

from getthrough.domain.schedule.schedule import Missed
from getthrough.domain.values.quiet_hours import QuietHours
from tests.builders import NOON, SCHEDULE_UUID, at, schedule
from tests.simulation.day import ON_TIME, Day

IN_TIME = timedelta(seconds=2)
OUTAGE = tuple(tick for tick in ON_TIME if not 3_400 < tick < 7_000)


@pytest.mark.parametrize("seconds", [0.25, 1, 59.5, 600, 899.75, 900.25, 1200, 1201.5, 3600, 80_000])
def test_a_message_goes_out_within_two_seconds_of_its_time(seconds: float) -> None:
    day = Day()
    day.request(send_at=at(seconds))

    day.pass_until(at(86_400))

    (late,) = day.lateness()
    assert timedelta() <= late <= IN_TIME
    assert len(day.gateway.sent) == 1


@pytest.mark.parametrize("ends", [120, 1200, 40_000])
def test_what_waits_for_the_end_of_quiet_hours_goes_out_within_two_seconds_of_it(ends: int) -> None:
    day = Day()
    waiting = day.request(quiet_hours=QuietHours(time_zone="UTC", starts=NOON.time(), ends=at(ends).time()))

    day.pass_until(at(86_400))

    attempt = day.dispatches.stored[waiting.dispatch_uuid].attempts[0]
    assert timedelta() <= attempt.claimed_at - at(ends) <= IN_TIME


@pytest.mark.parametrize("cron", ["* * * * *", "*/7 * * * *", "17 * * * *"])
def test_each_occurrence_goes_out_within_two_seconds_and_its_timers_do_not_multiply(cron: str) -> None:
    day = Day()
    day.dispatches.schedules.save(schedule(cron))

    day.pass_until(at(86_400))

    made = sorted(dispatch.send_at for dispatch in day.dispatches.stored.values() if dispatch.send_at)
    expected = {"* * * * *": 1440, "*/7 * * * *": 24 * 9, "17 * * * *": 24}[cron]
    assert len(made) == len(day.gateway.sent) == expected
    late = day.lateness(since=at(ON_TIME[0]))  # no timer was armed for those before the first tick
    assert timedelta() <= min(late) <= max(late) <= IN_TIME
    assert day.queue.most_waiting < 1500 + 10, "one for the end of each window, and a handful"


def test_when_the_tick_comes_an_hour_late_everything_goes_out_then() -> None:
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
