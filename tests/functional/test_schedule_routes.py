"""The routes of /v1/schedules: what clients are answered, what is stored then, and what becomes of it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from getthrough.adapters.timers import to_body
from getthrough.domain.ports import Timer
from getthrough.domain.values.rfc3339 import from_text
from getthrough.handlers import advance, schedules
from tests.builders import FIRST, NOON, SECOND, basic, message
from tests.fakes import FakeClock
from tests.functional.recovery_in_memory import CREDENTIALS, Recovery, recovery_in_memory

KEYED = {**CREDENTIALS, "idempotency-key": "one"}
SMS = {"channel": "sms", "to": FIRST, "message_type": "text"}
UNKNOWN = "/v1/schedules/5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e5ff"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    clock = FakeClock()
    for module in (schedules, advance):
        monkeypatch.setattr(module, "utc_now", clock)
    return clock


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> Iterator[Recovery]:
    with recovery_in_memory(monkeypatch) as stack:
        yield stack


def daily(**fields: Any) -> dict[str, Any]:
    return {"message": message(), "cron": "0 9 * * *", "time_zone": "Europe/London", **fields}


def once(send_at: str = "2026-03-02T12:05:00Z", **fields: Any) -> dict[str, Any]:
    return {"message": message(), "send_at": send_at, **fields}


def created(stack: Recovery, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The path of a new schedule, and how it was described."""
    status, schedule = stack.call("POST", "/v1/schedules", body)
    assert status == 201, schedule
    return f"/v1/schedules/{schedule['schedule_uuid']}", schedule


def stored(stack: Recovery) -> dict[str, Any]:
    [item] = [item for item in stack.aws.items() if item["sk"]["S"] == "SCHEDULE"]
    return {name: next(iter(value.values())) for name, value in item.items()}


def dispatches(stack: Recovery) -> list[str]:
    return [item["pk"]["S"].partition("#")[2] for item in stack.aws.items() if item["sk"]["S"] == "DISPATCH"]


def fire(stack: Recovery, schedule: dict[str, Any]) -> None:
    """The timer of the next occurrence fires, then those of its new dispatches."""
    due = Timer(schedule["schedule_uuid"], from_text(schedule["next_at"]))
    assert stack.aws.fire(to_body(due)) == {"batchItemFailures": []}
    for uuid in dispatches(stack):
        stack.aws.fire(to_body(Timer(uuid, due.at)))


def violations(answer: tuple[int, Any]) -> tuple[int, list[str]]:
    return answer[0], [violation["name"] for violation in answer[1]["invalid_parameters"]]


def test_a_recurring_schedule_is_answered_with_its_next_runs_shown_and_listed(stack: Recovery) -> None:
    status, schedule = stack.call("POST", "/v1/schedules", daily(cron="0 9 * * MON-FRI"))

    uuid = schedule.pop("schedule_uuid")
    assert (status, schedule) == (
        201,
        {
            "created_at": "2026-03-02T12:00:00.000Z",
            "state": "active",
            "cron": "0 9 * * MON-FRI",
            "time_zone": "Europe/London",
            "starts_at": None,
            "ends_at": None,
            "next_at": "2026-03-03T09:00:00.000Z",
            "last_at": None,
            "max_runs": None,
            "runs": 0,
            "missed": "latest",
            "quiet_hours": None,
            "next_runs": [f"2026-03-{day}T09:00:00.000Z" for day in ("03", "04", "05", "06", "09")],
            "recipients": None,
            "rate": None,
            "steps": [{**SMS, "text": message()["text"]}],
        },
    )
    whole = {"schedule_uuid": uuid, **schedule}
    assert stack.call("GET", f"/v1/schedules/{uuid}") == (200, whole)
    assert stack.call("GET", "/v1/schedules") == (200, {"schedules": [whole], "cursor": None})
    assert stored(stack)["due_at"] == "2026-03-03T09:00:00.000Z"
    assert stack.aws.timers() == 0


def test_what_occurs_once_and_soon_has_a_timer(stack: Recovery) -> None:
    _, schedule = created(stack, once("2026-03-02T07:05:00-05:00"))

    assert (schedule["cron"], schedule["next_at"]) == (None, "2026-03-02T12:05:00.000Z")
    assert schedule["next_runs"] == ["2026-03-02T12:05:00.000Z"]
    assert stack.aws.timers() == 1


@pytest.mark.parametrize(
    ("local", "moment"),
    [
        ("2026-03-28T09:00", "2026-03-28T09:00:00.000Z"),
        ("2026-03-29T01:30", "2026-03-29T01:30:00.000Z"),
        ("2026-03-29T09:00", "2026-03-29T08:00:00.000Z"),
        ("2026-10-25T01:30", "2026-10-25T00:30:00.000Z"),
    ],
)
def test_a_local_time_is_that_of_the_clocks_there(stack: Recovery, local: str, moment: str) -> None:
    """London's clocks jump over 01:30 on 29 March, and show it twice on 25 October."""
    _, schedule = created(stack, once(local, time_zone="Europe/London"))

    assert schedule["next_at"] == moment


def test_the_same_key_makes_one_schedule_however_often_it_is_sent(stack: Recovery) -> None:
    _, first = stack.call("POST", "/v1/schedules", daily(), headers=KEYED)
    path = f"/v1/schedules/{first['schedule_uuid']}"
    _, paused = stack.call("PATCH", path, {"paused": True})

    assert stack.call("POST", "/v1/schedules", daily(), headers=KEYED) == (201, paused)
    assert stack.call("POST", "/v1/schedules", daily(max_runs=3), headers=KEYED)[0] == 409
    assert len(stack.call("GET", "/v1/schedules")[1]["schedules"]) == 1


def test_without_a_key_each_request_makes_a_schedule(stack: Recovery) -> None:
    assert created(stack, daily())[0] != created(stack, daily())[0]


def test_the_key_of_a_schedule_is_not_that_of_a_message(stack: Recovery) -> None:
    stack.aws.post("/v1/messages", json.dumps(message()).encode(), **KEYED)

    assert stack.call("POST", "/v1/schedules", daily(), headers=KEYED)[0] == 201


def test_the_newest_come_first_page_by_page(stack: Recovery, clock: FakeClock) -> None:
    made = []
    for minute in range(5):
        clock.now = NOON + timedelta(minutes=minute)
        made.append(created(stack, daily())[1]["schedule_uuid"])
    pages, query = [], {"limit": "2"}
    while True:
        _, body = stack.call("GET", "/v1/schedules", query=query)
        pages.append([schedule["schedule_uuid"] for schedule in body["schedules"]])
        if body["cursor"] is None:
            break
        query["cursor"] = body["cursor"]

    assert pages == [made[:2:-1], made[2:0:-1], made[:1]]


def test_an_occurrence_becomes_a_dispatch_that_is_sent_once(stack: Recovery, clock: FakeClock) -> None:
    path, schedule = created(stack, daily())
    clock.now = datetime(2026, 3, 3, 9, 0, 0, 400_000, tzinfo=UTC)

    fire(stack, schedule)
    fire(stack, schedule)

    _, after = stack.call("GET", path)
    assert (after["runs"], after["last_at"]) == (1, "2026-03-03T09:00:00.000Z")
    assert after["next_at"] == "2026-03-04T09:00:00.000Z"
    assert len(dispatches(stack)) == 1
    assert [sent["to"] for sent in stack.aws.gateway.sent] == [FIRST]


def test_what_occurs_once_is_finished_then(stack: Recovery, clock: FakeClock) -> None:
    path, schedule = created(stack, once())
    clock.now = NOON + timedelta(minutes=5)

    fire(stack, schedule)

    _, after = stack.call("GET", path)
    assert (after["state"], after["runs"], after["next_runs"]) == ("finished", 1, [])
    assert len(stack.aws.gateway.sent) == 1
    assert "due_at" not in stored(stack)
    assert int(stored(stack)["expires_at"]) == int((clock.now + timedelta(days=90)).timestamp())


def test_while_it_is_paused_nothing_is_due_and_what_was_then_is_not_made_up_for(
    stack: Recovery, clock: FakeClock
) -> None:
    path, schedule = created(stack, daily())

    status, paused = stack.call("PATCH", path, {"paused": True})
    assert (status, paused) == (200, {**schedule, "state": "paused", "next_runs": []})
    assert "due_at" not in stored(stack)
    clock.now = NOON + timedelta(days=2)
    fire(stack, schedule)
    status, resumed = stack.call("PATCH", path, {"paused": False})

    assert (status, resumed["state"], resumed["next_at"]) == (200, "active", "2026-03-05T09:00:00.000Z")
    assert (resumed["runs"], dispatches(stack)) == (0, [])
    assert stored(stack)["due_at"] == "2026-03-05T09:00:00.000Z"


def test_what_occurs_once_and_was_paused_at_its_time_is_over_when_it_is_resumed(
    stack: Recovery, clock: FakeClock
) -> None:
    path, schedule = created(stack, once())
    stack.call("PATCH", path, {"paused": True})
    clock.now = NOON + timedelta(minutes=6)
    fire(stack, schedule)

    _, resumed = stack.call("PATCH", path, {"paused": False})

    assert (resumed["state"], resumed["next_at"], resumed["runs"]) == ("finished", None, 0)
    assert dispatches(stack) == []


@pytest.mark.parametrize("paused", [True, False])
def test_doing_it_again_writes_nothing(stack: Recovery, paused: bool) -> None:
    path, _ = created(stack, daily())
    first = stack.call("PATCH", path, {"paused": paused})
    version = stored(stack)["version"]

    assert stack.call("PATCH", path, {"paused": paused}) == first
    assert stored(stack)["version"] == version


def test_a_change_of_time_finds_new_runs_and_keeps_those_that_were_made(stack: Recovery, clock: FakeClock) -> None:
    path, schedule = created(stack, daily(max_runs=3))
    clock.now = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
    fire(stack, schedule)

    status, changed = stack.call("PATCH", path, {"cron": "30 18 * * *", "time_zone": "Asia/Tokyo"})

    assert (status, changed) == (
        200,
        {
            **schedule,
            "cron": "30 18 * * *",
            "time_zone": "Asia/Tokyo",
            "runs": 1,
            "last_at": "2026-03-03T09:00:00.000Z",
            "next_at": "2026-03-03T09:30:00.000Z",
            "next_runs": ["2026-03-03T09:30:00.000Z", "2026-03-04T09:30:00.000Z"],
        },
    )
    assert stack.call("GET", path) == (200, changed)
    assert stored(stack)["due_at"] == "2026-03-03T09:30:00.000Z"
    assert stack.aws.timers() > 0


def test_its_bounds_can_be_set_and_taken_away(stack: Recovery) -> None:
    path, schedule = created(stack, daily(starts_at="2026-04-01T00:00Z", ends_at="2026-05-01T00:00Z", max_runs=3))
    assert schedule["next_at"] == "2026-04-01T08:00:00.000Z"

    assert stack.call("PATCH", path, {"max_runs": 4})[1] == {**schedule, "max_runs": 4} | {
        "next_runs": [f"2026-04-0{day}T08:00:00.000Z" for day in range(1, 5)]
    }
    _, free = stack.call("PATCH", path, {"starts_at": None, "ends_at": None, "max_runs": None, "missed": "skip"})

    bounds = {name: free[name] for name in ("starts_at", "ends_at", "max_runs", "missed", "next_at")}
    assert bounds == {
        "starts_at": None,
        "ends_at": None,
        "max_runs": None,
        "missed": "skip",
        "next_at": "2026-03-03T09:00:00.000Z",
    }


def test_quiet_hours_are_those_of_the_message(stack: Recovery) -> None:
    night = {"from": "21:00", "to": "08:00", "days": ["sun", "fri"], "time_zone": "Asia/Tokyo"}
    path, schedule = created(stack, daily(message=message(quiet_hours=night)))

    assert schedule["quiet_hours"] == {**night, "days": ["fri", "sun"], "then": "wait"}
    assert stack.call("GET", path) == (200, schedule)
    assert stack.call("PATCH", path, {"message": message()}) == (200, {**schedule, "quiet_hours": None})


@pytest.mark.parametrize("more", [{}, {"max_runs": 5}])
def test_another_text_goes_out_at_the_same_time_even_if_that_has_just_come(
    stack: Recovery, clock: FakeClock, more: dict[str, Any]
) -> None:
    path, schedule = created(stack, daily())
    clock.now = datetime(2026, 3, 3, 9, 0, 0, 500_000, tzinfo=UTC)

    _, changed = stack.call("PATCH", path, {"message": message(to=SECOND, text="Closed today."), **more})
    fire(stack, schedule)

    fixed = [{**SMS, "to": SECOND, "text": "Closed today."}]
    assert (changed["next_at"], changed["steps"]) == (schedule["next_at"], fixed)
    assert [(sent["to"], sent["text"]) for sent in stack.aws.gateway.sent] == [(SECOND, "Closed today.")]


def test_what_occurs_once_can_be_put_off_and_resumed_in_one_request(stack: Recovery) -> None:
    path, _ = created(stack, once())
    stack.call("PATCH", path, {"paused": True})

    _, changed = stack.call("PATCH", path, {"send_at": "2026-03-02T13:00:00Z", "paused": False})

    assert (changed["state"], changed["next_runs"]) == ("active", ["2026-03-02T13:00:00.000Z"])


def test_what_has_run_as_often_as_it_should_can_be_given_more_runs_but_not_fewer(
    stack: Recovery, clock: FakeClock
) -> None:
    path, schedule = created(stack, daily(max_runs=1))
    clock.now = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
    fire(stack, schedule)
    clock.now += timedelta(seconds=1)
    assert stack.call("GET", path)[1]["state"] == "finished"

    assert violations(stack.call("PATCH", path, {"max_runs": 1})) == (422, ["max_runs"])
    _, longer = stack.call("PATCH", path, {"max_runs": 2})

    assert (longer["state"], longer["runs"]) == ("active", 1)
    assert longer["next_runs"] == ["2026-03-04T09:00:00.000Z"]


def test_a_cancelled_schedule_stays_so(stack: Recovery) -> None:
    path, schedule = created(stack, daily())

    status, cancelled = stack.call("DELETE", path)

    assert (status, cancelled) == (200, {**schedule, "state": "cancelled", "next_runs": []})
    assert stack.call("DELETE", path) == (200, cancelled)
    assert stack.call("GET", path) == (200, cancelled)
    status, refused = stack.call("PATCH", path, {"paused": False})
    assert (status, refused["detail"]) == (409, "It was cancelled and cannot be changed.")
    item = stored(stack)
    assert "due_at" not in item
    assert int(item["expires_at"]) == int((NOON + timedelta(days=90)).timestamp())


@pytest.mark.parametrize("path", [UNKNOWN, UNKNOWN[:-2] + "00", "/v1/schedules/everyday"])
def test_what_is_not_there_is_404(stack: Recovery, path: str) -> None:
    calls = [("GET", None), ("PATCH", {"paused": True}), ("DELETE", None)]

    assert [stack.call(method, path, body)[0] for method, body in calls] == [404, 404, 404]
    assert stack.aws.items() == []


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ([], ["body"]),
        ({}, ["message", "send_at"]),
        (once(cron="0 9 * * *", time_zone="Europe/London"), ["send_at"]),
        (once("2026-03-02T11:58:59Z"), ["send_at"]),
        (once("2027-03-04T12:00:00Z"), ["send_at"]),
        (once("2026-03-03T09:00"), ["send_at"]),
        (once("9999-12-31T23:59:59-12:00"), ["send_at"]),
        (once(time_zone="Europe/Bakery"), ["time_zone"]),
        (once(max_runs=2, missed="all"), ["max_runs", "missed"]),
        (daily(time_zone=None), ["time_zone"]),
        (daily(cron="0 9 * *"), ["cron"]),
        (daily(cron="0 0 30 2 *"), ["cron"]),
        (daily(cron="@daily"), ["cron"]),
        (daily(cron="* " * 60), ["cron"]),
        (daily(starts_at="2028-01-01T00:00Z"), ["starts_at"]),
        (daily(starts_at="2026-05-01T00:00Z", ends_at="2026-04-01T00:00Z"), ["ends_at"]),
        (daily(ends_at="2026-03-01T00:00Z"), ["ends_at"]),
        (daily(message=message(send_at="2026-03-03T09:00Z")), ["message.send_at"]),
        (daily(max_run=3), ["max_run"]),
        (
            {"message": message(text="", failover=[{}]), "cron": "every day", "time_zone": 1, "max_runs": 0},
            [
                "time_zone",
                "max_runs",
                "message.text",
                "message.failover[0].channel",
                "message.failover[0].message_type",
                "message.failover[0].to",
                "message.failover[0].from",
                "cron",
            ],
        ),
    ],
)
def test_an_invalid_request_is_answered_with_every_violation_and_stores_nothing(
    stack: Recovery, body: object, wrong: list[str]
) -> None:
    assert violations(stack.call("POST", "/v1/schedules", body)) == (422, wrong)
    assert stack.aws.items() == []


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ([], ["body"]),
        ({}, ["body"]),
        ({"paused": 1}, ["paused"]),
        ({"paused": None}, ["paused"]),
        ({"cron": None}, ["cron"]),
        ({"message": None}, ["message"]),
        ({"cron": "every day", "max_runs": 0, "state": "active"}, ["cron", "max_runs", "state"]),
        ({"send_at": "2026-03-03T09:00:00Z"}, ["send_at"]),
        ({"ends_at": "2026-03-03T08:00:00Z"}, ["ends_at"]),
        ({"message": message(text=""), "missed": "never"}, ["missed", "message.text"]),
    ],
)
def test_an_invalid_change_is_answered_with_every_violation_and_changes_nothing(
    stack: Recovery, change: object, wrong: list[str]
) -> None:
    path, schedule = created(stack, daily())

    status, names = violations(stack.call("PATCH", path, change))

    assert (status, sorted(names)) == (422, sorted(wrong))
    assert stack.call("GET", path) == (200, schedule)


def test_what_is_not_json_is_422(stack: Recovery) -> None:
    path, _ = created(stack, daily())

    answers = [stack.call("POST", "/v1/schedules", b"{"), stack.call("PATCH", path, b"{")]

    assert [(status, body["title"]) for status, body in answers] == [
        (422, "The request body did not contain valid JSON")
    ] * 2


@pytest.mark.parametrize("headers", [{}, basic("bakery", "wrong")])
def test_a_request_without_valid_credentials_is_refused(stack: Recovery, headers: dict[str, str]) -> None:
    routes = [
        ("POST", "/v1/schedules"),
        ("GET", "/v1/schedules"),
        *((it, UNKNOWN) for it in ("GET", "PATCH", "DELETE")),
    ]

    assert [stack.call(method, path, daily(), headers=headers)[0] for method, path in routes] == [401] * 5
    assert stack.aws.items() == []


def test_while_the_table_cannot_be_reached_it_is_503(stack: Recovery) -> None:
    stack.aws.without_table()

    assert stack.call("POST", "/v1/schedules", daily())[0] == 503
    assert [stack.call(method, UNKNOWN)[0] for method in ("GET", "DELETE")] == [503, 503]


def test_without_a_timer_nothing_is_promised(stack: Recovery) -> None:
    stack.aws.without_queue()

    assert stack.call("POST", "/v1/schedules", once())[0] == 503
    assert stack.aws.items() == []


def test_a_new_schedule_is_counted_and_the_same_again_is_not(
    stack: Recovery, capsys: pytest.CaptureFixture[str]
) -> None:
    counted = []
    for _ in range(2):
        stack.call("POST", "/v1/schedules", daily(), headers=KEYED)
        counted.append('"ScheduleCreated":[1.0]' in capsys.readouterr().out)

    assert counted == [True, False]
