"""What is sent later, on the running stack. All of it is begun at once, then each is looked at: a cron expression knows
minutes, and so do quiet hours."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from getthrough.domain.values.rfc3339 import to_text
from tests.integration.scenes import LATEST, over, received, recipients, seconds_between, sms, story, until
from tests.running_stack import Stack, new_number

TOKYO = "Asia/Tokyo"


class Scene(NamedTuple):
    """Whom it is about, when something goes out, the dispatch or schedule, and what the API answered."""

    numbers: list[str]
    at: datetime
    uuid: str
    answer: dict[str, Any]


def next_minute(seconds: int) -> datetime:
    """The next full one, once it is no less than so many seconds away."""
    while 60 - (now := datetime.now(UTC)).second < seconds:
        time.sleep(0.5)
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


@pytest.fixture(scope="module")
def scenes(shared_stack: Stack) -> dict[str, Scene]:
    """Where the machine is too busy to begin all of them before the first is due, they begin again with more time."""
    shared_stack.simulator("DELETE", "/phones")
    for seconds in (12, 24, 48):
        begun = begin(shared_stack, seconds)
        if datetime.now(UTC) < begun["at"].at - timedelta(seconds=2):
            return begun
    raise AssertionError("48 seconds are too short to begin nine scenes")


def begin(stack: Stack, seconds: int) -> dict[str, Scene]:
    """One after another, since each environment of a function that starts takes a processor for a second."""
    minute, now = next_minute(seconds), datetime.now(UTC).replace(microsecond=0)
    soon = [now + timedelta(seconds=seconds + more) for more in (0, 2, 4)]
    every_minute = {"cron": "* * * * *", "time_zone": TOKYO}
    begun = {
        "skipped": begin_message(stack, now, quiet_hours={**quiet(minute), "then": "skip"}),
        "quiet": begin_message(stack, minute, quiet_hours=quiet(minute)),
        "at": begin_message(stack, soon[0], send_at=to_text(soon[0])),
        "local": begin_message(stack, soon[1], send_at=in_tokyo(soon[1]).isoformat(), time_zone=TOKYO),
        "cancelled": begin_message(stack, soon[1], send_at=to_text(soon[1])),
        "once": begin_schedule(stack, soon[2], send_at=to_text(soon[2])),
        "every minute": begin_schedule(stack, minute, **every_minute),
        "paused": begin_schedule(stack, minute, **every_minute),
        "changed": begin_schedule(stack, minute, cron="0 0 1 1 *", time_zone=TOKYO),
    }
    changes: dict[str, Any] = {
        "paused": {"paused": True},
        "changed": {**every_minute, "max_runs": 1, "message": sms(begun["changed"].numbers[1])},
    }
    for name, change in changes.items():
        stack.api("PATCH", f"/v1/schedules/{begun[name].uuid}", change).raise_for_status()
    stack.api("DELETE", f"/v1/dispatches/{begun['cancelled'].uuid}").raise_for_status()
    return begun


def begin_message(stack: Stack, at: datetime, **fields: Any) -> Scene:
    first, second = numbers = [new_number(), new_number()]
    response = stack.api("POST", "/v1/messages", sms(first, failover=[sms(second, urgent=True)], **fields))
    assert response.status_code == 202, response.text
    return Scene(numbers, at, response.json()["workflow_id"], response.json())


def begin_schedule(stack: Stack, at: datetime, **fields: Any) -> Scene:
    numbers = [new_number(), new_number()]
    response = stack.api("POST", "/v1/schedules", {"message": sms(numbers[0]), **fields})
    assert response.status_code == 201, response.text
    return Scene(numbers, at, response.json()["schedule_uuid"], response.json())


def schedule_of(stack: Stack, scene: Scene) -> dict[str, Any]:
    found: dict[str, Any] = stack.api("GET", f"/v1/schedules/{scene.uuid}").json()
    return found


def in_tokyo(moment: datetime) -> datetime:
    """What clocks show there."""
    return moment.astimezone(ZoneInfo(TOKYO)).replace(tzinfo=None)


def quiet(ends: datetime) -> dict[str, str]:
    """The hour before a full minute."""
    begun = in_tokyo(ends - timedelta(hours=1))
    return {"time_zone": TOKYO, "from": f"{begun:%H:%M}", "to": f"{in_tokyo(ends):%H:%M}"}


def wait_for_a_run(stack: Stack, scene: Scene) -> None:
    until(lambda: schedule_of(stack, scene)["runs"] > 0, seconds=180)


def seconds_late(stack: Stack, scene: Scene) -> float:
    """When the provider received the one message of a scene, in seconds after its time."""
    until(lambda: received(stack, *scene.numbers) != [], seconds=180)
    [post] = received(stack, *scene.numbers)
    return (datetime.fromisoformat(post["at"]) - scene.at).total_seconds()


def test_what_is_passed_over_in_quiet_hours_goes_on_to_what_is_urgent(
    shared_stack: Stack, scenes: dict[str, Scene]
) -> None:
    scene = scenes["skipped"]

    dispatch = shared_stack.wait_for_dispatch(scene.uuid, over)

    assert story(dispatch)[:3] == [(None, "accepted"), (0, "quiet_hours"), (1, "sent")]
    assert (dispatch["outcome"], dispatch["succeeded_by"]) == ("succeeded", 1)
    assert recipients(shared_stack, *scene.numbers) == [scene.numbers[1]]
    assert seconds_between(dispatch["created_at"], dispatch["steps"][1]["claimed_at"]) < LATEST + 1


@pytest.mark.parametrize("name", ["at", "local"])
def test_a_message_goes_out_at_its_time(shared_stack: Stack, scenes: dict[str, Scene], name: str) -> None:
    scene = scenes[name]
    assert scene.answer["send_at"] == to_text(scene.at)

    dispatch = shared_stack.wait_for_dispatch(scene.uuid, over, seconds=180)

    assert 0 <= seconds_late(shared_stack, scene) <= LATEST
    assert (dispatch["outcome"], dispatch["send_at"]) == ("succeeded", to_text(scene.at))


def test_a_message_that_is_cancelled_before_its_time_does_not_go_out(
    shared_stack: Stack, scenes: dict[str, Scene]
) -> None:
    scene, other = scenes["cancelled"], scenes["local"]
    assert scene.at == other.at

    shared_stack.wait_for_dispatch(other.uuid, over, seconds=180)

    assert story(shared_stack.dispatch(scene.uuid)) == [(None, "accepted"), (None, "cancelled")]
    assert recipients(shared_stack, *scene.numbers) == []


def test_a_schedule_that_occurs_once_is_finished_then(shared_stack: Stack, scenes: dict[str, Scene]) -> None:
    scene = scenes["once"]
    assert scene.answer["next_runs"] == [to_text(scene.at)]

    wait_for_a_run(shared_stack, scene)

    assert 0 <= seconds_late(shared_stack, scene) <= LATEST
    schedule = schedule_of(shared_stack, scene)
    assert (schedule["state"], schedule["runs"], schedule["last_at"]) == ("finished", 1, to_text(scene.at))


def test_a_message_in_quiet_hours_waits_for_their_end(shared_stack: Stack, scenes: dict[str, Scene]) -> None:
    scene = scenes["quiet"]

    dispatch = shared_stack.wait_for_dispatch(scene.uuid, over, seconds=180)

    assert 0 <= seconds_late(shared_stack, scene) <= LATEST
    assert (dispatch["outcome"], dispatch["succeeded_by"]) == ("succeeded", 0)


def test_a_schedule_of_every_minute_runs_once_at_the_next_until_it_is_paused(
    shared_stack: Stack, scenes: dict[str, Scene]
) -> None:
    stack, scene = shared_stack, scenes["every minute"]
    assert scene.answer["next_runs"][0] == to_text(scene.at)

    wait_for_a_run(stack, scene)
    paused = stack.api("PATCH", f"/v1/schedules/{scene.uuid}", {"paused": True}).json()

    assert 0 <= seconds_late(stack, scene) <= LATEST
    assert (paused["state"], paused["runs"], paused["next_runs"]) == ("paused", 1, [])
    assert (paused["last_at"], paused["next_at"]) == (to_text(scene.at), to_text(scene.at + timedelta(minutes=1)))


def test_a_schedule_that_is_paused_does_not_run(shared_stack: Stack, scenes: dict[str, Scene]) -> None:
    scene, other = scenes["paused"], scenes["every minute"]
    assert scene.at == other.at

    wait_for_a_run(shared_stack, other)

    schedule = schedule_of(shared_stack, scene)
    assert (schedule["state"], schedule["runs"]) == ("paused", 0)
    assert recipients(shared_stack, *scene.numbers) == []


def test_a_schedule_that_was_changed_runs_as_it_is_now(shared_stack: Stack, scenes: dict[str, Scene]) -> None:
    """It was one for New Year's Day, to another number."""
    scene = scenes["changed"]

    wait_for_a_run(shared_stack, scene)

    assert 0 <= seconds_late(shared_stack, scene) <= LATEST
    assert recipients(shared_stack, *scene.numbers) == [scene.numbers[1]]
    schedule = schedule_of(shared_stack, scene)
    assert (schedule["state"], schedule["runs"]) == ("finished", 1)
