"""What an official SDK sent to us, and what became of it at the provider."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from getthrough.domain.message import channels
from tests.integration.scenes import over
from tests.running_stack import Stack

Json = dict[str, Any]

COMMON = {"client_ref": "order-7", "webhook_url": "https://client.example/status", "webhook_version": "v0.1"}
"""The options of every message."""

CHANNELS = ["sms", "mms", "rcs", "whatsapp", "messenger", "viber_service"]
"""Those where a phone has a number."""


@dataclass(frozen=True)
class Exchange:
    """One call of an SDK: the body that it put on the wire, and our answer."""

    sent: Json
    status: int
    answer: Json


@dataclass(frozen=True)
class Delivery:
    """What came of a call, step by step: our id of the message, what the provider got for it, is it on a screen."""

    exchange: Exchange
    message_uuids: list[str]
    received: list[list[Json]]
    shown: list[bool]


def passed_on(sent: Json, message_uuid: str) -> Json:
    """What Vonage must get for a message: all of it, but for the documented fields that we fill or keep back.

    Its webhooks must come to us, in v1, with our id. With a fallback, its window is its time to live.
    """
    kept = {name: value for name, value in sent.items() if name not in {"webhook_url", "failover"}}
    lives = time_to_live(sent) if "failover" in sent else {}
    return {**kept, **lives, "client_ref": message_uuid, "webhook_version": "v1"}


def time_to_live(sent: Json) -> Json:
    """The field for the default window of a message. Empty if its channel has none, or not so short a one."""
    described = channels.CHANNELS[sent["channel"]]
    if described.ttl is None or described.window < described.ttl.floor:
        return {}
    name, *inner = described.ttl.path
    if not inner:
        return {name: sent.get(name, described.window)}
    return {name: {inner[0]: described.window, **sent.get(name, {})}}


def deliveries(stack: Stack, exchanges: Mapping[str, Exchange], seconds: float = 60) -> dict[str, Delivery]:
    """What came of each call in the end. One that we did not accept has no steps."""
    deadline = time.monotonic() + seconds
    message_uuids: dict[str, list[str]] = {name: [] for name in exchanges}
    for name, exchange in exchanges.items():
        if exchange.status == 202:
            left = max(0.1, deadline - time.monotonic())
            dispatch = stack.wait_for_dispatch(exchange.answer["workflow_id"], over, left)
            message_uuids[name] = [step["message_uuid"] for step in dispatch["steps"]]
    received = [entry["body"] for entry in stack.simulator("GET", "/requests")]
    phones = stack.simulator("GET", "/phones")
    shown = {each["client_ref"] for phone in phones for each in phone["messages"] if each["shown"]}
    return {
        name: Delivery(
            exchange=exchange,
            message_uuids=message_uuids[name],
            received=[[body for body in received if body["client_ref"] == uuid] for uuid in message_uuids[name]],
            shown=[uuid in shown for uuid in message_uuids[name]],
        )
        for name, exchange in exchanges.items()
    }


def block(stack: Stack, channels: Iterable[str], address: str) -> None:
    """Have the provider reject whatever is sent to this address on these channels, but not for an opt-out."""
    for channel in channels:
        stack.simulator("PUT", f"/phones/{channel}/{address}", {"mode": "blocked", "error": 1300})
