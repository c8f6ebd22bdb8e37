"""A schedule: which of its times have come, and the one dispatch of each."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.dispatch.dispatch import Dispatch, OnUnknown
from getthrough.domain.schedule.schedule import (
    GRACE,
    RUNS_AT_ONCE,
    Missed,
    State,
    due,
    occurrence,
    upcoming,
    wake_at,
)
from getthrough.domain.values.identifiers import is_dispatch_uuid
from getthrough.domain.values.quiet_hours import QuietHours
from tests.builders import NOON, at, schedule, step

EVERY_FIVE = "*/5 * * * *"
DAILY = "0 12 * * *"
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def minutes(*numbers: int) -> list[datetime]:
    return [at(60 * number) for number in numbers]


def test_before_its_time_nothing_is_made() -> None:
    waiting = schedule(next_at=at(60))
    assert due(waiting, at(59.999)) == ([], waiting)
    assert wake_at(waiting) == at(60)


def test_at_its_time_one_is_made_and_the_next_time_is_awaited() -> None:
    assert due(schedule(), NOON) == ([NOON], schedule(next_at=at(60), runs=1, last_at=NOON))


def test_what_occurs_once_is_over_then() -> None:
    made, over = due(schedule(None), at(86_400))
    assert (made, over.state, wake_at(over)) == ([NOON], State.FINISHED, None)


@pytest.mark.parametrize("state", [{"paused": True}, {"cancelled_at": NOON}, {"next_at": None}])
def test_what_is_not_active_is_never_due(state: dict[str, Any]) -> None:
    resting = schedule(**state)
    assert due(resting, at(3600)) == ([], resting)
    assert wake_at(resting) is None


@pytest.mark.parametrize("missed", Missed)
def test_one_that_comes_within_the_grace_is_not_missed(missed: Missed) -> None:
    made, _ = due(schedule(EVERY_FIVE, missed=missed), NOON + GRACE)
    assert made == minutes(0, 5, 10)


@pytest.mark.parametrize(
    ("missed", "made"),
    [
        (Missed.ALL, minutes(0, 5, 10, 15, 20, 25)),
        (Missed.LATEST, minutes(25)),
        (Missed.SKIP, minutes(20, 25)),
    ],
)
def test_what_becomes_of_those_that_an_outage_has_swallowed(missed: Missed, made: list[datetime]) -> None:
    now = at(60 * 29)
    assert due(schedule(EVERY_FIVE, missed=missed), now) == (
        made,
        schedule(EVERY_FIVE, missed=missed, next_at=at(60 * 30), runs=len(made), last_at=made[-1]),
    )


@pytest.mark.parametrize(("missed", "made"), [(Missed.ALL, [NOON]), (Missed.LATEST, [NOON]), (Missed.SKIP, [])])
def test_a_missed_one_an_hour_after_its_time(missed: Missed, made: list[datetime]) -> None:
    found, after = due(schedule(DAILY, missed=missed), NOON + timedelta(hours=1))
    assert (found, after.next_at, after.runs) == (made, NOON + DAY, len(made))


def test_the_latest_is_the_latest_before_the_end() -> None:
    ended = schedule(DAILY, missed=Missed.LATEST, ends_at=NOON + 2 * DAY)
    made, over = due(ended, NOON + 30 * DAY)
    assert (made, over.state) == ([NOON + DAY], State.FINISHED)


@pytest.mark.parametrize(("ends_at", "made"), [(at(120), minutes(0, 1)), (at(120.001), minutes(0, 1, 2))])
def test_nothing_is_made_at_the_end_or_after_it(ends_at: datetime, made: list[datetime]) -> None:
    found, over = due(schedule(ends_at=ends_at), at(300))
    assert (found, over.state) == (made, State.FINISHED)


@pytest.mark.parametrize(("runs", "made"), [(0, minutes(0, 1, 2)), (1, minutes(0, 1)), (2, minutes(0))])
def test_no_more_are_made_than_were_asked_for(runs: int, made: list[datetime]) -> None:
    found, over = due(schedule(max_runs=3, runs=runs), at(300))
    assert (found, over.runs, over.state) == (made, 3, State.FINISHED)


def test_so_many_are_made_at_a_time_and_the_others_at_once_after_them() -> None:
    backlog = schedule(missed=Missed.ALL)
    made, after = due(backlog, at(60 * 200))
    assert (made, after.next_at) == (minutes(*range(RUNS_AT_ONCE)), at(60 * RUNS_AT_ONCE))
    again, _ = due(after, at(60 * 200))
    assert again == minutes(*range(RUNS_AT_ONCE, 2 * RUNS_AT_ONCE))


def test_an_occurrence_is_a_dispatch_of_its_time_and_always_the_same_one() -> None:
    quiet = QuietHours(time_zone="UTC", starts=NOON.time(), ends=at(60).time())
    what = schedule(steps=(step(), step()), on_unknown=OnUnknown.RESEND, quiet_hours=quiet)

    made = occurrence(what, at(60), at(61))

    assert made == Dispatch(
        dispatch_uuid=made.dispatch_uuid,
        client_name="bakery",
        created_at=at(61),
        steps=(step(), step()),
        on_unknown=OnUnknown.RESEND,
        send_at=at(60),
        quiet_hours=quiet,
    )
    assert is_dispatch_uuid(made.dispatch_uuid)
    assert occurrence(replace(what, runs=7, version=9), at(60), at(3600)).dispatch_uuid == made.dispatch_uuid
    others = {
        occurrence(what, at(120), at(61)).dispatch_uuid,
        occurrence(schedule(schedule_uuid="other"), at(60), at(61)).dispatch_uuid,
    }
    assert len({*others, made.dispatch_uuid}) == 3


def test_a_one_off_of_the_past_has_nothing_to_come() -> None:
    assert list(upcoming(schedule(None), at(1))) == []
    assert list(upcoming(schedule(None), at(-1))) == [NOON]


@given(
    st.sampled_from([EVERY_FIVE, "* * * * *", "7 * * * *", DAILY]),
    st.sampled_from(Missed),
    st.lists(st.sampled_from([0.5, 30.0, 61.0, 300.0, 599.0, 601.0, 3600.0, 90_000.0]), max_size=12),
    st.none() | st.integers(1, 40),
)
def test_whenever_it_is_looked_at_no_time_is_made_twice_or_before_it_has_come(
    cron: str, missed: Missed, passing: list[float], max_runs: int | None
) -> None:
    story, now, all_made = schedule(cron, missed=missed, max_runs=max_runs), NOON, list[datetime]()
    first = upcoming(story, NOON)
    for seconds in passing:
        now += timedelta(seconds=seconds)
        made, story = due(story, now)
        assert all(at <= now for at in made)
        assert story.next_at is None or made == [] or story.next_at > made[-1]
        all_made += made
    assert all_made == sorted(set(all_made))
    assert (story.runs, story.last_at) == (len(all_made), all_made[-1] if all_made else None)
    assert max_runs is None or story.runs <= max_runs
    if missed is Missed.ALL:
        assert all_made == [next(first) for _ in all_made]


def test_a_schedule_is_not_made_late_by_one_that_is_looked_at_in_time() -> None:
    """The outage is over: from then on each comes at its own time."""
    _, after = due(schedule(DAILY, missed=Missed.SKIP), NOON + 5 * DAY + SECOND * 3600)
    assert after.next_at == NOON + 6 * DAY
    assert due(after, NOON + 6 * DAY)[0] == [NOON + 6 * DAY]
