"""QueryFunction at its edge: who is let in, what is found, and the answers that a browser need not fetch again."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from getthrough.handlers import query
from tests.builders import FIRST, FROM, SECOND, api_event, basic, message, status_payload
from tests.functional.aws_in_memory import CONTEXT, Aws, aws_in_memory, bearer
from tests.secret import CLIENT, CLIENT_SECRET

DAY, INBOX = "GET /v1/days/{date}", "GET /v1/conversations"
LIST, DISPATCH = "GET /v1/dispatches", "GET /v1/dispatches/{dispatch_uuid}"
MESSAGE, CONVERSATION = "GET /v1/messages/{message_uuid}", "GET /v1/conversations/{channel}/{address}"
KNOWN = basic(CLIENT, CLIENT_SECRET)
FIRST_PHONE = {"channel": "sms", "address": FIRST}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with aws_in_memory(monkeypatch) as stack:
        yield stack


def ask(route: str, headers: Mapping[str, str] = KNOWN, **parameters: Any) -> dict[str, Any]:
    """The answer, with its decoded body."""
    answer = query.handler(api_event(route, headers=headers, **parameters), CONTEXT)
    return {**answer, "body": json.loads(answer["body"]) if "body" in answer else None}


def send(stack: Aws, **fields: Any) -> str:
    """The dispatch_uuid of a message."""
    answer = stack.post("/v1/messages", json.dumps(message(**fields)).encode(), **KNOWN)
    return str(answer["body"]["workflow_id"])


def say(stack: Aws, text: str, **fields: Any) -> None:
    payload = {"channel": "sms", "message_uuid": f"in-{text}", "from": FIRST, "to": FROM, "text": text, **fields}
    body = json.dumps(payload).encode()
    assert stack.post("/inbound", body, authorization=bearer(body))["statusCode"] == 200


def tell(stack: Aws, dispatch_uuid: str, status: str) -> None:
    body = json.dumps(status_payload(status, client_ref=f"{dispatch_uuid[:-2]}01")).encode()
    assert stack.post("/status", body, authorization=bearer(body))["statusCode"] == 200


@pytest.mark.parametrize(
    ("route", "path"),
    [
        (LIST, {}),
        (DISPATCH, {"dispatch_uuid": "x"}),
        (MESSAGE, {"message_uuid": "x"}),
        (DAY, {"date": "2026-11-23"}),
        (INBOX, {}),
        (CONVERSATION, FIRST_PHONE),
    ],
)
@pytest.mark.parametrize("headers", [{}, basic(CLIENT, "guessed"), basic("unknown", CLIENT_SECRET)])
def test_strangers_read_nothing(stack: Aws, route: str, path: dict[str, str], headers: dict[str, str]) -> None:
    assert ask(route, headers, path=path)["statusCode"] == 401


def test_dispatches_are_listed_page_by_page_under_cursors_that_can_be_handed_back(stack: Aws) -> None:
    sent = [send(stack) for _ in range(3)]
    found, cursor = [], None
    for _ in range(3):
        answer = ask(LIST, query={"limit": "1", **({"cursor": cursor} if cursor else {})})
        assert answer["statusCode"] == 200
        found += [line["dispatch_uuid"] for line in answer["body"]["dispatches"]]
        cursor = answer["body"]["cursor"]
    assert (sorted(found), cursor) == (sorted(sent), None)


def test_dispatches_are_narrowed_to_an_outcome_and_a_contact(stack: Aws) -> None:
    over, waiting, elsewhere = send(stack), send(stack), send(stack, to=SECOND)
    tell(stack, over, "delivered")

    def found(**fields: str) -> set[str]:
        return {line["dispatch_uuid"] for line in ask(LIST, query=fields)["body"]["dispatches"]}

    assert found() == {over, waiting, elsewhere}
    assert found(outcome="succeeded") == {over}
    assert found(outcome="open") == {waiting, elsewhere}
    assert found(outcome="open", channel="sms", address=f"+{FIRST}") == {waiting}
    assert found(outcome="stopped") == set()
    assert found(since="2099-01-01T00:00:00Z") == set()
    assert found(before="2099-01-01T00:00:00Z") == {over, waiting, elsewhere}
    assert found(since="2099-01-01T00:00:00Z", before="2020-01-01T00:00:00Z") == set()


def test_a_wrong_parameter_is_reported_with_422(stack: Aws) -> None:
    answer = ask(LIST, query={"limit": "0", "page": "2"})
    names = [violation["name"] for violation in answer["body"]["invalid_parameters"]]
    assert (answer["statusCode"], names) == (422, ["page", "limit"])


def test_a_dispatch_is_read_with_its_timeline(stack: Aws) -> None:
    dispatch_uuid = send(stack)
    tell(stack, dispatch_uuid, "delivered")
    answer = ask(DISPATCH, path={"dispatch_uuid": dispatch_uuid})
    events = [entry["event"] for entry in answer["body"]["timeline"]]
    assert (answer["statusCode"], answer["body"]["outcome"]) == (200, "succeeded")
    assert events == ["accepted", "sent", "answered", "status", "finished"]


@pytest.mark.parametrize("by", ["our id", "vonage-1"])
def test_a_message_is_read_by_our_id_or_vonages(stack: Aws, by: str) -> None:
    dispatch_uuid = send(stack)
    ours = f"{dispatch_uuid[:-2]}01"
    answer = ask(MESSAGE, path={"message_uuid": ours if by == "our id" else by})
    assert (answer["statusCode"], answer["body"]["message_uuid"]) == (200, ours)


def test_a_day_has_what_was_sent_on_it_in_the_local_time_of_a_zone(stack: Aws) -> None:
    dispatch_uuid = send(stack)
    tell(stack, dispatch_uuid, "delivered")
    stack.tally()
    created_at = ask(DISPATCH, path={"dispatch_uuid": dispatch_uuid})["body"]["created_at"]
    zone = "Pacific/Kiritimati"
    today = datetime.fromisoformat(created_at).astimezone(ZoneInfo(zone)).date()

    def asked(date: object) -> Any:
        answer = ask(DAY, path={"date": str(date)}, query={"time_zone": zone})
        assert answer["statusCode"] == 200
        return answer["body"]

    picture = asked(today)
    assert (picture["date"], picture["time_zone"]) == (str(today), zone)
    assert picture["from"] <= created_at < picture["until"]
    assert (picture["dispatches"], picture["succeeded"], picture["messages_sent"]) == (1, 1, 1)
    assert [(found["channel"], found["sent"], found["delivered"]) for found in picture["channels"]] == [("sms", 1, 1)]
    assert asked(today - timedelta(days=1))["dispatches"] == asked(today + timedelta(days=1))["dispatches"] == 0


@pytest.mark.parametrize("date", ["0001-01-02", "9999-12-29", "9999-12-30"])
def test_a_day_without_anything_is_one_at_the_ends_of_time_too(stack: Aws, date: str) -> None:
    answer = ask(DAY, path={"date": date})
    assert (answer["statusCode"], answer["body"]["dispatches"]) == (200, 0)


def test_an_impossible_day_is_reported_with_422(stack: Aws) -> None:
    answer = ask(DAY, path={"date": "2026-02-30"}, query={"time_zone": "Mars"})
    assert (answer["statusCode"], answer["body"]["invalid_parameters"]) == (
        422,
        [
            {"name": "time_zone", "reason": "must be a name of the tz database, such as Europe/London."},
            {"name": "date", "reason": "must be a day such as 2026-11-23."},
        ],
    )


def test_what_came_from_anybody_comes_page_by_page(stack: Aws) -> None:
    for number, text in ((FIRST, "one"), (SECOND, "two"), (FIRST, "three")):
        say(stack, text, **{"from": number})
    found, cursor = [], None
    for _ in range(3):
        body = ask(INBOX, query={"limit": "1", **({"cursor": cursor} if cursor else {})})["body"]
        found += [(line["address"], line["text"]) for line in body["conversations"]]
        cursor = body["cursor"]
        assert cursor is None or FIRST not in urlsafe_b64decode(cursor + "==").decode()
    assert (sorted(found), cursor) == ([(FIRST, "one"), (FIRST, "three"), (SECOND, "two")], None)
    assert ask(INBOX, query={"channel": "sms"})["statusCode"] == 422


def test_a_conversation_has_both_sides_and_the_contacts_consent(stack: Aws) -> None:
    dispatch_uuid = send(stack)
    say(stack, "STOP", timestamp="2099-01-01T00:00:00Z")
    body = ask(CONVERSATION, path={"channel": "sms", "address": f"+{FIRST}"})["body"]
    directions = [entry["direction"] for entry in body["messages"]]
    assert (body["channel"], body["address"], directions) == ("sms", FIRST, ["inbound", "outbound"])
    assert body["messages"][1]["message_uuid"] == f"{dispatch_uuid[:-2]}01"
    assert (body["opt_out"]["opted_out"], body["opt_out"]["by"]) == (True, "customer")


def test_a_conversation_comes_page_by_page(stack: Aws) -> None:
    for text in ("one", "two", "three"):
        say(stack, text)
    found, cursor = [], None
    for _ in range(3):
        page = {"limit": "1", **({"cursor": cursor} if cursor else {})}
        body = ask(CONVERSATION, path=FIRST_PHONE, query=page)["body"]
        found += [entry["message"]["text"] for entry in body["messages"]]
        cursor = body["cursor"]
    assert (sorted(found), cursor) == (["one", "three", "two"], None)


def test_the_conversation_of_an_unknown_contact_is_empty_and_of_an_impossible_one_422(stack: Aws) -> None:
    unknown = ask(CONVERSATION, path=FIRST_PHONE)
    assert unknown["body"] == {
        **FIRST_PHONE,
        "opt_out": None,
        "service_windows": [],
        "messages": [],
        "cursor": None,
    }
    assert ask(CONVERSATION, path={"channel": "SMS", "address": FIRST})["statusCode"] == 422
    assert ask(CONVERSATION, path=FIRST_PHONE, query={"outcome": "open"})["statusCode"] == 422


@pytest.mark.parametrize(
    ("route", "path"),
    [
        (DISPATCH, {"dispatch_uuid": "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e500"}),
        (DISPATCH, {"dispatch_uuid": "../secrets"}),
        (MESSAGE, {"message_uuid": "unknown"}),
        ("GET /v1/nothing", {}),
    ],
)
def test_what_there_is_not_is_404(stack: Aws, route: str, path: dict[str, str]) -> None:
    assert ask(route, path=path)["statusCode"] == 404


def test_what_the_client_has_already_is_not_sent_again_until_it_changes(stack: Aws) -> None:
    dispatch_uuid = send(stack)
    first = ask(LIST)
    etag = first["headers"]["etag"]
    assert first["headers"]["cache-control"] == "private, no-cache"
    assert ask(LIST, {**KNOWN, "if-none-match": etag}) == {
        "statusCode": 304,
        "headers": {"etag": etag, "cache-control": "private, no-cache"},
        "body": None,
    }
    tell(stack, dispatch_uuid, "delivered")
    changed = ask(LIST, {**KNOWN, "if-none-match": etag})
    assert (changed["statusCode"], changed["headers"]["etag"] == etag) == (200, False)


@pytest.mark.parametrize("broken", ["without_table", "without_secret"])
def test_while_aws_fails_it_is_503(stack: Aws, broken: str) -> None:
    getattr(stack, broken)()
    assert ask(LIST)["statusCode"] == 503
