"""The account at Vonage: applications, numbers, balance, settings, and what is set up wrong in it."""

from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from tests.simulator.client import APPLICATION_ID, SENDER, Client, sms
from tests.simulator.conftest import Keys
from tests.simulator.receiver import API_KEY, API_SECRET, Receiver, until

OTHERS = {
    "voice": {
        "signed_callbacks": True,
        "webhooks": {"answer_url": {"address": "https://a.example", "http_method": "GET"}},
    },
    "network_apis": {"network_application_id": "123", "redirect_uri": "https://n.example"},
    "vbc": {},
}


def owner(client: Client, method: str, path: str, **options: Any) -> requests.Response:
    options.setdefault("auth", (API_KEY, API_SECRET))
    return client.http.request(method, client.url + path, timeout=5, **options)


def application(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = owner(client, "GET", f"/v2/applications/{APPLICATION_ID}").json()
    return found


def turn(client: Client, **switches: Any) -> None:
    assert client.http.put(f"{client.url}/account", json=switches, timeout=5).status_code == 200


@pytest.mark.parametrize("auth", [None, (API_KEY, "wrong"), ("00000000", API_SECRET)])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2/applications"),
        ("PUT", f"/v2/applications/{APPLICATION_ID}"),
        ("GET", "/account/get-balance"),
        ("POST", "/account/settings"),
        ("POST", "/number/update"),
    ],
)
def test_only_the_accounts_owner_gets_in(client: Client, method: str, path: str, auth: Any) -> None:
    assert owner(client, method, path, auth=auth, json={}).status_code == 401


def test_an_application_is_created_with_our_key_listed_replaced_and_deleted(client: Client, keys: Keys) -> None:
    body = {"name": "Shop", "keys": {"public_key": keys.public}, "capabilities": OTHERS}

    made = owner(client, "POST", "/v2/applications", json=body)
    path = f"/v2/applications/{made.json()['id']}"
    replaced = owner(client, "PUT", path, json={"name": "Shop", "keys": body["keys"]})

    assert (made.status_code, made.json()) == (201, {"id": made.json()["id"], **body})
    assert owner(client, "GET", "/v2/applications?page_size=1&page=2").json() == {
        "page_size": 1,
        "page": 2,
        "total_items": 2,
        "total_pages": 2,
        "_embedded": {"applications": [replaced.json()]},
    }
    assert replaced.json() == {"id": made.json()["id"], "name": "Shop", "keys": body["keys"]}, "it is no merge"
    assert owner(client, "DELETE", path).status_code == 204
    assert owner(client, "GET", path).status_code == 404


def test_without_a_key_vonage_makes_one_and_shows_its_private_half_once(client: Client) -> None:
    made = owner(client, "POST", "/v2/applications", json={"name": "Shop"}).json()

    private_key = load_pem_private_key(made["keys"]["private_key"].encode(), password=None)
    public_key = private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert made["keys"]["public_key"].strip() == public_key.strip()
    assert "private_key" not in owner(client, "GET", f"/v2/applications/{made['id']}").json()["keys"]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({}, "name"),
        (
            {"name": "x", "capabilities": {"messages": {"webhooks": {"status_url": {"address": "https://x"}}}}},
            "capabilities.messages.webhooks.status_url.http_method",
        ),
        ([], "body"),
    ],
)
def test_an_application_that_cannot_be_right_is_400(client: Client, body: Any, name: str) -> None:
    answer = owner(client, "POST", "/v2/applications", json=body)

    assert (answer.status_code, answer.json()["invalid_parameters"][0]["name"]) == (400, name)


def test_webhooks_go_where_the_application_says(client: Client, receiver: Receiver) -> None:
    body = application(client)
    webhooks = body["capabilities"]["messages"]["webhooks"]
    webhooks["status_url"], webhooks["inbound_url"] = webhooks["inbound_url"], webhooks["status_url"]
    owner(client, "PUT", f"/v2/applications/{APPLICATION_ID}", json=body)

    client.send(sms())

    # Which of the two comes first says nothing: each has a connection of its own.
    assert until(lambda: receiver.bodies("/inbound"))[0]["status"] in ("submitted", "delivered")
    assert receiver.bodies("/status") == []


def test_an_application_without_the_capability_or_its_key_cannot_send(client: Client) -> None:
    body = application(client)
    owner(client, "PUT", f"/v2/applications/{APPLICATION_ID}", json={**body, "capabilities": OTHERS})
    refused = client.post(sms())
    owner(client, "PUT", f"/v2/applications/{APPLICATION_ID}", json={**body, "keys": {}})

    assert (refused.status_code, client.post(sms()).status_code) == (401, 401)
    assert refused.json()["title"] == "The credentials provided do not have access to the requested product"


def test_a_number_is_linked_and_its_replies_go_to_its_application(client: Client) -> None:
    form = {"country": "GB", "msisdn": SENDER, "app_id": APPLICATION_ID}

    assert owner(client, "POST", "/number/update", data=form).json()["error-code"] == "200"
    assert owner(client, "POST", "/number/update", data={**form, "msisdn": "447700900998"}).status_code == 420
    numbers = owner(client, "GET", "/account/numbers").json()
    assert [(number["msisdn"], number["app_id"]) for number in numbers["numbers"]] == [(SENDER, APPLICATION_ID)]


def test_balance_and_rate_are_the_accounts(client: Client) -> None:
    turn(client, balance=0, max_outbound_request=10)

    assert owner(client, "GET", "/account/get-balance").json() == {"value": 0, "autoReload": False}
    assert owner(client, "POST", "/account/settings").json()["max-outbound-request"] == 10
    assert client.post("").status_code == 402, "before the body is looked at"


def test_sms_settings_of_the_sms_api_give_receipts_in_its_shape_and_unsigned(
    client: Client, receiver: Receiver
) -> None:
    turn(client, sms_api=True)
    message_uuid = client.send(sms(client_ref="order-1"))

    receipt = until(lambda: receiver.received)[0]
    client.do("reply", "sms", text="Stop it", to=SENDER)
    reply = until(lambda: receiver.received[1:])[0]

    assert (receipt.path, receipt.authorization) == ("/status", None)
    assert {name: receipt.body[name] for name in ("messageId", "status", "err-code", "client-ref")} == {
        "messageId": message_uuid,
        "status": "delivered",
        "err-code": "0",
        "client-ref": "order-1",
    }
    assert (reply.path, reply.authorization, reply.body["keyword"]) == ("/inbound", None, "STOP")


def test_unsigned_webhooks_and_another_secret(client: Client, receiver: Receiver) -> None:
    turn(client, unsigned=True)
    client.send(sms())
    assert until(lambda: receiver.received)[0].authorization is None

    receiver.received.clear()
    turn(client, unsigned=False, signature_secret="another secret, which is long enough too")
    client.send(sms("447700900005"))
    with pytest.raises(Exception, match="Signature verification failed"):
        until(lambda: [item for item in receiver.received if item.authorization])[0].claims()


def test_another_regions_host_does_not_know_the_application(client: Client) -> None:
    turn(client, other_region=True)

    assert client.post(sms()).status_code == 401
    turn(client, other_region=False)
    assert client.post(sms()).status_code == 202


@pytest.mark.parametrize("wrong", [{"ballance": 1}, {"balance": True}, {"sms_api": 1}, []])
def test_a_switch_that_does_not_exist_is_refused(client: Client, wrong: Any) -> None:
    assert client.http.put(f"{client.url}/account", json=wrong, timeout=5).status_code == 422


def test_a_reset_turns_the_switches_off_and_keeps_the_applications(client: Client) -> None:
    turn(client, balance=0)
    client.http.delete(f"{client.url}/phones", timeout=5)

    assert client.get("/account")["balance"] == 12.5
    assert application(client)["id"] == APPLICATION_ID
