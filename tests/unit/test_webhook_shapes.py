"""Every documented webhook is understood: each channel, type and format."""

import json
from dataclasses import fields
from typing import Any

import pytest

from getthrough.domain.contact.contact import contact_of
from getthrough.domain.contact.opt_out_words import opts_out
from getthrough.domain.event.webhook import InboundMessage, StatusEvent, parse_inbound, parse_status
from getthrough.domain.message.status import Status
from getthrough.domain.values.errors import MalformedWebhookError
from tests.builders import FIRST, FROM, NOON, status_payload
from tests.webhook_samples import Sample, inbound_samples, sms_api, status_samples, v1_inbound, v1_status


def understood(event: StatusEvent | InboundMessage, names: Any) -> dict[str, Any]:
    """Those fields of an event; every field of the class is checked to exist."""
    assert set(names) <= {field.name for field in fields(event)}
    return {name: getattr(event, name) for name in names}


@pytest.mark.parametrize("sample", status_samples(), ids=lambda sample: sample.name)
def test_a_status_of_each_shape_is_understood(sample: Sample) -> None:
    event = parse_status(sample.payload, received_at=NOON, jti="a token's id")
    assert understood(event, sample.understood) == sample.understood
    assert (event.timestamp, event.jti, json.loads(event.body)) == (NOON, "a token's id", sample.payload)


@pytest.mark.parametrize("sample", inbound_samples(), ids=lambda sample: sample.name)
def test_an_inbound_message_of_each_shape_is_understood(sample: Sample) -> None:
    message = parse_inbound(sample.payload, received_at=NOON, jti="a token's id")
    assert understood(message, sample.understood) == sample.understood
    assert (message.timestamp, message.jti, json.loads(message.body)) == (NOON, "a token's id", sample.payload)


def test_a_final_report_changes_no_step_even_if_it_bears_our_id() -> None:
    ours = status_payload("completed")["client_ref"]
    report = {"template": "failover", "dispatch_uuid": "d-1", "status": "completed", "client_ref": ours}
    event = parse_status(report, received_at=NOON)
    assert (event.vonage_message_uuid, event.dispatch_uuid, event.step) == ("d-1", None, None)


@pytest.mark.parametrize("code", ["1240", 1240, "1050"])
def test_an_error_that_says_never_again_is_an_opt_out(code: object) -> None:
    event = parse_status(v1_status(status="rejected", error={"title": code}), received_at=NOON)
    assert (event.opted_out, event.contact) == (True, contact_of("sms", FIRST))


@pytest.mark.parametrize(
    ("channel", "to", "address"),
    [
        ("sms", "+447700900001", FIRST),
        ("whatsapp", "\t00447700900001 ", FIRST),
        ("whatsapp", "GB.100200300", "GB.100200300"),
        ("sms", "60777", "60777"),
        ("messenger", "0044770090000", "0044770090000"),
        ("email", "+447700900001", "+447700900001"),
    ],
)
def test_a_number_is_the_same_contact_however_it_is_written(channel: str, to: str, address: str) -> None:
    event = parse_status({**v1_status(), "channel": channel, "to": to}, received_at=NOON)
    assert event.contact == contact_of(channel, address)


@pytest.mark.parametrize("error", [None, {}, {"title": "1000"}, {"title": "1270"}, {"title": "9999"}, {"title": "no"}])
def test_every_other_error_is_none(error: object) -> None:
    assert not parse_status(v1_status(status="rejected", error=error), received_at=NOON).opted_out


@pytest.mark.parametrize("odd", [{"to": None}, {"channel": None}, {"to": {}}, {"to": {"type": "sms"}}, {"to": [7]}])
def test_a_status_that_does_not_say_to_whom_is_understood_without(odd: dict[str, Any]) -> None:
    event = parse_status({**v1_status(), **odd}, received_at=NOON)
    assert (event.status, event.contact) == (Status.DELIVERED, None)


# What counts as the customer's words


@pytest.mark.parametrize(
    "content",
    [
        {"message_type": "text", "text": "STOP"},
        {"message_type": "reply", "reply": {"id": "7", "title": "Stop"}},
        {"message_type": "button", "button": {"payload": "more", "text": "STOP"}},
        {"message_type": "button", "button": {"payload": "STOP"}},
        {"message_type": "image", "image": {"url": "https://media.example/1", "caption": "Stop!"}},
    ],
)
def test_a_stop_is_one_however_it_is_said(content: dict[str, Any]) -> None:
    payload = {**v1_inbound("whatsapp", "unsupported"), **content}
    assert opts_out(parse_inbound(payload, received_at=NOON).text) is True


@pytest.mark.parametrize(
    "content",
    [
        {"message_type": "button", "button": {"payload": "STOP", "text": "Stop by at nine"}},
        {"message_type": "reply", "reply": {"id": "STOP", "title": "At nine"}},
        {"message_type": "image", "image": {"url": "STOP", "name": "STOP"}},
        {"message_type": "button", "button": {"payload": {"stop": "STOP"}}},
        {"message_type": "text", "text": ["STOP"]},
        {"message_type": "reply", "button": {"text": "STOP"}},
        {"message_type": ["reply"], "reply": {"title": "STOP"}},
    ],
)
def test_what_the_customer_did_not_see_is_not_what_was_said(content: dict[str, Any]) -> None:
    payload = {**v1_inbound("whatsapp", "unsupported"), **content}
    assert opts_out(parse_inbound(payload, received_at=NOON).text) is None


@pytest.mark.parametrize("context", [None, {}, "an id", {"message_uuid": 7}, {"message_uuid": ""}, ["x"]])
def test_what_quotes_nothing_readable_quotes_nothing(context: object) -> None:
    assert parse_inbound(v1_inbound("whatsapp", context=context), received_at=NOON).quotes is None


# Not understood, and what to do about it

SWITCH = "the SMS API's shape: switch the account's SMS settings to Messages API"
RECEIPT = {"msisdn": FIRST, "to": FROM, "messageId": "0A", "status": "delivered", "err-code": "0", "price": "0.03"}


@pytest.mark.parametrize(
    "payload",
    [sms_api(messageId=None), sms_api(msisdn=" "), {"messageId": "0A"}, RECEIPT],
)
def test_half_a_message_of_the_sms_api_tells_of_the_switch(payload: dict[str, Any]) -> None:
    with pytest.raises(MalformedWebhookError, match=f"^{SWITCH}$"):
        parse_inbound(payload, received_at=NOON)


@pytest.mark.parametrize("payload", [RECEIPT, sms_api()])
def test_a_delivery_receipt_of_the_sms_api_tells_of_the_switch(payload: dict[str, Any]) -> None:
    with pytest.raises(MalformedWebhookError, match=f"^{SWITCH}$"):
        parse_status(payload, received_at=NOON)


@pytest.mark.parametrize("payload", [v1_status(), status_samples()[-1].payload], ids=["v1", "final report"])
def test_a_status_at_the_wrong_url_is_no_message_from_ourselves(payload: dict[str, Any]) -> None:
    with pytest.raises(MalformedWebhookError, match=r"^a status, not an inbound message$"):
        parse_inbound(payload, received_at=NOON)


@pytest.mark.parametrize("payload", [v1_inbound(), v1_inbound("whatsapp", "image"), inbound_samples()[-10].payload])
def test_an_inbound_message_at_the_wrong_url_is_named_as_such(payload: dict[str, Any]) -> None:
    with pytest.raises(MalformedWebhookError, match=r"^no status: an inbound message$"):
        parse_status(payload, received_at=NOON)
