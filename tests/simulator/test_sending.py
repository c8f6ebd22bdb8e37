"""POST and PATCH as a client of Vonage sees them."""

import time
from typing import Any

import pytest

from tests.simulator.client import OTHER_PHONE, PHONE, SENDER, Client, rcs, sms
from tests.simulator.conftest import Keys
from tests.simulator.receiver import until

MISSING = {
    "type": "https://developer.vonage.com/api-errors/#unathorized",
    "title": "You did not provide correct credentials.",
}


def test_a_good_message_is_accepted_and_recorded(client: Client) -> None:
    answer = client.post(sms(client_ref="order-7"))
    assert answer.status_code == 202
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    (entry,) = client.get("/requests")
    assert answer.json() == {"message_uuid": entry["message_uuid"]}
    assert entry == {
        "at": entry["at"],
        "method": "POST",
        "path": "/v1/messages",
        "answer": 202,
        "body": sms(client_ref="order-7"),
        "message_uuid": entry["message_uuid"],
    }


def test_requests_are_listed_in_order_refused_ones_too_and_by_recipient(client: Client) -> None:
    client.post(sms(), authorization="")
    client.post("not json")
    client.send(sms(OTHER_PHONE))
    assert [(entry["answer"], entry["body"]) for entry in client.get("/requests")] == [
        (401, sms()),
        (422, "not json"),
        (202, sms(OTHER_PHONE)),
    ]
    assert [entry["answer"] for entry in client.get(f"/requests?to={PHONE}")] == [401]


def test_no_credential_is_ever_shown(client: Client) -> None:
    token = client.token()
    client.post(sms(), authorization=f"Bearer {token}")
    until(lambda: len(client.get("/webhooks")) == 2)
    for path in ("/requests", "/webhooks", "/phones"):
        text = client.http.get(client.url + path, timeout=5).text
        assert token not in text
        assert "Bearer" not in text


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": -1},
        {"iat": -7200, "exp": -1},
        {"iat": -16 * 60, "exp": None},
        {"iat": 0, "exp": 24 * 3600 + 1},
        {"iat": 0, "exp": 29},
        {"iat": 60, "exp": 960},
        {"iat": None},
        {"jti": None},
        {"application_id": None},
    ],
)
def test_a_token_outside_the_rules_is_401(client: Client, changed: dict[str, int | None]) -> None:
    now = int(time.time())
    times = {name: None if value is None else now + value for name, value in changed.items()}
    answer = client.post(sms(), authorization=f"Bearer {client.token(times)}")
    assert answer.status_code == 401
    assert MISSING.items() <= answer.json().items()


@pytest.mark.parametrize(
    "changed", [{"iat": 0, "exp": 24 * 3600}, {"iat": 0, "exp": 30}, {"iat": -14 * 60, "exp": None}]
)
def test_a_token_inside_the_rules_is_taken(client: Client, changed: dict[str, int | None]) -> None:
    now = int(time.time())
    times = {name: None if value is None else now + value for name, value in changed.items()}
    assert client.post(sms(), authorization=f"Bearer {client.token(times)}").status_code == 202


def test_strangers_and_other_schemes_are_401(client: Client, strangers_keys: Keys) -> None:
    for authorization in (
        "",
        "Bearer",
        "Bearer x.y.z",
        "Basic YWJjZDEyMzQ6c2VjcmV0",
        f"Bearer {client.token(key=strangers_keys.private)}",
        f"Bearer {client.token(key='x' * 32, algorithm='HS256')}",
    ):
        assert client.post(sms(), authorization=authorization).status_code == 401, authorization


def test_another_application_has_its_own_401(client: Client) -> None:
    token = client.token({"application_id": "99999999-2222-4333-8444-555555555555"})
    answer = client.post(sms(), authorization=f"Bearer {token}")
    assert (answer.status_code, answer.json()["type"]) == (
        401,
        "https://developer.vonage.com/api-errors/#unprovisioned",
    )


def test_credentials_come_before_the_account_and_the_account_before_the_body(client: Client) -> None:
    client.faults(answers=[{"status": 402, "times": 1}])
    assert client.post("{", authorization="").status_code == 401
    assert client.post("{").status_code == 402
    assert client.post("{").status_code == 422


@pytest.mark.parametrize("body", ["", "{", "[]", '"text"', "null"])
def test_a_body_that_is_no_json_object_is_422(client: Client, body: str) -> None:
    answer = client.post(body)
    assert answer.status_code == 422
    assert answer.json()["type"] == "https://developer.vonage.com/api-errors#invalid-json"


@pytest.mark.parametrize(
    ("message", "type_", "invalid"),
    [
        (sms(channel="pigeon"), "/messages#1100", None),
        (sms(message_type="image"), "/messages#1140", None),
        (sms(to="+447700900000"), "/messages#110", None),
        (sms(**{"from": "+447700900000"}), "/messages#1120", None),
        (sms(client_ref="x" * 101), "/messages#1060", None),
        (sms(sms={"encoding_type": "morse"}), "/messages#1110", ["sms.encoding_type"]),
        (sms(text="", ttl=1), "/messages#1150", ["ttl", "text"]),
        (sms(text="", to="1"), "/messages#1150", ["to", "text"]),
        (sms(expiry_time=15), "/messages#1150", ["expiry_time"]),
        (sms(condition_status="read"), "/messages#1150", ["condition_status"]),
        (sms(on_unknown="resend"), "/messages#1150", ["on_unknown"]),
        (sms(failover=[sms(expiry_time=15)]), "/messages#1150", ["failover[0].expiry_time"]),
        (sms(failover=[sms(), sms(to="1")]), "/messages#1150", ["failover[1].to"]),
        (sms(failover=[sms(failover=[])]), "/messages#1150", ["failover[0].failover"]),
        (sms(failover={}), "/messages#1150", ["failover"]),
        (
            sms(failover=["x", sms(channel="pigeon")]),
            "/messages#1150",
            ["failover[0]", "failover[1].channel"],
        ),
    ],
)
def test_a_wrong_field_gets_vonages_own_error(
    client: Client, message: dict[str, Any], type_: str, invalid: list[str] | None
) -> None:
    answer = client.post(message)
    body = answer.json()
    named = [item["name"] for item in body["invalid_parameters"]] if "invalid_parameters" in body else None
    assert (answer.status_code, body["type"], named) == (
        422,
        f"https://developer.vonage.com/api-errors{type_}",
        invalid,
    )
    assert {"type", "title", "detail", "instance"} <= set(body)


def test_nothing_goes_out_for_a_refused_message(client: Client) -> None:
    client.post(sms(text=""))
    assert client.get("/phones") == []


def test_other_methods_are_403(client: Client) -> None:
    assert client.http.get(f"{client.url}/v1/messages", timeout=5).status_code == 403
    assert client.http.put(f"{client.url}/v1/messages", timeout=5).status_code == 403


def test_a_revoked_rcs_message_is_never_shown(client: Client) -> None:
    client.phone("rcs", mode="airplane")
    first, second = client.send(rcs()), client.send(rcs(text="Another one."))
    assert client.patch(first, {"status": "revoked"}).status_code == 202
    client.phone("rcs", mode="on")
    until(lambda: client.messages("rcs")[1]["shown"])
    assert [(m["message_uuid"], m["status"]) for m in client.messages("rcs")] == [
        (first, "revoked"),
        (second, "delivered"),
    ]


def test_revoking_what_was_delivered_changes_nothing(client: Client) -> None:
    message_uuid = client.send(rcs())
    until(lambda: client.messages("rcs")[0]["shown"])
    assert client.patch(message_uuid, {"status": "revoked"}).status_code == 202
    assert client.messages("rcs")[0]["status"] == "delivered"


def test_only_known_rcs_messages_can_be_revoked(client: Client) -> None:
    message_uuid = client.send(sms())
    assert client.patch(message_uuid, {"status": "revoked"}).status_code == 422
    assert client.patch(client.send(rcs()), {"status": "read"}).status_code == 422
    unknown = client.patch("11111111-2222-4333-8444-555555555500", {"status": "revoked"})
    assert (unknown.status_code, unknown.json()["title"]) == (404, "Not Found")
    assert client.http.patch(f"{client.url}/v1/messages/{message_uuid}", json={}, timeout=5).status_code == 401


def test_a_whatsapp_message_from_a_phone_can_be_marked_as_read(client: Client) -> None:
    client.phone("whatsapp")
    written = client.do("reply", "whatsapp", text="Yes please", to=SENDER).json()["message_uuid"]
    assert client.patch(written, {"status": "read"}).status_code == 202
