"""Port Conversations: what was sent to a contact, which is noted with its claim, and what came from it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import boto3
import pytest

from getthrough.domain.contact.contact import contact_of
from getthrough.domain.conversation.conversation import Received, Sent
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Because, Dispatch
from getthrough.domain.dispatch.failover import Send
from getthrough.domain.event.webhook import InboundMessage, parse_inbound
from getthrough.domain.message.status import Condition
from getthrough.domain.ports import Conversations, Dispatches, DispatchFilter
from getthrough.domain.values.page import Page
from getthrough.domain.values.rfc3339 import to_text
from tests.aws_calls import operations_called
from tests.builders import DISPATCH_UUID, FIRST, FROM, NOON, SECOND, at, dispatch, save_claim, step
from tests.contract.conftest import REAL
from tests.unit.stories import UNAVAILABLE, answered

CONTACT, OTHER = contact_of("sms", FIRST), contact_of("sms", SECOND)
REPLIED = Condition.REPLIED


def uuid(number: int) -> str:
    return f"{number:08x}-8d47-4b60-9c11-a1b2c3d4e500"


def claimed(subject: Dispatch, number: int, seconds: float = 0, claim_id: str = "me") -> Dispatch:
    send = Send(number, Because.FIRST if number == 0 else Because.WINDOW_ENDED)
    return failover.claim(subject, send, claim_id=claim_id, now=at(seconds))


def sent(number: int, dispatch_uuid: str = DISPATCH_UUID, **fields: Any) -> Sent:
    defaults = {"at": at(0), "channel": "sms", "awaits_reply": False}
    return Sent(f"{dispatch_uuid[:-2]}{number + 1:02x}", **{**defaults, **fields})


def inbound(seconds: float | None, text: str = "On my way", channel: str = "sms", who: str = FIRST) -> InboundMessage:
    payload: dict[str, Any] = {"channel": channel, "message_uuid": f"{seconds} {text[:40]}", "from": who, "to": FROM}
    if seconds is not None:
        payload["timestamp"] = at(seconds).isoformat()
    return parse_inbound({**payload, "text": text}, received_at=at(500))


def received(message: InboundMessage, answers: str | None = None) -> Received:
    body: Mapping[str, Any] = json.loads(message.body)
    return Received(message.digest, message.timestamp or message.received_at, message.address.channel, body, answers)


# What was sent


def test_a_claim_is_noted_in_its_contacts_conversation_with_what_it_waits_for(
    dispatches: Dispatches, conversations: Conversations
) -> None:
    saved = save_claim(dispatches, claimed(dispatch(step(condition_status=REPLIED), step(to=SECOND)), 0), 0)
    save_claim(dispatches, claimed(saved, 1, seconds=15), 1)

    assert conversations.page([CONTACT], 20) == Page([sent(0, awaits_reply=True)], None)
    assert conversations.page([OTHER], 20) == Page([sent(1, at=at(15))], None)


def test_what_came_from_a_contact_since_a_moment_comes_newest_first_and_only_with_a_time_of_vonages(
    conversations: Conversations,
) -> None:
    early, middle, late = inbound(10), inbound(20, channel="whatsapp"), inbound(30.5)
    for message in (middle, late, early, inbound(None), inbound(25, who=SECOND)):
        conversations.add(message)

    assert list(conversations.received(CONTACT, at(10))) == [received(late), received(middle), received(early)]
    assert list(conversations.received(CONTACT, at(10.001))) == [received(late), received(middle)]
    assert list(conversations.received(CONTACT, at(31))) == []


def test_what_was_sent_on_any_channel_of_a_telephone_is_in_one_conversation(
    dispatches: Dispatches, conversations: Conversations
) -> None:
    steps = step(), step(to=SECOND), step(), step(channel="whatsapp")
    saved = dispatch(*steps)
    for number in range(len(steps)):
        saved = save_claim(dispatches, claimed(saved, number, seconds=number), number)

    assert conversations.sent(CONTACT, NOON) == [sent(3, at=at(3), channel="whatsapp"), sent(2, at=at(2)), sent(0)]
    assert conversations.sent(OTHER, NOON) == [sent(1, at=at(1))]


def test_a_step_that_is_withheld_is_in_no_conversation_and_its_dispatch_stays_listed(
    dispatches: Dispatches, conversations: Conversations
) -> None:
    for number in (0, 1, 2):
        one = claimed(dispatch(step(), dispatch_uuid=uuid(number)), 0, number)
        save_claim(dispatches, one, 0)
        if number != 1:
            dispatches.withhold(one, 0)

    assert conversations.sent(CONTACT, at(0)) == [sent(0, uuid(1), at=at(1))]
    assert conversations.page([CONTACT], 1) == Page([sent(0, uuid(1), at=at(1))], None)
    listed = dispatches.newest(10, None, DispatchFilter(contacts=(CONTACT,))).items
    assert {one.dispatch_uuid for one in listed} == {uuid(0), uuid(1), uuid(2)}


@REAL
def test_what_an_erasure_has_taken_does_not_come_back_as_withheld(dispatches: Dispatches, store: str) -> None:
    dispatches.withhold(claimed(dispatch(step()), 0), 0)

    assert boto3.client("dynamodb").scan(TableName=store)["Items"] == []


@REAL
def test_the_note_of_another_try_lists_a_dispatch_whose_first_note_failed(dispatches: Dispatches) -> None:
    saved = dispatches.save_claim(claimed(dispatch(step()), 0), 0)
    again = failover.claim(answered(saved, UNAVAILABLE), Send(0, Because.RETRY), claim_id="c2", now=at(5))
    save_claim(dispatches, again, 0)

    [listed] = dispatches.newest(10, None, DispatchFilter(contacts=(CONTACT,))).items
    assert listed.dispatch_uuid == DISPATCH_UUID


def test_another_try_of_a_step_leaves_its_note_as_it_is(dispatches: Dispatches, conversations: Conversations) -> None:
    saved = save_claim(dispatches, claimed(dispatch(step(60)), 0), 0)
    saved = dispatches.save(answered(saved, UNAVAILABLE))
    again = failover.claim(saved, Send(0, Because.RETRY), claim_id="again", now=at(5))
    saved = save_claim(dispatches, again, 0)

    assert saved.attempts[0].tries == 2
    assert conversations.page([CONTACT], 20) == Page([sent(0)], None)


@pytest.mark.parametrize(("since", "found"), [(at(0), [2, 1, 0]), (at(0.001), [2, 1]), (at(2), [2]), (at(2.001), [])])
def test_what_was_sent_since_a_moment_comes_newest_first(
    dispatches: Dispatches, conversations: Conversations, since: datetime, found: list[int]
) -> None:
    for number in range(3):
        save_claim(dispatches, claimed(dispatch(dispatch_uuid=uuid(number)), 0, seconds=number), 0)
        conversations.add(inbound(number + 0.5))

    assert conversations.sent(CONTACT, since) == [sent(0, uuid(number), at=at(number)) for number in found]


def test_of_more_than_a_hundred_steps_the_newest_hundred_are_listed(
    dispatches: Dispatches, conversations: Conversations
) -> None:
    for number in range(102):
        save_claim(dispatches, claimed(dispatch(dispatch_uuid=uuid(number)), 0, seconds=number), 0)

    found = conversations.sent(CONTACT, NOON)

    assert found == [sent(0, uuid(number), at=at(number)) for number in range(101, 1, -1)]


@REAL
def test_what_was_sent_is_found_in_one_call_however_much_a_customer_writes(
    dispatches: Dispatches, conversations: Conversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_claim(dispatches, claimed(dispatch(dispatch_uuid=uuid(0)), 0, seconds=0), 0)
    for number in range(120):
        conversations.add(inbound(10 + number, f"message {number}" * 100))
    calls = operations_called(monkeypatch)

    assert conversations.sent(CONTACT, NOON) == [sent(0, uuid(0), at=at(0))]
    assert calls == ["Query"]


# What came


def test_a_message_comes_back_with_what_it_answers(conversations: Conversations) -> None:
    plain, quoting = inbound(1), inbound(2, "Yes please")
    conversations.add(plain)
    conversations.add(quoting, f"{DISPATCH_UUID[:-2]}01")

    assert conversations.page([CONTACT], 20) == Page(
        [received(quoting, f"{DISPATCH_UUID[:-2]}01"), received(plain)], None
    )


def test_a_message_without_a_time_is_the_oldest_and_shows_when_it_came(conversations: Conversations) -> None:
    timeless, early = inbound(None), inbound(-1_000_000)
    conversations.add(timeless)
    conversations.add(early)

    assert conversations.page([CONTACT], 20) == Page([received(early), received(timeless)], None)
    assert received(timeless).at == at(500)


def test_each_contact_has_its_own_thread(dispatches: Dispatches, conversations: Conversations) -> None:
    save_claim(dispatches, claimed(dispatch(), 0), 0)
    others = inbound(1, channel="messenger")
    conversations.add(others)

    assert conversations.page([CONTACT], 20) == Page([sent(0)], None)
    assert conversations.page([others.contact], 20) == Page([received(others)], None)
    assert conversations.page([OTHER], 20) == Page([], None)


def test_a_thread_comes_page_by_page_newest_first_without_gap_or_double(
    dispatches: Dispatches, conversations: Conversations
) -> None:
    expected: list[Sent | Received] = []
    for number in range(3):
        save_claim(dispatches, claimed(dispatch(dispatch_uuid=uuid(number)), 0, seconds=number), 0)
        message = inbound(number + 0.5)
        conversations.add(message)
        expected = [received(message), sent(0, uuid(number), at=at(number)), *expected]
    timeless = inbound(None)
    conversations.add(timeless)
    expected.append(received(timeless))

    for limit in (1, 2, 3, 6, 7, 100):
        pages = pages_of(conversations, limit)

        assert [entry for page in pages for entry in page] == expected
        assert {len(page) for page in pages[:-1]} <= {limit}
        assert 1 <= len(pages[-1]) <= limit


def pages_of(conversations: Conversations, limit: int) -> list[list[Sent | Received]]:
    pages, cursor = [], None
    while True:
        entries, cursor = conversations.page([CONTACT], limit, cursor)
        pages.append(entries)
        if cursor is None:
            return pages


# What came from anybody


def newest_of(conversations: Conversations, limit: int) -> list[list[InboundMessage]]:
    pages, cursor = [], None
    while True:
        messages, cursor = conversations.newest(limit, cursor)
        pages.append(messages)
        if cursor is None:
            return pages


def came(seconds: float, text: str = "On my way", who: str = FIRST, **fields: Any) -> InboundMessage:
    """A message that came at that moment; Vonage's own time is no matter of the list."""
    payload = {"channel": "sms", "message_uuid": f"{seconds} {text[:40]}", "from": who, "to": FROM, "text": text}
    return parse_inbound({**payload, "timestamp": at(-seconds).isoformat()}, received_at=at(seconds), **fields)


def test_what_came_from_anybody_is_listed_page_by_page_newest_first_without_gap_or_double(
    conversations: Conversations,
) -> None:
    messages = [came(number, f"{number}", (FIRST, SECOND, "447700900003")[number % 3]) for number in range(7)]
    for message in messages:
        conversations.add(message)
    expected = messages[::-1]

    for limit in (1, 2, 3, 7, 8, 100):
        pages = newest_of(conversations, limit)

        assert [message for page in pages for message in page] == expected
        assert {len(page) for page in pages[:-1]} <= {limit}
        assert 1 <= len(pages[-1]) <= limit


def test_messages_of_one_moment_are_all_listed(conversations: Conversations) -> None:
    messages = [came(0, f"{number}") for number in range(5)]
    for message in messages:
        conversations.add(message)

    pages = newest_of(conversations, 2)

    found = [message.digest for page in pages for message in page]
    assert found == sorted((message.digest for message in messages), reverse=True)


def test_a_message_is_listed_once_where_it_came_first_however_often_it_comes(conversations: Conversations) -> None:
    first = came(5, jti="first")
    for message in (first, replace(first, received_at=at(50), jti="again"), first):
        conversations.add(message)
        conversations.complete(message)

    assert conversations.newest(20) == ([first], None)


def test_what_was_sent_is_not_among_what_came(dispatches: Dispatches, conversations: Conversations) -> None:
    save_claim(dispatches, claimed(dispatch(), 0), 0)

    assert conversations.newest(20) == ([], None)


def test_the_cursor_of_inbound_messages_reveals_no_contact(conversations: Conversations) -> None:
    for seconds in (1, 2):
        conversations.add(came(seconds))

    cursor = conversations.newest(1).cursor

    assert cursor == f"{to_text(at(2))}#{came(2).digest}"
