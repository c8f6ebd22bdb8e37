"""`make sam-local` without Docker: the emulator invokes functions that run elsewhere, over Lambda's Invoke."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from local.stack.settings import ROOT
from tests.integration.lambda_endpoint import Endpoint, lambda_endpoint, of_stack
from tests.integration.scenes import over, recipients, send, sms, until
from tests.provider import answer, serve
from tests.running_stack import Stack, new_number, running_stack
from tools import sam_local


class Elsewhere(NamedTuple):
    stack: Stack
    endpoint: Endpoint


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    """A stack whose functions are processes of AWS's runtime client, which the endpoint invokes."""
    folder = tmp_path_factory.mktemp("elsewhere") / "local"
    with lambda_endpoint() as endpoint, running_stack(folder, FUNCTIONS_URL=endpoint.url) as stack:
        endpoint.functions = of_stack(stack.aws("lambda"), sam_local.variables(vars(stack), "127.0.0.1"))
        yield Elsewhere(stack, endpoint)


def test_the_cupcake_story_plays_with_every_function_elsewhere(elsewhere: Elsewhere) -> None:
    stack, endpoint = elsewhere
    first, second = new_number(), new_number()
    stack.simulator("PUT", f"/phones/sms/{first}", {"mode": "airplane"})

    with serve() as receiver:
        receiver.answers = [answer(204, b"")]
        cupcakes = sms(first, expiry_time=15, failover=[sms(second)], webhook_url=f"{receiver.url}/events")
        dispatch_uuid = send(stack, cupcakes)
        dispatch = stack.wait_for_dispatch(dispatch_uuid, over, 60)
        until(lambda: any(b"dispatch.finished" in event.body for event in receiver.received), 60)

    assert (dispatch["outcome"], dispatch["succeeded_by"]) == ("succeeded", 1)
    assert recipients(stack, first, second) == [first, second]
    assert endpoint.invoked >= {
        "SendFunction",  # by the API
        "StatusFunction",  # by webhooks
        "AdvanceFunction",  # by the queue of timers
        "PublishFunction",  # by the stream
        "CallbackFunction",  # by the queue of callbacks
        "QueryFunction",
    }
    assert list((stack.local_dir / "tmp").glob("ministack-lambda-*")) == [], "the emulator runs none of them itself"


def test_a_schedule_and_the_page_are_served_elsewhere_too(elsewhere: Elsewhere) -> None:
    stack, endpoint = elsewhere

    stack.invoke("TickFunction", {})

    assert stack.api("GET", "/").headers["content-type"] == "text/html; charset=utf-8"
    assert stack.api("GET", "/no-such-route").status_code == 404
    assert endpoint.invoked >= {"TickFunction", "ConsoleFunction"}


def test_a_function_that_fails_elsewhere_fails_here(elsewhere: Elsewhere) -> None:
    stack, _ = elsewhere
    client, queue = stack.aws("lambda"), stack.aws("sqs")

    invoked = client.invoke(FunctionName="AdvanceFunction", Payload=b'{"no": "records"}')

    assert invoked["FunctionError"] == "Unhandled"
    assert json.loads(invoked["Payload"].read())["errorType"] == "KeyError"
    queue.send_message(QueueUrl=stack.queue_url, MessageBody="no timer")
    counts = ["ApproximateNumberOfMessagesNotVisible"]
    until(
        lambda: (
            queue.get_queue_attributes(QueueUrl=stack.queue_url, AttributeNames=counts)["Attributes"][counts[0]] == "1"
        )
    )
    queue.purge_queue(QueueUrl=stack.queue_url)


@pytest.mark.parametrize("arguments", [["--check"], [".aws-sam/local"]])
def test_without_a_docker_engine_it_says_so_in_one_sentence(tmp_path: Path, arguments: list[str]) -> None:
    environ = {**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/no.sock", "LOCAL_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "tools.sam_local", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{sam_local.NO_ENGINE}\n")
