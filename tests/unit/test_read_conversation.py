"""What passed between us and a contact, as clients read it."""

import json
from typing import Any

import pytest

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address
from getthrough.domain.conversation.conversation import LONGEST_LINE, describe_inbound
from getthrough.domain.dispatch import description
from getthrough.domain.event.webhook import InboundMessage, parse_inbound
from getthrough.domain.values.page import PageRequest
from getthrough.usecases.ports import Reading
from getthrough.usecases.read import read_conversation
from tests.builders import FIRST, FROM, SECOND, at, step
from tests.fakes import FakeConversations
from tests.unit.world import World

CONTACT = Address("sms", FIRST)


def read(world: World, address: Address = CONTACT, limit: int = 20, cursor: str | None = None) -> Any:
    return read_conversation(world.ports(Reading), address, PageRequest(limit, cursor))


def say(world: World, text: str, seconds: float, **fields: Any) -> dict[str, Any]:
    payload = {"channel": "sms", "message_uuid": f"in-{seconds}", "from": FIRST, "to": FROM, "text": text, **fields}
    payload["timestamp"] = at(seconds).isoformat()
    world.receive(parse_inbound(payload, received_at=at(seconds)))
    return payload


@pytest.fixture
def world() -> World:
    """A message to the first phone with a fallback to the second, both out."""
    world = World()
    sent = world.send(step(15), step(to=SECOND))
    world.clock.advance(15)
    world.advance(sent.dispatch.dispatch_uuid)
    return world


def test_a_conversation_has_what_was_sent_and_what_came_newest_first(world: World) -> None:
    plain = say(world, "On my way", 20)
    quoting = say(world, "Yes please", 30, context={"message_uuid": "vonage-1"})
    [stored] = world.dispatches.stored.values()

    assert read(world) == {
        "channel": "sms",
        "address": FIRST,
        "opt_out": None,
        "service_windows": [],
        "messages": [
            {
                "direction": "inbound",
                "at": "2026-03-02T12:00:30.000Z",
                "channel": "sms",
                "in_reply_to": stored.message_uuid(0),
                "message": quoting,
            },
            {
                "direction": "inbound",
                "at": "2026-03-02T12:00:20.000Z",
                "channel": "sms",
                "in_reply_to": None,
                "message": plain,
            },
            {
                "direction": "outbound",
                "at": "2026-03-02T12:00:00.000Z",
                "channel": "sms",
                "message_uuid": stored.message_uuid(0),
                "automatic": False,
                "step": description.describe_step(stored, 0),
            },
        ],
        "cursor": None,
    }


def test_a_step_that_was_noted_and_not_sent_because_of_a_stop_is_not_in_the_conversation(world: World) -> None:
    say(world, "STOP", 20)
    before = read(world)["messages"]
    world.clock.advance(10)
    world.send(step())

    assert len(world.conversations.claimed) == 3
    assert read(world)["messages"] == before


def test_each_contact_sees_its_own_step(world: World) -> None:
    [stored] = world.dispatches.stored.values()
    [message] = read(world, Address("sms", SECOND))["messages"]
    assert message["step"] == description.describe_step(stored, 1)


def test_it_comes_page_by_page(world: World) -> None:
    for seconds in (20, 30):
        say(world, "On my way", seconds)
    pages, cursor = [], None
    for _ in range(3):
        answer = read(world, limit=1, cursor=cursor)
        pages.append([message["at"] for message in answer["messages"]])
        cursor = answer["cursor"]
    assert pages == [["2026-03-02T12:00:30.000Z"], ["2026-03-02T12:00:20.000Z"], ["2026-03-02T12:00:00.000Z"]]
    assert cursor is None


@pytest.mark.parametrize(("text", "opted_out", "at_second"), [("STOP", True, "20.000"), ("START", False, "20.000")])
def test_it_says_whether_the_contact_wants_messages(world: World, text: str, opted_out: bool, at_second: str) -> None:
    say(world, text, 20)
    assert read(world)["opt_out"] == {
        "channel": "sms",
        "address": FIRST,
        "opted_out": opted_out,
        "changed_at": f"2026-03-02T12:00:{at_second}Z",
        "why": "sms message in-20",
        "by": "customer",
    }


def test_the_conversation_of_an_unknown_contact_is_empty(world: World) -> None:
    stranger = Address("messenger", "stranger")
    expected: dict[str, Any] = {
        "channel": "messenger",
        "address": "stranger",
        "opt_out": None,
        "service_windows": [],
        "messages": [],
        "cursor": None,
    }
    assert read(world, stranger) == expected
    world.opt_outs.change(
        OptOut(contact=stranger.contact, address=stranger, opted_out=True, changed_at=at(0), why="", by="bakery")
    )
    assert read(world, stranger)["opt_out"]["by"] == "bakery"


def test_what_was_sent_by_a_dispatch_that_is_gone_is_shown_without_its_step(world: World) -> None:
    [dispatch_uuid] = list(world.dispatches.stored)
    del world.dispatches.stored[dispatch_uuid]
    [message] = read(world)["messages"]
    assert (message["message_uuid"], message["step"]) == (f"{dispatch_uuid[:-2]}01", None)


def test_a_page_of_very_long_messages_has_fewer_of_them_and_the_next_one_has_the_rest() -> None:
    world, reported = World(), []
    for number in range(60):
        say(world, "é" * 60_000, number, message_uuid=f"in-{number}")
    cursor = None
    while True:
        page = read(world, limit=100, cursor=cursor)
        assert len(json.dumps(page, ensure_ascii=False).encode()) < 6_000_000
        reported += [entry["message"]["message_uuid"] for entry in page["messages"]]
        if (cursor := page["cursor"]) is None:
            break

    assert reported == [f"in-{number}" for number in reversed(range(60))]


# What came from anybody


def came(seconds: int, text: str | None, **fields: Any) -> InboundMessage:
    payload = {"channel": "sms", "message_uuid": f"{seconds}", "from": FIRST, "to": FROM, "text": text, **fields}
    return parse_inbound(payload, received_at=at(seconds))


def listed(*messages: InboundMessage, limit: int = 20, cursor: str | None = None) -> Any:
    conversations = FakeConversations()
    for message in messages:
        conversations.add(message)
    found = conversations.newest(limit, cursor)
    return {"conversations": [describe_inbound(message) for message in found.items], "cursor": found.cursor}


def line(seconds: int, text: str | None, **fields: str) -> dict[str, Any]:
    received_at = f"2026-03-02T12:00:{seconds}.000Z"
    said = {"received_at": received_at, "message_type": "text", "text": text}
    return {"channel": "sms", "address": FIRST, **said, **fields}


def test_what_came_has_one_line_for_each_message_newest_first_and_the_cursor_of_the_next_page() -> None:
    messages = came(20, "On my way"), came(30, "Who is this?", **{"from": SECOND}), came(40, "Thank you")

    first = listed(*messages, limit=2)
    second = listed(*messages, limit=2, cursor=first["cursor"])

    assert first["conversations"] == [line(40, "Thank you"), line(30, "Who is this?", address=SECOND)]
    assert second == {"conversations": [line(20, "On my way")], "cursor": None}


def test_what_says_nothing_has_no_text() -> None:
    picture = came(20, None, message_type="image", image={"url": "https://example.com/cake.jpg"})

    assert listed(picture)["conversations"] == [line(20, None, message_type="image")]


@pytest.mark.parametrize(("length", "shown"), [(0, 0), (LONGEST_LINE, LONGEST_LINE), (LONGEST_LINE + 1, LONGEST_LINE)])
def test_what_is_long_is_cut(length: int, shown: int) -> None:
    assert listed(came(20, "é" * length))["conversations"] == [line(20, "é" * shown)]
