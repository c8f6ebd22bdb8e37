"""What can be made to go wrong."""

import time
from typing import Any

import pytest
import requests

from tests.simulator.client import OTHER_PHONE, PHONE, Client, rcs, sms
from tests.simulator.conftest import SPEED
from tests.simulator.receiver import Receiver, until


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (401, "You did not provide correct credentials."),
        (402, "Low balance"),
        (403, "Forbidden"),
        (422, "Invalid params"),
        (429, "Rate Limit Hit"),
        (500, "Internal error"),
    ],
)
def test_an_error_answer_has_vonages_body(client: Client, status: int, title: str) -> None:
    client.faults(answers=[{"status": status}])
    answer = client.post(sms())
    assert (answer.status_code, answer.json()["title"]) == (status, title)
    assert client.post(sms()).status_code == 202


@pytest.mark.parametrize("status", [502, 503, 504])
def test_the_proxys_errors_are_no_json(client: Client, status: int) -> None:
    client.faults(answers=[{"status": status}])
    answer = client.post(sms())
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")


def test_answers_are_used_up_in_turn(client: Client) -> None:
    reported = client.faults(answers=[{"status": 429, "times": 2}, {"status": 500}])
    assert reported == {
        "answers": [
            {"status": 429, "times": 2, "accept": False},
            {"status": 500, "times": 1, "accept": False},
        ]
    }
    assert [client.post(sms()).status_code for _ in range(4)] == [429, 429, 500, 202]
    assert client.get("/faults") == {"answers": []}
    assert [len(client.messages()), len(client.get("/requests"))] == [1, 4]


def test_a_fault_can_be_for_one_recipient(client: Client) -> None:
    client.faults(answers=[{"status": 503, "to": OTHER_PHONE}])
    assert [client.post(sms(to)).status_code for to in (PHONE, OTHER_PHONE, OTHER_PHONE)] == [202, 503, 202]


def test_an_error_can_be_answered_though_the_message_goes_out(client: Client, receiver: Receiver) -> None:
    client.faults(answers=[{"status": 500, "accept": True}])
    assert client.post(sms(client_ref="order-7")).status_code == 500
    assert receiver.body_with("delivered")["client_ref"] == "order-7"


@pytest.mark.parametrize("accept", [True, False])
def test_a_dropped_connection(client: Client, receiver: Receiver, accept: bool) -> None:
    client.faults(answers=[{"drop": True, "accept": accept}])
    with pytest.raises(requests.ConnectionError):
        client.post(sms())
    (entry,) = client.get("/requests")
    assert (entry["answer"], entry["body"], entry["message_uuid"] is not None) == ("dropped", sms(), accept)
    client.send(sms(OTHER_PHONE))
    until(lambda: receiver.statuses().count("delivered") == (2 if accept else 1))
    assert [phone["address"] for phone in client.get("/phones")] == ([PHONE] if accept else []) + [OTHER_PHONE]


def test_a_client_gives_up_on_a_hung_request_and_the_message_goes_out(client: Client, receiver: Receiver) -> None:
    client.faults(answers=[{"hang": 30}])
    with pytest.raises(requests.ReadTimeout):
        client.post(sms(), timeout=0.1)
    receiver.body_with("delivered")
    (entry,) = client.get("/requests")
    assert entry["answer"] == "hung"


@pytest.mark.parametrize(("accept", "status"), [(True, 202), (False, 504)])
def test_a_hung_request_is_answered_in_the_end(client: Client, accept: bool, status: int) -> None:
    client.faults(answers=[{"hang": 10, "accept": accept}])
    started = time.monotonic()
    assert client.post(sms()).status_code == status
    assert time.monotonic() - started >= 10 / SPEED
    assert len(client.get("/phones")) == int(accept)


def test_webhooks_come_more_than_once_each_signed_again(client: Client, receiver: Receiver) -> None:
    client.faults(webhooks={"duplicate": 3})
    client.send(sms())
    until(lambda: len(receiver.received) == 6)
    assert sorted(receiver.statuses()) == ["delivered"] * 3 + ["submitted"] * 3
    assert len({item.claims()["jti"] for item in receiver.received}) == 6
    assert len({item.raw for item in receiver.received}) == 2


def test_shuffled_webhooks_come_last_first(client: Client, receiver: Receiver) -> None:
    client.faults(webhooks={"shuffle": True})
    client.phone("rcs", reads=1)
    client.send(rcs())
    until(lambda: len(receiver.received) == 3)
    assert receiver.statuses() == ["read", "delivered", "submitted"]


def test_a_shuffle_waits_for_no_phone_in_airplane_mode(client: Client, receiver: Receiver) -> None:
    client.faults(webhooks={"shuffle": True})
    client.phone("rcs", mode="airplane")
    client.send(rcs())
    until(lambda: receiver.statuses() == ["submitted"])


def test_delayed_webhooks(client: Client, receiver: Receiver) -> None:
    client.faults(webhooks={"delay": 20})
    started = time.monotonic()
    client.send(sms())
    until(lambda: receiver.received)
    assert receiver.received[0].at - started >= 20 / SPEED


def test_a_webhook_without_a_signature_at_first(client: Client, receiver: Receiver) -> None:
    client.faults(webhooks={"unsigned_first": 1, "times": 1})
    client.phone(delay=3600)
    receiver.answers[:] = [503]
    client.send(sms())
    until(lambda: len(receiver.received) == 2)
    unsigned, signed = receiver.received
    assert unsigned.authorization is None
    assert signed.claims()["iss"] == "Vonage"
    assert [entry["signed"] for entry in client.get("/webhooks")] == [False, True]


def test_a_status_without_client_ref_before_the_answer(client: Client, receiver: Receiver) -> None:
    client.faults(answers=[{"hang": 30}], webhooks={"no_client_ref": True, "times": 1})
    message_uuid = client.send(sms(client_ref="order-7"))
    assert len(receiver.bodies()) == 2
    assert [(body["message_uuid"], body["status"], body.get("client_ref")) for body in client.reported()] == [
        (message_uuid, "submitted", None),
        (message_uuid, "delivered", "order-7"),
    ]


def test_webhook_faults_are_bounded_by_count_and_phone(client: Client, receiver: Receiver) -> None:
    client.faults(webhooks={"duplicate": 2, "times": 1, "to": OTHER_PHONE})
    client.send(sms())
    receiver.body_with("delivered")
    client.send(sms(OTHER_PHONE))
    until(lambda: len(receiver.received) == 5)
    assert receiver.statuses().count("submitted") == 3
    assert client.get("/faults") == {"answers": []}


@pytest.mark.parametrize(
    "faults",
    [
        [],
        {"answer": []},
        {"answers": {}},
        {"answers": [{}]},
        {"answers": [{"status": 429, "hang": 1}]},
        {"answers": [{"drop": False}]},
        {"answers": [{"status": 200}]},
        {"answers": [{"status": 429, "times": 0}]},
        {"answers": [{"hang": -1}]},
        {"webhooks": {"duplicate": 0}},
        {"webhooks": {"late": 1}},
        {"webhooks": {"no_client_ref": 1}},
        {"webhooks": []},
    ],
)
def test_faults_that_make_no_sense_are_refused_and_the_old_ones_stay(client: Client, faults: Any) -> None:
    before = client.faults(answers=[{"status": 429}], webhooks={"duplicate": 2})
    assert client.http.put(f"{client.url}/faults", json=faults, timeout=5).status_code == 422
    assert client.get("/faults") == before


def test_the_next_put_replaces_all(client: Client) -> None:
    client.faults(answers=[{"status": 429}], webhooks={"delay": 2.0, "shuffle": True})
    assert client.faults() == {"answers": []}
