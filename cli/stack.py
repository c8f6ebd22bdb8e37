"""A stack as its operator sees it: what CloudFormation says of it, and clients for the services in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from cli.errors import OperatorError, aws_in_words, code_of, sentence_of
from cli.release import ROOT, only_in_a_clone


class Names:
    """Every name of the templates that the command line depends on."""

    API_URL = "ApiUrl"
    STATUS_URL = "StatusUrl"
    INBOUND_URL = "InboundUrl"
    SECRET_ID = "SecretId"
    TABLE_NAME = "TableName"
    EVENT_BUS = "EventBusName"
    DOMAIN_TARGET = "DomainTarget"
    """Only of a stack with a domain of its own."""
    DEAD_LETTER_QUEUES = ("DeadLetterQueueUrl", "CallbackDeadLetterQueueUrl")
    OUTPUTS = (API_URL, STATUS_URL, INBOUND_URL, SECRET_ID, TABLE_NAME, *DEAD_LETTER_QUEUES)

    RETENTION_DAYS = "RetentionDays"
    TEXT_RETENTION_DAYS = "TextRetentionDays"
    AUDIT_DAYS = "AuditDays"
    MESSAGES_PER_SECOND = "MessagesPerSecond"
    ACCOUNT_CONCURRENCY = "AccountConcurrency"
    VONAGE_API_URL = "VonageApiUrl"
    KEPT_STORAGE = "KeptStorage"
    PERMISSIONS_BOUNDARY = "PermissionsBoundary"
    PARAMETERS = (
        RETENTION_DAYS,
        TEXT_RETENTION_DAYS,
        AUDIT_DAYS,
        MESSAGES_PER_SECOND,
        ACCOUNT_CONCURRENCY,
        VONAGE_API_URL,
        KEPT_STORAGE,
        PERMISSIONS_BOUNDARY,
    )
    LOG_GROUP = "LogGroup"
    STORAGE = "Storage"

    TICK_FUNCTION = "TickFunction"
    TTL_ATTRIBUTE = "expires_at"


FUNCTION = "AWS::Lambda::Function"
EVENT_SOURCE = "AWS::Lambda::EventSourceMapping"
RULE = "AWS::Events::Rule"
ALARM = "AWS::CloudWatch::Alarm"
NESTED = "AWS::CloudFormation::Stack"

NOT_ON_THE_EMULATOR = {
    "tick": "the emulator does not count what a schedule invokes",
    "backups": "the emulator's CloudFormation leaves point-in-time recovery out",
    "recursion": "the emulator's CloudFormation leaves RecursiveLoop out",
    "concurrency": "the emulator has no account with a limit of its own",
}
"""Checks that the emulator cannot answer, and why."""

NEEDS_DELETING = ("ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED", "DELETE_FAILED")
"""Statuses of a stack that was never completed. AWS cannot update it."""

NOT_YET = "REVIEW_IN_PROGRESS"
"""The status of a stack that was only planned: a first deployment was stopped before it created anything."""

LOCAL_STACK = "getthrough"
LOCAL_DIR = ".local"


@dataclass(frozen=True, kw_only=True)
class Stack:
    """`resources` are the physical ids by logical id, of each type, nested stacks included. `client` makes a boto3
    client of a service. `environ` are the variables with which another program calls AWS as we do. `unanswerable` are
    checks that make no sense here, with the reason. `basic` is a client's name and secret, where they are known without
    asking."""

    name: str
    api_url: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]
    resources: Mapping[str, Mapping[str, str]]
    created_at: datetime
    client: Callable[[str], Any]
    environ: Mapping[str, str]
    unanswerable: Mapping[str, str]
    simulated_provider: bool = False
    basic: tuple[str, str] | None = None


def deployed(name: str, *, region: str | None, profile: str | None) -> Stack:
    """The stack of this name in the caller's AWS account; OperatorError if it cannot be looked at."""
    with aws_in_words():
        session = session_of(region, profile)

        def client(service: str) -> Any:
            return session.client(service, config=_CONFIG)  # type: ignore[call-overload]

        stack = _describe(client("cloudformation"), name)
        outputs = _outputs(stack)
        if missing := [output for output in Names.OUTPUTS if output not in outputs]:
            raise OperatorError(
                f"the stack {name} has no output {missing[0]}, so it is no Getthrough stack or one of another release: "
                "check the name, or deploy this release."
            )
        return Stack(
            name=name,
            api_url=outputs[Names.API_URL].rstrip("/"),
            outputs=outputs,
            parameters=_parameters(stack),
            resources=_resources(client("cloudformation"), name),
            created_at=stack["CreationTime"],
            client=client,
            environ=environ_of(session.region_name, profile),
            unanswerable={},
        )


def session_of(region: str | None, profile: str | None) -> boto3.Session:
    """The caller's own AWS configuration, unless another region or profile is named. AWS_REGION comes first, as for
    other tools of AWS; boto3 alone does not read it."""
    return boto3.Session(profile_name=profile, region_name=region or os.environ.get("AWS_REGION"))


def environ_of(region: str, profile: str | None) -> dict[str, str]:
    """The variables with which another program calls AWS in this region and with this profile."""
    return {"AWS_REGION": region, "AWS_DEFAULT_REGION": region} | ({"AWS_PROFILE": profile} if profile else {})


def local(folder: Path) -> Stack:
    """The stack of `make run` that runs from this folder; OperatorError if none does."""
    only_in_a_clone("the local stack")
    from local.stack.stack_file import read_running  # noqa: PLC0415 - only a clone of the repository has it

    running = read_running(folder)
    if running is None:
        raise OperatorError("no local stack runs: start one with `make run`, or name a deployed one with --stack.")
    session = boto3.Session(
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name=running["region"],
    )

    def client(service: str) -> Any:
        return session.client(service, endpoint_url=running["aws_endpoint"], config=_CONFIG)  # type: ignore[call-overload]

    with aws_in_words():
        cloudformation = client("cloudformation")
        stack = _describe(cloudformation, LOCAL_STACK)
        return Stack(
            name="local",
            api_url=running["api_url"],
            outputs={
                **_outputs(stack),
                Names.STATUS_URL: f"{running['api_url']}/status",
                Names.INBOUND_URL: f"{running['api_url']}/inbound",
            },
            parameters=_parameters(stack),
            resources=_resources(cloudformation, LOCAL_STACK),
            created_at=stack["CreationTime"],
            client=client,
            environ={
                "AWS_ENDPOINT_URL": running["aws_endpoint"],
                "AWS_DEFAULT_REGION": running["region"],
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
            },
            unanswerable=NOT_ON_THE_EMULATOR,
            simulated_provider=running["simulator_url"] is not None,
            basic=(running["client_name"], running["client_secret"]),
        )


def local_api_url(folder: Path) -> str | None:
    """Where the stack of `make run` listens, or None if none runs from this folder."""
    only_in_a_clone("the local stack")
    from local.stack.stack_file import read_running  # noqa: PLC0415 - only a clone of the repository has it

    running = read_running(folder)
    return None if running is None else str(running["api_url"])


def local_folder() -> Path:
    """Where `make run` keeps its stack."""
    return ROOT / os.environ.get("LOCAL_DIR", LOCAL_DIR)


_CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 3, "mode": "standard"})


def status_of(cloudformation: Any, name: str) -> str | None:
    """The status of a stack; None if there is none of this name."""
    try:
        return str(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
    except ClientError as error:
        if code_of(error) != "ValidationError":
            raise
        return None


def _describe(cloudformation: Any, name: str) -> dict[str, Any]:
    try:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if code_of(error) != "ValidationError":
            raise
        region = cloudformation.meta.region_name
        raise OperatorError(f"there is no stack {name!r} in {region}: {_others(cloudformation)}") from None
    status = stack["StackStatus"]
    if status == NOT_YET:
        raise OperatorError(
            f"the stack {name} is only planned ({status}): `getthrough up --stack {name}` creates it, `getthrough down "
            f"--stack {name}` takes it away."
        )
    if status.endswith("_IN_PROGRESS"):
        raise OperatorError(f"the stack {name} is being changed ({status}): try again when that has ended.")
    if status in NEEDS_DELETING:
        raise OperatorError(f"the stack {name} was never completed ({status}): delete it and deploy it again.")
    return stack


def _others(cloudformation: Any) -> str:
    """What to do about a name that does not exist: one of those that do, or another region."""
    try:
        pages = cloudformation.get_paginator("describe_stacks").paginate(PaginationConfig={"MaxItems": 200})
        stacks = [stack for page in pages for stack in page["Stacks"]]
    except ClientError as error:
        return sentence_of(error)
    names = sorted(stack["StackName"] for stack in stacks if Names.STATUS_URL in _outputs(stack))
    return f"name one of {', '.join(names)}." if names else "check the name, and name the region with --region."


def _outputs(stack: Mapping[str, Any]) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _parameters(stack: Mapping[str, Any]) -> dict[str, str]:
    return {given["ParameterKey"]: given["ParameterValue"] for given in stack.get("Parameters", [])}


def _resources(cloudformation: Any, name: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for resource in _each_resource(cloudformation, name):
        found.setdefault(resource["ResourceType"], {})[resource["LogicalResourceId"]] = resource["PhysicalResourceId"]
    return found


def _each_resource(cloudformation: Any, name: str) -> Iterator[dict[str, Any]]:
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=name):
        for resource in page["StackResourceSummaries"]:
            yield resource
            if resource["ResourceType"] == NESTED:
                yield from _each_resource(cloudformation, resource["PhysicalResourceId"])
