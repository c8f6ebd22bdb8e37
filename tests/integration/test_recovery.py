"""What no one acted on has a way back, and clients opt contacts out: over HTTP, on the running local stack."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import requests

from cli.__main__ import main
from tests.builders import basic, status_payload, webhook_token
from tests.integration.scenes import over, received, send, sms, until
from tests.provider import answer, serve
from tests.running_stack import Stack, new_number

SOMEONE = f"/v1/opt-outs/sms/{new_number()}"
NO_ONES = f"/v1/quarantine/{'0' * 64}"


def webhook(stack: Stack, path: str, body: bytes, secret: str) -> str:
    """Send a webhook that is signed with a secret; the id that it has if it is put into quarantine."""
    token = webhook_token(body, secret, api_key=stack.api_key)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    requests.post(stack.api_url + path, data=body, headers=headers, timeout=30)
    return hashlib.sha256(body).hexdigest()


def forged(stack: Stack, path: str, body: bytes) -> str:
    return webhook(stack, path, body, "f" * 64)


def airborne(stack: Stack, **fields: Any) -> tuple[str, str]:
    """A dispatch whose phone is in airplane mode, and the phone's number."""
    number = new_number()
    stack.simulator("PUT", f"/phones/sms/{number}", {"mode": "airplane"})
    dispatch_uuid = send(stack, sms(number, **{"expiry_time": 600, **fields}))
    stack.wait_for_dispatch(dispatch_uuid, lambda now: now["steps"][0]["status"] == "submitted")
    return dispatch_uuid, number


def delivered(dispatch_uuid: str) -> bytes:
    return json.dumps(status_payload("delivered", client_ref=dispatch_uuid[:-2] + "01", nonce=str(uuid4()))).encode()


def ids_in_quarantine(stack: Stack) -> list[str]:
    page = stack.api("GET", "/v1/quarantine", params={"limit": 100}).json()
    return [entry["id"] for entry in page["webhooks"]]


def test_a_true_status_that_was_signed_with_another_secret_is_released_and_ends_its_dispatch(stack: Stack) -> None:
    dispatch_uuid, _ = airborne(stack)
    body = delivered(dispatch_uuid)
    digest = forged(stack, "/status", body)

    [listed] = [entry for entry in stack.api("GET", "/v1/quarantine").json()["webhooks"] if entry["id"] == digest]
    shown = stack.api("GET", f"/v1/quarantine/{digest}").json()
    assert (listed["route"], listed["reason"], listed["whole"]) == ("POST /status", "forged: signature", True)
    assert shown == {**listed, "encoding": "text", "body": body.decode()}
    assert stack.dispatch(dispatch_uuid)["outcome"] is None

    released = stack.api("POST", f"/v1/quarantine/{digest}/release?force=true")

    assert (released.status_code, released.json()) == (
        200,
        {
            "id": digest,
            "kind": "status",
            "new": True,
            "dispatch_uuid": dispatch_uuid,
            "step": 0,
            "status": "delivered",
            "outcome": "succeeded",
        },
    )
    dispatch = stack.dispatch(dispatch_uuid)
    assert (dispatch["outcome"], dispatch["succeeded_by"]) == ("succeeded", 0)
    assert digest not in ids_in_quarantine(stack)
    assert stack.api("POST", f"/v1/quarantine/{digest}/release").status_code == 404
    assert stack.dispatch(dispatch_uuid) == dispatch


def test_two_releases_at_once_do_what_one_does(stack: Stack) -> None:
    dispatch_uuid, _ = airborne(stack)
    digest = forged(stack, "/status", delivered(dispatch_uuid))
    auth = (stack.client_name, stack.client_secret)

    def release(_: int) -> int:
        return requests.post(
            f"{stack.api_url}/v1/quarantine/{digest}/release?force=true", auth=auth, timeout=30
        ).status_code

    with ThreadPoolExecutor(4) as threads:
        answers = set(threads.map(release, range(4)))

    assert 200 in answers
    assert answers <= {200, 404}
    statuses = [entry["status"] for entry in stack.dispatch(dispatch_uuid)["timeline"] if entry["event"] == "status"]
    assert sorted(statuses) == ["delivered", "submitted"]


def test_what_is_signed_but_malformed_is_listed_shown_and_stays_until_it_is_deleted(stack: Stack) -> None:
    body = json.dumps({"status": ["what?"], "nonce": str(uuid4())}).encode()
    digest = webhook(stack, "/status", body, stack.signature_secret)

    shown = stack.api("GET", f"/v1/quarantine/{digest}").json()
    refused = stack.api("POST", f"/v1/quarantine/{digest}/release")

    assert (shown["reason"], shown["body"]) == ("malformed: no status", body.decode())
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    assert refused.json()["detail"] == "The webhook is malformed and stays in quarantine: no status."
    assert digest in ids_in_quarantine(stack)

    deleted = stack.api("DELETE", f"/v1/quarantine/{digest}")

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert stack.api("GET", f"/v1/quarantine/{digest}").status_code == 404


def test_a_forged_stop_is_obeyed_once_it_is_released(stack: Stack) -> None:
    dispatch_uuid, number = airborne(stack)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    stop = {"channel": "sms", "message_uuid": str(uuid4()), "from": number, "to": "447700900000", "timestamp": now}
    digest = forged(stack, "/inbound", json.dumps({**stop, "message_type": "text", "text": "STOP"}).encode())
    assert stack.api("GET", f"/v1/opt-outs/sms/{number}").status_code == 404

    released = stack.api("POST", f"/v1/quarantine/{digest}/release?force=true").json()

    assert (released["kind"], released["opted_out"]) == ("inbound", True)
    assert stack.api("GET", f"/v1/opt-outs/sms/{number}").json()["by"] == "customer"
    assert stack.dispatch(dispatch_uuid)["outcome"] == "stopped"


def test_a_dead_letter_is_seen_released_and_carried_out(stack: Stack) -> None:
    dispatch_uuid, _ = airborne(stack)
    timer = {"uuid": dispatch_uuid, "due_at": "2026-01-01T00:00:00.000Z"}
    tick = {"source": "aws.events", "detail-type": "Scheduled Event"}
    for body in (timer, tick):
        stack.aws("sqs").send_message(QueueUrl=stack.dead_letter_queue_url, MessageBody=json.dumps(body))
    fired = f'"dispatch_uuid":"{dispatch_uuid}"'
    before = stack.logs().get("AdvanceFunction", "").count(fired)

    looked = stack.api("GET", "/v1/dead-letters").json()
    [timers] = [queue for queue in looked["queues"] if queue["queue"] == "timers"]
    kinds = {letter["kind"]: letter for letter in timers["shown"]}
    assert timers["messages"] >= 2
    assert kinds["timer"]["dispatch_uuid"] == dispatch_uuid
    assert "tick" in kinds

    [released] = stack.api("POST", "/v1/dead-letters/release", {"queue": "timers"}).json()["queues"]

    assert (released["released"], released["dropped"], released["more"]) == (1, 1, False)
    until(lambda: stack.logs().get("AdvanceFunction", "").count(fired) > before)
    assert stack.dispatch(dispatch_uuid)["outcome"] is None


def test_a_callback_that_was_given_up_is_released_and_arrives(stack: Stack) -> None:
    with serve() as receiver:
        receiver.answers = [answer(204, b"")]
        event = {"type": "dispatch.finished", "timestamp": "2026-01-01T00:00:00.000Z", "data": {}}
        letter = {
            "url": f"{receiver.url}/events",
            "event_id": "evt_given_up",
            "body": event,
            "until": "2026-01-02T00:00:00.000Z",
            "tries": 99,
        }
        for queue_url in (stack.callback_queue_url, stack.callback_dead_letter_queue_url):
            stack.aws("sqs").purge_queue(QueueUrl=queue_url)  # what other tests left
        stack.aws("sqs").send_message(QueueUrl=stack.callback_dead_letter_queue_url, MessageBody=json.dumps(letter))

        [released] = stack.api("POST", "/v1/dead-letters/release", {"queue": "callbacks"}).json()["queues"]

        assert released["released"] == 1
        until(lambda: len(receiver.received) == 1, seconds=60)
        assert json.loads(receiver.received[0].body) == event
        assert receiver.received[0].headers["webhook-id"] == "evt_given_up"


def test_the_command_does_the_same_over_http(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch_uuid, _ = airborne(stack)
    digest = forged(stack, "/status", delivered(dispatch_uuid))
    monkeypatch.setenv("GETTHROUGH_API", stack.api_url)
    monkeypatch.setenv("GETTHROUGH_CLIENT", stack.client_name)
    monkeypatch.setenv("GETTHROUGH_SECRET", stack.client_secret)

    assert main(["recover", "quarantine", "release", digest, "--force"]) == 0
    assert main(["recover", "quarantine", "delete", digest]) == 0
    assert main(["recover", "dead-letters", "list"]) == 0

    printed = capsys.readouterr().out.splitlines()
    assert printed[:3] == [
        f"{digest} released: status delivered of {dispatch_uuid}",
        "1 of 1 released",
        f"{digest} deleted",
    ]
    assert stack.dispatch(dispatch_uuid)["outcome"] == "succeeded"
    monkeypatch.setenv("GETTHROUGH_SECRET", "wrong")
    assert main(["recover", "dead-letters", "release"]) == 2


def test_a_client_opts_a_contact_out_and_its_dispatch_goes_on_to_someone_else(stack: Stack) -> None:
    fallback = new_number()
    dispatch_uuid, number = airborne(stack, failover=[sms(fallback)])
    path = f"/v1/opt-outs/sms/{number}"

    put = stack.api("PUT", path, {"why": "asked on the phone"})

    assert put.status_code == 200
    opt_out = put.json()
    assert {name: value for name, value in opt_out.items() if name != "changed_at"} == {
        "channel": "sms",
        "address": number,
        "opted_out": True,
        "why": "asked on the phone",
        "by": stack.client_name,
    }
    dispatch = stack.wait_for_dispatch(dispatch_uuid, over)
    assert (dispatch["outcome"], dispatch["succeeded_by"]) == ("succeeded", 1)
    assert stack.api("PUT", path).json() == opt_out
    assert stack.api("GET", path).json() == opt_out
    assert stack.api("GET", "/v1/opt-outs").json()["opt_outs"][0] == opt_out
    assert stack.api("GET", f"/v1/conversations/sms/{number}").json()["opt_out"] == opt_out
    assert stack.api("POST", "/v1/messages", sms(number)).status_code == 422

    deleted = stack.api("DELETE", path).json()

    assert (deleted["opted_out"], deleted["changed_at"] > opt_out["changed_at"]) == (False, True)
    assert number not in [entry["address"] for entry in stack.api("GET", "/v1/opt-outs").json()["opt_outs"]]
    stack.simulator("PUT", f"/phones/sms/{number}", {"mode": "on"})
    again = stack.wait_for_dispatch(send(stack, sms(number)), over)
    assert again["outcome"] == "succeeded"
    assert [post["body"]["to"] for post in received(stack, number, fallback)] == [number, fallback, number]


def test_a_single_message_that_is_out_ends_when_its_contact_is_opted_out(stack: Stack) -> None:
    dispatch_uuid, number = airborne(stack)

    stack.api("PUT", f"/v1/opt-outs/sms/+{number[:2]} {number[2:]}")

    assert stack.dispatch(dispatch_uuid)["outcome"] == "stopped"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/opt-outs"),
        ("GET", SOMEONE),
        ("PUT", SOMEONE),
        ("DELETE", SOMEONE),
        ("GET", "/v1/quarantine"),
        ("GET", NO_ONES),
        ("DELETE", NO_ONES),
        ("POST", f"{NO_ONES}/release"),
        ("GET", "/v1/dead-letters"),
        ("POST", "/v1/dead-letters/release"),
    ],
)
def test_no_one_gets_in_without_good_credentials(stack: Stack, method: str, path: str) -> None:
    # Not the client of the other tests, whose further requests from here would have to wait.
    for authorization in (None, "Basic AAAA", basic("bakery-read", "no")["authorization"], "Bearer x"):
        headers = {"authorization": authorization} if authorization else {}

        response = requests.request(method, stack.api_url + path, json={}, headers=headers, timeout=30)

        assert (response.status_code, response.headers["content-type"]) == (401, "application/problem+json")


def test_nothing_that_was_kept_or_reported_is_in_the_logs(stack: Stack) -> None:
    """Reasons, bodies and addresses of everything above."""
    secret_text, number = f"strawberry-{uuid4().hex}", new_number()
    last_lines = {"ContactsFunction": "opt-out set", "RecoverFunction": "dead letters released"}

    def counted() -> dict[str, int]:
        logs = stack.logs()
        return {function: logs.get(function, "").count(line) for function, line in last_lines.items()}

    before = counted()
    stack.api("PUT", f"/v1/opt-outs/sms/{number}", {"why": secret_text})
    digest = forged(stack, "/inbound", json.dumps({"text": secret_text, "from": number}).encode())
    assert stack.api("GET", f"/v1/quarantine/{digest}").status_code == 200
    assert stack.api("POST", f"/v1/quarantine/{digest}/release?force=true").status_code == 422
    stack.api("POST", "/v1/dead-letters/release", {})
    until(lambda: all(count > before[function] for function, count in counted().items()))

    logs = stack.logs()

    for forbidden in (secret_text, number, "447700900", stack.client_secret):
        assert forbidden not in logs["ContactsFunction"] + logs["RecoverFunction"]
