"""Vonage's own failover: it moves on when a message is rejected, and only then."""

import time

from tests.simulator.client import OTHER_PHONE, Client, rcs, sms
from tests.simulator.conftest import SPEED
from tests.simulator.receiver import Receiver, until


def test_a_rejection_sends_the_next_message(client: Client, receiver: Receiver) -> None:
    client.phone("rcs", mode="blocked", error=1310)
    answer = client.post(rcs(client_ref="a", failover=[sms(client_ref="b"), sms(OTHER_PHONE)])).json()
    assert set(answer) == {"message_uuid", "workflow_id"}
    delivered = receiver.body_with("delivered")
    reported = client.reported()
    assert [(b["channel"], b["status"], b["client_ref"], b["workflow"]["items_number"]) for b in reported] == [
        ("rcs", "submitted", "a", "1"),
        ("rcs", "rejected", "a", "1"),
        ("sms", "submitted", "b", "2"),
        ("sms", "delivered", "b", "2"),
    ]
    assert delivered["workflow"] == {
        "workflow_id": answer["workflow_id"],
        "items_number": "2",
        "items_total": "3",
    }
    assert reported[0]["message_uuid"] == answer["message_uuid"] != delivered["message_uuid"]
    assert [phone["address"] for phone in client.get("/phones")].count(OTHER_PHONE) == 0


def test_a_ttl_that_runs_out_is_a_rejection(client: Client, receiver: Receiver) -> None:
    client.phone(mode="airplane")
    client.post(sms(ttl=20, failover=[sms(OTHER_PHONE)]))
    assert receiver.body_with("delivered")["to"] == OTHER_PHONE


def test_neither_silence_nor_undeliverable_moves_on(client: Client, receiver: Receiver) -> None:
    client.phone(mode="unreachable")
    client.phone("rcs", mode="airplane")
    client.post(sms(failover=[sms(OTHER_PHONE)]))
    client.post(rcs(failover=[sms(OTHER_PHONE)]))
    until(lambda: sorted(receiver.statuses()) == ["submitted", "undeliverable"])
    time.sleep(3 / SPEED)
    assert sorted(receiver.statuses()) == ["submitted", "undeliverable"]


def test_the_last_rejection_ends_it(client: Client, receiver: Receiver) -> None:
    client.phone(mode="blocked")
    client.post(sms(failover=[sms()]))
    until(lambda: receiver.statuses().count("rejected") == 2)
    time.sleep(1 / SPEED)
    assert client.statuses() == ["submitted", "rejected"] * 2


def test_an_empty_failover_is_a_workflow_of_one(client: Client, receiver: Receiver) -> None:
    answer = client.post(sms(failover=[])).json()
    assert receiver.body_with("submitted")["workflow"] == {
        "workflow_id": answer["workflow_id"],
        "items_number": "1",
        "items_total": "1",
    }
