"""What Vonage is answered, and what is in the table when it is: the answer decides whether the webhook comes again."""

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from getthrough.domain.contact.contact import contact_of
from tests.builders import FIRST, FROM, api_event, basic, message, status_payload
from tests.functional.aws_in_memory import CONTEXT, HANDLERS, Aws, aws_in_memory, bearer
from tests.secret import CLIENT, CLIENT_SECRET, hash_of
from tests.webhook_samples import sms_api

STRANGERS_SECRET = "someone-else-s-secret-of-some-length"
NO_TIME = {"channel": "sms", "message_uuid": "in-1", "from": FIRST, "to": FROM, "text": "On my way"}
REPLY = {**NO_TIME, "timestamp": "2026-03-02T12:05:00Z"}
BODIES = {"/status": json.dumps(status_payload("delivered")).encode(), "/inbound": json.dumps(REPLY).encode()}

both = pytest.mark.parametrize("path", ["/status", "/inbound"])


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with aws_in_memory(monkeypatch) as stack:
        yield stack


def webhook(stack: Aws, path: str, body: bytes | None = None) -> dict[str, Any]:
    """Vonage's, signed."""
    content = BODIES[path] if body is None else body
    return stack.post(path, content, authorization=bearer(content))


def dispatch_under_way(stack: Aws) -> str:
    """The message_uuid of a step that was sent and has a fallback."""
    body = json.dumps(message(failover=[message()])).encode()
    answer = stack.post("/v1/messages", body, **basic(CLIENT, CLIENT_SECRET))
    return str(answer["body"]["message_uuid"])


def status_of(message_uuid: str, status: str, **fields: Any) -> bytes:
    return json.dumps(status_payload(status, client_ref=message_uuid, **fields)).encode()


@both
def test_a_good_webhook_is_200_and_kept(stack: Aws, path: str) -> None:
    assert webhook(stack, path)["statusCode"] == 200
    assert stack.kinds() == {"/status": ["EVENT"], "/inbound": ["CONTACT", "INBOUND"]}[path]


def test_a_status_is_applied_to_its_dispatch_before_it_is_200(stack: Aws) -> None:
    answer = webhook(stack, "/status", status_of(dispatch_under_way(stack), "delivered"))
    [dispatch] = [item for item in stack.items() if item["sk"]["S"] == "DISPATCH"]
    assert (answer["statusCode"], dispatch["outcome"]) == (200, {"S": "succeeded"})


def test_a_failure_has_set_off_the_next_step_before_it_is_200(stack: Aws) -> None:
    message_uuid = dispatch_under_way(stack)
    armed = stack.timers()
    assert webhook(stack, "/status", status_of(message_uuid, "rejected"))["statusCode"] == 200
    assert stack.timers() == armed + 1


@both
@pytest.mark.parametrize("headers", [{}, {"authorization": ""}, {"authorization": "Basic YTpi"}])
def test_without_a_token_it_is_503_so_that_it_comes_again_and_nothing_is_kept(
    stack: Aws, path: str, headers: dict[str, str]
) -> None:
    assert stack.post(path, BODIES[path], **headers)["statusCode"] == 503
    assert stack.items() == []


@both
def test_a_bad_token_is_401_and_only_a_quarantined_copy_is_kept(stack: Aws, path: str) -> None:
    answer = stack.post(path, BODIES[path], authorization=bearer(BODIES[path], STRANGERS_SECRET))
    [copy] = stack.items()
    assert (answer["statusCode"], stack.kinds()) == (401, ["QUARANTINE"])
    assert (copy["reason"], copy["body"]) == ({"S": "forged: signature"}, {"B": BODIES[path]})


def test_a_forged_status_leaves_the_dispatch_as_it_was(stack: Aws) -> None:
    body = status_of(dispatch_under_way(stack), "delivered")
    before = stack.items()
    stack.post("/status", body, authorization=bearer(body, STRANGERS_SECRET))
    assert [item for item in stack.items() if not item["pk"]["S"].startswith("QUARANTINE")] == before


@both
def test_while_our_secret_cannot_be_read_it_is_503_and_nothing_is_kept(stack: Aws, path: str) -> None:
    stack.without_secret()
    assert webhook(stack, path)["statusCode"] == 503
    assert stack.items() == []


@both
def test_while_the_table_cannot_be_written_it_is_503(stack: Aws, path: str) -> None:
    stack.without_table()
    assert webhook(stack, path)["statusCode"] == 503


def test_while_the_next_step_cannot_be_set_off_it_is_503_and_the_copy_makes_up_for_it(stack: Aws) -> None:
    body = status_of(dispatch_under_way(stack), "rejected")
    stack.without_queue()
    assert webhook(stack, "/status", body)["statusCode"] == 503
    assert webhook(stack, "/status", body)["statusCode"] == 503


@both
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"status": ["what?"]}',
        json.dumps({**NO_TIME, **status_payload("delivered")}).encode().replace(b"{", b'{"to": "1", ', 1),
        json.dumps({**NO_TIME, **status_payload("delivered"), "more": [0] * 10_000}).encode(),
    ],
    ids=["cut", "list", "no word", "a name twice", "too many values"],
)
def test_what_is_signed_but_not_understood_is_200_because_it_would_be_no_better_again(
    stack: Aws, path: str, body: bytes
) -> None:
    assert webhook(stack, path, body)["statusCode"] == 200
    assert stack.kinds() == ["QUARANTINE"]


def test_all_webhooks_again_in_any_order_change_nothing(stack: Aws) -> None:
    message_uuid = dispatch_under_way(stack)
    price = {"price": "0.0333", "currency": "EUR"}
    bodies = [status_of(message_uuid, "submitted", usage=price), status_of(message_uuid, "delivered")]
    for body in bodies:
        webhook(stack, "/status", body)
    webhook(stack, "/inbound")
    items, timers = stack.items(), stack.timers()

    answers = [webhook(stack, "/status", body)["statusCode"] for body in (*reversed(bodies), *bodies)]
    answers.append(webhook(stack, "/inbound")["statusCode"])

    assert (answers, stack.items(), stack.timers()) == ([200] * 5, items, timers)


def test_an_inbound_message_without_a_timestamp_is_kept_once_too(stack: Aws) -> None:
    body = json.dumps(NO_TIME).encode()
    webhook(stack, "/inbound", body)
    time.sleep(0.002)
    webhook(stack, "/inbound", body)
    assert stack.kinds() == ["CONTACT", "INBOUND"]


def test_a_final_report_is_kept_under_its_own_id(stack: Aws) -> None:
    body = json.dumps({"template": "failover", "dispatch_uuid": "d-1", "status": "completed"}).encode()
    assert webhook(stack, "/status", body)["statusCode"] == 200
    [item] = stack.items()
    assert (item["pk"]["S"], json.loads(item["body"]["S"])) == ("VONAGE#d-1", json.loads(body))


def test_a_message_of_the_sms_api_is_kept_or_tells_of_the_switch(stack: Aws) -> None:
    whole = sms_api(text="STOP")
    webhook(stack, "/inbound", json.dumps(whole).encode())
    [opt_out] = [item for item in stack.items() if item["sk"]["S"] == "CONTACT"]
    assert (opt_out["pk"]["S"], opt_out["opted_out"]) == (
        f"CONSENT#{hash_of(contact_of('sms', FIRST))}",
        {"BOOL": True},
    )

    webhook(stack, "/inbound", json.dumps(without_its_id := {**whole, "messageId": None}).encode())
    [kept] = [item for item in stack.items() if item["pk"]["S"].startswith("QUARANTINE")]
    assert "switch the account's SMS settings to Messages API" in kept["reason"]["S"]
    assert json.loads(kept["body"]["B"]) == without_its_id


@both
def test_a_webhook_by_get_is_kept_in_quarantine_and_counted(
    stack: Aws, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = sms_api(text="Is it ready?")
    answer = by_get(path, urlencode(whole))
    [kept] = stack.items()
    assert (answer["statusCode"], stack.kinds()) == (200, ["QUARANTINE"])
    assert (kept["route"]["S"], json.loads(kept["body"]["B"])) == (f"GET {path}", dict(whole))
    assert "WebhookMalformed" in capsys.readouterr().out


@both
@pytest.mark.parametrize("query", ["", "a=b", "messageId=1", "messageId=1&api-key=x", "&".join(["messageId=1"] * 101)])
def test_any_other_get_is_404_and_leaves_nothing(stack: Aws, path: str, query: str) -> None:
    assert by_get(path, query)["statusCode"] == 404
    assert stack.items() == []


def by_get(path: str, query: str) -> dict[str, Any]:
    answer = HANDLERS[path]({**api_event(f"GET {path}"), "rawQueryString": query}, CONTEXT)
    assert isinstance(answer, dict)
    return answer


@pytest.mark.parametrize(("code", "counted"), [("1070", 1), ("1470", 1), ("1000", 0), ("1240", 0), ("77", 0)])
def test_a_rejection_that_is_about_the_account_is_counted_once(
    stack: Aws, capsys: pytest.CaptureFixture[str], code: str, counted: int
) -> None:
    body = status_of(dispatch_under_way(stack), "rejected", error={"title": code, "detail": "No."})
    capsys.readouterr()
    for _ in range(2):
        webhook(stack, "/status", body)
    assert capsys.readouterr().out.count('"AccountRefused":[') == counted
