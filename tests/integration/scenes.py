"""What the stories on the running stack are made of."""

import time
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from getthrough.adapters.event_bus import NEW_RULE
from tests.builders import message
from tests.running_stack import SECONDS_BETWEEN_LOOKS, Stack

LATEST = 30
"""Seconds that something may be late on a busy machine. The two that are promised are held on a simulated clock."""


def sms(to: str, **fields: Any) -> dict[str, Any]:
    return message(to=to, **fields)


def whatsapp(to: str, **fields: Any) -> dict[str, Any]:
    return message(channel="whatsapp", to=to, **fields)


def send(stack: Stack, body: dict[str, Any]) -> str:
    """Send a message; its dispatch_uuid."""
    response = stack.api("POST", "/v1/messages", body)
    assert response.status_code == 202, response.text
    identifier: str = response.json()["workflow_id"]
    return identifier


def over(dispatch: dict[str, Any]) -> bool:
    return dispatch["outcome"] is not None


def first_is(status: str) -> Callable[[dict[str, Any]], bool]:
    """Whether the first step has this status."""
    return lambda dispatch: bool(dispatch["steps"][0]["status"] == status)


def story(dispatch: dict[str, Any]) -> list[tuple[int | None, str]]:
    """The timeline in words: (step, what happened). The first webhook may overtake the response to the POST: here it
    comes after it."""
    words = [
        (entry["step"], entry.get("status") or entry.get("answer") or entry.get("outcome") or entry["event"])
        for entry in dispatch["timeline"]
    ]
    for place, ((step, early), after) in enumerate(list(pairwise(words))):
        if early == "submitted" and after == (step, "accepted"):
            words[place : place + 2] = [after, (step, early)]
    return words


def until_a_new_rule_counts() -> None:
    """What is published before may not be on the bus."""
    time.sleep(NEW_RULE.total_seconds() + 1)


def seconds_between(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def received(stack: Stack, *numbers: str) -> list[dict[str, Any]]:
    """What the provider received for these numbers, in order."""
    return [entry for entry in stack.simulator("GET", "/requests") if entry["body"].get("to") in numbers]


def recipients(stack: Stack, *numbers: str) -> list[str]:
    """Whom of these the provider received a message for, in order."""
    return [entry["body"]["to"] for entry in received(stack, *numbers)]


def reply(stack: Stack, channel: str, number: str, text: str | None = None, **content: Any) -> None:
    """The owner of a phone answers the one who wrote last; done when its webhook was accepted."""
    said = content if text is None else {"text": text, **content}
    answer = stack.simulator("POST", f"/phones/{channel}/{number}/reply", said)
    path = f"/webhooks?message_uuid={answer['message_uuid']}"
    until(lambda: any(attempt["answer"] == 200 for attempt in stack.simulator("GET", path)))


def conversation(stack: Stack, channel: str, address: str, **parameters: Any) -> dict[str, Any]:
    response = stack.api("GET", f"/v1/conversations/{channel}/{quote(address, safe='')}", params=parameters)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def said(conversation: dict[str, Any]) -> list[tuple[str, str]]:
    """A conversation in words, newest first: (direction, text)."""
    return [
        (entry["direction"], entry["step"]["content"]["text"] if "step" in entry else entry["message"]["text"])
        for entry in conversation["messages"]
    ]


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until it holds; an AssertionError if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(SECONDS_BETWEEN_LOOKS)
