"""Webhooks, understood as far as they can be, and never guessed."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.contact.contact import Address, contact_of
from getthrough.domain.event.webhook import (
    InboundMessage,
    ProviderError,
    StatusEvent,
    Usage,
    parse_inbound,
    parse_status,
)
from getthrough.domain.message.status import Status
from getthrough.domain.values.errors import MalformedWebhookError
from tests.builders import DISPATCH_UUID, FIRST, FROM, NOON, at, status_payload

VONAGES = "0c4d9a52-3b1f-4e7e-8a55-77c0ffee0001"


def status_of(**fields: Any) -> StatusEvent:
    return parse_status({**status_payload("delivered"), **fields}, received_at=NOON)


def inbound_payload(**fields: Any) -> dict[str, Any]:
    return {
        "channel": "sms",
        "message_uuid": VONAGES,
        "to": FROM,
        "from": FIRST,
        "timestamp": "2026-03-02T12:00:01Z",
        "message_type": "text",
        "text": "Thank you!",
        **fields,
    }


def without(payload: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key != name}


# Status, v1


def test_a_status_in_v1_is_read_whole() -> None:
    payload = status_payload(
        "rejected",
        error={
            "type": "https://developer.vonage.com/api-errors/messages#1240",
            "title": "1240",
            "detail": "The recipient does not want this.",
            "instance": "an id",
        },
        usage={"currency": "EUR", "price": "0.0333"},
    )
    event = parse_status(payload, received_at=at(2))
    assert event == StatusEvent(
        digest=event.digest,
        vonage_message_uuid=VONAGES,
        status=Status.REJECTED,
        timestamp=at(1),
        received_at=at(2),
        body=event.body,
        usage=Usage(Decimal("0.0333"), "EUR"),
        error=ProviderError(1240, "The recipient does not want this."),
        contact=contact_of("sms", FIRST),
        dispatch_uuid=DISPATCH_UUID,
        step=0,
    )
    assert json.loads(event.body) == payload


@pytest.mark.parametrize("status", list(Status))
def test_every_status_of_vonages_is_known(status: Status) -> None:
    assert parse_status(status_payload(str(status)), received_at=NOON).status is status


@pytest.mark.parametrize("word", ["accepted", "unknown", "expired"])
def test_a_status_that_is_not_known_is_kept_and_not_guessed(word: str) -> None:
    event = parse_status(status_payload(word), received_at=NOON)
    assert event.status is None
    assert json.loads(event.body)["status"] == word


@pytest.mark.parametrize(
    ("client_ref", "address"),
    [
        (f"{DISPATCH_UUID[:-2]}01", (DISPATCH_UUID, 0)),
        (f"{DISPATCH_UUID[:-2]}0a", (DISPATCH_UUID, 9)),
        (f"\t{DISPATCH_UUID[:-2]}02 ", (DISPATCH_UUID, 1)),
        (f"{DISPATCH_UUID[:-2]}0b", (None, None)),
        (DISPATCH_UUID, (None, None)),
        ("order 7", (None, None)),
        ("", (None, None)),
        (None, (None, None)),
        (7, (None, None)),
    ],
)
def test_our_id_in_client_ref_tells_dispatch_and_step(client_ref: object, address: tuple[Any, Any]) -> None:
    event = status_of(client_ref=client_ref)
    assert (event.dispatch_uuid, event.step) == address


# Status, v0.1


def test_a_status_in_v01_is_read_too() -> None:
    payload = {
        "message_uuid": VONAGES,
        "to": {"type": "sms", "number": FIRST},
        "from": {"type": "sms", "number": f"\t{FROM}"},
        "timestamp": "2026-03-02 12:00:01 UTC",
        "status": "rejected",
        "error": {"code": 1300, "reason": "Not part of the provider network"},
        "usage": {"currency": "EUR", "price": "0.0"},
    }
    event = parse_status(payload, received_at=NOON)
    assert event == StatusEvent(
        digest=event.digest,
        vonage_message_uuid=VONAGES,
        status=Status.REJECTED,
        timestamp=at(1),
        received_at=NOON,
        body=event.body,
        usage=Usage(Decimal("0.0"), "EUR"),
        error=ProviderError(1300, "Not part of the provider network"),
        contact=contact_of("sms", FIRST),
    )


@pytest.mark.parametrize("name", ["message_uuid", "status"])
def test_ids_and_words_are_trimmed(name: str) -> None:
    plain = status_payload("delivered")
    event = parse_status({**plain, name: f"\t{plain[name]} \n"}, received_at=NOON)
    assert (event.vonage_message_uuid, event.status) == (VONAGES, Status.DELIVERED)


# Details


@pytest.mark.parametrize(
    ("error", "understood"),
    [
        ({"title": "1000", "detail": "Throttled"}, ProviderError(1000, "Throttled")),
        ({"title": 1000, "detail": "Throttled"}, ProviderError(1000, "Throttled")),
        ({"code": 1000, "reason": "Throttled"}, ProviderError(1000, "Throttled")),
        ({"code": "1000", "reason": "Throttled"}, ProviderError(1000, "Throttled")),
        ({"title": "Rejected", "detail": " Not possible "}, ProviderError(None, "Not possible")),
        ({"title": "1234567", "detail": "x"}, ProviderError(None, "x")),
        ({"title": "-1"}, ProviderError(None, "")),
        ({"title": "\u0661000"}, ProviderError(None, "")),
        ({"title": None, "detail": None}, ProviderError(None, "")),
        ({"title": True, "detail": 7}, ProviderError(None, "")),
        ({"title": [1000]}, ProviderError(None, "")),
        ({"detail": "x" * 2000}, ProviderError(None, "x" * 2000)),
        ({"detail": "x" * 2001}, ProviderError(None, "")),
        ({}, ProviderError(None, "")),
        (None, None),
        ("1000", ProviderError(1000, "")),
        ([], None),
    ],
)
def test_an_error_is_understood_in_every_shape_it_was_seen_in(error: object, understood: ProviderError | None) -> None:
    assert status_of(error=error).error == understood


@pytest.mark.parametrize("price", ["0", "0.0333", "0.03330000", "123456789012345.123456789012", "-0.01"])
def test_a_price_is_kept_digit_by_digit(price: str) -> None:
    usage = status_of(usage={"price": price, "currency": "EUR"}).usage
    assert usage is not None
    assert (f"{usage.price:f}", usage.currency) == (price, "EUR")


@pytest.mark.parametrize(
    "usage",
    [
        None,
        "0.0333",
        {},
        {"price": "0.0333"},
        {"currency": "EUR"},
        {"price": True, "currency": "EUR"},
        {"price": 1e-20, "currency": "EUR"},
        {"price": "", "currency": "EUR"},
        {"price": "free", "currency": "EUR"},
        {"price": "NaN", "currency": "EUR"},
        {"price": "Infinity", "currency": "EUR"},
        {"price": "1E+1000000000", "currency": "EUR"},
        {"price": "1_0", "currency": "EUR"},
        {"price": "\u0663", "currency": "EUR"},
        {"price": "1,5", "currency": "EUR"},
        {"price": "1" * 16, "currency": "EUR"},
        {"price": "0." + "1" * 13, "currency": "EUR"},
    ],
)
def test_a_price_that_cannot_be_read_is_none(usage: object) -> None:
    assert status_of(usage=usage).usage is None


@pytest.mark.parametrize(
    "timestamp",
    [None, "", "soon", 17724, {}, "0001-01-01T00:00:00Z", "1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z"],
)
def test_a_timestamp_that_cannot_be_read_is_none(timestamp: object) -> None:
    assert status_of(timestamp=timestamp).timestamp is None


# Copies


def test_two_copies_have_one_digest_in_whatever_order_their_fields_come() -> None:
    payload = status_payload("delivered", usage={"currency": "EUR", "price": "0.0333"})
    turned = {name: payload[name] for name in reversed(payload)}
    turned["usage"] = {"price": "0.0333", "currency": "EUR"}
    spaced = json.loads(json.dumps(payload, indent=4))
    digests = {parse_status(copy, received_at=at(n)).digest for n, copy in enumerate((payload, turned, spaced))}
    assert len(digests) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"status": "read"},
        {"timestamp": "2026-03-02T12:00:02Z"},
        {"message_uuid": "another"},
        {"usage": {"currency": "EUR", "price": "0.0333"}},
        {"client_ref": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_different_content_has_a_different_digest(change: dict[str, Any]) -> None:
    assert status_of(**change).digest != status_of().digest


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none(), max_size=5))
def test_what_is_kept_is_what_came(more: dict[str, Any]) -> None:
    payload = {**more, **status_payload("delivered")}
    event = parse_status(payload, received_at=NOON)
    assert json.loads(event.body) == payload
    assert parse_status(json.loads(event.body), received_at=NOON) == event


# Inbound


def test_an_inbound_message_in_v1_belongs_to_its_sender_on_its_channel() -> None:
    message = parse_inbound(inbound_payload(), received_at=at(2))
    assert message == InboundMessage(
        digest=message.digest,
        vonage_message_uuid=VONAGES,
        address=Address("sms", FIRST),
        ours=Address("sms", FROM),
        received_at=at(2),
        timestamp=at(1),
        message_type="text",
        text=inbound_payload()["text"],
        body=message.body,
    )
    assert json.loads(message.body) == inbound_payload()


@pytest.mark.parametrize(
    ("sender", "channel", "address"),
    [
        ({"type": "sms", "number": f"\t{FIRST}"}, "sms", FIRST),
        ({"type": "messenger", "id": "1234"}, "messenger", "1234"),
        ({"type": "messenger", "number": None, "id": "1234"}, "messenger", "1234"),
    ],
)
def test_an_inbound_message_in_v01_names_its_sender_in_an_object(
    sender: dict[str, Any], channel: str, address: str
) -> None:
    payload = without(inbound_payload(**{"from": sender}), "channel")
    message = parse_inbound(payload, received_at=NOON)
    assert message.contact == contact_of(channel, address)


def test_inbound_copies_have_one_digest() -> None:
    turned = dict(reversed(inbound_payload().items()))
    assert parse_inbound(turned, received_at=at(1)).digest == parse_inbound(inbound_payload(), received_at=at(2)).digest


# Not understood

NO_TEXT: list[object] = [None, "", " \t", 7, [], {}, "x" * 321]


@pytest.mark.parametrize(
    ("name", "value"),
    # A number is understood as an id.
    [("status", value) for value in NO_TEXT] + [("message_uuid", value) for value in NO_TEXT if value != 7],
)
def test_a_status_without_its_message_or_its_word_is_malformed(name: str, value: object) -> None:
    with pytest.raises(MalformedWebhookError, match=f"^no {name}$"):
        status_of(**{name: value})
    with pytest.raises(MalformedWebhookError, match=f"^no {name}$"):
        parse_status(without(status_payload("delivered"), name), received_at=NOON)


@pytest.mark.parametrize("value", [value for value in NO_TEXT if not isinstance(value, int) or isinstance(value, bool)])
@pytest.mark.parametrize("name", ["message_uuid", "channel", "from"])
def test_an_inbound_message_without_id_channel_or_sender_is_malformed(name: str, value: object) -> None:
    with pytest.raises(MalformedWebhookError):
        parse_inbound(inbound_payload(**{name: value}), received_at=NOON)


@pytest.mark.parametrize("channel", ["sms#1", "s m s", "\u0455ms", "x" * 51])
def test_a_channel_has_a_name_that_can_stand_in_a_key(channel: str) -> None:
    with pytest.raises(MalformedWebhookError, match=r"^no channel or no sender$"):
        parse_inbound(inbound_payload(channel=channel), received_at=NOON)
    assert status_of(channel=channel).contact is None


@pytest.mark.parametrize(("length", "good"), [(320, True), (321, False)])
def test_an_id_has_a_longest_length(length: int, good: bool) -> None:
    if good:
        assert status_of(message_uuid="x" * length).vonage_message_uuid == "x" * length
        return
    with pytest.raises(MalformedWebhookError):
        status_of(message_uuid="x" * length)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [*status_payload(""), "usage", "error", "price", "currency", "title", "code", "detail", "type", "number", "id"]
near_webhooks = st.dictionaries(
    st.sampled_from(FIELDS),
    json_values | st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=3) | st.sampled_from(Status),
)


@given(json_values | near_webhooks)
def test_any_json_is_a_status_or_malformed_and_nothing_else(payload: object) -> None:
    with suppress(MalformedWebhookError):
        assert isinstance(parse_status(payload, received_at=NOON), StatusEvent)


@given(json_values | near_webhooks)
def test_any_json_is_an_inbound_message_or_malformed_and_nothing_else(payload: object) -> None:
    with suppress(MalformedWebhookError):
        assert isinstance(parse_inbound(payload, received_at=NOON), InboundMessage)


@given(near_webhooks)
def test_a_whole_webhook_with_anything_in_it_is_read(more: dict[str, Any]) -> None:
    payload = {**more, "message_uuid": VONAGES, "status": "delivered"}
    event = parse_status(payload, received_at=NOON)
    assert event.status is Status.DELIVERED
    assert event.timestamp is None or event.timestamp.tzinfo is UTC
    assert isinstance(event.received_at, datetime)


def test_an_address_that_no_client_may_write_is_kept_as_vonage_sends_it() -> None:
    payload = inbound_payload(channel="email", **{"from": "an\u200bn@bakery.example"})
    message = parse_inbound(payload, received_at=NOON)

    assert message.address == Address("email", "an\u200bn@bakery.example")
    assert json.loads(message.body) == payload
