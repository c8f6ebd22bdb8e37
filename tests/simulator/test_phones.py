"""The phones and their switches."""

import time
from typing import Any

import pytest

from local.vonage_simulator.phones import FOR_EVER, Event, Message, Phone, next_event, time_to_live
from tests.simulator.client import OTHER_PHONE, PHONE, SENDER, Client, rcs, sms
from tests.simulator.conftest import SPEED
from tests.simulator.receiver import Receiver, until


def test_a_phone_appears_when_it_is_written_to(client: Client) -> None:
    assert client.get("/phones") == []
    assert client.http.get(f"{client.url}/phones/sms/{PHONE}", timeout=5).status_code == 404
    message_uuid = client.send(sms(client_ref="order-7"))
    until(lambda: client.messages()[0]["shown"])
    (phone,) = client.get("/phones")
    assert phone == client.get(f"/phones/sms/{PHONE}")
    assert phone == {
        "channel": "sms",
        "address": PHONE,
        "mode": "on",
        "delay": 0.3,
        "reads": False,
        "receipts": True,
        "error": 1280,
        "user_id": "",
        "writes_as": "",
        "hides_number": False,
        "can_read": False,
        "messages": [
            {
                "message_uuid": message_uuid,
                "direction": "received",
                "other": SENDER,
                "channel": "sms",
                "message_type": "text",
                "text": "Your cupcakes are ready.",
                "content": {"text": "Your cupcakes are ready."},
                "client_ref": "order-7",
                "status": "delivered",
                "error": None,
                "shown": True,
                "at": phone["messages"][0]["at"],
                "arrived_at": phone["messages"][0]["arrived_at"],
            }
        ],
    }


def test_the_same_number_is_one_phone_per_channel(client: Client) -> None:
    client.send(sms())
    client.send(rcs())
    client.send(sms())
    assert [(p["channel"], len(p["messages"])) for p in client.get("/phones")] == [("sms", 2), ("rcs", 1)]


def test_settings_can_be_made_before_the_first_message(client: Client) -> None:
    client.phone("rcs", mode="slow", reads=3.5, receipts=False, error=1310)
    reported = client.phone("rcs", delay=8)
    kept = {name: reported[name] for name in ("mode", "delay", "reads", "receipts", "error", "can_read")}
    assert kept == {
        "mode": "slow",
        "delay": 8,
        "reads": 3.5,
        "receipts": False,
        "error": 1310,
        "can_read": True,
    }
    assert client.phone("rcs", mode="on")["delay"] == 0.3
    assert client.phone("rcs", mode="slow")["delay"] == 5.0


@pytest.mark.parametrize(
    "settings",
    [
        {"mode": "lost"},
        {"mode": 1},
        {"delay": -1},
        {"delay": "1"},
        {"reads": "soon"},
        {"error": 5},
        {"off": 1},
        [],
    ],
)
def test_settings_that_make_no_sense_are_refused_whole(client: Client, settings: object) -> None:
    body = {"receipts": False, **settings} if isinstance(settings, dict) else settings
    assert client.http.put(f"{client.url}/phones/sms/{PHONE}", json=body, timeout=5).status_code == 422
    assert client.get("/phones") == []


def test_there_is_no_phone_of_an_unknown_channel(client: Client) -> None:
    assert client.http.put(f"{client.url}/phones/fax/1", json={}, timeout=5).status_code == 404


def test_airplane_mode_keeps_everything_until_it_ends(client: Client, receiver: Receiver) -> None:
    client.phone(mode="airplane")
    sent = [client.send(sms()), client.send(sms(text="Still here."))]
    until(lambda: receiver.statuses() == ["submitted", "submitted"])
    time.sleep(2 / SPEED)
    assert [m["shown"] for m in client.messages()] == [False, False]
    client.phone(mode="on")
    until(lambda: receiver.statuses().count("delivered") == 2)
    assert [(m["message_uuid"], m["status"]) for m in client.messages()] == [
        (message_uuid, "delivered") for message_uuid in sent
    ]


def test_a_ttl_that_runs_out_in_airplane_mode_rejects(client: Client, receiver: Receiver) -> None:
    client.phone(mode="airplane")
    client.send(sms(ttl=20))
    lasting = client.send(sms(ttl=604_800))
    assert receiver.body_with("rejected")["error"]["title"] == "1360"
    client.phone(mode="on")
    assert receiver.body_with("delivered")["message_uuid"] == lasting
    assert [m["status"] for m in client.messages()] == ["rejected", "delivered"]


def test_a_slow_phone_can_outlast_the_ttl(client: Client, receiver: Receiver) -> None:
    client.phone(mode="slow", delay=25)
    client.send(sms(ttl=20))
    client.send(sms(ttl=60))
    receiver.body_with("delivered")
    assert [m["status"] for m in client.messages()] == ["rejected", "delivered"]


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        (sms(ttl=20), 20),
        (sms(channel="mms", ttl=300), 300),
        (rcs(ttl=300), 300),
        (sms(channel="viber_service", viber_service={"ttl": 30}), 30),
        (sms(), 72 * 3600),
        (sms(channel="whatsapp"), FOR_EVER),
        (sms(channel="messenger"), FOR_EVER),
    ],
)
def test_a_message_expires_when_its_channel_says(message: dict[str, Any], seconds: float) -> None:
    phone, left = Phone(message["channel"], PHONE, mode="airplane"), time_to_live(message)
    assert left == seconds
    submitted = Message("1", message, at="", expires_at=left, status="submitted")
    assert next_event(phone, submitted, now=0) == Event("rejected", seconds, 1360)
    phone.set({"mode": "on"})  # too late
    assert next_event(phone, submitted, now=seconds) == Event("rejected", 0, 1360)


def test_a_slow_phone_takes_its_time(client: Client, receiver: Receiver) -> None:
    client.phone(mode="slow", delay=10)
    started = time.monotonic()
    client.send(sms())
    receiver.body_with("delivered")
    assert (time.monotonic() - started) * SPEED >= 10


def test_a_blocked_phone_rejects_with_its_code(client: Client, receiver: Receiver) -> None:
    client.phone(mode="blocked", error=1310)
    client.send(sms())
    assert receiver.body_with("rejected")["error"]["title"] == "1310"
    assert client.statuses() == ["submitted", "rejected"]
    assert not client.messages()[0]["shown"]


def test_an_unreachable_phone_is_undeliverable_and_was_never_submitted(client: Client, receiver: Receiver) -> None:
    client.phone(mode="unreachable")
    client.send(sms())
    assert "error" in receiver.body_with("undeliverable")
    assert receiver.statuses() == ["undeliverable"]


def test_a_message_on_its_way_meets_the_switch_as_it_then_is(client: Client, receiver: Receiver) -> None:
    client.phone(delay=30)
    client.send(sms())
    receiver.body_with("submitted")
    client.phone(mode="blocked")
    receiver.body_with("rejected")
    assert client.statuses() == ["submitted", "rejected"]


def test_the_owner_reads_by_hand(client: Client, receiver: Receiver) -> None:
    client.send(rcs())
    client.send(rcs())
    until(lambda: receiver.statuses().count("delivered") == 2)
    assert client.do("read", "rcs").json() == {"read": 2}
    until(lambda: receiver.statuses().count("read") == 2)
    assert client.do("read", "rcs").json() == {"read": 0}
    assert [m["status"] for m in client.messages("rcs")] == ["read", "read"]


def test_without_receipts_no_one_hears_of_it(client: Client, receiver: Receiver) -> None:
    client.phone("rcs", receipts=False, reads=True)
    client.send(rcs())
    receiver.body_with("delivered")
    assert client.do("read", "rcs").json() == {"read": 0}
    time.sleep(3 / SPEED)
    assert client.statuses() == ["submitted", "delivered"]
    client.phone("rcs", receipts=True)
    receiver.body_with("read")


def test_airplane_mode_holds_read_receipts_back(client: Client, receiver: Receiver) -> None:
    client.send(rcs())
    receiver.body_with("delivered")
    client.phone("rcs", mode="airplane", reads=0)
    assert client.do("read", "rcs").status_code == 409
    time.sleep(1 / SPEED)
    assert "read" not in receiver.statuses()
    client.phone("rcs", mode="on")
    receiver.body_with("read")


def test_delete_forgets_everything(client: Client, receiver: Receiver) -> None:
    receiver.answers[:] = [503] * 9
    client.faults(answers=[{"status": 500, "times": 9, "to": OTHER_PHONE}])
    client.phone("rcs", mode="airplane")
    client.send(sms())
    client.send(rcs())
    until(lambda: len(client.get("/webhooks")) >= 3)
    assert client.http.delete(f"{client.url}/phones", timeout=5).status_code == 204
    time.sleep(0.1)  # what was on the wire arrives
    heard = len(receiver.received)
    time.sleep(15 / SPEED)
    assert len(receiver.received) == heard
    for path in ("/phones", "/requests", "/webhooks"):
        assert client.get(path) == []
    assert client.get("/faults") == {"answers": []}
