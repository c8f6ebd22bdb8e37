"""Webhooks that are odd but understandable: what they say counts."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from getthrough.domain.contact.contact import contact_of
from getthrough.domain.dispatch import failover
from getthrough.domain.event.webhook import ProviderError, Usage, parse_inbound, parse_status
from getthrough.domain.message.status import Status
from tests.builders import FIRST, NOON, dispatch
from tests.unit.stories import sent
from tests.webhook_samples import v1_inbound, v1_status

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
    ],
)
def test_an_error_is_understood_wherever_its_code_is(error: object) -> None:
    event = parse_status(v1_status(status="rejected", error=error), received_at=NOON)
    assert (event.error, event.opted_out) == (ProviderError(1240, "Blocked"), True)


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
