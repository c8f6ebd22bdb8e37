"""What the stories on the running stack are made of."""

from datetime import datetime
from typing import Any

from tests.builders import message
from tests.running_stack import Stack


def sms(to: str, **fields: Any) -> dict[str, Any]:
    return message(to=to, **fields)


def send(stack: Stack, body: dict[str, Any]) -> str:
    """Send a message; its dispatch_uuid."""
    response = stack.api("POST", "/v1/messages", body)
    assert response.status_code == 202, response.text
    identifier: str = response.json()["workflow_id"]
    return identifier


def over(dispatch: dict[str, Any]) -> bool:
    return dispatch["outcome"] is not None


def story(dispatch: dict[str, Any]) -> list[tuple[int | None, str]]:
    """The timeline in words: (step, what happened)."""
    return [
        (entry["step"], entry.get("status") or entry.get("answer") or entry.get("outcome") or entry["event"])
        for entry in dispatch["timeline"]
    ]


def seconds_between(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def received(stack: Stack, *numbers: str) -> list[dict[str, Any]]:
    """What the provider received for these numbers, in order."""
    return [entry for entry in stack.twin("GET", "/requests") if entry["body"].get("to") in numbers]
