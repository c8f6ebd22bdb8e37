"""Limits at the edges: what a client sees, what the timeline says, what a stack without limits does."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from getthrough.adapters.timers import to_body
from getthrough.config import AdvanceConfig
from getthrough.domain.dispatch.automatic import STOPPED
from getthrough.domain.dispatch.canary import CANARY
from getthrough.domain.limit.limits import NO_LIMITS, Limit, Per, Period
from getthrough.domain.ports import Timer
from getthrough.handlers import _http, _limits, _sending, advance, query
from tests.builders import FIRST, SECOND, api_event, at, basic, message, status_payload
from tests.fakes import FakeClock
from tests.functional.aws_in_memory import CONTEXT, Aws, aws_in_memory, bearer, forget
from tests.functional.test_dispatch_route import ONE as OLD_REQUEST
from tests.secret import CLIENT, CLIENT_SECRET, secret_document, store_secret

ONE = "2026-03-02T13:00:00.000Z"
IRISH = "353871234567"
WHY = "is in a country to which this stack does not send. It sends to numbers that begin with 44."


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    clock = FakeClock(at(900))
    for module in (_http, _sending, advance):
        monkeypatch.setattr(module, "utc_now", clock)
    return clock


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> Iterator[Aws]:
    with aws_in_memory(monkeypatch) as stack:
        limits = {"messages_per_number": 1, "countries": "44"}
        monkeypatch.setenv("LIMITS", json.dumps(limits))
        forget()
        yield stack


def send(stack: Aws, path: str = "/v1/messages", **fields: Any) -> dict[str, Any]:
    return stack.post(path, json.dumps(message(**fields)).encode(), **basic(CLIENT, CLIENT_SECRET))


def timeline(dispatch_uuid: str) -> list[dict[str, Any]]:
    event = api_event(
        "GET /v1/dispatches/{dispatch_uuid}",
        headers=basic(CLIENT, CLIENT_SECRET),
        path={"dispatch_uuid": dispatch_uuid},
    )
    entries: list[dict[str, Any]] = json.loads(query.handler(event, CONTEXT)["body"])["timeline"]
    return entries


def test_a_request_over_a_limit_is_429_and_says_which_and_until_when(stack: Aws) -> None:
    assert send(stack)["statusCode"] == 202
    before = stack.items()

    refused = send(stack, channel="whatsapp")

    assert refused["body"] == {
        "type": "https://developer.vonage.com/api-errors#limit-reached",
        "title": "Limit Reached",
        "detail": f"Nothing was sent: messages_per_number is limited to 1. It is free again at {ONE}.",
        "instance": "request-1",
        "limit": "messages_per_number",
        "most": "1",
        "free_at": ONE,
    }
    assert (refused["statusCode"], refused["headers"]["retry-after"]) == (429, "2700")
    assert (stack.items(), len(stack.gateway.sent)) == (before, 1)


def test_spending_is_counted_by_what_vonages_webhooks_say(
    stack: Aws, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMITS", json.dumps({"spending_per_day": "0.55 EUR", "price_ceiling": "0.5"}))
    forget()
    first = send(stack)["body"]
    refused = send(stack)
    status = status_payload("delivered", client_ref=first["message_uuid"], usage={"currency": "EUR", "price": "0.05"})
    body = json.dumps(status).encode()
    assert stack.post("/status", body, authorization=bearer(body))["statusCode"] == 200
    accepted = [send(stack)["statusCode"] for _ in range(11)]

    assert (refused["statusCode"], refused["body"]["limit"], refused["body"]["most"]) == (
        429,
        "spending_per_day",
        "0.55 EUR",
    )
    assert refused["body"]["free_at"] == "2026-03-03T00:00:00.000Z"
    assert accepted == [*[202] * 10, 429]


def test_the_counter_of_a_customer_does_not_name_them(stack: Aws) -> None:
    send(stack)

    [counter] = [item for item in stack.items() if item["pk"]["S"].startswith("LIMIT#")]
    assert FIRST not in str(counter)
    assert set(counter) == {"pk", "sk", "taken", "expires_at"}


def test_a_number_in_a_country_that_is_not_the_clients_is_a_wrong_field_of_either_api(stack: Aws) -> None:
    clients = secret_document()["clients"]
    store_secret(stack.secret_id, clients={CLIENT: {**clients[CLIENT], "limits": {"countries": "4420"}}})
    forget()

    plain = send(stack)
    old = stack.post("/v0.1/dispatch", json.dumps(OLD_REQUEST).encode(), **basic(CLIENT, CLIENT_SECRET))

    why = "is in a country to which this client does not send. It sends to numbers that begin with 4420."
    assert (plain["statusCode"], plain["body"]["invalid_parameters"]) == (422, [{"name": "to", "reason": why}])
    in_workflow = [{"name": "workflow[0].to", "reason": why}]
    assert (old["statusCode"], old["body"]["invalid_parameters"]) == (400, in_workflow)
    assert stack.gateway.sent == []


def limits_of_stack(stack: Aws, name: str = CLIENT) -> list[dict[str, Any]]:
    answer = query.handler(api_event("GET /v1/limits", headers=basic(name, CLIENT_SECRET)), CONTEXT)
    found: list[dict[str, Any]] = json.loads(answer["body"])["limits"]
    return found


def test_the_limits_of_a_client_that_was_just_added_bind_it_in_functions_that_did_not_know_it(
    stack: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits_of = _limits.client_limits(AdvanceConfig.from_env())
    assert limits_of(CLIENT) == NO_LIMITS
    record = secret_document()["clients"][CLIENT] | {"limits": {"messages_per_day": 20}}
    store_secret(stack.secret_id, clients={"kiosk": record})
    monkeypatch.setattr(_limits, "JUST_READ", 0.0)

    assert limits_of("kiosk").rows == (Limit("client_messages_per_day", Per.CLIENT, Period.DAY, 20),)

    stack.without_secret()
    assert [limits_of(name) for name in ("application", STOPPED, CANARY)] == [NO_LIMITS] * 3, "no record is read again"


def test_limits_of_a_removed_client_are_listed_as_long_as_something_of_them_is_used(
    stack: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = secret_document()["clients"][CLIENT]
    left = {**record, "scopes": [], "limits": {"messages_per_day": 9}}
    store_secret(stack.secret_id, clients={CLIENT: record, "shop": {**left, "scopes": ["send"]}, "other": left})
    forget()
    monkeypatch.setattr(query, "utc_now", FakeClock(at(900)))
    sent = stack.post("/v1/messages", json.dumps(message()).encode(), **basic("shop", CLIENT_SECRET))
    assert sent["statusCode"] == 202
    ended = {name: {**left, "ended": True} for name in ("shop", "other")}
    store_secret(stack.secret_id, clients={CLIENT: record, **ended})
    forget()

    def listed() -> list[tuple[str, str]]:
        return [(one["client"], one["used"]) for one in limits_of_stack(stack) if one["client"]]

    assert listed() == [("shop", "1")]
    monkeypatch.setattr(query, "utc_now", FakeClock(at(86_400)))
    assert listed() == []


def test_clients_read_how_much_is_used_of_the_stacks_limits_and_their_own(
    stack: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "LIMITS", json.dumps({"messages_per_day": 500, "messages_per_number": 60, "spending_per_day": "5 EUR"})
    )
    record = secret_document()["clients"][CLIENT]
    reader = {**record, "scopes": ["read"], "limits": {"messages_per_minute": 9}}
    store_secret(
        stack.secret_id,
        clients={CLIENT: {**record, "limits": {"spending_per_month": "50EUR"}}, "reader": reader},
    )
    forget()
    monkeypatch.setattr(query, "utc_now", FakeClock(at(900)))
    for _ in range(2):
        assert send(stack)["statusCode"] == 202

    day, hour, month = "2026-03-03T00:00:00.000Z", ONE, "2026-04-01T00:00:00.000Z"
    of_stack = [
        ("messages_per_number", None, "number", "hour", "60", None, hour),
        ("messages_per_day", None, "stack", "day", "500", "2", day),
        ("spending_per_day", None, "stack", "day", "5 EUR", "1.0", day),
    ]
    own = ("client_spending_per_month", CLIENT, "client", "month", "50 EUR", "1.0", month)
    of_reader = ("client_messages_per_minute", "reader", "client", "minute", "9", "0", "2026-03-02T12:16:00.000Z")
    assert [tuple(one.values()) for one in limits_of_stack(stack)] == [*of_stack, own, of_reader]
    assert [tuple(one.values()) for one in limits_of_stack(stack, "reader")] == [*of_stack, of_reader]


def test_a_number_in_another_country_is_a_wrong_field(stack: Aws) -> None:
    refused = send(stack, to=IRISH)

    assert refused["statusCode"] == 422
    assert refused["body"]["invalid_parameters"] == [{"name": "to", "reason": WHY}]
    assert stack.items() == []


def test_a_fallback_over_a_limit_waits_and_the_timeline_says_so(stack: Aws, clock: FakeClock) -> None:
    send(stack, to=SECOND)
    dispatch_uuid = send(stack, expiry_time=15, failover=[message(to=SECOND)])["body"]["workflow_id"]
    clock.advance(16)

    assert stack.fire(to_body(Timer(dispatch_uuid, clock()))) == {"batchItemFailures": []}

    [limited] = [entry for entry in timeline(dispatch_uuid) if entry["event"] == "limited"]
    assert limited == {
        "at": "2026-03-02T12:15:16.000Z",
        "step": 1,
        "event": "limited",
        "limit": "messages_per_number",
        "most": "1",
        "until": ONE,
    }
    assert [sent["to"] for sent in stack.gateway.sent] == [SECOND, FIRST]
