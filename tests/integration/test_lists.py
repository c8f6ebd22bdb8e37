"""Lists and conversations over HTTP: who may be asked for, what is found, page by page, and what is refused."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.scenes import conversation, over, reply, said, seconds_between, send, sms, until, whatsapp
from tests.running_stack import Stack, new_number


def listed(stack: Stack, **parameters: Any) -> list[str]:
    """The dispatches that a list shows, from all its pages."""
    return [item["dispatch_uuid"] for page in pages(stack, **parameters) for item in page["dispatches"]]


def pages(stack: Stack, **parameters: Any) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        response = stack.api("GET", "/v1/dispatches", params={**parameters, "cursor": cursor})
        assert response.status_code == 200, response.text
        yield (page := response.json())
        cursor = page["cursor"]
        if cursor is None:
            return


@pytest.fixture(scope="module")
def customer() -> str:
    return new_number()


@pytest.fixture(scope="module")
def sent(shared_stack: Stack, customer: str) -> dict[str, dict[str, Any]]:
    """One dispatch of each outcome with SMS to the same customer, oldest first, and one by WhatsApp."""
    stack, other = shared_stack, new_number()
    stack.simulator("DELETE", "/phones")
    ended: dict[str, dict[str, Any]] = {}
    ended["succeeded"] = stack.wait_for_dispatch(send(stack, sms(customer)), over)
    stack.simulator("PUT", f"/phones/sms/{customer}", {"mode": "airplane"})
    cancelled = send(stack, sms(customer, expiry_time=60, failover=[sms(other)]))
    stack.api("DELETE", f"/v1/dispatches/{cancelled}")
    ended["cancelled"] = stack.dispatch(cancelled)
    # The fallback reaches the customer, and is found by it.
    body = sms(other, frosting="pink", failover=[sms(customer, expiry_time=1)])
    ended["exhausted"] = stack.wait_for_dispatch(send(stack, body), over)
    ended["open"] = stack.dispatch(send(stack, sms(customer)))
    ended["whatsapp"] = stack.wait_for_dispatch(send(stack, whatsapp(customer)), over)
    return ended


def test_any_address_of_a_customer_finds_everything_that_was_sent_to_them(
    shared_stack: Stack, sent: dict[str, dict[str, Any]], customer: str
) -> None:
    uuids = {name: dispatch["dispatch_uuid"] for name, dispatch in sent.items()}
    theirs = [uuids[name] for name in ("whatsapp", "open", "exhausted", "cancelled", "succeeded")]

    assert listed(shared_stack, channel="sms", address=f"+{customer[:2]} (0){customer[2:6]} {customer[6:]}") == theirs
    for channel in ("sms", "whatsapp", "rcs"):
        assert listed(shared_stack, channel=channel, address=customer) == theirs
    found = list(pages(shared_stack, channel="sms", address=customer, limit=3))
    assert [[item["dispatch_uuid"] for item in page["dispatches"]] for page in found] == [theirs[:3], theirs[3:]]


@pytest.mark.parametrize("outcome", ["succeeded", "cancelled", "exhausted", "open", "stopped"])
def test_an_outcome_finds_those_that_ended_so(
    shared_stack: Stack, sent: dict[str, dict[str, Any]], customer: str, outcome: str
) -> None:
    expected = [dispatch["dispatch_uuid"] for dispatch in sent.values() if (dispatch["outcome"] or "open") == outcome]

    assert sorted(listed(shared_stack, channel="sms", address=customer, outcome=outcome)) == sorted(expected)
    everybodys = list(pages(shared_stack, outcome=outcome, limit=100))
    assert set(expected) <= {item["dispatch_uuid"] for page in everybodys for item in page["dispatches"]}
    words = {item["outcome"] for page in everybodys for item in page["dispatches"]}
    assert words <= {None if outcome == "open" else outcome}


def test_since_is_the_first_moment_and_before_the_end(
    shared_stack: Stack, sent: dict[str, dict[str, Any]], customer: str
) -> None:
    since, before = sent["cancelled"]["created_at"], sent["open"]["created_at"]
    between = [sent[name]["dispatch_uuid"] for name in ("exhausted", "cancelled")]

    assert listed(shared_stack, since=since, before=before) == between
    assert listed(shared_stack, since=since, before=before, limit=1) == between
    assert listed(shared_stack, since=before, before=since) == []
    of_contact = listed(shared_stack, channel="sms", address=customer, since=since, before=before)
    assert of_contact == between


@pytest.mark.parametrize(
    ("parameters", "faulty"),
    [
        ({"limit": 0}, ["limit"]),
        ({"limit": 101}, ["limit"]),
        ({"limit": "ten"}, ["limit"]),
        ({"cursor": "bm90IG9uZQ"}, ["cursor"]),
        ({"cursor": ""}, ["cursor"]),
        ({"channel": "sms"}, ["channel"]),
        ({"address": "447700900001"}, ["channel"]),
        ({"channel": "SMS!", "address": "447700900001"}, ["channel"]),
        ({"channel": "sms", "address": ""}, ["address"]),
        ({"outcome": "delivered"}, ["outcome"]),
        ({"since": "yesterday", "before": "23.11.2026"}, ["before", "since"]),
        ({"colour": "pink"}, ["colour"]),
    ],
)
def test_what_cannot_be_asked_for_is_422(stack: Stack, parameters: dict[str, Any], faulty: list[str]) -> None:
    response = stack.api("GET", "/v1/dispatches", params=parameters)

    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")
    assert sorted(fault["name"] for fault in response.json()["invalid_parameters"]) == faulty


def test_a_conversation_is_read_page_by_page_newest_first(stack: Stack) -> None:
    customer = new_number()
    for text in ("One", "Two"):
        stack.wait_for_dispatch(send(stack, sms(customer, text=text)), over)
        reply(stack, "sms", customer, f"{text}, thank you")

    newest = conversation(stack, "sms", f"+{customer}", limit=3)
    oldest = conversation(stack, "sms", customer, limit=3, cursor=newest["cursor"])

    assert (newest["channel"], newest["address"], newest["opt_out"]) == ("sms", customer, None)
    assert said(newest) == [("inbound", "Two, thank you"), ("outbound", "Two"), ("inbound", "One, thank you")]
    assert (said(oldest), oldest["cursor"]) == ([("outbound", "One")], None)


@pytest.mark.parametrize(
    ("address", "body"),
    [
        (
            "first.last+cakes@example.com",
            {
                "channel": "email",
                "message_type": "text",
                "from": "Bakery <bakery@example.com>",
                "text": "Your cupcakes are ready!",
                "email": {"subject": "Ready"},
            },
        ),
        (
            "7700900000000001",
            {
                "channel": "messenger",
                "message_type": "text",
                "from": "7700900000000002",
                "text": "Your cupcakes are ready!",
            },
        ),
    ],
)
def test_a_contact_need_not_be_a_phone_number(stack: Stack, address: str, body: dict[str, Any]) -> None:
    dispatch = stack.wait_for_dispatch(send(stack, {**body, "to": address}), over)

    thread = conversation(stack, body["channel"], address)

    assert (thread["channel"], thread["address"]) == (body["channel"], address)
    [entry] = thread["messages"]
    assert entry == {
        "direction": "outbound",
        "channel": body["channel"],
        "at": dispatch["steps"][0]["claimed_at"],
        "message_uuid": dispatch["steps"][0]["message_uuid"],
        "automatic": False,
        "step": dispatch["steps"][0],
    }
    assert listed(stack, channel=body["channel"], address=address) == [dispatch["dispatch_uuid"]]


@pytest.mark.parametrize("contact", ["SMS!/447700900001", "sms/%20", f"sms/{'4' * 321}"])
def test_a_conversation_with_no_one_is_422(stack: Stack, contact: str) -> None:
    assert stack.api("GET", f"/v1/conversations/{contact}").status_code == 422


def test_a_conversation_with_a_stranger_is_empty(stack: Stack) -> None:
    assert conversation(stack, "sms", new_number())["messages"] == []


def test_what_customers_say_is_listed_newest_first_and_each_message_once(stack: Stack) -> None:
    ann, bob = new_number(), new_number()
    for customer in (ann, bob):
        stack.wait_for_dispatch(send(stack, sms(customer)), over)
    reply(stack, "sms", ann, "Thank you")
    reply(stack, "sms", bob, "Who is this?")
    reply(stack, "sms", ann, "On my way")

    newest = stack.api("GET", "/v1/conversations", params={"limit": 2}).json()
    older = stack.api("GET", "/v1/conversations", params={"limit": 1, "cursor": newest["cursor"]}).json()

    found = [*newest["conversations"], *older["conversations"]]
    assert [(line["address"], line["text"]) for line in found] == [
        (ann, "On my way"),
        (bob, "Who is this?"),
        (ann, "Thank you"),
    ]
    assert {(line["channel"], line["message_type"]) for line in found} == {("sms", "text")}
    assert [line["received_at"] for line in found] == sorted((line["received_at"] for line in found), reverse=True)


def test_a_day_is_as_its_dispatches_are(stack: Stack) -> None:
    away, second = new_number(), new_number()
    stack.simulator("PUT", f"/phones/sms/{away}", {"mode": "airplane"})
    reported = stack.wait_for_dispatch(send(stack, sms(away, expiry_time=1, failover=[whatsapp(second)])), over)
    date = reported["created_at"][:10]

    def day() -> dict[str, Any]:
        response = stack.api("GET", f"/v1/days/{date}")
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    picture = day()
    words = ("open", "succeeded", "exhausted", "cancelled", "stopped")
    between = {"since": picture["from"], "before": picture["until"], "limit": 100}

    until(lambda: {word: day()[word] for word in words} == {w: len(listed(stack, outcome=w, **between)) for w in words})
    picture = day()
    assert picture["from"] == f"{date}T00:00:00.000Z"
    assert picture["dispatches"] == len(listed(stack, **between))
    assert picture["failed_over"] >= 1
    assert picture["cost"] != []
    [by_whatsapp] = [channel for channel in picture["channels"] if channel["channel"] == "whatsapp"]
    assert by_whatsapp["sent"] >= by_whatsapp["delivered"] >= 1
    assert 0 <= by_whatsapp["median_seconds"] <= by_whatsapp["p95_seconds"]
    assert seconds_between(reported["created_at"], reported["steps"][1]["arrived_at"]) > 0


@pytest.mark.parametrize(
    ("date", "zone", "faulty"),
    [("2026-02-30", "UTC", ["date"]), ("2026-02-28", "Europe", ["time_zone"]), ("now", "", ["date", "time_zone"])],
)
def test_a_day_that_there_cannot_be_is_422(stack: Stack, date: str, zone: str, faulty: list[str]) -> None:
    response = stack.api("GET", f"/v1/days/{date}", params={"time_zone": zone})

    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")
    assert sorted(fault["name"] for fault in response.json()["invalid_parameters"]) == faulty
