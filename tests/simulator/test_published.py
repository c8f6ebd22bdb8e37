"""The simulator against Vonage's published schemas and samples, where they are at hand."""

import json
from typing import Any

import pytest

from local.vonage_simulator import payloads
from local.vonage_simulator.checks import reply_faults
from local.vonage_simulator.phones import READ_CHANNELS, Message, Phone, Workflow
from local.vonage_simulator.rules import INBOUND
from tests.published import KNOWN, published_violations, schema_violations, specification
from tests.reference import REFERENCE, needs_reference
from tests.simulator.client import PHONE
from tests.simulator.test_rules import TYPES, message, wrong

pytestmark = needs_reference

Json = dict[str, Any]

UUID = "11111111-2222-4333-8444-555555555555"
STATUSES = [
    (channel, status)
    for channel in INBOUND
    for status in ("submitted", "delivered", "read", "rejected", "undeliverable")
    if status != "read" or channel in READ_CHANNELS
]
STATUS_SCHEMAS = {"sms": "SMS", "mms": "MMS", "rcs": "RCS", "whatsapp": "WhatsApp", "messenger": "Messenger"}
# What a sample holds that the simulator makes up for itself, or (the provider's words) has only for a text.
OWN = {"message_uuid", "timestamp", "channel", "to", "from", "sms", "usage", "origin", "profile", "context_status"}
OWN |= {"context", "provider_message", "_self"}
# Their schemas ask for a field of another type: `contacts` for a button, `button` for a reply.
SELF_CONTRADICTORY = {"contacts", "button"}


def inbound_schema() -> Json:
    (callback,) = specification()["x-webhooks"]["inbound-message"].values()
    schema: Json = callback["post"]["requestBody"]["content"]["application/json"]["schema"]
    return schema


def samples(folder: str) -> list[Any]:
    """Each published sample as a parameter with its name; none where they are not at hand."""
    paths = sorted((REFERENCE / "payloads" / folder).glob("*.json"))
    return [pytest.param(json.loads(path.read_text(encoding="utf-8")), id=path.stem) for path in paths]


@pytest.mark.parametrize(("channel", "kind"), TYPES)
def test_what_the_simulator_takes_fits_the_published_schema(channel: str, kind: str) -> None:
    assert published_violations(message(channel, kind)) == KNOWN.get((channel, kind), [])


@pytest.mark.parametrize("sample", samples("requests"))
def test_the_simulator_takes_the_published_samples(sample: Json) -> None:
    assert wrong(sample) is None


@pytest.mark.parametrize(("channel", "status"), STATUSES)
def test_a_status_fits_the_published_schema(channel: str, status: str) -> None:
    body = message(channel, "text", client_ref="order-7", to=PHONE)
    sent = Message(UUID, body, at="", workflow=Workflow("w", (body, body)))
    reported = payloads.status(sent, status, 1240 if status == "rejected" else None)
    schema = {"$ref": f"#/components/schemas/messageStatus{STATUS_SCHEMAS.get(channel, 'Viber')}"}
    # Where a channel can be read, its schema allows `read` alone and what it extends all but that.
    assert [one for one in schema_violations(schema, reported) if "is not one of" not in one] == []


def test_a_phone_rejects_with_any_published_code() -> None:
    for code in specification()["x-errors"]:
        phone = Phone("sms", PHONE)
        phone.set({"mode": "blocked", "error": int(code)})
        reported = payloads.status(Message(UUID, message("sms", "text"), at=""), "rejected", phone.error)
        assert reported["error"]["title"] == code


@pytest.mark.parametrize("sample", samples("inbound"))
def test_a_customer_can_send_each_published_sample(sample: Json) -> None:
    channel, kind = sample["channel"], sample.get("message_type", "text")
    content = {"message_type": kind, **{name: value for name, value in sample.items() if name not in OWN}}
    quoted = Message("an-earlier-one", {"from": sample["to"]}, at="") if "context" in sample else None
    if kind == "reaction":
        content["context"] = {"message_uuid": "an-earlier-one"}
    body = {"channel": channel, "to": sample["to"], "from": sample["from"], **content}
    reported = payloads.inbound(Message(UUID, body, at=""), quoted, "https://api-eu.vonage.com")

    assert reply_faults(channel, content) == []
    assert kind in SELF_CONTRADICTORY or schema_violations(inbound_schema(), reported) == []
    assert reported.keys() | {"provider_message"} == sample.keys() | {"provider_message"}
    made_up = OWN - {"channel", "to", "from"}
    assert {name: reported[name] for name in reported.keys() - made_up} == {
        name: sample[name] for name in sample.keys() - made_up
    }
