"""Each example does what its line in examples/README.md says, against the running local stack."""

import contextlib
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
import requests
from samtranslator.yaml_helper import yaml_parse

from local.stack.settings import free_port
from tests.integration.scenes import over, send, sms, until, until_a_new_rule_counts
from tests.needs import need
from tests.running_stack import Stack, new_number, running_stack

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


def environ(stack: Stack, **more: str) -> dict[str, str]:
    return {**os.environ, "API": stack.api_url, "AUTH": f"{stack.client_name}:{stack.client_secret}", **more}


def output(stack: Stack, *command: str) -> str:
    run = subprocess.run(
        command, cwd=ROOT, env=environ(stack), capture_output=True, text=True, check=False, timeout=100
    )
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout.strip()


def phones(stack: Stack, first: str) -> tuple[str, str]:
    """Two phones of our own; the first one is in this mode."""
    numbers = new_number(), new_number()
    stack.simulator("PUT", f"/phones/sms/{numbers[0]}", {"mode": first})
    return numbers


def texts(stack: Stack, number: str) -> list[str]:
    shown = stack.simulator("GET", f"/phones/sms/{number}")["messages"]
    return [message["text"] for message in shown if message["shown"]]


def test_the_page_of_the_examples_names_each_of_them_once() -> None:
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    files = {str(path.relative_to(EXAMPLES)) for path in EXAMPLES.glob("*/*")} - {"github-actions/role.yaml"}

    assert set(re.findall(r"^\| \[[^]]+\]\(([^)]+)\)", page, re.M)) == files


@pytest.mark.parametrize("command", [("curl", "examples/curl/send.sh"), ("node", "node", "examples/node/send.mjs")])
def test_a_script_sends_with_a_fallback_and_prints_the_outcome(stack: Stack, command: tuple[str, ...]) -> None:
    tool, *line = command
    need(tool, packages="curl nodejs")
    first, second = phones(stack, "blocked")

    assert output(stack, *line, first, second) == "succeeded"
    assert (texts(stack, first), texts(stack, second)) == ([], ["Your cupcakes are ready!"])


def test_vonages_sdk_for_python_works_over_plain_http(stack: Stack) -> None:
    first, second = phones(stack, "blocked")

    dispatch_uuid = output(stack, sys.executable, "examples/python/send.py", first, second)

    assert stack.wait_for_dispatch(dispatch_uuid, over)["succeeded_by"] == 1


@contextlib.contextmanager
def serving(
    port: int, *command: str, env: dict[str, str], printed: int | IO[str] = subprocess.DEVNULL
) -> Iterator[str]:
    """A server of an example, until the end of the block; its URL."""
    url = f"http://127.0.0.1:{port}/"
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=printed, stderr=subprocess.DEVNULL)

    def listens() -> bool:
        assert process.poll() is None, f"{command} has ended"
        with contextlib.suppress(requests.ConnectionError):
            requests.get(url, timeout=10)
            return True
        return False

    try:
        until(listens)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def test_the_bakerys_form_sends_once_however_often_its_button_is_pressed(stack: Stack) -> None:
    need("php", packages="php-cli")
    first, second = phones(stack, "blocked")
    port = free_port()
    form = {"first": first, "second": second, "key": secrets.token_hex(16)}
    with serving(port, "php", "-S", f"127.0.0.1:{port}", "examples/php/bakery.php", env=environ(stack)) as url:
        pages = [requests.post(url, data=form, timeout=40).text for _ in range(2)]
        wrong = requests.post(url, data={"first": "<b>", "second": "", "key": secrets.token_hex(16)}, timeout=40).text

    said = [re.findall(r'role="status">([^<]*)<', page) for page in pages]
    assert said[0] == said[1]
    assert stack.wait_for_dispatch(said[0][0], over)["succeeded_by"] == 1
    assert texts(stack, second) == ["Your cupcakes are ready!"]
    assert "Not sent: The value of one or more parameters is invalid" in wrong


def test_the_receiver_prints_each_event_of_the_stack_once_and_nothing_of_strangers(tmp_path: Path) -> None:
    port, printed = free_port(), tmp_path / "printed"
    command = (sys.executable, "examples/receiver/receiver.py", str(port))
    with running_stack(tmp_path / "stack", CALLBACK_URL=f"http://127.0.0.1:{port}") as stack, printed.open("w") as file:
        env = {**os.environ, "CALLBACK_SECRET": stack.callback_secret}
        with serving(port, *command, env=env, printed=file) as url:
            forged = {"webhook-id": "evt_1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
            assert requests.post(url, b"{}", headers=forged, timeout=10).status_code == 401
            dispatch_uuid = send(stack, sms(new_number()))
            until(lambda: "dispatch.finished" in printed.read_text())

    events = [line.split(" ", 1) for line in printed.read_text().splitlines()]
    assert {kind for kind, _ in events} == {"message.status", "dispatch.finished"}
    assert {json.loads(data)["dispatch_uuid"] for _, data in events} == {dispatch_uuid}


def test_the_rule_puts_what_failed_on_its_queue_and_nothing_else(stack: Stack) -> None:
    template = (EXAMPLES / "eventbridge" / "queue.yaml").read_text(encoding="utf-8")
    cloudformation, name = stack.aws("cloudformation"), f"failures-{secrets.token_hex(4)}"
    given = [{"ParameterKey": "EventBusName", "ParameterValue": stack.event_bus_name}]
    cloudformation.create_stack(StackName=name, TemplateBody=template, Parameters=given)

    def described() -> dict[str, Any]:
        found: dict[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        return found

    until(lambda: described()["StackStatus"] == "CREATE_COMPLETE")
    until_a_new_rule_counts()
    queue_url = described()["Outputs"][0]["OutputValue"]
    good, bad = phones(stack, "on")
    stack.simulator("PUT", f"/phones/sms/{bad}", {"mode": "blocked"})
    sent = [send(stack, sms(number)) for number in (good, bad)]
    heard: list[Any] = []

    def failed() -> bool:
        answer = stack.aws("sqs").receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)
        heard.extend(json.loads(message["Body"])["detail"] for message in answer.get("Messages", []))
        return sent[1] in {event["dispatch_uuid"] for event in heard}

    stack.wait_for_dispatch(sent[0], over)
    until(failed)
    cloudformation.delete_stack(StackName=name)

    assert sent[0] not in {event["dispatch_uuid"] for event in heard}


def test_githubs_workflow_uses_this_projects_targets_and_a_token_of_one_branch() -> None:
    workflow = yaml_parse((EXAMPLES / "github-actions" / "deploy.yml").read_text(encoding="utf-8"))
    role = yaml_parse((EXAMPLES / "github-actions" / "role.yaml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["deploy"]
    targets = {line.split()[1] for step in job["steps"] if (line := step.get("run"))}
    trust = role["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]

    assert targets - set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.M)) == set()
    assert (workflow["permissions"], job["permissions"]) == ({}, {"contents": "read", "id-token": "write"})
    assert {name.rpartition(":")[2] for name in trust["Condition"]["StringEquals"]} == {"aud", "sub"}
