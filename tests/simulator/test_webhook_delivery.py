"""How webhooks are signed, and when they come again."""

import dataclasses
import time
from datetime import datetime
from itertools import accumulate, pairwise

import pytest
import requests

from local.vonage_simulator.config import SimulatorConfig
from local.vonage_simulator.server import SimulatorThread
from local.vonage_simulator.webhooks import is_retried, retry_waits
from tests.simulator.client import APPLICATION_ID, Client, sms
from tests.simulator.conftest import SPEED, Keys
from tests.simulator.receiver import API_KEY, Receiver, until


def test_a_webhook_is_signed_as_published(client: Client, receiver: Receiver) -> None:
    client.send(sms())
    first, second = until(lambda: receiver.received[1:] and receiver.received[:2])
    claims = first.claims()
    assert claims == {
        "iat": claims["iat"],
        "jti": claims["jti"],
        "iss": "Vonage",
        "payload_hash": claims["payload_hash"],
        "api_key": API_KEY,
        "application_id": APPLICATION_ID,
    }
    assert abs(claims["iat"] - time.time()) < 5
    assert claims["jti"] != second.claims()["jti"]


def test_the_retry_schedule() -> None:
    waits = list(retry_waits())
    assert waits[:8] == [5, 10, 20, 40, 80, 160, 320, 640]
    assert set(waits[8:]) == {900}
    assert 24 * 3600 - 900 < list(accumulate(waits))[-1] <= 24 * 3600


@pytest.mark.parametrize(
    ("answer", "retried"),
    [
        (200, False),
        (204, False),
        (301, False),
        (400, False),
        (401, False),
        (404, False),
        (429, True),
        (500, True),
        (503, True),
        (599, True),
        ("timeout", True),
    ],
)
def test_which_answers_are_retried(answer: int | str, retried: bool) -> None:
    assert is_retried(answer) is retried


def test_a_failing_receiver_gets_it_again_signed_again_until_it_takes_it(client: Client, receiver: Receiver) -> None:
    client.phone(delay=3600)
    receiver.answers[:] = [503, 429, 500]
    client.send(sms())
    until(lambda: len(receiver.received) == 4)
    assert len({item.raw for item in receiver.received}) == 1
    assert len({item.claims()["jti"] for item in receiver.received}) == 4
    times = [datetime.fromisoformat(entry["at"]).timestamp() for entry in client.get("/webhooks")]
    gaps = [(later - earlier) * SPEED for earlier, later in pairwise(times)]
    for gap, wait in zip(gaps, (5, 10, 20), strict=True):
        assert wait - 0.2 <= gap < wait + 50  # the time stamps have milliseconds; the machine may be busy
    until(lambda: client.get("/webhooks")[-1]["answer"] == 200)
    assert [(entry["attempt"], entry["answer"]) for entry in client.get("/webhooks")] == [
        (1, 503),
        (2, 429),
        (3, 500),
        (4, 200),
    ]


def test_a_401_loses_the_event(client: Client, receiver: Receiver) -> None:
    client.phone(delay=3600)
    receiver.answers[:] = [401]
    client.send(sms())
    until(lambda: client.get("/webhooks")[-1:] and client.get("/webhooks")[-1]["answer"])
    time.sleep(7 / SPEED)
    assert [entry["answer"] for entry in client.get("/webhooks")] == [401]


def test_a_receiver_that_says_nothing_in_time_gets_it_again(client: Client, receiver: Receiver) -> None:
    client.phone(delay=3600)
    receiver.answers[:] = [0.6]
    client.send(sms())
    until(lambda: len(client.get("/webhooks")) == 2 and client.get("/webhooks")[1]["answer"])
    assert [entry["answer"] for entry in client.get("/webhooks")] == ["timeout", 200]


def test_a_receiver_that_is_not_there_gets_it_when_it_comes(client: Client) -> None:
    client.send(sms(webhook_url="http://127.0.0.1:9/status"))
    entry = until(lambda: next((e for e in client.get("/webhooks") if e["attempt"] == 2), None))
    assert entry["answer"] in {None, "no connection (ClientConnectorError)"}


def test_a_redirect_is_not_followed(client: Client, receiver: Receiver) -> None:
    receiver.answers[:] = [302, 302]
    client.send(sms())
    until(lambda: [entry["answer"] for entry in client.get("/webhooks")] == [302, 302])


def test_a_message_that_is_not_taken_holds_up_no_other(client: Client, receiver: Receiver) -> None:
    receiver.answers[:] = [503]
    client.send(sms())
    receiver.body_with("delivered")
    assert receiver.statuses().count("delivered") == 1


def test_the_simulator_ends_while_retries_wait(config: SimulatorConfig, keys: Keys, receiver: Receiver) -> None:
    """If it waited for them, it would not end before pytest gives up."""
    receiver.answers[:] = [503] * 99
    slow = dataclasses.replace(config, speed=1.0)
    with SimulatorThread(slow) as simulator, requests.Session() as session:
        client = Client(simulator.url, keys.private, session)
        client.send(sms())
        until(lambda: client.get("/webhooks"))
