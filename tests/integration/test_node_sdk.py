"""Vonage's official SDK for Node as a client: each message that it can make, with another host and no other change."""

import json
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.integration.sdk_clients import CHANNELS, Delivery, Exchange, block, deliveries, passed_on
from tests.needs import node_packages
from tests.running_stack import Stack, new_number

SOURCE = Path(__file__).with_name("node_sdk")


class Sent(NamedTuple):
    """What became of each class's message, what the SDK returned for it, and the classes that were not tried."""

    deliveries: dict[str, Delivery]
    returned: dict[str, str]
    left_out: list[str]


def send_all(sdk: Path, stack: Stack, **to: str) -> Sent:
    private_key = Path(stack.private_key_path).read_text(encoding="utf-8")
    given = {"apiHost": stack.api_url, "applicationId": stack.application_id, "privateKey": private_key, **to}
    script = subprocess.run(
        ["node", "send_all.mjs"], cwd=sdk, input=json.dumps(given), capture_output=True, text=True, check=False
    )
    assert (script.returncode, script.stderr) == (0, "")
    reported = json.loads(script.stdout)
    returned = {name: each.pop("messageUUID", None) for name, each in reported["exchanges"].items()}
    exchanges = {name: Exchange(**each) for name, each in reported["exchanges"].items()}
    return Sent(deliveries(stack, exchanges), returned, reported["leftOut"])


@pytest.fixture(scope="module")
def sdk() -> Path:
    """The SDK as package-lock.json pins it. It asks for Node 22, but needs 20."""
    return node_packages(SOURCE)


@pytest.fixture(scope="module")
def plain(sdk: Path, shared_stack: Stack) -> Sent:
    """Each message by itself."""
    shared_stack.simulator("DELETE", "/phones")
    return send_all(sdk, shared_stack, to=new_number())


@pytest.fixture(scope="module")
def failed_over(sdk: Path, shared_stack: Stack) -> Sent:
    """Each message to a phone that takes none, with an SMS to another number behind it."""
    shared_stack.simulator("DELETE", "/phones")
    number = new_number()
    block(shared_stack, CHANNELS, number)
    block(shared_stack, ["email"], f"{number}@example.com")
    return send_all(sdk, shared_stack, to=number, fallback=new_number())


def refused(sent: Sent) -> dict[str, object]:
    exchanges = {name: delivery.exchange for name, delivery in sent.deliveries.items()}
    return {name: each.answer for name, each in exchanges.items() if each.status != 202}


def test_no_message_class_of_the_sdk_is_left_out(plain: Sent) -> None:
    assert plain.left_out == []


def test_every_message_arrives_as_it_was_sent(plain: Sent) -> None:
    assert refused(plain) == {}
    assert {name: delivery.received for name, delivery in plain.deliveries.items()} == {
        name: [[passed_on(delivery.exchange.sent, plain.returned[name])]] for name, delivery in plain.deliveries.items()
    }
    assert [name for name, delivery in plain.deliveries.items() if delivery.shown != [True]] == []


def test_every_rejected_message_is_followed_by_its_fallback(failed_over: Sent) -> None:
    assert refused(failed_over) == {}
    for name, delivery in failed_over.deliveries.items():
        sent, (first, second) = delivery.exchange.sent, delivery.message_uuids
        (fallback,) = sent["failover"]
        assert delivery.received == [[passed_on(sent, first)], [passed_on(fallback, second)]], name
        assert (failed_over.returned[name], delivery.shown) == (first, [False, True]), name
