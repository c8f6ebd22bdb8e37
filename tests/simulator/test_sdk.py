"""The official SDK as a client."""

from collections.abc import Iterator

import pytest
from requests.exceptions import ConnectionError as ConnectionLost
from vonage import Auth, Vonage  # type: ignore[import-untyped]
from vonage_http_client.errors import (  # type: ignore[import-untyped]
    AuthenticationError,
    HttpRequestError,
    RateLimitedError,
)
from vonage_messages import RcsText, Sms, WhatsappText  # type: ignore[import-untyped]

from tests.simulator.client import APPLICATION_ID, OTHER_PHONE, PHONE, SENDER, Client
from tests.simulator.conftest import Keys
from tests.simulator.receiver import Receiver, until
from tests.vonage_sdk import vonage_sdk

MESSAGE = Sms(to=PHONE, from_=SENDER, text="Your cupcakes are ready.", client_ref="order-7")


def sdk(client: Client, private_key: str) -> Vonage:
    return vonage_sdk(client.url, Auth(application_id=APPLICATION_ID, private_key=private_key), timeout=5)


@pytest.fixture
def vonage(client: Client, keys: Keys) -> Iterator[Vonage]:
    vonage = sdk(client, keys.pem)
    yield vonage
    vonage.http_client._session.close()


def test_it_sends(vonage: Vonage, client: Client, receiver: Receiver) -> None:
    sent = vonage.messages.send(MESSAGE)
    delivered = receiver.body_with("delivered")
    assert (delivered["message_uuid"], delivered["client_ref"]) == (sent.message_uuid, "order-7")
    assert client.messages()[0]["text"] == "Your cupcakes are ready."


def test_it_sends_with_vonages_own_failover(vonage: Vonage, receiver: Receiver, client: Client) -> None:
    client.phone("rcs", mode="blocked")
    first = RcsText(to=PHONE, from_="Bakery", text="Ready.")
    sent = vonage.messages.send(first, failover=[WhatsappText(to=OTHER_PHONE, from_=SENDER, text="Ready.")])
    assert receiver.body_with("delivered")["workflow"]["workflow_id"] == sent.workflow_id


def test_it_revokes(vonage: Vonage, client: Client) -> None:
    client.phone("rcs", mode="airplane")
    sent = vonage.messages.send(RcsText(to=PHONE, from_="Bakery", text="Ready."))
    vonage.messages.revoke_rcs_message(sent.message_uuid)
    assert client.messages("rcs")[0]["status"] == "revoked"


def test_it_knows_the_errors(vonage: Vonage, client: Client) -> None:
    client.faults(answers=[{"status": 429}, {"status": 402}])
    with pytest.raises(RateLimitedError, match="Rate Limit Hit"):
        vonage.messages.send(MESSAGE)
    with pytest.raises(HttpRequestError, match="Low balance"):
        vonage.messages.send(MESSAGE)


def test_a_strangers_key_is_refused(client: Client, strangers_keys: Keys) -> None:
    stranger = sdk(client, strangers_keys.pem)
    with pytest.raises(AuthenticationError):
        stranger.messages.send(MESSAGE)
    stranger.http_client._session.close()


def test_on_a_dropped_connection_it_posts_ten_times_over(vonage: Vonage, client: Client, receiver: Receiver) -> None:
    """The reason why a client of our own never sends again blindly; the simulator shows it."""
    client.faults(answers=[{"drop": True, "times": 20}])
    with pytest.raises(ConnectionLost):
        vonage.messages.send(MESSAGE)
    until(lambda: receiver.statuses().count("delivered") == 10)
    assert [entry["answer"] for entry in client.get("/requests")] == ["dropped"] * 10
