"""What must not get in, what must not get lost, and what must not get out."""

import json
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
import requests

from getthrough.adapters import table_keys
from getthrough.adapters.dispatch_items import from_attributes
from getthrough.adapters.dynamo_figures import figures_of
from getthrough.adapters.table import attributes_of
from getthrough.domain.dispatch import figures
from tests.builders import basic, message, status_payload, webhook_token
from tests.integration.scenes import over, reply, send, sms, until
from tests.running_stack import Stack, new_number

PROBLEM = "application/problem+json"
WRONG_SECRET = basic("bakery-read", "no")["authorization"]
"""Of a client that no other test is: its further requests from here would have to wait."""


def everything_in(stack: Stack) -> list[dict[str, Any]]:
    """Every item of the table except quarantined ones, which are there to hold what was refused."""
    pages = stack.aws("dynamodb").get_paginator("scan").paginate(TableName=stack.table_name)
    items = [item for page in pages for item in page["Items"]]
    return sorted((item for item in items if not item["pk"]["S"].startswith("QUARANTINE#")), key=json.dumps)


def all_counted_in(stack: Stack) -> list[dict[str, Any]]:
    """Everything, once the stream has counted each dispatch as it is now."""
    until(lambda: is_counted(everything_in(stack)))
    return everything_in(stack)


def is_counted(items: list[dict[str, Any]]) -> bool:
    dispatches = [from_attributes(attributes_of(item)) for item in items if item["sk"]["S"] == table_keys.DISPATCH]
    counted = [figures_of(attributes_of(item)) for item in items if item["pk"]["S"].startswith("FIGURES#")]
    return figures.total(counted) == figures.total(figures.added_by(None, dispatch) for dispatch in dispatches)


def quarantined(stack: Stack, body: bytes) -> list[str]:
    pages = stack.aws("dynamodb").get_paginator("scan").paginate(TableName=stack.table_name)
    items = [item for page in pages for item in page["Items"] if item["pk"]["S"].startswith("QUARANTINE#")]
    return [item["reason"]["S"] for item in items if item["body"]["B"] == body]


def webhook(stack: Stack, path: str, body: bytes, token: str | None) -> requests.Response:
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    return requests.post(stack.api_url + path, data=body, headers=headers, timeout=30)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/messages"),
        ("GET", "/v1/dispatches"),
        ("GET", "/v1/dispatches/5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e500"),
        ("GET", "/v1/messages/x"),
    ],
)
@pytest.mark.parametrize("authorization", [None, "Basic AAAA", WRONG_SECRET, "Bearer x"])
def test_no_one_gets_in_without_good_credentials(
    stack: Stack, method: str, path: str, authorization: str | None
) -> None:
    headers = {"authorization": authorization} if authorization else {}

    response = requests.request(method, stack.api_url + path, json={}, headers=headers, timeout=30)

    assert (response.status_code, response.headers["content-type"]) == (401, PROBLEM)
    assert response.json()["title"] == "Unauthorized"
    assert "www-authenticate" in response.headers


@pytest.mark.main_story
def test_a_token_of_the_applications_own_key_gets_in(stack: Stack) -> None:
    now = int(time.time())
    claims = {"application_id": stack.application_id, "iat": now, "exp": now + 60, "jti": str(uuid4())}
    token = jwt.encode(claims, Path(stack.private_key_path).read_text(), algorithm="RS256")

    response = stack.api("GET", "/v1/dispatches", headers={"authorization": f"Bearer {token}"})

    assert response.status_code == 200


def test_the_answer_to_a_bad_body_lists_every_field_that_is_wrong(stack: Stack) -> None:
    body = {"channel": "sms", "to": "+44", "text": "", "failover": [message(channel="pigeon"), message(expiry_time=0)]}

    response = stack.api("POST", "/v1/messages", body)

    assert (response.status_code, response.headers["content-type"]) == (422, PROBLEM)
    assert [fault["name"] for fault in response.json()["invalid_parameters"]] == [
        "message_type",
        "to",
        "from",
        "failover[0].channel",
        "failover[1].expiry_time",
    ]


@pytest.mark.parametrize("body", [b"", b"{", b"[1, 2", b'{"a": NaN}', b"\xff\xfe"])
def test_what_is_not_json_is_a_problem_that_says_where(stack: Stack, body: bytes) -> None:
    response = stack.api("POST", "/v1/messages", data=body, headers={"content-type": "application/json"})

    assert (response.status_code, response.headers["content-type"]) == (422, PROBLEM)
    assert response.json()["title"] == "The request body did not contain valid JSON"


@pytest.mark.parametrize("size", [128 * 1024 + 1, 20 * 1024 * 1024])
def test_a_body_that_is_too_large_is_413(stack: Stack, size: int) -> None:
    body = json.dumps(message(text="x" * size)).encode()

    response = stack.api("POST", "/v1/messages", data=body, headers={"content-type": "application/json"})

    assert (response.status_code, response.headers["content-type"]) == (413, PROBLEM)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nowhere"), ("GET", "/v1/messages"), ("DELETE", "/status"), ("GET", "/assets/../config.py")],
)
def test_an_unknown_route_is_a_404_problem(stack: Stack, method: str, path: str) -> None:
    response = stack.api(method, path)

    assert (response.status_code, response.headers["content-type"]) == (404, PROBLEM)


@pytest.mark.parametrize("path", ["/status", "/inbound"])
def test_an_unsigned_webhook_is_503_and_changes_nothing(stack: Stack, path: str) -> None:
    before = all_counted_in(stack)

    response = webhook(stack, path, json.dumps(status_payload("delivered")).encode(), None)

    assert (response.status_code, response.headers["content-type"]) == (503, PROBLEM)
    assert everything_in(stack) == before


@pytest.mark.parametrize("path", ["/status", "/inbound"])
@pytest.mark.main_story
def test_a_forged_webhook_is_401_changes_nothing_and_is_kept_in_quarantine(stack: Stack, path: str) -> None:
    number = new_number()
    stack.simulator("PUT", f"/phones/sms/{number}", {"mode": "airplane"})
    dispatch_uuid = send(stack, sms(number))
    stack.wait_for_dispatch(dispatch_uuid, lambda now: now["steps"][0]["status"] == "submitted")
    before = all_counted_in(stack)
    body = json.dumps(status_payload("delivered", client_ref=dispatch_uuid[:-2] + "01", nonce=path)).encode()

    response = webhook(stack, path, body, webhook_token(body, "f" * 64, api_key=stack.api_key))

    assert (response.status_code, response.headers["content-type"]) == (401, PROBLEM)
    assert everything_in(stack) == before
    assert quarantined(stack, body) == ["forged: signature"]


def test_a_webhook_that_is_signed_but_cannot_be_understood_is_200_and_kept(stack: Stack) -> None:
    body = b'{"status": ["what?"]}'

    response = webhook(stack, "/status", body, webhook_token(body, stack.signature_secret, api_key=stack.api_key))

    assert response.status_code == 200
    assert quarantined(stack, body) == ["malformed: no status"]


def test_vonages_retry_of_an_unsigned_webhook_is_taken(stack: Stack) -> None:
    stack.simulator("PUT", "/faults", {"webhooks": {"unsigned_first": 1}})

    dispatch = stack.wait_for_dispatch(send(stack, sms(new_number())), over)

    assert dispatch["outcome"] == "succeeded"
    assert next(entry["signed"] for entry in stack.simulator("GET", "/webhooks")) is False


def test_logs_hold_no_text_no_whole_number_and_no_token(stack: Stack) -> None:
    """Everything that happened above, and one of each kind again, is in the logs of the same stack."""
    secret_text = f"strawberry-{uuid4().hex}"
    first, second = new_number(), new_number()
    stack.simulator("PUT", f"/phones/sms/{first}", {"mode": "blocked"})
    dispatch_uuid = send(stack, sms(first, text=secret_text, client_ref=secret_text, failover=[sms(second)]))
    stack.wait_for_dispatch(dispatch_uuid, over)
    reply(stack, "sms", second, secret_text)
    stack.simulator("PUT", "/faults", {"answers": [{"drop": True, "to": first}]})
    send(stack, sms(first, text=secret_text))
    headers = {"content-type": "application/json"}
    stack.api("POST", "/v1/messages", data=b'{"text": "' + secret_text.encode(), headers=headers)
    forged = json.dumps(status_payload(secret_text)).encode()
    webhook(stack, "/status", forged, webhook_token(forged, "f" * 64, api_key=stack.api_key))
    webhook(stack, "/status", forged, webhook_token(forged, stack.signature_secret, api_key=stack.api_key))

    def logs_of_all() -> str:
        return "\n".join(stack.logs().values())

    lines = ("step sent", "status recorded", "inbound message stored", "forged webhook", "malformed webhook")
    until(lambda: all(line in logs_of_all() for line in lines))
    logs = logs_of_all()

    for forbidden in (secret_text, "447700900", "eyJ", "Bearer", "Basic ", stack.client_secret, stack.signature_secret):
        assert forbidden not in logs, f"{forbidden!r} is in the logs"
    assert "PRIVATE KEY" not in logs
