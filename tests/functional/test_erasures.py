"""Erasing a customer: nothing of them is left in the table and the queues, their STOP stays, and so do the counts."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from getthrough.domain.contact.contact import Address
from getthrough.domain.erasure.erasure import BETWEEN, Place
from getthrough.domain.values.rfc3339 import from_text, to_text
from getthrough.handlers import advance, batches, erasures, query, schedules
from getthrough.usecases.export_contact import Exported
from getthrough.usecases.ports import Erasing
from tests.aws_calls import Answer, Call, around_calls
from tests.builders import FIRST, SECOND, api_event, message
from tests.fakes import FakeClock
from tests.functional.aws_in_memory import CONTEXT
from tests.functional.erasure_world import THIRD, USER_ID, World
from tests.functional.recovery_in_memory import CREDENTIALS, recovery_in_memory

NOTHING = dict.fromkeys(
    (
        *("dispatches", "events", "messages", "notes", "consents", "aliases", "recipients", "schedules", "batches"),
        *("quarantined", "dead_letters"),
    ),
    0,
)

FILLED = {
    "dispatches": 2,
    "events": 4,
    "messages": 2,
    "notes": 4,
    "consents": 5,
    "aliases": 2,
    "recipients": 1,
    "schedules": 1,
    "batches": 0,
    "quarantined": 1,
    "dead_letters": 1,
}
"""What `World.fill` makes of one customer."""

EXPORTED = FILLED | {"dead_letters": 0}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    clock = FakeClock(datetime.now(UTC))
    for module in (schedules, advance, batches, erasures):
        monkeypatch.setattr(module, "utc_now", clock)
    with recovery_in_memory(monkeypatch) as stack:
        yield World(stack, clock)


class Killed(BaseException):
    """The worker is gone, as after a kill: no `except` of the functions sees it."""


class Killer:
    """Kills the function at its n-th call of AWS: before the call has an effect, or after it."""

    def __init__(self) -> None:
        self.calls, self.at = 0, 0

    def __call__(self, _service: str, _operation: str, parameters: dict[str, Any], call: Call) -> Answer:
        self.calls += 1
        last = self.calls == self.at
        if last and self.at % 2:
            raise Killed
        answer = call(**parameters)
        if last:
            raise Killed
        return answer


def exported(world: World, number: str) -> list[dict[str, Any]]:
    route = "GET /v1/contacts/{channel}/{address}/export"
    event = api_event(route, path={"channel": "sms", "address": number}, headers=CREDENTIALS)
    answer = erasures.handler(event, CONTEXT)
    assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, "application/x-ndjson")
    return [json.loads(line) for line in answer["body"].splitlines()]


def test_what_is_erased_is_gone_from_every_byte_of_the_table_and_the_queues(world: World) -> None:
    world.fill(FIRST)
    assert len(world.left_of(FIRST, USER_ID)) > 15
    uuid = world.erase(FIRST)
    asked = world.receipt(uuid)
    assert (asked["erased"], asked["done_at"], asked["by"]) == (NOTHING, None, "bakery")
    world.work()
    assert world.left_of(FIRST, USER_ID) == []
    receipt = world.receipt(uuid)
    assert receipt["erased"] == FILLED
    assert receipt["done_at"] == to_text(world.clock())
    assert receipt["asked_at"] <= to_text(world.clock() - BETWEEN)


def test_no_hash_tells_an_erased_address_to_those_who_try_all_numbers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a webhook everything else stays, or is easy to guess."""
    sent, webhook = list[dict[str, Any]](), world.webhook

    def post(path: str, payload: dict[str, Any]) -> None:
        sent.append(payload)
        webhook(path, payload)

    monkeypatch.setattr(world, "webhook", post)
    world.fill(FIRST)
    world.erase(FIRST)
    world.work()
    world.status(FIRST, "read")  # late
    written = [json.dumps(one, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for one in sent]
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in (*written, *map(json.dumps, sent))]
    assert len(digests) > 10
    table = str(world.stack.aws.items())
    assert [digest for digest in digests if digest in table] == []


def test_others_keep_what_is_theirs(world: World) -> None:
    world.fill(THIRD, user_id="US.99999999999999999999")
    before = exported(world, THIRD)
    world.fill(FIRST)
    world.erase(FIRST)
    world.work()
    after = exported(world, THIRD)
    own = [line for line in before if line["kind"] != "recipients"]
    assert [line for line in after if line["kind"] != "recipients"] == own
    assert len(own) == sum(EXPORTED.values()) - EXPORTED["recipients"]


def test_an_export_has_what_an_erasure_would_remove_and_is_empty_afterwards(world: World) -> None:
    world.fill(FIRST)
    lines = exported(world, FIRST)
    kinds = {kind: sum(line["kind"] == kind for line in lines) for kind in NOTHING}
    assert kinds == EXPORTED
    [said] = [line for line in lines if line["kind"] == "messages" and line["body"]["text"] != "STOP"]
    assert said["body"]["text"] == f"Thank you! Call me: {FIRST}"
    assert {line["id"] for line in lines if line["kind"] == "dispatches"}
    world.erase(FIRST)
    world.work()
    assert exported(world, FIRST) == []


def test_the_consent_of_a_customer_who_wants_messages_is_gone_too(world: World) -> None:
    world.say(FIRST, "STOP")
    world.clock.now += timedelta(seconds=1)
    world.say(FIRST, "START")
    world.erase(FIRST)
    world.work()
    consents = [item["sk"]["S"] for item in world.stack.aws.items() if item["pk"]["S"].startswith("CONSENT#")]
    assert consents == ["ERASED"]


def test_a_stop_stays_in_force_for_every_address_of_a_customer_who_was_erased(world: World) -> None:
    world.fill(FIRST)
    world.erase(FIRST)
    world.work()
    sent = len(world.stack.aws.gateway.sent)
    for to, channel in ((FIRST, "sms"), (FIRST, "whatsapp"), (USER_ID, "whatsapp")):
        body = json.dumps(message(to=to, channel=channel)).encode()
        assert world.stack.aws.post("/v1/messages", body, **CREDENTIALS)["statusCode"] == 422, (to, channel)
    assert len(world.stack.aws.gateway.sent) == sent
    known = world.call("GET", f"/v1/opt-outs/sms/{FIRST}")
    assert (known["opted_out"], known["address"], known["why"]) == (True, "erased", "erased")
    assert world.call("GET", "/v1/opt-outs")["opt_outs"] == []
    world.say(FIRST, "START")
    assert world.call("GET", f"/v1/opt-outs/sms/{FIRST}")["opted_out"] is False


def test_what_was_sent_and_what_it_cost_still_counts(world: World) -> None:
    uuid = world.send(FIRST)
    world.status(FIRST, "delivered", usage={"price": "0.0333", "currency": "EUR"})
    before = described(world, uuid)
    world.erase(FIRST)
    world.work()
    after = described(world, uuid)
    same = ("outcome", "succeeded_by", "usage", "created_at", "double_messages")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert (after["steps"][0]["to"], after["steps"][0]["content"], after["client_ref"]) == ("erased", {}, None)
    assert after["steps"][0]["status"] == "delivered"


def described(world: World, dispatch_uuid: str) -> Any:
    route = "GET /v1/dispatches/{dispatch_uuid}"
    event = api_event(route, path={"dispatch_uuid": dispatch_uuid}, headers=CREDENTIALS)
    return json.loads(query.handler(event, CONTEXT)["body"])


def test_what_is_under_way_ends_and_is_sent_no_more(world: World) -> None:
    planned = world.send(FIRST, send_at=to_text(world.clock() + timedelta(hours=1)))
    world.erase(FIRST)
    world.work()
    assert described(world, planned)["outcome"] == "cancelled"
    assert world.stack.aws.gateway.sent == []


def test_what_a_slow_function_stores_behind_the_first_search_is_erased_by_the_second(world: World) -> None:
    world.send(FIRST)
    world.status(FIRST, "submitted")
    before = world.snapshot()
    world.erase(FIRST)
    while (due := world.due()) and due <= to_text(world.clock()):
        world.work_once()
    assert world.left_of(FIRST) == [receipt_of(world)]
    for item in before[0]:
        if item["sk"]["S"] != "DISPATCH":
            boto3.client("dynamodb").put_item(TableName=world.stack.aws.table_name, Item=item)
    assert len(world.left_of(FIRST)) > 1
    first_search = world.clock()
    world.work()
    assert world.left_of(FIRST) == []
    assert world.clock() >= first_search + 2 * BETWEEN  # the second search found something: there was a third


KEYED = {**CREDENTIALS, "idempotency-key": "spring"}


def mailing_to(*numbers: str, **fields: Any) -> dict[str, Any]:
    return {"message": message(to=None), "recipients": [{"to": number} for number in numbers], "rate": 10, **fields}


DAILY = {"cron": "0 9 * * *", "time_zone": "UTC"}
MAILINGS = [("/v1/batches", mailing_to(FIRST, THIRD)), ("/v1/schedules", mailing_to(FIRST, THIRD, **DAILY))]


def lists(world: World) -> list[dict[str, Any]]:
    return [item for item in world.stack.aws.items() if item["pk"]["S"].startswith("RECIPIENTS#")]


@pytest.mark.parametrize(("path", "body"), MAILINGS)
def test_a_copy_of_a_request_does_not_bring_back_a_recipient_who_was_erased(
    world: World, path: str, body: dict[str, Any]
) -> None:
    first, created = world.stack.call("POST", path, body, headers=KEYED)
    world.erase(FIRST)
    world.work()
    before = lists(world)

    again, known = world.stack.call("POST", path, body, headers=KEYED)

    assert (again, known["created_at"], lists(world)) == (first, created["created_at"], before)
    assert world.left_of(FIRST) == []


def test_a_batch_whose_request_comes_again_makes_nothing_for_a_recipient_who_was_erased(world: World) -> None:
    world.stack.call("POST", "/v1/batches", mailing_to(FIRST, THIRD), headers=KEYED)
    world.erase(FIRST)
    world.work()
    _, batch = world.stack.call("POST", "/v1/batches", mailing_to(FIRST, THIRD), headers=KEYED)
    world.fire(batch["batch_uuid"])

    assert sum(item["sk"]["S"] == "DISPATCH" for item in world.stack.aws.items()) == 1
    assert world.left_of(FIRST) == []


@pytest.mark.parametrize(("path", "body"), MAILINGS)
def test_a_request_with_the_key_of_another_one_leaves_no_recipients(
    world: World, path: str, body: dict[str, Any]
) -> None:
    world.stack.call("POST", path, body, headers=KEYED)
    before = lists(world)

    status, _ = world.stack.call("POST", path, {**body, "recipients": [{"to": SECOND}]}, headers=KEYED)

    assert (status, lists(world)) == (409, before)
    assert world.left_of(SECOND) == []


@pytest.mark.parametrize(
    ("fields", "recipient"),
    [
        pytest.param({"default_country": "GB"}, {"to": "07700 900001"}, id="a number without its country"),
        pytest.param({"to": "{{ phone }}"}, {"variables": {"phone": 447700900001}}, id="a number that is no text"),
        pytest.param(
            {"to": "{{ code }}{{ rest }}"}, {"variables": {"code": "44", "rest": "7700900001"}}, id="in two variables"
        ),
        pytest.param(
            {"default_country": "GB", "failover": [message(to="0{{ home }}")]},
            {"to": THIRD[:-1] + "4", "variables": {"home": "7700900001"}},
            id="a fallback's",
        ),
    ],
)
def test_a_recipient_is_erased_whose_address_only_the_whole_message_shows(
    world: World, fields: dict[str, Any], recipient: dict[str, Any]
) -> None:
    of_bo = {"phone": THIRD, "code": "44", "rest": THIRD[2:], "home": THIRD[2:]}
    people = [recipient, {"to": THIRD, "variables": of_bo}]
    body = {"message": message(**{"to": None, "text": "Hi", **fields}), "recipients": people}
    uuid = str(world.call("POST", "/v1/schedules", {**body, "cron": "0 9 * * *", "time_zone": "UTC"})["schedule_uuid"])
    assert [line["recipients"] for line in exported(world, FIRST) if line["kind"] == "recipients"] != []
    receipt = world.erase(FIRST)
    world.work()
    assert world.receipt(receipt)["erased"]["recipients"] == 1
    world.clock.now = from_text(world.call("GET", f"/v1/schedules/{uuid}")["next_runs"][0]) + timedelta(seconds=1)
    world.fire(uuid)
    [batch] = [item["pk"]["S"].partition("#")[2] for item in world.stack.aws.items() if item["sk"]["S"] == "BATCH"]
    world.fire(batch)
    assert world.left_of(FIRST, "07700 900001", "7700900001") == []
    assert world.left_of(THIRD) != []


def test_a_copy_of_a_change_does_not_bring_back_a_recipient_who_was_erased(world: World) -> None:
    schedule = world.call("POST", "/v1/schedules", mailing_to(SECOND, **DAILY))
    path = f"/v1/schedules/{schedule['schedule_uuid']}"
    world.call("PATCH", path, mailing_to(FIRST, THIRD))
    world.erase(FIRST)
    world.work()
    before = lists(world)

    world.call("PATCH", path, mailing_to(FIRST, THIRD))
    at_once = lists(world)
    world.call("PATCH", path, mailing_to(SECOND, THIRD))
    world.call("PATCH", path, mailing_to(FIRST, THIRD))

    assert texts(at_once) == texts(before)
    assert world.left_of(FIRST) == []


def texts(items: list[dict[str, Any]]) -> dict[str, str]:
    return {item["pk"]["S"]: item["recipients"]["S"] for item in items}


def receipt_of(world: World) -> str:
    """The one thing that names a customer while an erasure goes on."""
    [receipt] = [item for item in world.stack.aws.items() if item["sk"]["S"] == "ERASURE"]
    return json.dumps(receipt, ensure_ascii=False)


def test_late_webhooks_do_not_bring_an_address_back(world: World) -> None:
    uuid = world.send(FIRST)
    long_ago = to_text(world.clock() - timedelta(minutes=5))
    world.erase(FIRST)
    world.work()
    late = {"timestamp": long_ago}
    world.status(FIRST, "delivered", **late, usage={"price": "0.0333", "currency": "EUR"})
    world.status(FIRST, "delivered", client_ref=None, message_uuid="never-heard-of", **late)
    world.status(FIRST, "rejected", client_ref=None, message_uuid="m-2", error={"title": "1050", "detail": FIRST})
    world.say(FIRST, f"I wrote before: {FIRST}", **late)
    world.say(FIRST, "STOP", **late)
    assert world.left_of(FIRST) == []
    shown = described(world, uuid)
    assert shown["steps"][0]["usage"] == {"price": "0.0333", "currency": "EUR"}
    assert world.call("GET", f"/v1/opt-outs/sms/{FIRST}")["opted_out"] is True


@pytest.mark.parametrize("asked_first", [True, False], ids=["younger", "older"])
def test_a_stop_that_died_half_way_is_obeyed_when_it_comes_again_although_an_erasure_came_between(
    world: World, monkeypatch: pytest.MonkeyPatch, asked_first: bool
) -> None:
    """The message was stored and not obeyed. An erasure finds it, also if it is younger than that."""
    if asked_first:
        world.erase(FIRST)
        world.clock.now += timedelta(seconds=1)
    said = {"timestamp": to_text(world.clock()), "message_uuid": "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e5aa"}
    killer = Killer()
    with monkeypatch.context() as patched:
        around_calls(patched, killer)
        killer.at = 3
        with pytest.raises(Killed):
            world.say(FIRST, "STOP", **said)
    assert world.left_of(FIRST)
    world.erase(FIRST)
    world.work()
    world.say(FIRST, "STOP", **said)

    assert world.left_of(FIRST) == []
    assert world.call("GET", f"/v1/opt-outs/sms/{FIRST}")["opted_out"] is True


def test_who_writes_again_after_an_erasure_is_a_customer_again(world: World) -> None:
    world.fill(FIRST)
    world.erase(FIRST)
    world.work()
    world.say(FIRST, "Hello again")
    assert sorted(line["kind"] for line in exported(world, FIRST)) == ["messages", "notes"]


def test_an_erasure_that_is_killed_anywhere_leaves_nothing_and_counts_everything_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.fill(FIRST)
    uuid = world.erase(FIRST)
    asked, killer = world.snapshot(), Killer()
    around_calls(monkeypatch, killer)
    world.work()
    calls, now = killer.calls, world.clock()
    for at in range(1, calls, (calls // 3) | 1):
        world.restore(asked)
        killer.calls, killer.at = 0, at
        with pytest.raises(Killed):
            world.work()
        killer.at = 0
        world.work()
        assert world.left_of(FIRST, USER_ID) == [], at
        erased = world.receipt(uuid)["erased"]
        assert erased == FILLED | {"dead_letters": erased["dead_letters"]}, at
    assert world.clock() > now


def test_a_request_that_is_killed_leaves_all_of_an_erasure_or_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.send(FIRST)
    killer = Killer()
    around_calls(monkeypatch, killer)
    for at in range(1, 9):
        killer.calls, killer.at = 0, at
        try:
            world.erase(FIRST)
        except Killed:
            continue
    killer.at = 0
    first, again = world.erase(FIRST), world.erase(FIRST)
    assert first == again
    world.work()
    assert world.left_of(FIRST) == []
    [*receipts] = (item for item in world.stack.aws.items() if item["sk"]["S"] == "ERASURE")
    assert [("contacts" in item, "done_at" in item) for item in receipts] == [(False, True)]


def test_several_are_erased_with_the_same_searches(world: World) -> None:
    numbers = [f"4477009004{number:02}" for number in range(5)]
    for number in numbers:
        world.send(number)
    uuids = [world.erase(number) for number in numbers]
    world.work(most=12)
    assert [left for number in numbers for left in world.left_of(number)] == []
    assert {world.receipt(uuid)["erased"]["dispatches"] for uuid in uuids} == {1}


def test_an_account_that_was_linked_during_an_erasure_is_erased_by_the_next_request(world: World) -> None:
    first = world.erase(FIRST)
    account = {"channel": "messenger", "address": "1234567890"}
    world.call("PUT", f"/v1/contacts/sms/{FIRST}/links", {"links": [account]})
    planned = message(channel="messenger", to="1234567890", **{"from": "9876543210"})
    world.call("POST", "/v1/schedules", {"message": planned, "cron": "0 9 * * *", "time_zone": "UTC"})
    second = world.erase("1234567890", "messenger")
    assert world.erase(FIRST) == second != first
    world.work()
    assert world.left_of(FIRST, "1234567890") == []
    assert world.receipt(second)["erased"]["schedules"] == 1
    assert None not in [world.receipt(uuid)["done_at"] for uuid in (first, second)]


def test_a_batch_goes_on_without_a_recipient_who_was_erased(world: World) -> None:
    people = [{"to": number, "variables": {}} for number in (FIRST, SECOND)]
    at = to_text(world.clock() + timedelta(hours=1))
    body = {"message": message(to=None), "recipients": people, "rate": 10, "send_at": at}
    batch_uuid = world.call("POST", "/v1/batches", body)["batch_uuid"]
    world.erase(FIRST)
    world.work()
    world.clock.advance(3600)
    world.fire(batch_uuid)
    world.clock.advance(5)
    shown = world.call("GET", f"/v1/batches/{batch_uuid}")
    dispatches = [item for item in world.stack.aws.items() if item["sk"]["S"] == "DISPATCH"]
    assert [json.loads(item["plan"]["S"])[0]["message"]["to"] for item in dispatches] == [SECOND]
    assert shown["state"] in ("sending", "sent")


@pytest.mark.parametrize("uuid", ["x", "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e5fd", "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e500"])
def test_an_unknown_receipt_is_not_found(world: World, uuid: str) -> None:
    assert world.stack.call("GET", f"/v1/erasures/{uuid}")[0] == 404


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"cursor": "WzEsMl0"}, {"cursor": ""}, {"limit": "3"}])
def test_a_cursor_that_is_none_is_refused(world: World, query: dict[str, str]) -> None:
    assert world.stack.call("GET", f"/v1/contacts/sms/{FIRST}/export", query=query)[0] == 422


def test_a_page_of_an_export_may_end_at_the_longest_address_in_any_script(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "\U0001f9c1" * 320
    place = (f"CONTACT#email#{address}", f"RECEIVED#2026-03-02T12:00:00.000Z#{'0' * 64}")
    begun_at: list[Place | None] = []

    def one_page(_ports: Erasing, _address: Address, at: Place | None) -> Exported:
        begun_at.append(at)
        return Exported(frozenset(), [], None if at else place)

    monkeypatch.setattr(erasures, "export_contact", one_page)
    route, of = "GET /v1/contacts/{channel}/{address}/export", {"channel": "email", "address": address}
    first = erasures.handler(api_event(route, path=of, headers=CREDENTIALS), CONTEXT)
    query = {"cursor": first["headers"]["x-next-cursor"]}
    second = erasures.handler(api_event(route, path=of, query=query, headers=CREDENTIALS), CONTEXT)
    assert (first["statusCode"], second["statusCode"], begun_at) == (200, 200, [None, place])
