"""The simulator and Getthrough agree. Both were written from Vonage's facts, apart, so each tests the other."""

from typing import Any

import pytest

from getthrough.domain.contact.contact import contact_of
from getthrough.domain.event.error_codes import ERROR_CODES
from getthrough.domain.event.webhook import parse_inbound, parse_status
from getthrough.domain.message.validation import message_violations
from local.vonage_simulator import payloads
from local.vonage_simulator.checks import refusal, reply_faults
from local.vonage_simulator.phones import READ_CHANNELS, Message, Phone, Workflow
from local.vonage_simulator.rules import INBOUND
from tests.builders import NOON
from tests.simulator.client import PHONE
from tests.simulator.test_rules import TYPES, message
from tests.unit.v1_messages import KINDS, full
from tests.webhook_samples import QUOTED, VONAGES, Sample, inbound_samples

STATUSES = [
    (channel, status)
    for channel in INBOUND
    for status in ("submitted", "delivered", "read", "rejected", "undeliverable")
    if status != "read" or channel in READ_CHANNELS
]
ADDED = {
    "message_uuid",
    "timestamp",
    "usage",
    "origin",
    "profile",
    "context_status",
    "provider_message",
    "sms",
    "_self",
}
"""What the provider adds to a customer's message."""


def sent(status: str, channel: str, **fields: Any) -> dict[str, Any]:
    """The webhook in which the simulator reports a status."""
    body = message(channel, "text", client_ref="order-7", to=PHONE, **fields)
    return payloads.status(
        Message(VONAGES, body, at="", workflow=Workflow("w", (body, body))),
        status,
        1240 if status == "rejected" else None,
    )


def test_both_know_the_same_kinds_of_messages() -> None:
    assert sorted(TYPES) == KINDS


@pytest.mark.parametrize(("channel", "kind"), TYPES)
def test_each_accepts_the_others_messages(channel: str, kind: str) -> None:
    assert message_violations(message(channel, kind)) == []
    assert refusal(full(channel, kind)) is None


@pytest.mark.parametrize("version", ["v1", "v0.1"])
@pytest.mark.parametrize(("channel", "status"), STATUSES)
def test_a_status_of_the_simulator_is_understood(channel: str, status: str, version: str) -> None:
    event = parse_status(sent(status, channel, webhook_version=version), received_at=NOON)

    assert (event.vonage_message_uuid, event.status, event.contact) == (VONAGES, status, contact_of(channel, PHONE))
    assert (event.error.code if event.error else None) == (1240 if status == "rejected" else None)


@pytest.mark.parametrize("code", sorted(ERROR_CODES))
def test_a_phone_can_reject_with_every_code_and_it_is_understood(code: int) -> None:
    phone = Phone("sms", PHONE)
    phone.set({"mode": "blocked", "error": code})
    reported = payloads.status(Message(VONAGES, message("sms", "text"), at=""), "rejected", phone.error)
    event = parse_status(reported, received_at=NOON)

    assert event.error is not None
    assert event.error.code == code


@pytest.mark.parametrize("hides_number", [False, True])
def test_a_user_id_is_understood_beside_the_number_and_without_it(hides_number: bool) -> None:
    phone, user_id = Phone("whatsapp", PHONE), "GB.13491208655302741918"
    phone.set({"user_id": user_id, "hides_number": hides_number})
    sending = message("whatsapp", "text", to=PHONE)
    status = parse_status(payloads.status(Message(VONAGES, sending, at=""), "read", None, phone.ids), received_at=NOON)
    body = {"channel": "whatsapp", "to": "447700900002", "from": PHONE, "message_type": "text", "text": "Hello"}
    said = parse_inbound(payloads.inbound(Message(VONAGES, body, at=""), None, "", phone), received_at=NOON)
    number, account = contact_of("whatsapp", PHONE), contact_of("whatsapp", user_id)
    assert {status.contact, *status.aliases} == {number, account}
    assert {said.contact, *said.aliases} == ({account} if hides_number else {number, account})


@pytest.mark.parametrize(
    "sample", [pytest.param(one, id=one.name) for one in inbound_samples() if one.name.startswith("inbound v1")]
)
def test_a_customer_can_send_everything_that_getthrough_understands(sample: Sample) -> None:
    channel, kind = sample.payload["channel"], sample.payload.get("message_type", "text")
    written = {name: value for name, value in sample.payload.items() if name not in ADDED | {"channel", "to", "from"}}
    content = {**written, "message_type": kind}
    content.pop("context", None)
    if kind == "reaction":
        content["context"] = {"message_uuid": QUOTED}
    quoted = Message(QUOTED, {"from": sample.payload["to"]}, at="") if "context" in sample.payload else None
    body = {"channel": channel, "to": sample.payload["to"], "from": sample.payload["from"], **content}
    phone = Phone(channel, PHONE)
    reported = payloads.inbound(Message(VONAGES, body, at=""), quoted, "https://api-eu.vonage.com", phone)
    understood = parse_inbound(reported, received_at=NOON)

    assert reply_faults(channel, content) == []
    assert {name: getattr(understood, name) for name in sample.understood} == dict(sample.understood)
