"""What the owners of the phones send."""

from typing import Any

import pytest

from tests.simulator.client import OTHER_PHONE, PHONE, SENDER, Client, sms
from tests.simulator.receiver import Receiver, until


def test_a_reply_is_a_signed_inbound_message(client: Client, receiver: Receiver) -> None:
    client.send(sms())
    answer = client.do("reply", "sms", text="stop please")
    assert answer.status_code == 201
    until(lambda: receiver.bodies("/inbound"))
    (reported,) = receiver.bodies("/inbound")
    assert reported == {
        "channel": "sms",
        "message_uuid": answer.json()["message_uuid"],
        "to": SENDER,
        "from": PHONE,
        "timestamp": reported["timestamp"],
        "text": "stop please",
        "sms": {"num_messages": "1", "keyword": "STOP"},
        "usage": {"currency": "EUR", "price": "0.0000"},
        "origin": {"network_code": "00101"},
    }
    (item,) = [item for item in receiver.received if item.path == "/inbound"]
    assert item.claims()["iss"] == "Vonage"
    assert [(m["direction"], m["status"]) for m in client.messages()][-1] == ("sent", "sent")


@pytest.mark.parametrize(
    ("channel", "own"),
    [
        ("mms", {"origin"}),
        ("rcs", {"context_status"}),
        ("whatsapp", {"context_status", "profile", "provider_message", "_self"}),
        ("messenger", set()),
        ("viber_service", set()),
    ],
)
def test_a_reply_has_the_fields_of_its_channel(client: Client, receiver: Receiver, channel: str, own: set[str]) -> None:
    client.phone(channel, OTHER_PHONE)
    client.do("reply", channel, OTHER_PHONE, text="Thanks!", to="Bakery")
    reported = until(lambda: receiver.bodies("/inbound"))[0]
    common = {"channel", "message_uuid", "to", "from", "timestamp", "message_type", "text"}
    assert set(reported) == common | own
    assert (reported["from"], reported["to"], reported["message_type"], reported["text"]) == (
        OTHER_PHONE,
        "Bakery",
        "text",
        "Thanks!",
    )


PLACE = {"lat": 51.5, "long": -0.1, "name": "The bakery"}


def test_a_reply_can_quote(client: Client, receiver: Receiver) -> None:
    quoted = client.send(sms(channel="whatsapp"))
    answer = client.do(
        "reply", "whatsapp", message_type="location", location=PLACE, context={"message_uuid": quoted}
    ).json()
    (reported,) = until(lambda: receiver.bodies("/inbound"))
    assert reported == {
        "channel": "whatsapp",
        "message_uuid": answer["message_uuid"],
        "to": SENDER,
        "from": PHONE,
        "timestamp": reported["timestamp"],
        "message_type": "location",
        "location": PLACE,
        "context_status": "available",
        "context": {"message_uuid": quoted, "message_from": SENDER},
        "profile": {"name": PHONE},
        "_self": {"href": f"{client.url}/v1/messages/{answer['message_uuid']}"},
    }
    assert (answer["message_type"], answer["content"]["location"]) == ("location", PLACE)


def party(channel: str, address: str, kind: str = "number") -> dict[str, str]:
    return {"type": channel, kind: address}


IMAGE = {"url": "https://example.com/a.jpg"}
OLD_PLACE = {"longitude": "-0.1", "latitude": "51.5", "name": "The bakery"}


@pytest.mark.parametrize(
    ("channel", "sent", "reported"),
    [
        (
            "sms",
            {"text": "Stop it"},
            {
                "to": party("sms", SENDER),
                "from": party("sms", PHONE),
                "message": {
                    "content": {"type": "text", "text": "Stop it"},
                    "sms": {"num_messages": "1", "keyword": "STOP"},
                },
                "usage": {"currency": "EUR", "price": "0.0000"},
            },
        ),
        (
            "messenger",
            {"message_type": "unsupported"},
            {
                "to": party("messenger", SENDER, "id"),
                "from": party("messenger", PHONE, "id"),
                "message": {"content": {"type": "unsupported"}},
            },
        ),
        (
            "viber_service",
            {"message_type": "image", "image": IMAGE},
            {
                "to": party("viber_service_msg", SENDER, "id"),
                "from": party("viber_service_msg", PHONE),
                "message": {"content": {"type": "image", "image": IMAGE}},
            },
        ),
        (
            "whatsapp",
            {"message_type": "location", "location": PLACE},
            {
                "to": party("whatsapp", SENDER),
                "from": party("whatsapp", PHONE),
                "message": {"content": {"type": "location", "location": OLD_PLACE}},
            },
        ),
    ],
)
def test_a_reply_in_the_old_version(
    client: Client, receiver: Receiver, channel: str, sent: dict[str, Any], reported: dict[str, Any]
) -> None:
    client.phone(channel)
    answer = client.do("reply", channel, to=SENDER, webhook_version="v0.1", **sent).json()
    (body,) = until(lambda: receiver.bodies("/inbound"))
    own = {"message_uuid": answer["message_uuid"], "timestamp": body["timestamp"], "direction": "inbound"}
    assert body == {**own, **reported}


@pytest.mark.parametrize(
    ("channel", "sent", "fault"),
    [
        ("sms", {"text": ""}, "text must be at least 1 characters long."),
        ("sms", {"message_type": "image"}, "message_type must be one of text."),
        ("sms", {"text": "Hi", "context": {"message_uuid": "1"}}, "context is not allowed."),
        ("rcs", {"message_type": "location", "location": {"lat": "51.5"}}, "location.lat must be a number."),
        ("whatsapp", {"message_type": "reaction", "reaction": {"action": "unreact"}}, "context is required."),
        ("whatsapp", {"text": "Hi", "context": {"message_uuid": "1"}}, "that of a message on this phone"),
        ("whatsapp", {"text": "Hi", "webhook_version": "v2"}, "webhook_version must be v0.1 or v1"),
        ("email", {"text": "Hi"}, "message_type is not supported."),
    ],
)
def test_a_reply_that_no_customer_could_send_is_refused(
    client: Client, receiver: Receiver, channel: str, sent: dict[str, Any], fault: str
) -> None:
    client.phone(channel)
    answer = client.do("reply", channel, to=SENDER, **sent)
    assert answer.status_code == 422
    assert fault in answer.json()["detail"]
    assert receiver.received == []


def test_a_reply_needs_someone_to_go_to_and_a_network(client: Client, receiver: Receiver) -> None:
    assert client.do("reply", "sms", text="Hello").status_code == 404
    client.phone()
    assert client.do("reply", "sms", text="Hello").status_code == 422
    client.phone(mode="airplane")
    assert client.do("reply", "sms", text="Hello", to=SENDER).status_code == 409
    assert receiver.received == []


USER_ID = "MX.13491208655302741918"


def test_a_customer_with_a_user_id_has_it_in_every_webhook(client: Client, receiver: Receiver) -> None:
    client.phone("whatsapp", user_id=USER_ID, writes_as="5215512340001")
    quoted = client.send(sms(channel="whatsapp"))
    client.do("reply", "whatsapp", text="STOP", context={"message_uuid": quoted})
    ids = {"user_id": USER_ID, "wa_id": "5215512340001"}
    (said,) = until(lambda: receiver.bodies("/inbound"))
    assert (said["from"], said["whatsapp"]) == ("5215512340001", {"sender": ids})
    statuses = until(lambda: [body for body in receiver.bodies("/status") if body["status"] == "delivered"])
    assert [status["whatsapp"]["recipient"] for status in statuses] == [ids]


def test_a_customer_who_hides_the_number_writes_without_it(client: Client, receiver: Receiver) -> None:
    client.phone("whatsapp", user_id=USER_ID, hides_number=True)
    client.do("reply", "whatsapp", text="Hello", to=SENDER)
    (said,) = until(lambda: receiver.bodies("/inbound"))
    assert said["whatsapp"] == {"sender": {"user_id": USER_ID}}
    assert PHONE not in str(said)


def test_an_mms_may_be_answered_by_sms(client: Client, receiver: Receiver) -> None:
    client.phone("mms")
    assert client.do("reply", "mms", text="Thanks!", to=SENDER, by="sms").status_code == 201
    (said,) = until(lambda: receiver.bodies("/inbound"))
    assert (said["channel"], said["from"], said["text"], said["sms"]["keyword"]) == ("sms", PHONE, "Thanks!", "THANKS!")
    assert client.do("reply", "mms", text="Thanks!", to=SENDER, by="whatsapp").status_code == 422


@pytest.mark.parametrize(
    "sent",
    [
        {"message_type": "system", "system": {"type": "user_changed_number", "body": "A new number"}},
        {"message_type": "reaction", "reaction": {"action": "unreact"}},
    ],
)
def test_what_is_no_answer_can_be_played(client: Client, receiver: Receiver, sent: dict[str, Any]) -> None:
    quoted = client.send(sms(channel="whatsapp"))
    context: dict[str, Any] = {"context": {"message_uuid": quoted}} if sent["message_type"] == "reaction" else {}
    assert client.do("reply", "whatsapp", **sent, **context).status_code == 201
    (said,) = until(lambda: receiver.bodies("/inbound"))
    assert {name: said[name] for name in sent} == sent


@pytest.mark.parametrize(
    ("channel", "settings", "wrong"),
    [
        ("sms", {"user_id": USER_ID}, "a setting of WhatsApp only"),
        ("whatsapp", {"hides_number": True}, "needs a user_id"),
        ("whatsapp", {"user_id": "x" * 132}, "user_id cannot be"),
    ],
)
def test_a_setting_that_no_phone_has_is_refused(
    client: Client, channel: str, settings: dict[str, Any], wrong: str
) -> None:
    answer = client.http.put(f"{client.url}/phones/{channel}/{PHONE}", json=settings, timeout=5)
    assert answer.status_code == 422
    assert wrong in answer.json()["detail"]
