"""A test client sends to simulated numbers and its guests only, whichever way it asks."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from getthrough.adapters.system import utc_now
from getthrough.handlers import query
from tests.builders import FIRST, api_event, basic, message
from tests.functional.aws_in_memory import CONTEXT, forget
from tests.functional.recovery_in_memory import Recovery, recovery_in_memory
from tests.secret import CLIENT, CLIENT_SECRET, secret_document, store_secret

GUEST, STRANGER = "353871234567", "353871234568"
WHY = "is no guest of this test client and no simulated number (447700900000 to 447700900999)."
CREDENTIALS = basic(CLIENT, CLIENT_SECRET)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recovery]:
    with recovery_in_memory(monkeypatch) as stack:
        record = secret_document()["clients"][CLIENT]
        store_secret(stack.aws.secret_id, clients={CLIENT: {**record, "limits": {"guests": f"{GUEST}, ann@x.example"}}})
        forget()
        yield stack


def send(stack: Recovery, **fields: Any) -> dict[str, Any]:
    return stack.aws.post("/v1/messages", json.dumps(message(**fields)).encode(), **CREDENTIALS)


OWNER, LIMITED = "florist", "kiosk"
MAY_NOT = "A client with limits or guests of its own may only pause or cancel the schedule of another client."
DAILY = {"cron": "0 9 * * *", "time_zone": "UTC"}


@pytest.fixture
def owned(stack: Recovery) -> tuple[Recovery, str]:
    """A schedule of a client without limits, beside a test client and one with limits of its own."""
    record = secret_document()["clients"][CLIENT]
    limits: dict[str, dict[str, Any]] = {CLIENT: {"guests": GUEST}, OWNER: {}, LIMITED: {"messages_per_day": 1}}
    store_secret(stack.aws.secret_id, clients={name: {**record, "limits": its} for name, its in limits.items()})
    forget()
    body = {"message": message(to=STRANGER), **DAILY}
    _, schedule = stack.call("POST", "/v1/schedules", body, headers=basic(OWNER, CLIENT_SECRET))
    return stack, f"/v1/schedules/{schedule['schedule_uuid']}"


CHANGES: list[dict[str, Any]] = [
    {"cron": "* * * * *"},
    {"message": message(to=GUEST)},
    {"max_runs": 9},
    {"paused": False},
    {"paused": True, "cron": "* * * * *"},
]


@pytest.mark.parametrize("name", [CLIENT, LIMITED])
@pytest.mark.parametrize("change", CHANGES)
def test_who_has_limits_of_its_own_cannot_send_by_changing_the_schedule_of_another(
    owned: tuple[Recovery, str], name: str, change: dict[str, Any]
) -> None:
    stack, path = owned
    _, paused = stack.call("PATCH", path, {"paused": True}, headers=basic(OWNER, CLIENT_SECRET))

    status, problem = stack.call("PATCH", path, change, headers=basic(name, CLIENT_SECRET))

    assert (status, problem["title"], problem["detail"]) == (403, "Forbidden", MAY_NOT)
    assert stack.call("GET", path) == (200, paused)
    noted = read("GET /v1/audit")["entries"][0]
    assert (noted["who"], noted["what"], noted["status"]) == (name, "schedule.change", 403)


@pytest.mark.parametrize("name", [CLIENT, LIMITED])
def test_who_has_limits_of_its_own_can_stop_the_schedule_of_another(owned: tuple[Recovery, str], name: str) -> None:
    stack, path = owned
    credentials = basic(name, CLIENT_SECRET)

    paused = stack.call("PATCH", path, {"paused": True}, headers=credentials)
    cancelled = stack.call("DELETE", path, headers=credentials)

    assert (paused[0], paused[1]["state"]) == (200, "paused")
    assert (cancelled[0], cancelled[1]["state"]) == (200, "cancelled")


def test_everyone_can_change_its_own_schedule_and_who_has_no_limits_also_those_of_others(stack: Recovery) -> None:
    record = secret_document()["clients"][CLIENT]
    limited = {**record, "limits": {"guests": GUEST, "messages_per_day": 1}}
    store_secret(stack.aws.secret_id, clients={CLIENT: limited, OWNER: record})
    forget()
    _, schedule = stack.call("POST", "/v1/schedules", {"message": message(to=GUEST), **DAILY})
    path = f"/v1/schedules/{schedule['schedule_uuid']}"

    for name, cron in ((CLIENT, "1 9 * * *"), (OWNER, "2 9 * * *")):
        status, changed = stack.call("PATCH", path, {"cron": cron}, headers=basic(name, CLIENT_SECRET))
        assert (status, changed["cron"]) == (200, cron)
        noted = read("GET /v1/audit")["entries"][0]
        assert (noted["who"], noted["what"], noted["subject"]) == (name, "schedule.change", schedule["schedule_uuid"])

    # It is still the schedule of the client that created it, whose limits bind what it sends.
    [item] = [item for item in stack.aws.items() if item["pk"]["S"].startswith("SCHEDULE#")]
    assert item["client_name"]["S"] == CLIENT


def read(route: str, **path: str) -> Any:
    return json.loads(query.handler(api_event(route, headers=CREDENTIALS, path=path), CONTEXT)["body"])


@pytest.mark.parametrize(("to", "status"), [(FIRST, 202), (GUEST, 202), (STRANGER, 422), ("447700901000", 422)])
def test_it_sends_to_guests_and_simulated_numbers(stack: Recovery, to: str, status: int) -> None:
    assert send(stack, to=to)["statusCode"] == status
    assert [sent["to"] for sent in stack.aws.gateway.sent] == [to] * (status == 202)


def test_a_stranger_anywhere_in_a_request_is_a_wrong_field(stack: Recovery) -> None:
    refused = send(stack, failover=[message(to=STRANGER)])
    body = {"message": message(to=None), "recipients": [{"to": GUEST}, {"to": STRANGER}], "rate": 10}
    status, batch = stack.call("POST", "/v1/batches", body)
    daily = {"message": message(to=STRANGER), "cron": "0 9 * * *", "time_zone": "UTC"}
    scheduled, schedule = stack.call("POST", "/v1/schedules", daily)

    assert refused["body"]["invalid_parameters"] == [{"name": "failover[0].to", "reason": WHY}]
    assert (status, batch["invalid_parameters"]) == (422, [{"name": "recipients[1].to", "reason": WHY}])
    assert (scheduled, schedule["invalid_parameters"]) == (422, [{"name": "message.to", "reason": WHY}])
    assert stack.aws.items() == []


def test_its_dispatches_are_marked_and_no_figures(stack: Recovery) -> None:
    assert send(stack)["statusCode"] == 202
    stack.aws.tally()

    [listed] = read("GET /v1/dispatches")["dispatches"]
    assert (listed["test"], listed["canary"]) == (True, False)
    assert read("GET /v1/days/{date}", date=utc_now().date().isoformat())["dispatches"] == 0
