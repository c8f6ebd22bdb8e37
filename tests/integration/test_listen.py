"""`getthrough listen` with two local stacks. One plays the cloud: its emulator is AWS with the relay, and its simulator
is Vonage. The other one is at the developer's desk."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from standardwebhooks import Webhook

from cli.errors import OperatorError
from cli.listen.relay import Outputs, Relay, find_or_create
from local.stack.settings import ROOT, StartError, from_env
from tests.integration.scenes import over, send, sms, until, until_a_new_rule_counts
from tests.provider import Provider, answer, serve
from tests.running_stack import Stack, new_number, running_stack

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("cloud") / "local") as cloud:
        yield cloud


@pytest.fixture(scope="module")
def relay(cloud: Stack) -> Outputs:
    """What a killed listener had taken comes again after ten seconds, not after a minute."""
    relay = find_or_create(cloud.aws, "relay")
    cloud.aws("sqs").set_queue_attributes(QueueUrl=relay["QueueUrl"], Attributes={"VisibilityTimeout": "10"})
    return relay


@pytest.fixture(scope="module")
def desk(cloud: Stack, relay: Outputs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that sends through the other one's provider, whose statuses go to the relay."""
    api, _, path = relay["StatusUrl"].removeprefix("https://").partition("/")
    settings = {
        "VONAGE_API_URL": cloud.simulator_url,
        "VONAGE_APPLICATION_ID": cloud.application_id,
        "VONAGE_PRIVATE_KEY": cloud.private_key_path,
        "VONAGE_API_KEY": cloud.api_key,
        "VONAGE_SIGNATURE_SECRET": cloud.signature_secret,
        "STATUS_WEBHOOK_URL": f"{cloud.aws_endpoint}/_aws/execute-api/{api.partition('.')[0]}/$default/{path}",
    }
    with running_stack(tmp_path_factory.mktemp("desk") / "local", **settings) as desk:
        yield desk


class Listener:
    """The command in a process of its own."""

    def __init__(self, cloud: Stack, desk: Stack, *arguments: str) -> None:
        environ = {
            **os.environ,
            "AWS_ENDPOINT_URL": cloud.aws_endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": cloud.region,
            "LOCAL_DIR": str(desk.local_dir),
            "PYTHONUNBUFFERED": "1",
        }
        self.path = desk.local_dir.parent / f"listener-{uuid.uuid4()}"
        with self.path.open("w") as file:
            command = [sys.executable, "-m", "cli", "listen", "--relay", "relay", *arguments]
            self.process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=file, stderr=subprocess.STDOUT)

    @property
    def printed(self) -> str:
        return self.path.read_text()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ctrl-C would be ignored where the tests run in the background of a shell."""
        self.process.send_signal(how)
        self.process.wait(60)


@contextlib.contextmanager
def listening(cloud: Stack, desk: Stack, *arguments: str) -> Iterator[Listener]:
    listener = Listener(cloud, desk, *arguments)
    try:
        until(lambda: "Webhooks go to" in listener.printed or listener.process.poll() is not None)
        yield listener
    finally:
        if listener.process.poll() is None:
            listener.stop()


def statuses(stack: Stack, dispatch_uuid: str) -> list[str]:
    return [entry["status"] for entry in stack.dispatch(dispatch_uuid)["timeline"] if entry["event"] == "status"]


def waiting(cloud: Stack, relay: Outputs) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = cloud.aws("sqs").get_queue_attributes(QueueUrl=relay["QueueUrl"], AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def lease_is_over(cloud: Stack, relay: Outputs) -> None:
    """As if the minute since the killed listener's last sign of life had passed."""
    cloud.aws("dynamodb").delete_item(TableName=relay["LeaseTable"], Key={"id": {"S": "listener"}})


def test_a_message_of_the_desk_comes_to_its_outcome_by_the_relay_alone(
    cloud: Stack, desk: Stack, relay: Outputs
) -> None:
    with listening(cloud, desk) as listener:
        dispatch_uuid = send(desk, sms(new_number()))
        found = desk.wait_for_dispatch(dispatch_uuid, over, seconds=120)
        until(lambda: len(statuses(desk, dispatch_uuid)) > 1)  # a queue may pass the second status on first

    assert (found["outcome"], sorted(statuses(desk, dispatch_uuid))) == ("succeeded", ["delivered", "submitted"])
    assert f"export VONAGE_API_URL=https://api.nexmo.com STATUS_WEBHOOK_URL={relay['StatusUrl']}" in listener.printed
    assert cloud.api("GET", f"/v1/dispatches/{dispatch_uuid}").status_code == 404


def test_a_listener_that_is_killed_loses_and_doubles_nothing(cloud: Stack, desk: Stack, relay: Outputs) -> None:
    """Killed again and again while webhooks come, and in the end left to finish."""
    sent = [send(desk, sms(new_number())) for _ in range(6)]
    for _ in range(3):
        with listening(cloud, desk) as listener:
            listener.stop(signal.SIGKILL)
        lease_is_over(cloud, relay)
        sent.append(send(desk, sms(new_number())))
    with listening(cloud, desk):
        outcomes = [desk.wait_for_dispatch(each, over, seconds=200)["outcome"] for each in sent]
        until(lambda: waiting(cloud, relay) == 0, seconds=100)

    assert outcomes == ["succeeded"] * len(sent)
    assert [sorted(statuses(desk, each)) for each in sent] == [["delivered", "submitted"]] * len(sent)
    ours = [entry["body"]["client_ref"] for entry in cloud.simulator("GET", "/requests")]
    assert len(ours) == len(set(ours)), "a message was sent twice"


def test_a_second_listener_is_refused_in_words(cloud: Stack, desk: Stack, relay: Outputs) -> None:
    with listening(cloud, desk), listening(cloud, desk) as second:
        assert second.process.wait(60) == 2
        assert "getthrough: someone already listens on " in second.printed

    # An orderly end gives the lease back at once.
    Relay(relay, cloud.aws, "next", "here").hold(time.time())
    with pytest.raises(OperatorError, match="someone already listens on here"):
        Relay(relay, cloud.aws, "third", "there").hold(time.time())
    lease_is_over(cloud, relay)


def test_a_forged_webhook_is_still_401_at_the_desk(cloud: Stack, desk: Stack, relay: Outputs) -> None:
    function = next(
        each["PhysicalResourceId"]
        for each in cloud.aws("cloudformation").describe_stack_resources(StackName="relay")["StackResources"]
        if each["ResourceType"] == "AWS::Lambda::Function"
    )
    path = "/" + relay["StatusUrl"].removeprefix("https://").partition("/")[2]
    headers = {"authorization": "Bearer a.b.c", "content-type": "application/json"}
    answered = cloud.invoke(function, {"rawPath": path, "headers": headers, "body": "{}", "isBase64Encoded": False})

    with listening(cloud, desk) as listener:
        until(lambda: "POST /status  401  not signed" in listener.printed)

    assert answered["statusCode"] == 200
    assert waiting(cloud, relay) == 0


@pytest.fixture
def receiver() -> Iterator[Provider]:
    with serve() as receiver:
        receiver.answers = [answer(503), answer(204, b"")]
        yield receiver


def test_events_are_forwarded_until_the_receiver_takes_them_signed_as_the_stack_signs_them(
    cloud: Stack, desk: Stack, receiver: Provider
) -> None:
    with listening(cloud, desk, "--forward", f"{receiver.url}/events") as listener:
        until(lambda: bool(desk.aws("events").list_rules(EventBusName=desk.event_bus_name)["Rules"]))
        until_a_new_rule_counts()
        dispatch_uuid = send(desk, sms(new_number()))
        kinds: dict[str, set[str]] = {}

        def finished() -> bool:
            for request in list(receiver.received):
                event: Any = Webhook(desk.callback_secret).verify(request.body, dict(request.headers))
                kinds.setdefault(event["type"], set()).add(request.headers["webhook-id"])
            return "dispatch.finished" in kinds and len(kinds["message.status"]) == 2

        until(finished, seconds=120)
        until(lambda: "503  it is tried again" in listener.printed)

    assert desk.dispatch(dispatch_uuid)["outcome"] == "succeeded"
    assert desk.aws("events").list_rules(EventBusName=desk.event_bus_name)["Rules"] == []


def test_the_relay_is_there_only_once_and_gone_when_it_is_removed(cloud: Stack, desk: Stack) -> None:
    before = find_or_create(cloud.aws, "another-relay")
    assert find_or_create(cloud.aws, "another-relay") == before

    with pytest.raises(OperatorError, match="is no relay: name another one"):
        find_or_create(cloud.aws, "getthrough")
    planned = Listener(cloud, desk, "--relay", "another-relay", "--remove", "--dry-run")
    planned.process.wait(60)
    removed = Listener(cloud, desk, "--relay", "another-relay", "--remove")
    removed.process.wait(60)

    assert planned.printed == ("The relay another-relay would be deleted, with the webhooks that wait in it.\n")
    assert removed.printed == "The relay another-relay is deleted, with the webhooks that wait in it.\n"
    names = [stack["StackName"] for stack in cloud.aws("cloudformation").describe_stacks()["Stacks"]]
    assert "another-relay" not in names


def test_half_of_the_providers_credentials_are_refused_at_the_start() -> None:
    words = r"VONAGE_PRIVATE_KEY, VONAGE_API_KEY, VONAGE_SIGNATURE_SECRET is missing: set all of"
    with pytest.raises(StartError, match=words):
        from_env({"VONAGE_APPLICATION_ID": "an-id", "HTTP_PORT": "0", "SIMULATOR_PORT": "0", "AWS_PORT": "0"})
