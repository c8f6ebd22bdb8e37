"""What the status webhooks say, for every channel and both shapes."""

import re
from datetime import datetime
from typing import Any

import pytest

from local.vonage_simulator.payloads import segments
from tests.simulator.client import PHONE, SENDER, Client, rcs, sms
from tests.simulator.receiver import Receiver, until

WHATSAPP = sms(channel="whatsapp")
MESSENGER = sms("1234", channel="messenger", **{"from": "9876"})
VIBER = sms(channel="viber_service", **{"from": "9876"})
USAGE = {"currency": "EUR", "price": "0.0333"}
NETWORK = {"network_code": "00101"}


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


def test_an_sms_is_submitted_then_delivered_and_charged(client: Client, receiver: Receiver) -> None:
    message_uuid = client.send(sms(client_ref="order-7"))
    submitted, delivered = receiver.body_with("submitted"), receiver.body_with("delivered")
    common = {
        "message_uuid": message_uuid,
        "to": PHONE,
        "from": SENDER,
        "channel": "sms",
        "client_ref": "order-7",
        "usage": USAGE,
        "destination": NETWORK,
    }
    assert without(submitted, "timestamp") == {**common, "status": "submitted", "sms": {"count_total": "1"}}
    assert without(delivered, "timestamp") == {**common, "status": "delivered"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", submitted["timestamp"])
    assert datetime.fromisoformat(submitted["timestamp"]) <= datetime.fromisoformat(delivered["timestamp"])


def test_a_long_sms_costs_by_its_parts(client: Client, receiver: Receiver) -> None:
    client.send(sms(text="x" * 161))
    submitted = receiver.body_with("submitted")
    assert (submitted["sms"], submitted["usage"]["price"]) == ({"count_total": "2"}, "0.0666")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("🧁" * 35, 1),
        ("🧁" * 36, 2),
    ],
)
def test_parts_of_an_sms(text: str, parts: int) -> None:
    assert segments(text) == parts


@pytest.mark.parametrize(
    ("message", "usage", "network"),
    [
        (rcs(), None, NETWORK),
        (WHATSAPP, {"currency": "EUR", "price": "0"}, None),
        (MESSENGER, {"currency": "EUR", "price": "0.0010"}, None),
        (VIBER, {"currency": "EUR", "price": "0.0210"}, None),
    ],
)
def test_other_channels_are_charged_on_arrival_and_can_be_read(
    client: Client, receiver: Receiver, message: dict[str, Any], usage: Any, network: Any
) -> None:
    client.phone(message["channel"], message["to"], reads=2)
    client.send(message)
    reported = [receiver.body_with(status) for status in ("submitted", "delivered", "read")]
    assert [body.get("usage") for body in reported] == [None, usage, None]
    assert [body.get("destination") for body in reported] == [network, network, None]
    assert [("whatsapp" in body) for body in reported] == [False, message["channel"] == "whatsapp", False]


@pytest.mark.parametrize("channel", ["sms", "mms", "email"])
def test_these_channels_have_no_read(client: Client, receiver: Receiver, channel: str) -> None:
    to = "someone@example.com" if channel == "email" else PHONE
    extra = {"from": "bakery@example.com", "email": {"subject": "S"}} if channel == "email" else {}
    client.phone(channel, to, reads=0)
    client.send(sms(to, channel=channel, **extra))
    receiver.body_with("delivered")
    assert client.do("read", channel, to).json() == {"read": 0}
    client.send(sms(to, channel=channel, **extra))
    until(lambda: receiver.statuses().count("delivered") == 2)
    assert set(receiver.statuses()) == {"submitted", "delivered"}


def test_a_status_without_client_ref_has_none(client: Client, receiver: Receiver) -> None:
    client.send(sms())
    assert "client_ref" not in receiver.body_with("delivered")


def test_a_rejection_says_why(client: Client, receiver: Receiver) -> None:
    client.phone(mode="blocked")
    client.send(sms(client_ref="order-7"))
    rejected = receiver.body_with("rejected")
    error = rejected["error"]
    assert error == {
        "type": "https://developer.vonage.com/api-errors/messages#1280",
        "title": "1280",
        "detail": error["detail"],
        "instance": error["instance"],
    }
    assert (rejected["client_ref"], "usage" in rejected) == ("order-7", False)


def test_the_message_chooses_url_and_version(client: Client, receiver: Receiver) -> None:
    url = f"{receiver.url}/elsewhere"
    message_uuid = client.send(sms(webhook_url=url, webhook_version="v0.1", client_ref="order-7"))
    reported = until(lambda: (bodies := receiver.bodies("/elsewhere"))[1:] and bodies)
    delivered = next(body for body in reported if body["status"] == "delivered")
    assert without(delivered, "timestamp") == {
        "message_uuid": message_uuid,
        "to": {"type": "sms", "number": PHONE},
        "from": {"type": "sms", "number": SENDER},
        "status": "delivered",
        "usage": USAGE,
        "client_ref": "order-7",
    }
    assert receiver.bodies("/status") == []


def test_whatsapps_24_hours_are_kept_once_they_are_switched_on(client: Client, receiver: Receiver) -> None:
    client.http.put(f"{client.url}/account", json={"service_window": True}, timeout=5)
    template = {"message_type": "template", "template": {"name": "ready"}, "whatsapp": {"locale": "en"}, "text": None}
    outside = [client.send(WHATSAPP), client.send({**WHATSAPP, "from": "447700900555"})]
    free = client.send({key: value for key, value in {**WHATSAPP, **template}.items() if value is not None})
    client.http.post(f"{client.url}/phones/whatsapp/{PHONE}/reply", json={"text": "Hello", "to": SENDER}, timeout=5)
    inside = client.send(WHATSAPP)

    until(lambda: len(ends(receiver)) == 4)
    rejected, delivered = dict.fromkeys(outside, ("rejected", "1340")), dict.fromkeys((free, inside), ("delivered", ""))
    assert ends(receiver) == {**rejected, **delivered}


def ends(receiver: Receiver) -> dict[str, tuple[str, str]]:
    """How each message ended, with the code of its error."""
    return {
        body["message_uuid"]: (body["status"], body.get("error", {}).get("title", ""))
        for body in receiver.bodies("/status")
        if body["status"] != "submitted"
    }


@pytest.mark.parametrize(
    ("message", "to", "sender"),
    [
        (MESSENGER, {"type": "messenger", "id": "1234"}, {"type": "messenger", "id": "9876"}),
        (VIBER, {"type": "viber_service_msg", "number": PHONE}, {"type": "viber_service_msg", "id": "9876"}),
    ],
)
def test_the_old_version_has_its_own_names_and_errors(
    client: Client, receiver: Receiver, message: dict[str, Any], to: Any, sender: Any
) -> None:
    client.phone(message["channel"], message["to"], mode="blocked", error=1300)
    client.send({**message, "webhook_version": "v0.1"})
    rejected = receiver.body_with("rejected")
    assert (rejected["to"], rejected["from"]) == (to, sender)
    assert rejected["error"] == {"code": 1300, "reason": "Not part of the provider network"}
