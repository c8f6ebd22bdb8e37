"""Ports StatusEvents and InboundMessages: everything is stored, and nothing twice."""

from dataclasses import replace

from getthrough.domain.ports import InboundMessages, StatusEvents
from getthrough.domain.status import Status
from getthrough.domain.webhook import parse_inbound
from tests.builders import DISPATCH_UUID, FIRST, FROM, NOON, at, status_event


def test_an_event_is_stored_once(events: StatusEvents) -> None:
    event = status_event(Status.SUBMITTED)

    assert [events.add(event), events.add(replace(event, received_at=at(99)))] == [True, False]
    assert events.of(DISPATCH_UUID) == [event]


def test_events_come_back_as_they_were_understood(events: StatusEvents) -> None:
    error = {"title": "1360", "detail": "Expired"}
    usage = {"price": "0.0333", "currency": "EUR"}
    told = [
        status_event(Status.SUBMITTED),
        status_event(Status.REJECTED, error=error),
        status_event(Status.DELIVERED, step=1, usage=usage),
        status_event("unheard-of"),
    ]
    for event in told:
        events.add(event)

    assert sorted(events.of(DISPATCH_UUID), key=lambda event: event.digest) == sorted(
        told, key=lambda event: event.digest
    )


def test_an_event_of_nobody_is_kept_too(events: StatusEvents) -> None:
    event = replace(status_event(Status.SUBMITTED), dispatch_uuid=None, step=None)

    assert [events.add(event), events.add(event)] == [True, False]
    assert events.of(DISPATCH_UUID) == []


def test_an_inbound_message_is_stored_once(inbound_messages: InboundMessages) -> None:
    payload = {"channel": "sms", "message_uuid": "in-1", "from": FIRST, "to": FROM, "text": "On my way"}
    message = parse_inbound({**payload, "timestamp": "2026-03-02T12:05:00Z"}, received_at=NOON)

    assert inbound_messages.add(message) is True
    assert inbound_messages.add(replace(message, received_at=at(60))) is False
