"""What a client may ask for as a schedule: every bound from both sides, and every fault at once."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from getthrough.domain.dispatch.request import parse_messages_request, sha256_of
from getthrough.domain.schedule.recurrence import Recurrence
from getthrough.domain.schedule.schedule import Missed, Schedule
from getthrough.domain.schedule.schedule_request import parse_schedule_request, revised
from getthrough.domain.values.errors import InvalidRequestError
from getthrough.domain.values.local_time import LONGEST_AHEAD
from getthrough.domain.values.rfc3339 import to_text
from tests.builders import NOON, at, message, schedule
from tests.unit.world import MOST_A_SECOND

MILLISECOND = timedelta(milliseconds=1)


def once(**fields: Any) -> dict[str, Any]:
    return without_none({"message": message(), "send_at": "2026-03-02T13:00:00Z", **fields})


def again(**fields: Any) -> dict[str, Any]:
    return without_none({"message": message(), "cron": "0 9 * * *", "time_zone": "Europe/London", **fields})


def without_none(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


def violations(body: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidRequestError) as refused:
        parse_schedule_request(body, "bakery", NOON, MOST_A_SECOND)
    return [(violation.name, violation.reason) for violation in refused.value.violations]


def test_once_at_a_time() -> None:
    assert parse_schedule_request(once(), "bakery", NOON, MOST_A_SECOND).schedule == Schedule(
        schedule_uuid="",
        client_name="bakery",
        created_at=NOON,
        steps=parse_messages_request(message()).steps,
        next_at=at(3600),
        request_sha256=sha256_of(once()),
    )


def test_again_and_again_with_every_bound() -> None:
    body = again(starts_at="2026-04-01T10:00", ends_at="2026-05-01T09:00:00+01:00", max_runs=3, missed="all")
    parsed = parse_schedule_request(body, "bakery", NOON, MOST_A_SECOND).schedule
    assert parsed.recurrence == Recurrence("0 9 * * *", "Europe/London")
    assert [to_text(moment) for moment in (parsed.starts_at, parsed.next_at, parsed.ends_at) if moment] == [
        "2026-04-01T09:00:00.000Z",
        "2026-04-02T08:00:00.000Z",
        "2026-05-01T08:00:00.000Z",
    ]
    assert (parsed.max_runs, parsed.missed) == (3, Missed.ALL)


@pytest.mark.parametrize(
    "body",
    [
        once(send_at=to_text(NOON - timedelta(seconds=60))),
        once(send_at=to_text(NOON + LONGEST_AHEAD)),
        once(send_at="2026-03-02T13:00", time_zone="Europe/Paris"),
        again(starts_at=to_text(NOON + LONGEST_AHEAD)),
        again(starts_at="2020-01-01T00:00"),
        again(ends_at="2026-03-03T09:00:00.001Z"),
        again(ends_at="9999-12-31T23:59:59Z"),
        again(max_runs=1),
        again(max_runs=1_000_000),
        *(again(missed=missed) for missed in Missed),
    ],
)
def test_a_bound_itself_is_taken(body: dict[str, Any]) -> None:
    assert parse_schedule_request(body, "bakery", NOON, MOST_A_SECOND).schedule.next_at is not None


NEITHER = [("send_at", "or cron is required, but not both.")]
NO_TIME = "must be a time such as 2026-12-24T09:00:00+01:00, or 2026-12-24T09:00:00 with a time_zone."
NO_OFFSET = "has no offset. Add an offset or a time_zone."


@pytest.mark.parametrize(
    ("body", "reported"),
    [
        (once(send_at=to_text(NOON - timedelta(seconds=60) - MILLISECOND)), [("send_at", "is in the past.")]),
        (once(send_at=to_text(NOON + LONGEST_AHEAD + MILLISECOND)), [("send_at", "is more than a year ahead.")]),
        (once(send_at="tomorrow"), [("send_at", NO_TIME)]),
        (once(send_at="9999-12-31T23:59:59-14:00"), [("send_at", NO_TIME)]),
        (once(send_at="2026-03-02T13:00"), [("send_at", NO_OFFSET)]),
        (once(send_at=7), [("send_at", "must be a string.")]),
        (once(time_zone="Narnia"), [("time_zone", "must be a name of the tz database, such as Europe/London.")]),
        (once(send_at=None), NEITHER),
        (once(cron="0 9 * * *", time_zone="UTC"), NEITHER),
        (once(max_runs=2), [("max_runs", "is only allowed with cron.")]),
        (again(time_zone=None), [("time_zone", "is required with cron.")]),
        (again(starts_at=to_text(NOON + LONGEST_AHEAD + MILLISECOND)), [("starts_at", "is more than a year ahead.")]),
        (again(ends_at=to_text(NOON)), [("ends_at", "is in the past.")]),
        (
            again(ends_at="2026-03-03T09:00:00Z"),
            [("ends_at", "is before the first run.")],
        ),
        (again(max_runs=0), [("max_runs", "must be a whole number from 1 to 1000000.")]),
        (again(max_runs=1_000_001), [("max_runs", "must be a whole number from 1 to 1000000.")]),
        (again(missed="some"), [("missed", "must be one of skip, latest, all.")]),
        (again(max_run=1), [("max_run", "is not a field of this request.")]),
        (again(message=message(to=None)), [("message.to", "is required.")]),
        (
            again(message=message(send_at="now")),
            [("message.send_at", "is not allowed here. Put send_at beside message.")],
        ),
        ([], [("body", "must be a JSON object.")]),
    ],
)
def test_what_lies_beyond_is_refused_with_its_reason(body: object, reported: list[tuple[str, str]]) -> None:
    assert violations(body) == reported


def test_a_message_is_required() -> None:
    assert violations({"send_at": "2026-03-02T13:00:00Z"}) == [("message", "is required.")]


def test_all_violations_are_reported_together() -> None:
    body = again(message=message(text=None), cron="never", time_zone="Narnia", missed="some", more=1)
    assert sorted(name for name, _ in violations(body)) == ["cron", "message.text", "missed", "more", "time_zone"]


def test_a_change_of_what_is_said_leaves_the_times_alone() -> None:
    overdue = schedule("0 9 * * *", next_at=at(-60), runs=3)
    changed = revised(overdue, {"message": message(text="Changed")}, NOON, MOST_A_SECOND).schedule
    assert changed == replace(overdue, steps=changed.steps)
    assert changed.steps[0].message["text"] == "Changed"


def test_a_change_of_a_bound_loses_no_occurrence_that_is_due() -> None:
    overdue = schedule("0 9 * * *", next_at=at(-60), runs=3)
    assert revised(overdue, {"max_runs": 4}, NOON, MOST_A_SECOND).schedule == replace(overdue, max_runs=4)


@pytest.mark.parametrize(("max_runs", "reached"), [(3, True), (4, False)])
def test_no_more_runs_than_it_has_had_cannot_be_asked_for(max_runs: int, reached: bool) -> None:
    has_run = schedule("0 9 * * *", runs=3)
    if reached:
        with pytest.raises(InvalidRequestError):
            revised(has_run, {"max_runs": max_runs}, NOON, MOST_A_SECOND)
    else:
        assert revised(has_run, {"max_runs": max_runs}, NOON, MOST_A_SECOND).schedule.max_runs == 4


@pytest.mark.parametrize(
    "change", [{"cron": "0 10 * * *"}, {"time_zone": "Asia/Tokyo"}, {"starts_at": "2026-04-01T00:00Z"}]
)
def test_other_times_begin_from_now_on(change: dict[str, str]) -> None:
    changed = revised(schedule("0 9 * * *", next_at=at(-60)), change, NOON, MOST_A_SECOND).schedule
    assert isinstance(changed.next_at, datetime)
    assert changed.next_at > NOON
