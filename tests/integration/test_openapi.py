"""The running API answers as its own description says."""

import hashlib
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests

from getthrough.domain.message.channels import CHANNELS
from tests.builders import message, status_payload, webhook_token
from tests.described import DOCUMENT, operations, violations_of_answer
from tests.integration.scenes import over, send, sms
from tests.running_stack import Stack, new_number
from tools.openapi import message_examples
from tools.openapi.requests import DISPATCH_EXAMPLE

KINDS = [(channel, message_type) for channel, table in CHANNELS.items() for message_type in table.types]


@pytest.fixture(scope="module")
def called() -> set[str]:
    """The routes that these tests have called, and that did it; the last test compares them with the document."""
    return set()


@pytest.fixture
def call(stack: Stack, called: set[str]) -> Any:
    """Call a route; its answer, which is as described."""

    def call(route: str, status: int, json: Any = None, *, path: str | None = None, **more: Any) -> requests.Response:
        method, _, template = route.partition(" ")
        response = stack.api(method, path or template, json, **more)
        assert response.status_code == status, response.text
        assert violations_of_answer(route, status, response.headers, response.content) == []
        if response.ok:
            called.add(route)
        return response

    return call


def wait_until_there(stack: Stack, path: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while stack.api("GET", path).status_code == 404:
        assert time.monotonic() < deadline, f"{path} is not there after {seconds} s"
        time.sleep(0.1)


def test_the_document_is_served(call: Any) -> None:
    response = call("GET /openapi.json", 200)

    assert response.json() == DOCUMENT
    call("GET /openapi.json", 304, headers={"if-none-match": response.headers["etag"]})
    call("GET /docs", 200)


@pytest.mark.parametrize(("channel", "message_type"), KINDS)
def test_every_example_is_accepted_by_us_and_by_the_stand_in(call: Any, channel: str, message_type: str) -> None:
    call("POST /v1/messages", 202, message_examples.message(channel, message_type))


def test_a_message_from_its_sending_to_its_end(stack: Stack, call: Any) -> None:
    first, second = new_number(), new_number()
    stack.simulator("PUT", f"/phones/sms/{first}", {"mode": "airplane"})
    body = sms(f"+{first}", expiry_time=1, client_ref="order-4711", failover=[sms(second)])
    key = {"idempotency-key": str(uuid4())}

    accepted = call("POST /v1/messages", 202, body, headers=key).json()
    assert call("POST /v1/messages", 202, body, headers=key).headers["idempotent-replayed"] == "true"
    call("POST /v1/messages", 409, sms(second), headers=key)
    stack.wait_for_dispatch(accepted["workflow_id"], over)

    uuids = {
        "/v1/dispatches/{dispatch_uuid}": accepted["workflow_id"],
        "/v1/messages/{message_uuid}": accepted["message_uuid"],
    }
    for template, uuid in uuids.items():
        path = template.partition("{")[0] + uuid
        etag = call(f"GET {template}", 200, path=path).headers["etag"]
        call(f"GET {template}", 304, path=path, headers={"if-none-match": etag})
    page = call("GET /v1/dispatches", 200, path="/v1/dispatches?limit=1").json()
    call("GET /v1/dispatches", 200, path=f"/v1/dispatches?limit=1&cursor={page['cursor']}")
    found = call(
        "GET /v1/dispatches", 200, path=f"/v1/dispatches?channel=sms&address={second}&outcome=succeeded"
    ).json()
    assert [dispatch["dispatch_uuid"] for dispatch in found["dispatches"]] == [accepted["workflow_id"]]


def test_a_day(stack: Stack, call: Any) -> None:
    sent = stack.wait_for_dispatch(send(stack, sms(new_number())), over)
    path = f"/v1/days/{sent['created_at'][:10]}"

    assert call("GET /v1/days/{date}", 200, path=path).json()["dispatches"] >= 1
    call("GET /v1/days/{date}", 200, path=f"{path}?time_zone=Europe/London")
    old = "/v1/days/2026-02-28?time_zone=Europe/London"
    etag = call("GET /v1/days/{date}", 200, path=old).headers["etag"]
    call("GET /v1/days/{date}", 304, path=old, headers={"if-none-match": etag})
    call("GET /v1/days/{date}", 422, path="/v1/days/2026-02-30")


def test_a_dispatch_that_is_cancelled(stack: Stack, call: Any) -> None:
    number = new_number()
    stack.simulator("PUT", f"/phones/sms/{number}", {"mode": "airplane"})
    uuid = send(stack, sms(number, expiry_time=600, failover=[sms(new_number())]))

    cancelled = call("DELETE /v1/dispatches/{dispatch_uuid}", 200, path=f"/v1/dispatches/{uuid}").json()

    assert cancelled == {"dispatch_uuid": uuid, "outcome": "cancelled", "steps_stopped": [1]}
    call("GET /v1/dispatches/{dispatch_uuid}", 200, path=f"/v1/dispatches/{uuid}")


def test_a_dispatch_whose_customer_has_acted(stack: Stack, call: Any) -> None:
    number = new_number()
    stack.simulator("PUT", f"/phones/sms/{number}", {"mode": "airplane"})
    uuid = send(stack, sms(number, expiry_time=600, failover=[sms(new_number())]))
    succeed, path = "POST /v1/dispatches/{dispatch_uuid}/succeed", f"/v1/dispatches/{uuid}/succeed"

    ended = call(succeed, 200, {"reason": "paid"}, path=path).json()

    assert ended == {"dispatch_uuid": uuid, "outcome": "succeeded", "steps_stopped": [1]}
    assert call(succeed, 200, path=path).json() == ended
    call("GET /v1/dispatches/{dispatch_uuid}", 200, path=f"/v1/dispatches/{uuid}")
    call(succeed, 422, {"reason": ""}, path=path)
    call(succeed, 404, path=f"/v1/dispatches/{uuid4()}/succeed")


def test_what_is_known_of_a_customer_until_it_is_erased(stack: Stack, call: Any) -> None:
    number = new_number()
    customer, path = "/v1/contacts/{channel}/{address}", f"/v1/contacts/sms/{number}"
    links = {"links": [{"channel": "messenger", "address": f"2410651{number}"}]}

    assert call(f"PUT {customer}/links", 200, links, path=f"{path}/links").json()["phone_number"] == number
    assert call(f"GET {customer}", 200, path=path).json()["accounts"] == links["links"]
    call(f"GET {customer}/export", 200, path=f"{path}/export")
    erasure_uuid = call(f"DELETE {customer}", 202, path=path).json()["erasure_uuid"]

    route = "GET /v1/erasures/{erasure_uuid}"
    assert call(route, 200, path=f"/v1/erasures/{erasure_uuid}").json()["done_at"] is None
    call(route, 404, path=f"/v1/erasures/{uuid4()}")


def test_what_a_client_may_do(call: Any) -> None:
    assert call("GET /v1/me", 200).json()["client"] == "bakery"


def test_who_changed_what(call: Any) -> None:
    assert {entry["who"] for entry in call("GET /v1/audit", 200).json()["entries"]} <= {"bakery", "application"}
    call("GET /v1/audit", 422, path="/v1/audit?limit=0")
    call("GET /v1/arrivals", 200)
    call("GET /v1/arrivals", 422, path="/v1/arrivals?limit=0")
    call("GET /v1/health", 200)
    call("GET /v1/limits", 200)


def test_what_all_users_share(call: Any) -> None:
    version = call("GET /v1/settings", 200).json()["version"]
    wanted = {"version": version, "default_country": "GB", "senders": [{"channel": "sms", "from": "Bakery"}]}
    assert call("PUT /v1/settings", 200, wanted).json()["version"] == version + 1
    call("PUT /v1/settings", 409, wanted)
    call("PUT /v1/settings", 422, {"version": version, "senders": "Bakery"})
    call("PUT /v1/settings", 200, {"version": version + 1})


def test_a_workflow_of_the_dispatch_api(call: Any) -> None:
    call("POST /v0.1/dispatch", 202, DISPATCH_EXAMPLE)
    call("POST /v0.1/dispatch", 400, {"template": "failover", "workflow": []})
    call("POST /v0.1/dispatch", 422, data=b"{", headers={"content-type": "application/json"})


def test_a_message_that_vonage_refuses(stack: Stack, call: Any) -> None:
    number = new_number()
    stack.simulator("PUT", "/faults", {"answers": [{"status": 422, "to": number}]})

    call("POST /v1/messages", 422, sms(number))


def test_a_change_of_a_message(stack: Stack, call: Any) -> None:
    number = new_number()
    stack.simulator("PUT", f"/phones/rcs/{number}", {"mode": "airplane"})
    sent = call("POST /v1/messages", 202, message(channel="rcs", to=number, **{"from": "Bakery"})).json()

    call("PATCH /v1/messages/{message_uuid}", 202, {"status": "revoked"}, path=f"/v1/messages/{sent['message_uuid']}")
    call("PATCH /v1/messages/{message_uuid}", 422, [], path=f"/v1/messages/{uuid4()}")
    call("PATCH /v1/messages/{message_uuid}", 404, {"status": "read"}, path=f"/v1/messages/{uuid4()}")


def test_a_customer_who_answers_and_then_opts_out(stack: Stack, call: Any) -> None:
    number = new_number()
    send(stack, sms(number))
    for text in ("Thank you!", "STOP"):
        stack.simulator("POST", f"/phones/sms/{number}/reply", {"text": text})
    opt_out, contact = "/v1/opt-outs/{channel}/{address}", f"sms/{number}"
    wait_until_there(stack, f"/v1/opt-outs/{contact}")

    conversation = call("GET /v1/conversations/{channel}/{address}", 200, path=f"/v1/conversations/{contact}").json()
    assert {entry["direction"] for entry in conversation["messages"]} == {"inbound", "outbound"}
    inbox = call("GET /v1/conversations", 200, path="/v1/conversations?limit=2").json()
    assert {line["text"] for line in inbox["conversations"]} >= {"STOP"}
    call("GET /v1/conversations", 422, path="/v1/conversations?limit=0")
    call(f"GET {opt_out}", 200, path=f"/v1/opt-outs/{contact}")
    assert call("GET /v1/opt-outs", 200, path="/v1/opt-outs?limit=1").json()["opt_outs"][0]["address"] == number
    call("POST /v1/messages", 422, sms(number))
    call(f"DELETE {opt_out}", 200, path=f"/v1/opt-outs/{contact}")
    call(f"PUT {opt_out}", 200, {"why": "asked on the phone"}, path=f"/v1/opt-outs/{contact}")
    call(f"PUT {opt_out}", 422, {"why": ""}, path=f"/v1/opt-outs/{contact}")
    call(f"GET {opt_out}", 404, path=f"/v1/opt-outs/sms/{new_number()}")


@pytest.mark.parametrize("route", ["POST /status", "POST /inbound"])
def test_a_webhook_that_is_forged_and_then_believed(stack: Stack, call: Any, route: str) -> None:
    body = json.dumps(status_payload("delivered", nonce=str(uuid4()))).encode()
    forged = {"authorization": f"Bearer {webhook_token(body, 'f' * 64, api_key=stack.api_key)}"}
    good = {"authorization": f"Bearer {webhook_token(body, stack.signature_secret, api_key=stack.api_key)}"}
    one, path = "/v1/quarantine/{id}", f"/v1/quarantine/{hashlib.sha256(body).hexdigest()}"

    call(route, 503, data=body, headers={"authorization": ""})
    call(route, 401, data=body, headers=forged)
    assert call("GET /v1/quarantine", 200).json()["webhooks"][0]["route"] == route
    call(f"GET {one}", 200, path=path)
    call(f"POST {one}/release", 409, path=f"{path}/release")
    call(f"POST {one}/release", 200, path=f"{path}/release?force=true")
    call(f"POST {one}/release", 404, path=f"{path}/release?force=true")
    call(route, 200, data=body, headers=good)
    call(f"DELETE {one}", 204, path=path)
    call(f"GET {one}", 404, path=path)


@pytest.mark.parametrize("route", ["GET /status", "GET /inbound"])
def test_a_webhook_by_get(stack: Stack, call: Any, route: str) -> None:
    path, no_credentials = f"{route.removeprefix('GET ')}?messageId={uuid4()}", {"authorization": ""}

    call(route, 404, path=f"{path}&api-key=another", headers=no_credentials)
    call(route, 200, path=f"{path}&api-key={stack.api_key}", headers=no_credentials)

    assert call("GET /v1/quarantine", 200).json()["webhooks"][0]["route"] == route


def test_a_schedule_from_its_creation_to_its_end(call: Any) -> None:
    body = {"message": sms(new_number()), "cron": "0 9 * * MON-FRI", "time_zone": "Europe/London", "max_runs": 3}
    key, one = {"idempotency-key": str(uuid4())}, "/v1/schedules/{schedule_uuid}"

    schedule = call("POST /v1/schedules", 201, body, headers=key).json()
    path = f"/v1/schedules/{schedule['schedule_uuid']}"
    assert call("POST /v1/schedules", 201, body, headers=key).headers["idempotent-replayed"] == "true"
    call("POST /v1/schedules", 409, {**body, "max_runs": 4}, headers=key)
    call("POST /v1/schedules", 422, {**body, "cron": "every day"})
    assert call("GET /v1/schedules", 200, path="/v1/schedules?limit=1").json()["schedules"] == [schedule]
    call("GET /v1/schedules", 422, path="/v1/schedules?limit=0")
    assert call(f"GET {one}", 200, path=path).json() == schedule
    assert call(f"PATCH {one}", 200, {"paused": True, "max_runs": None}, path=path).json()["state"] == "paused"
    call(f"PATCH {one}", 422, {"cron": None}, path=path)
    assert call(f"DELETE {one}", 200, path=path).json()["state"] == "cancelled"
    call(f"PATCH {one}", 409, {"paused": False}, path=path)
    for method in ("GET", "DELETE"):
        call(f"{method} {one}", 404, path=f"/v1/schedules/{uuid4()}")


def test_a_batch_from_its_creation_to_its_end(call: Any) -> None:
    hello = {name: value for name, value in sms("", text="Hello {{ name }}!").items() if name != "to"}
    recipients = [{"to": new_number(), "variables": {"name": name}} for name in ("Ann", "Ben")]
    body = {"message": hello, "recipients": recipients, "send_at": f"{datetime.now(UTC) + timedelta(days=1):%FT%TZ}"}
    key, one = {"idempotency-key": str(uuid4())}, "/v1/batches/{batch_uuid}"

    batch = call("POST /v1/batches", 202, body, headers=key).json()
    path = f"/v1/batches/{batch['batch_uuid']}"
    assert call("POST /v1/batches", 202, body, headers=key).headers["idempotent-replayed"] == "true"
    call("POST /v1/batches", 409, {**body, "rate": 1}, headers=key)
    call("POST /v1/batches", 422, {**body, "recipients": [{"to": new_number()}]})
    assert call("GET /v1/batches", 200, path="/v1/batches?limit=1").json()["batches"] == [batch]
    call("GET /v1/batches", 422, path="/v1/batches?limit=0")
    assert call(f"GET {one}", 200, path=path).json() == batch
    assert call(f"DELETE {one}", 200, path=path).json()["state"] == "cancelled"
    for method in ("GET", "DELETE"):
        call(f"{method} {one}", 404, path=f"/v1/batches/{uuid4()}")


def test_the_dispatches_of_a_batch(stack: Stack, call: Any) -> None:
    hello = {name: value for name, value in sms("").items() if name != "to"}
    numbers = [new_number() for _ in range(3)]
    body = {"message": hello, "recipients": [{"to": number} for number in numbers]}
    path = f"/v1/batches/{call('POST /v1/batches', 202, body).json()['batch_uuid']}"
    members = "/v1/batches/{batch_uuid}/dispatches"
    deadline = time.monotonic() + 60
    while call("GET /v1/batches/{batch_uuid}", 200, path=path).json()["delivered"] < len(numbers):
        assert time.monotonic() < deadline
        time.sleep(0.2)

    page = call(f"GET {members}", 200, path=f"{path}/dispatches?limit=2").json()
    rest = call(f"GET {members}", 200, path=f"{path}/dispatches?limit=2&cursor={page['cursor']}").json()
    found = [*page["dispatches"], *rest["dispatches"]]
    assert [dispatch["to"][0]["address"] for dispatch in found] == numbers
    call(f"GET {members}", 422, path=f"{path}/dispatches?limit=0")
    call(f"GET {members}", 404, path=f"/v1/batches/{uuid4()}/dispatches")


def test_a_schedule_for_many(call: Any) -> None:
    hello = {name: value for name, value in sms("").items() if name != "to"}
    body = {"message": hello, "recipients": [{"to": new_number()}], "rate": 5, "cron": "0 9 1 * *", "time_zone": "UTC"}

    schedule = call("POST /v1/schedules", 201, body).json()
    path = f"/v1/schedules/{schedule['schedule_uuid']}"

    assert (schedule["recipients"], schedule["rate"], schedule["steps"][0]["to"]) == (1, 5, None)
    call("PATCH /v1/schedules/{schedule_uuid}", 422, {"message": hello}, path=path)
    assert call("DELETE /v1/schedules/{schedule_uuid}", 200, path=path).json()["state"] == "cancelled"


def test_a_message_for_later(call: Any) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    night = {"from": "21:00", "to": "08:00"}
    body = sms(new_number(), send_at=f"{tomorrow:%Y-%m-%dT12:00}", time_zone="UTC", quiet_hours=night)

    accepted = call("POST /v1/messages", 202, body).json()
    call("GET /v1/dispatches/{dispatch_uuid}", 200, path=f"/v1/dispatches/{accepted['workflow_id']}")

    assert accepted["send_at"] == f"{tomorrow:%Y-%m-%dT12:00:00.000Z}"
    call("POST /v1/messages", 422, {**body, "time_zone": "Europe/Bakery"})
    call("DELETE /v1/dispatches/{dispatch_uuid}", 200, path=f"/v1/dispatches/{accepted['workflow_id']}")


def test_dead_letters(stack: Stack, call: Any) -> None:
    stack.aws("sqs").send_message(QueueUrl=stack.dead_letter_queue_url, MessageBody='{"not": "a timer"}')

    call("GET /v1/dead-letters", 200)
    call("POST /v1/dead-letters/release", 200)
    call("POST /v1/dead-letters/release", 422, {"queue": "nowhere"})


CLIENTS_ROUTES = sorted(route for route, operation in operations().items() if "security" not in operation)


@pytest.mark.parametrize("route", CLIENTS_ROUTES)
def test_a_request_without_credentials_is_refused(call: Any, route: str) -> None:
    path = route.partition(" ")[2].format(
        message_uuid=uuid4(),
        dispatch_uuid=uuid4(),
        schedule_uuid=uuid4(),
        batch_uuid=uuid4(),
        channel="sms",
        address=new_number(),
        date="2026-11-23",
        id="0" * 64,
    )
    call(route, 401, {}, path=path, headers={"authorization": ""})


def test_a_list_says_what_is_wrong_with_its_parameters(call: Any) -> None:
    wrong = call("GET /v1/dispatches", 422, path="/v1/dispatches?limit=0&cursor=x&page=2").json()

    assert [fault["name"] for fault in wrong["invalid_parameters"]] == ["page", "limit", "cursor"]


def test_a_body_that_is_too_large(call: Any) -> None:
    call("POST /v1/messages", 413, message(text="x" * 131_073))


def test_every_route_was_called(called: set[str]) -> None:
    assert called == set(operations())
