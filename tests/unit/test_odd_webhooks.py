"""Webhooks that are odd but understandable: what they say counts."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from getthrough.domain.contact.contact import Address, contact_of
from getthrough.domain.dispatch import failover
from getthrough.domain.event.webhook import ProviderError, Usage, parse_inbound, parse_status
from getthrough.domain.message.status import Status
from tests.builders import FIRST, FROM, NOON, dispatch
from tests.unit.stories import sent
from tests.webhook_samples import sms_api, v1_inbound, v1_status

OPTED_OUT = {"title": "1240", "detail": "Blocked", "type": "https://example.com/errors#1240"}


@pytest.mark.parametrize(
    "error",
    [
        OPTED_OUT,
        {**OPTED_OUT, "title": 1240},
        {"error": OPTED_OUT},
        {"error": {"error": OPTED_OUT}},
        [OPTED_OUT],
        {"error": [OPTED_OUT]},
        {"type": "https://example.com/errors#1240", "title": "Blocked", "detail": "Blocked"},
        {"code": 1240, "reason": "Blocked"},
        {"errors": [OPTED_OUT]},
        {"error": {"errors": [OPTED_OUT]}},
        {"type": "https://example.com/errors#1240/", "title": "Blocked", "detail": "Blocked"},
        {"error-code": "1240", "detail": "Blocked"},
        {"title": 1240.0, "detail": "Blocked"},
        {"title": " 1240 ", "detail": "Blocked"},
        {**OPTED_OUT, "error": {"title": "Blocked"}},
    ],
)
def test_an_error_is_understood_wherever_its_code_is(error: object) -> None:
    event = parse_status(v1_status(status="rejected", error=error), received_at=NOON)
    assert (event.error, event.opted_out) == (ProviderError(1240, "Blocked"), True)


@pytest.mark.parametrize("error", ["1240", 1240, {"error": "1240"}, {"errors": [1240]}])
def test_a_code_alone_is_an_error(error: object) -> None:
    event = parse_status(v1_status(status="rejected", error=error), received_at=NOON)
    assert (event.error, event.opted_out) == (ProviderError(1240, ""), True)


def test_an_error_in_an_error_without_end_has_no_code() -> None:
    error: dict[str, Any] = OPTED_OUT
    for _ in range(20):
        error = {"error": error}
    assert parse_status(v1_status(error=error), received_at=NOON).error == ProviderError(None, "")


@pytest.mark.parametrize(
    ("price", "understood"), [(0.0333, "0.0333"), (1, "1"), (1e-7, "0.0000001"), ("0.0333", "0.0333")]
)
def test_a_price_may_be_a_number(price: object, understood: str) -> None:
    event = parse_status(v1_status(usage={"price": price, "currency": "EUR"}), received_at=NOON)
    assert event.usage == Usage(Decimal(understood), "EUR")


def test_an_address_may_be_a_number() -> None:
    number: dict[str, Any] = {"from": int(FIRST)}
    assert parse_inbound(v1_inbound(**number), received_at=NOON).contact == contact_of("sms", FIRST)
    assert parse_status(v1_status(to=int(FIRST)), received_at=NOON).contact == contact_of("sms", FIRST)


def test_an_id_may_be_a_number() -> None:
    assert parse_inbound(v1_inbound(message_uuid=17), received_at=NOON).vonage_message_uuid == "17"
    assert parse_status(v1_status(message_uuid=17), received_at=NOON).vonage_message_uuid == "17"


@pytest.mark.parametrize("year", ["1970", "2025", "2099"])
def test_a_time_of_a_wrong_clock_is_not_used(year: str) -> None:
    event = parse_status(v1_status(timestamp=f"{year}-03-02T12:00:00Z"), received_at=NOON)
    assert event.happened_at == NOON
    arrived = failover.apply(sent(dispatch()), replace(event, step=0))
    assert (arrived.attempts[0].status, arrived.attempts[0].arrived_at) == (Status.DELIVERED, None)


@pytest.mark.parametrize(
    "written",
    [1772452800, "1772452800", 1772452800000, "1772452800.0", "2026-03-02t12:00:00z", "2026-03-02 12:00:00 utc"],
)
def test_a_time_may_be_written_in_other_ways(written: object) -> None:
    assert parse_status(v1_status(timestamp=written), received_at=NOON).timestamp == NOON


@pytest.mark.parametrize("word", ["DELIVERED", "Delivered", " delivered\n"])
def test_a_status_is_the_same_in_capitals(word: str) -> None:
    assert parse_status(v1_status(status=word), received_at=NOON).status is Status.DELIVERED


@pytest.mark.parametrize(("channel", "known"), [("SMS", "sms"), (" WhatsApp ", "whatsapp")])
def test_a_channel_is_the_same_in_capitals(channel: str, known: str) -> None:
    message = parse_inbound({**v1_inbound(), "channel": channel}, received_at=NOON)
    assert message.address == Address(known, FIRST)


def test_a_text_may_be_a_number() -> None:
    assert parse_inbound({**v1_inbound(), "text": 1}, received_at=NOON).text == "1"


def test_a_sender_of_the_sms_api_may_be_a_number() -> None:
    message = parse_inbound(sms_api(msisdn=int(FIRST), to=int(FROM), text="STOP"), received_at=NOON)
    assert (message.address, message.ours) == (Address("sms", FIRST), Address("sms", FROM))


@pytest.mark.parametrize("seconds", [-86_400, -1, 0, 1, 86_400])
def test_a_time_within_a_day_of_our_clock_is_used(seconds: int) -> None:
    at = NOON + timedelta(seconds=seconds)
    event = parse_status(v1_status(timestamp=at.isoformat()), received_at=NOON)
    assert event.happened_at == min(at, NOON)
    arrived = failover.apply(sent(dispatch()), replace(event, step=0))
    assert arrived.attempts[0].arrived_at == at


def test_an_inbound_message_is_known_by_its_id_whatever_else_changes_in_a_copy() -> None:
    copies = [v1_inbound(), v1_inbound(nonce="1"), v1_inbound(timestamp="2026-03-02T12:00:05Z", nonce="2")]
    assert len({parse_inbound(copy, received_at=NOON).digest for copy in copies}) == 1
    other = v1_inbound(message_uuid="another")
    assert parse_inbound(other, received_at=NOON).digest != parse_inbound(copies[0], received_at=NOON).digest
