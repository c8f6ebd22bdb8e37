"""Ports StatusEvents and Conversations: all that comes in is stored, nothing twice, and what is done is noted."""

from dataclasses import replace
from typing import Any

import pytest

from getthrough.domain.contact.contact import contact_of
from getthrough.domain.conversation.conversation import Received
from getthrough.domain.event.webhook import InboundMessage, StatusEvent, parse_inbound
from getthrough.domain.message.status import Status
from getthrough.domain.ports import Conversations, Seen, StatusEvents
from tests.builders import DISPATCH_UUID, FIRST, FROM, NOON, SECOND, at, status_event

NEW, COPY, COMPLETED = Seen(new=True), Seen(new=False), Seen(new=False, completed=True)
AT_NOON = {"timestamp": "2026-03-02T12:00:00Z"}


def unaddressed(status: Status, **fields: Any) -> StatusEvent:
    return replace(status_event(status, **fields), dispatch_uuid=None, step=None)


def inbound(**fields: Any) -> InboundMessage:
    payload = {"channel": "sms", "message_uuid": "in-1", "from": FIRST, "to": FROM, "text": "On my way", **fields}
    return parse_inbound(payload, received_at=NOON)


# Status events


def test_an_event_is_stored_once(events: StatusEvents) -> None:
    event = status_event(Status.SUBMITTED)

    assert [events.add(event), events.add(replace(event, received_at=at(99)))] == [NEW, COPY]
    assert events.of(DISPATCH_UUID) == [event]


def test_events_come_back_as_they_were_understood(events: StatusEvents) -> None:
    error = {"title": "1360", "detail": "Expired"}
    usage = {"price": "0.0333", "currency": "EUR"}
    reported = [
        status_event(Status.SUBMITTED),
        status_event(Status.REJECTED, error=error),
        status_event(Status.DELIVERED, step=1, usage=usage),
        status_event("unheard-of"),
    ]
    for event in reported:
        events.add(event)

    assert sorted(events.of(DISPATCH_UUID), key=lambda event: event.digest) == sorted(
        reported, key=lambda event: event.digest
    )


def test_an_event_of_an_unknown_message_is_kept_too(events: StatusEvents) -> None:
    event = unaddressed(Status.SUBMITTED)

    assert [events.add(event), events.add(event)] == [NEW, COPY]
    assert events.of(DISPATCH_UUID) == []


def test_events_of_unknown_messages_are_found_by_the_providers_id(events: StatusEvents) -> None:
    reported = [unaddressed(status, message_uuid="vonage-1") for status in (Status.SUBMITTED, Status.DELIVERED)]
    others = [
        unaddressed(Status.DELIVERED, message_uuid="vonage-2"),
        status_event(Status.READ, message_uuid="vonage-1"),
    ]
    for event in (*reported, *others):
        events.add(event)

    assert sorted(events.pending("vonage-1"), key=lambda event: event.digest) == sorted(
        reported, key=lambda event: event.digest
    )
    assert events.pending("vonage-3") == []


def test_a_copy_of_a_completed_event_is_known(events: StatusEvents) -> None:
    completed, another = status_event(Status.SUBMITTED), status_event(Status.DELIVERED)
    events.add(completed)
    events.complete(completed)

    assert [events.add(completed), events.add(completed), events.add(another)] == [COMPLETED, COMPLETED, NEW]
    assert sorted(events.of(DISPATCH_UUID), key=lambda event: event.digest) == sorted(
        [completed, another], key=lambda event: event.digest
    )


def test_completing_an_event_that_was_never_stored_does_not_create_it(events: StatusEvents) -> None:
    events.complete(status_event(Status.SUBMITTED))

    assert events.of(DISPATCH_UUID) == []


@pytest.mark.parametrize(
    ("first", "again", "replayed"),
    [("token 1", "token 1", True), ("token 1", "token 2", False), (None, "token 1", False), (None, None, False)],
)
def test_a_copy_of_an_event_under_the_same_token_is_a_replay(
    events: StatusEvents, first: str | None, again: str | None, replayed: bool
) -> None:
    event = status_event(Status.SUBMITTED)
    events.add(replace(event, jti=first))

    assert events.add(replace(event, jti=again)) == Seen(new=False, completed=False, replayed=replayed)


# Inbound messages


def test_an_inbound_message_is_stored_once(conversations: Conversations) -> None:
    message = inbound(timestamp="2026-03-02T12:05:00Z")

    assert [conversations.add(message), conversations.add(replace(message, received_at=at(60)))] == [NEW, COPY]
    assert len(conversations.page([message.contact], 20).items) == 1


def test_an_inbound_message_without_a_time_is_stored_once_too(conversations: Conversations) -> None:
    message = inbound()

    assert [conversations.add(message), conversations.add(replace(message, received_at=at(60)))] == [NEW, COPY]


def test_the_same_words_of_another_customer_are_another_message(conversations: Conversations) -> None:
    messages = [inbound(**AT_NOON, message_uuid=who, **{"from": who}) for who in (FIRST, SECOND)]
    assert [conversations.add(message) for message in messages] == [NEW, NEW]


def test_copies_have_vonages_id_in_common_and_nothing_else(conversations: Conversations) -> None:
    first = inbound(**AT_NOON)
    others = inbound(timestamp="2026-03-02T12:09:00Z", nonce="another"), inbound(**AT_NOON, text="cut", usage={})

    assert [conversations.add(message) for message in (first, *others)] == [NEW, COPY, COPY]
    assert [entry.at for entry in conversations.page([first.contact], 20).items] == [NOON]
    assert conversations.newest(20).items == [first]


def test_a_message_is_in_the_conversation_of_the_customer_whose_it_is(conversations: Conversations) -> None:
    customer, message = contact_of("sms", SECOND), inbound()
    conversations.add(message, "our-message", customer=customer)

    assert conversations.page([message.contact], 20).items == []
    [received] = conversations.page([customer], 20).items
    assert isinstance(received, Received)
    assert (received.channel, received.answers) == ("sms", "our-message")


@pytest.mark.parametrize("fields", [AT_NOON, {}], ids=["with a time", "without a time"])
def test_a_copy_of_a_completed_message_says_so(conversations: Conversations, fields: dict[str, str]) -> None:
    completed, another = inbound(**fields), inbound(**fields, message_uuid="in-2")
    conversations.add(completed)
    conversations.complete(completed)

    assert [conversations.add(completed), conversations.add(another), conversations.add(another)] == [
        COMPLETED,
        NEW,
        COPY,
    ]


@pytest.mark.parametrize(
    ("first", "again", "replayed"),
    [("token 1", "token 1", True), ("token 1", "token 2", False), (None, "token 1", False), (None, None, False)],
)
def test_a_copy_of_a_message_under_the_same_token_is_a_replay(
    conversations: Conversations, first: str | None, again: str | None, replayed: bool
) -> None:
    conversations.add(replace(inbound(), jti=first))

    assert conversations.add(replace(inbound(), jti=again)) == Seen(new=False, completed=False, replayed=replayed)
