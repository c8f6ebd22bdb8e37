"""A pytest plugin: each handler's calls of AWS in this run are exactly those that the template lets it make.

`pytest -p tests.granted_calls tests/functional` fails if a handler made a call that its policy does not grant, or
if its policy grants one that no test saw it make. `make grants` runs it over all tests that call handlers.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from tests.aws_calls import Answer, Call, around_calls

ROOT = Path(__file__).parents[1]
HANDLERS = "getthrough.handlers."
WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"}
TRANSACTED = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}

MOST_CALLS = {
    "send": 18,
    "canary": 16,
    "status": 28,
    "inbound": 20,
    "advance": 140,
    "erasures": 60,
    "tick": 100,
    "query": 40,
    "contacts": 150,
    "schedules": 20,
    "batches": 20,
    "tally": 40,
    "recover": 40,
    "publish": 200,
    "callback": 14,
    "console": 0,
}
"""The calls of AWS that one invocation of a handler makes at most: tests/template/test_time_limits.py builds on it."""

_READ = "secretsmanager:GetSecretValue SECRET_ID"

SEEN_ELSEWHERE = {
    # These run on the local stack, which evaluates the functions' own policies: a call without its grant fails there.
    ("advance", f"{_READ} private-key"): "tests/integration/test_windows.py: the gateway is real",
    (
        "callback",
        "dynamodb:GetItem TABLE_NAME CONSENT",
    ): "tests/integration/test_client_events.py: webhooks about customers",
    ("callback", f"{_READ} contact-key"): "tests/integration/test_client_events.py: webhooks about customers",
    ("canary", f"{_READ} private-key"): "tests/integration/test_canary.py: the gateway is real",
    ("canary", "dynamodb:UpdateItem TABLE_NAME LIMIT"): "tests/integration/test_canary.py: limits count it",
    **{
        (handler, "dynamodb:UpdateItem TABLE_NAME PRICE"): "a price that came before its message's reference was stored"
        for handler in ("send", "advance", "canary")
    },
    **{
        ("recover", f"dynamodb:UpdateItem TABLE_NAME {kind}"): "a status with a price, as StatusFunction counts it"
        for kind in ("LIMIT", "PRICE")
    },
    ("contacts", "sqs:SendMessage QUEUE_URL"): "tests/contract/test_calls_per_request.py: the same over the API",
}
"""Grants that no functional test uses, and where they are used. A line that is not needed any more is an error too."""

Grant = tuple[str, str]
"""A handler's name, and `service:Action RESOURCE`, where RESOURCE is the variable that names it, with an index. A grant
of a part of the secret ends with the part's label, one of items of the table with the beginning of their keys."""


class Recorder:
    """What handlers called, and the most calls that one invocation of each made."""

    def __init__(self) -> None:
        self.calls: set[Grant] = set()
        self.longest: dict[str, int] = {}
        self._invocation: FrameType | None = None
        self._count = 0

    def note(self, service: str, operation: str, arguments: dict[str, Any]) -> None:
        found = invocation()
        if found is None:
            return
        frame, handler = found
        self._count = self._count + 1 if frame is self._invocation else 1
        self._invocation = frame
        self.longest[handler] = max(self._count, self.longest.get(handler, 0))
        self.calls |= {(handler, grant) for grant in grants_needed(service, operation, arguments)}


def invocation() -> tuple[FrameType, str] | None:
    """The outermost frame of a handler, if one is running, and the handler's name."""
    found: tuple[FrameType, str] | None = None
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if (name := handler_running(frame)) is not None:
            found = frame, name
        frame = frame.f_back
    return found


def handler_running(frame: FrameType) -> str | None:
    """The handler whose code a frame runs, or which a decorator of `_clients` or `_webhook` wraps."""
    module = str(frame.f_globals.get("__name__", ""))
    if module.startswith(HANDLERS + "_"):
        wrapped = (frame.f_locals.get(name) for name in ("handle", "record"))
        module = next((one.__module__ for one in wrapped if callable(one)), "")
    name = module.removeprefix(HANDLERS)
    return name if module.startswith(HANDLERS) and not name.startswith("_") else None


def grants_needed(service: str, operation: str, arguments: dict[str, Any]) -> Iterator[str]:
    """What IAM asks for before it lets a call pass."""
    if operation == "TransactWriteItems":
        for item in arguments["TransactItems"]:
            for kind, part in item.items():
                key = f" {kind_of_key(part)}" if TRANSACTED[kind] in WRITES else ""
                yield f"{service}:{TRANSACTED[kind]} {variable_of(part['TableName'])}{key}"
        return
    if operation == "BatchWriteItem":
        for table, asked in arguments["RequestItems"].items():
            for part in (one for it in asked for one in it.values()):
                yield f"{service}:{operation} {variable_of(table)} {kind_of_key(part)}"
        return
    index = f"/index/{arguments['IndexName']}" if "IndexName" in arguments else ""
    action = operation.removesuffix("Batch") if service == "sqs" else operation
    for resource in resources(arguments):
        yield f"{service}:{action} {variable_of(resource)}{index}{part_of(action, arguments)}"


def part_of(action: str, arguments: dict[str, Any]) -> str:
    """Which part of a resource a call needs a grant for: the label of a secret's version, the beginning of the keys of
    items that are written."""
    if "VersionStage" in arguments:
        return f" {arguments['VersionStage']}"
    return f" {kind_of_key(arguments)}" if action in WRITES else ""


def kind_of_key(part: dict[str, Any]) -> str:
    """The beginning of an item's partition key, up to its first `#`: `DISPATCH`, `CONTACT`."""
    key = part.get("Key") or part["Item"]
    return str(key["pk"]["S"].partition("#")[0])


def resources(arguments: dict[str, Any]) -> list[str]:
    if "EventBusName" in arguments:
        return [ANY]
    for name in ("TableName", "QueueUrl", "SecretId"):
        if name in arguments:
            return [arguments[name]]
    if "Entries" in arguments:  # of EventBridge
        return sorted({entry["EventBusName"] for entry in arguments["Entries"]})
    return sorted(arguments["RequestItems"])


ANY = "any rule"
"""AWS lets a function list the rules of a bus only if it may list all."""


def variable_of(value: str) -> str:
    """The name of the environment variable from which a handler has a resource's name."""
    if value == ANY:
        return value
    names = [name for name in ENVIRONMENT_OF.values() if os.environ.get(name) == value]
    return names[0] if names else f"an unknown resource, {value}"


ENVIRONMENT_OF = {
    "TableArn": "TABLE_NAME",
    "QueueArn": "QUEUE_URL",
    "DeadLetterQueueArn": "DEAD_LETTER_QUEUE_URL",
    "CallbackQueueArn": "CALLBACK_QUEUE_URL",
    "CallbackDeadLetterQueueArn": "CALLBACK_DEAD_LETTER_QUEUE_URL",
    "EventBusArn": "EVENT_BUS_NAME",
    "SecretId": "SECRET_ID",
}


def granted(template: dict[str, Any]) -> set[Grant]:
    """What the template grants to handlers' own calls: Lambda needs the rest, to read each function's source."""
    sources = set(granted_for_sources(template))
    found: set[Grant] = set()
    for name, resource in template["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        for policy in resource["Properties"].get("Policies", []):
            for statement in policy["Statement"]:
                named = product(listed(statement["Action"]), listed(statement["Resource"]), parts_of(statement))
                found |= {(handler_of(name), f"{action} {arn(resource)}{part}") for action, resource, part in named}
    return found - sources


def parts_of(statement: dict[str, Any]) -> list[str]:
    """What its condition narrows a statement to."""
    [values] = [of for it in statement.get("Condition", {}).values() for of in it.values()] or [None]
    return [""] if values is None else [f" {value.removesuffix('#*')}" for value in listed(values)]


def granted_for_sources(template: dict[str, Any]) -> Iterator[Grant]:
    """What Lambda does with a function's role by itself."""
    for resource in template["Resources"].values():
        if resource["Type"] != "AWS::Lambda::EventSourceMapping":
            continue
        mapping = resource["Properties"]
        handler, source = handler_of(mapping["FunctionName"]["Ref"]), arn(mapping["EventSourceArn"])
        if source == "StreamArn":
            for action in ("DescribeStream", "GetShardIterator", "GetRecords", "ListStreams"):
                yield handler, f"dynamodb:{action} {source}"
        else:
            for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
                yield handler, f"sqs:{action} {source}"


def destinations(template: dict[str, Any]) -> set[Grant]:
    """Where Lambda puts what a function failed at: a grant that the handler may use as well."""
    return {
        (handler_of(mapping["FunctionName"]["Ref"]), f"sqs:SendMessage {arn(target)}")
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Lambda::EventSourceMapping"
        for mapping in [resource["Properties"]]
        for target in [mapping.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")]
        if target
    }


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def arn(resource: dict[str, Any] | str) -> str:
    """A resource of a policy, by the variable that names it."""
    if resource == "*":
        return ANY
    assert isinstance(resource, dict)
    text = str(resource.get("Fn::Sub") or resource["Fn::GetAtt"][1])
    [name, index] = re.findall(r"Outputs\.(\w+)\}?(.*)", text)[0]
    return f"{ENVIRONMENT_OF.get(name, name)}{index}"


def handler_of(function: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", function.removesuffix("Function")).lower()


def complaints(calls: Iterable[Grant], template: dict[str, Any]) -> list[str]:
    made, may, by_lambda = set(calls), granted(template), destinations(template)
    missing = [f"{handler} calls {grant}, which its policy does not grant" for handler, grant in sorted(made - may)]
    unused = [
        f"{handler} may {grant}, but no test saw it do so"
        for handler, grant in sorted(may - made - by_lambda - set(SEEN_ELSEWHERE))
    ]
    stale = [
        f"{handler} {grant} was seen: SEEN_ELSEWHERE need not name it"
        for handler, grant in sorted(set(SEEN_ELSEWHERE) & made | set(SEEN_ELSEWHERE) - may)
    ]
    return missing + unused + stale


class Plugin:
    def __init__(self) -> None:
        self.recorder = Recorder()
        around_calls(pytest.MonkeyPatch(), self._note)

    def _note(self, service: str, operation: str, parameters: dict[str, Any], call: Call) -> Answer:
        self.recorder.note(service, operation, parameters)
        return call(**parameters)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["granted_calls"] = (sorted(self.recorder.calls), self.recorder.longest)
            return
        found = complaints(self.recorder.calls, yaml_parse((ROOT / "template.yaml").read_text()))
        found += [
            f"{handler} made {count} calls in one invocation, more than MOST_CALLS says"
            for handler, count in sorted(self.recorder.longest.items())
            if count > MOST_CALLS.get(handler, 0)
        ]
        if found and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        self.found = found

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        calls, longest = getattr(node, "workeroutput", {}).get("granted_calls", ([], {}))
        self.recorder.calls |= {(handler, grant) for handler, grant in calls}
        for handler, count in longest.items():
            self.recorder.longest[handler] = max(count, self.recorder.longest.get(handler, 0))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        terminalreporter.section("calls of AWS")
        handlers = len(self.recorder.longest)
        terminalreporter.line(
            f"{len(self.recorder.calls)} permissions used by {handlers} handlers; most calls in one "
            f"invocation: {self.recorder.longest}"
        )
        for complaint in self.found:
            terminalreporter.line(f"error: {complaint}")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Plugin(), "granted-calls-recorder")
