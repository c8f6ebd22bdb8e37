"""/v1/quarantine: what no one acted on is seen; released it does what it would have done if it had been verified."""

import base64
import hashlib
import json
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from getthrough.domain.recovery.quarantine import LONGEST_BODY
from getthrough.domain.values.rfc3339 import to_text
from getthrough.handlers import _webhook
from tests.builders import FIRST, FROM, basic, message, status_payload, webhook_token
from tests.functional.aws_in_memory import bearer
from tests.functional.recovery_in_memory import CREDENTIALS, Recovery, recovery_in_memory
from tests.functional.test_webhook_rotation import store
from tests.secret import SIGNATURE_SECRET

STRANGERS_SECRET = "someone-else-s-secret-of-some-length"
AT = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
STOP = {
    "channel": "sms",
    "message_uuid": "in-1",
    "from": FIRST,
    "to": FROM,
    "message_type": "text",
    "text": "STOP",
    "timestamp": to_text(AT),
}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recovery]:
    with recovery_in_memory(monkeypatch) as stack:
        yield stack


def forged(stack: Recovery, path: str, body: bytes) -> str:
    """Send a webhook that someone else signed; its id in quarantine."""
    assert stack.aws.post(path, body, authorization=bearer(body, STRANGERS_SECRET))["statusCode"] == 401
    return hashlib.sha256(body).hexdigest()


def signed(stack: Recovery, path: str, body: bytes) -> str:
    """Send a webhook as Vonage does; the id that it has if it is put into quarantine."""
    assert stack.aws.post(path, body, authorization=bearer(body))["statusCode"] == 200
    return hashlib.sha256(body).hexdigest()


def text(payload: object) -> bytes:
    return json.dumps(payload).encode()


def under_way(stack: Recovery, **fields: Any) -> str:
    """The message_uuid of a message that was sent."""
    answer = stack.aws.post("/v1/messages", text(message(**fields)), **CREDENTIALS)
    return str(answer["body"]["message_uuid"])


def delivered(message_uuid: str) -> bytes:
    return text(status_payload("delivered", client_ref=message_uuid))


def release(stack: Recovery, digest: str, *, force: bool = True) -> tuple[int, Any]:
    query = {"force": "true"} if force else {}
    return stack.call("POST", f"/v1/quarantine/{digest}/release", query=query)


def ids(stack: Recovery) -> list[str]:
    return [webhook["id"] for webhook in stack.call("GET", "/v1/quarantine")[1]["webhooks"]]


def test_what_is_in_quarantine_is_listed_without_its_body_and_shown_with_it(stack: Recovery) -> None:
    digest = forged(stack, "/status", b'{"status": "delivered"}')
    _, page = stack.call("GET", "/v1/quarantine")
    [webhook] = page["webhooks"]

    assert page == {"webhooks": [webhook], "cursor": None}
    assert {name: value for name, value in webhook.items() if name != "received_at"} == {
        "id": digest,
        "route": "POST /status",
        "reason": "forged: signature",
        "size": 23,
        "whole": True,
    }
    shown = {**webhook, "encoding": "text", "body": '{"status": "delivered"}'}
    assert stack.call("GET", f"/v1/quarantine/{digest}") == (200, shown)


def test_a_body_that_is_no_text_is_shown_as_base64(stack: Recovery) -> None:
    digest = signed(stack, "/inbound", b"\xff{}")

    _, shown = stack.call("GET", f"/v1/quarantine/{digest}")

    assert (shown["encoding"], base64.b64decode(shown["body"])) == ("base64", b"\xff{}")
    assert (shown["route"], shown["reason"].partition(":")[0]) == ("POST /inbound", "malformed")


def test_the_list_goes_page_by_page(stack: Recovery) -> None:
    digests = {forged(stack, "/status", text({"number": number})) for number in range(3)}

    _, first = stack.call("GET", "/v1/quarantine", query={"limit": "2"})
    _, second = stack.call("GET", "/v1/quarantine", query={"limit": "2", "cursor": first["cursor"]})

    assert [len(page["webhooks"]) for page in (first, second)] == [2, 1]
    assert {webhook["id"] for page in (first, second) for webhook in page["webhooks"]} == digests
    assert second["cursor"] is None


def test_a_released_status_of_an_unknown_message_waits_for_it(stack: Recovery) -> None:
    payload = status_payload("delivered", message_uuid="d-1")
    del payload["client_ref"]
    body = text(payload)
    digest = forged(stack, "/status", body)

    assert release(stack, digest)[0] == 200

    [waiting] = [item for item in stack.aws.items() if item["pk"]["S"] == "VONAGE#d-1"]
    assert (json.loads(waiting["body"]["S"]), ids(stack)) == (json.loads(body), [])


def test_a_released_status_is_applied_to_its_dispatch_and_leaves(stack: Recovery) -> None:
    message_uuid = under_way(stack)
    digest = forged(stack, "/status", delivered(message_uuid))

    assert release(stack, digest) == (
        200,
        {
            "id": digest,
            "kind": "status",
            "new": True,
            "dispatch_uuid": message_uuid[:-2] + "00",
            "step": 0,
            "status": "delivered",
            "outcome": "succeeded",
        },
    )
    [dispatch] = [item for item in stack.aws.items() if item["sk"]["S"] == "DISPATCH"]
    assert dispatch["outcome"] == {"S": "succeeded"}
    assert ids(stack) == []


def test_released_again_it_is_404_and_nothing_changes(stack: Recovery) -> None:
    digest = forged(stack, "/status", delivered(under_way(stack)))
    release(stack, digest)
    items, timers = stack.aws.items(), stack.aws.timers()

    assert release(stack, digest)[0] == 404
    assert (stack.aws.items(), stack.aws.timers()) == (items, timers)


def test_the_same_webhook_verified_before_or_after_makes_no_difference(stack: Recovery) -> None:
    body = delivered(under_way(stack))
    signed(stack, "/status", body)
    items = stack.aws.items()
    digest = forged(stack, "/status", body)

    status, released = release(stack, digest)

    assert (status, released["new"]) == (200, False)
    assert stack.aws.items() == items
    signed(stack, "/status", body)
    assert stack.aws.items() == items


def test_it_is_recorded_with_the_time_at_which_it_came(stack: Recovery) -> None:
    digest = forged(stack, "/status", delivered(under_way(stack)))
    [webhook] = stack.call("GET", "/v1/quarantine")[1]["webhooks"]

    release(stack, digest)

    [event] = [item for item in stack.aws.items() if item["sk"]["S"].startswith("EVENT#")]
    assert event["received_at"] == {"S": webhook["received_at"]}
    assert "jti" not in event


def test_a_failure_that_is_released_sets_off_the_next_step(stack: Recovery) -> None:
    message_uuid = under_way(stack, failover=[message()])
    digest = forged(stack, "/status", text(status_payload("rejected", client_ref=message_uuid)))
    before = stack.aws.timers()

    _, released = release(stack, digest)

    assert (released["outcome"], stack.aws.timers()) == (None, before + 1)


def test_a_released_stop_is_obeyed(stack: Recovery) -> None:
    digest = forged(stack, "/inbound", text(STOP))

    assert release(stack, digest) == (
        200,
        {
            "id": digest,
            "kind": "inbound",
            "new": True,
            "channel": "sms",
            "address": FIRST,
            "opted_out": True,
            "answered": [],
        },
    )
    _, opt_out = stack.call("GET", f"/v1/opt-outs/sms/{FIRST}")
    assert (opt_out["opted_out"], opt_out["changed_at"]) == (True, to_text(AT + timedelta(milliseconds=999)))


def test_a_released_status_that_says_never_again_opts_its_contact_out_once(stack: Recovery) -> None:
    error = {"type": "https://developer.vonage.com/api-errors/messages#1050", "title": "1050", "detail": "Opted out."}
    rejected = text(status_payload("rejected", client_ref=under_way(stack), error=error))

    _, released = release(stack, forged(stack, "/status", rejected))
    _, opt_out = stack.call("GET", f"/v1/opt-outs/sms/{FIRST}")
    _, again = release(stack, forged(stack, "/status", rejected))

    assert (released["new"], opt_out["opted_out"], opt_out["by"]) == (True, True, "vonage")
    assert again["new"] is False


@pytest.mark.parametrize(
    ("path", "payload", "kind"),
    [("/status", STOP, "inbound"), ("/inbound", status_payload("delivered"), "status")],
)
def test_a_webhook_that_came_to_the_other_url_is_understood_all_the_same(
    stack: Recovery, path: str, payload: dict[str, Any], kind: str
) -> None:
    digest = signed(stack, path, text(payload))

    status, released = release(stack, digest)

    assert (status, released["kind"], ids(stack)) == (200, kind, [])


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"status": ["what?"]}', "no status"),
        (b"[]", "not a JSON object"),
        (b"{", "Expecting property name enclosed in double quotes at line 1, column 2"),
    ],
)
def test_what_still_cannot_be_understood_stays_and_the_answer_says_why(stack: Recovery, body: bytes, why: str) -> None:
    digest = signed(stack, "/status", body)
    before = stack.aws.items()

    status, problem = release(stack, digest)

    assert (status, problem["title"]) == (422, "Not Understood")
    assert problem["detail"] == f"The webhook is malformed and stays in quarantine: {why}."
    assert stack.aws.items() == before


def test_what_was_kept_only_in_part_cannot_be_released(stack: Recovery) -> None:
    body = text(status_payload("delivered", padding="x" * LONGEST_BODY))
    digest = forged(stack, "/status", body)
    before = stack.aws.items()

    status, problem = release(stack, digest)

    assert (status, problem["title"]) == (409, "Conflict")
    assert problem["detail"] == f"The webhook cannot be released: only {LONGEST_BODY} of {len(body)} bytes were kept."
    assert stack.aws.items() == before
    _, shown = stack.call("GET", f"/v1/quarantine/{digest}")
    assert (shown["whole"], shown["size"], len(shown["body"])) == (False, len(body), LONGEST_BODY)


def test_while_it_cannot_be_recorded_it_stays(stack: Recovery) -> None:
    digest = forged(
        stack, "/status", text(status_payload("rejected", client_ref=under_way(stack, failover=[message()])))
    )
    stack.aws.without_queue()

    assert release(stack, digest)[0] == 503
    assert ids(stack) == [digest]


def test_what_is_deleted_is_gone_however_often(stack: Recovery) -> None:
    digest = forged(stack, "/status", b"{}")

    assert [stack.call("DELETE", f"/v1/quarantine/{digest}") for _ in range(2)] == [(204, None)] * 2
    assert stack.aws.items() == []


def test_what_is_not_there_is_404(stack: Recovery) -> None:
    assert stack.call("GET", f"/v1/quarantine/{'0' * 64}")[0] == 404
    assert release(stack, "0" * 64)[0] == 404


def test_what_cannot_be_an_id_is_404_without_a_look_at_the_table(stack: Recovery) -> None:
    stack.aws.without_table()

    for identifier in ("x", "A" * 64, "0" * 65, "CONTACT", "0" * 3000):
        assert stack.call("GET", f"/v1/quarantine/{identifier}")[0] == 404


def test_a_bad_id_deletes_nothing(stack: Recovery) -> None:
    forged(stack, "/status", b"{}")

    assert stack.call("DELETE", "/v1/quarantine/x")[0] == 404
    assert len(ids(stack)) == 1


@pytest.mark.parametrize("headers", [{}, basic("bakery", "wrong")])
def test_no_one_gets_in_without_good_credentials(stack: Recovery, headers: dict[str, str]) -> None:
    digest = forged(stack, "/status", b"{}")
    path = f"/v1/quarantine/{digest}"
    routes = [("GET", "/v1/quarantine"), ("GET", path), ("DELETE", path), ("POST", f"{path}/release")]

    assert [stack.call(method, path, headers=headers)[0] for method, path in routes] == [401] * 4
    assert ids(stack) == [digest]


def test_no_parameter_that_is_wrong_is_passed_over(stack: Recovery) -> None:
    status, problem = stack.call("GET", "/v1/quarantine", query={"limit": "101", "reason": "forged"})

    assert (status, [violation["name"] for violation in problem["invalid_parameters"]]) == (422, ["reason", "limit"])


def test_what_is_released_is_counted_with_all_that_it_brings_about(
    stack: Recovery, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = forged(stack, "/inbound", text(STOP))
    capsys.readouterr()

    release(stack, digest)

    counted = capsys.readouterr().out
    assert '"QuarantineReleased":[1.0]' in counted
    assert '"OptedOut":[1.0]' in counted


def test_what_an_outsider_signed_is_not_released_unless_it_is_forced(stack: Recovery) -> None:
    digest = forged(stack, "/inbound", text(STOP))

    status, answer = release(stack, digest, force=False)
    assert (status, answer["detail"]) == (
        409,
        "The token is still not Vonage's. If you know that Vonage sent the webhook, release it anyway (force=true).",
    )
    assert ids(stack) == [digest]
    assert stack.call("GET", f"/v1/opt-outs/sms/{FIRST}")[0] == 404
    assert release(stack, digest)[0] == 200


def test_what_vonage_signed_with_a_secret_that_was_added_since_is_released(stack: Recovery) -> None:
    digest = forged(stack, "/inbound", text(STOP))
    store(stack.aws, SIGNATURE_SECRET, STRANGERS_SECRET)

    assert release(stack, digest, force=False)[0] == 200
    assert ids(stack) == []


def test_what_was_signed_but_not_understood_needs_no_force(stack: Recovery) -> None:
    digest = signed(stack, "/status", b"[]")
    assert release(stack, digest, force=False)[0] == 422


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer junk",
        "Bearer a.b.c",
        bearer(b"{}", STRANGERS_SECRET),
        "Bearer " + webhook_token(b"[1]", STRANGERS_SECRET, api_key="someone-else"),
    ],
)
def test_what_a_stranger_sends_is_counted_and_not_kept(
    stack: Recovery, authorization: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stack.aws.post("/status", b"[1]", authorization=authorization)["statusCode"] == 401
    assert ids(stack) == []
    counted = capsys.readouterr().out
    assert '"WebhookFromStranger":[1.0]' in counted
    assert '"WebhookForged"' not in counted


def test_a_signed_webhook_whose_body_was_changed_on_its_way_is_kept(stack: Recovery) -> None:
    body = text(STOP)
    assert stack.aws.post("/inbound", body + b" ", authorization=bearer(body))["statusCode"] == 401
    [kept] = stack.call("GET", "/v1/quarantine")[1]["webhooks"]
    assert kept["reason"] == "forged: payload_hash"


def test_an_execution_environment_keeps_so_many_forged_webhooks_a_minute(
    stack: Recovery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_webhook, "_kept", deque())
    monkeypatch.setattr(_webhook, "_KEPT_A_MINUTE", 3)
    bodies = [text({"number": number}) for number in range(5)]
    answers = [stack.aws.post("/status", body, authorization=bearer(body, STRANGERS_SECRET)) for body in bodies]
    assert [answer["statusCode"] for answer in answers] == [401, 401, 401, 503, 503], "Vonage sends those again"
    assert len(ids(stack)) == 3
