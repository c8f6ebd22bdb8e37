"""The command `getthrough down`: undo what `up` did. It can be killed anywhere and run again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click
from botocore.exceptions import ClientError

from cli.errors import OperatorError, aws_in_words, code_of
from cli.output import Output
from cli.secret.command import stored
from cli.stack import NEEDS_DELETING, NOT_YET, deployed, session_of, status_of
from cli.storage import Storage, storage_of
from cli.target import Target, dry_run_option, with_target
from cli.up.wiring import WIRING, Wiring, unwire
from cli.vonage.account import from_operator

POLL_SECONDS, MOST_POLLS = 5, 360
DAYS_TO_RESTORE = 7
"""How long AWS keeps a secret that was deleted: the shortest that it offers."""

TABLE, QUEUE, BUS, SECRET = (
    "AWS::DynamoDB::Table",
    "AWS::SQS::Queue",
    "AWS::Events::EventBus",
    "AWS::SecretsManager::Secret",
)
Clients = Callable[..., Any]


@click.command()
@click.option("--delete-data", is_flag=True, help="Delete the storage too: messages, opt-outs, the secret.")
@click.option("--yes", is_flag=True, help="Do not ask before data is deleted.")
@with_target
@dry_run_option
def down(target: Target, delete_data: bool, yes: bool, dry_run: bool) -> None:
    """Take a stack away, the wiring of its application first.

    The application gets the URLs that it had before `up`. The storage stays, and the next `up` uses it again, unless
    --delete-data is given. Then you see what is in it, and are asked. The secret goes with it; for 7 days AWS can
    restore it. A number that was linked stays linked. Storage that another stack uses is not deleted.
    """
    if target.is_local:
        raise OperatorError("the local stack ends with Ctrl-C: name a deployed one with --stack.")
    with aws_in_words():
        session = session_of(target.region, target.profile)
        cloudformation = session.client("cloudformation")
        status = status_of(cloudformation, target.name)
        storage = storage_of(cloudformation, target.name)
    output = Output(as_json=False)
    if delete_data and storage:
        _refuse_if_used(storage)
    if status is None and storage is None:
        output.line(f"there is no stack {target.name} in {cloudformation.meta.region_name}, and none of its storage.")
        return
    if dry_run:
        output.line(f"would put the old wiring back, and delete the stack {target.name} ({status or 'gone already'})")
        if delete_data and storage:
            _show(session.client, cloudformation, storage.name, output)
        return
    if delete_data and storage:
        _show(session.client, cloudformation, storage.name, output)
        _confirm(yes)
    if status is not None and status not in (*NEEDS_DELETING, NOT_YET) and not status.startswith("DELETE_"):
        _put_wiring_back(target, output)
    with aws_in_words():
        if status is not None:
            _delete_stack(cloudformation, target.name)
            output.line(f"the stack {target.name} is deleted")
        if storage and not delete_data:
            # Storage with another stack's name is found by what passes it on, so one of those stays.
            for name in storage.passing_on[0 if storage.is_own else 1 :]:
                _delete_stack(cloudformation, name)  # nothing is in it
            output.line(
                f"the storage {storage.name} stays; `getthrough up --stack {target.name}` uses it again, --delete-data "
                "deletes it"
            )
        elif storage:
            _delete_storage(session.client, cloudformation, storage)
            output.line(f"the storage {storage.name} is deleted; for {DAYS_TO_RESTORE} days AWS can restore the secret")


def _refuse_if_used(storage: Storage) -> None:
    if storage.used_by:
        raise OperatorError(
            f"the storage {storage.name} is used by {', '.join(storage.used_by)} too, whose data would be lost: take "
            "this stack away without --delete-data, and only the last one that uses it with that."
        )


def _confirm(yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise OperatorError("there is no terminal to ask at whether data may be deleted: add --yes.")
    click.confirm("Delete all of that for good?", abort=True, err=True)


def _put_wiring_back(target: Target, output: Output) -> None:
    """Only if `up` changed an application, and the stack can still say so."""
    stack = deployed(target.name, region=target.region, profile=target.profile)
    secret = stored(stack)
    if WIRING in secret:
        unwire(Wiring(stack, from_operator(secret.get("api_key")), output.line))


def _delete_stack(cloudformation: Any, name: str) -> None:
    cloudformation.delete_stack(StackName=name)
    waiter = cloudformation.get_waiter("stack_delete_complete")
    waiter.wait(StackName=name, WaiterConfig={"Delay": POLL_SECONDS, "MaxAttempts": MOST_POLLS})


def _kept(cloudformation: Any, storage: str) -> list[tuple[str, str]]:
    """Type and physical id of everything that the storage stack keeps."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=storage)
    return [
        (resource["ResourceType"], resource["PhysicalResourceId"])
        for page in pages
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] in (TABLE, QUEUE, BUS, SECRET) and resource.get("PhysicalResourceId")
    ]


def _show(client: Clients, cloudformation: Any, storage: str, output: Output) -> None:
    """What would be lost, in numbers; OperatorError if AWS would not delete it. What an earlier run deleted is gone."""
    output.line(f"in the storage {storage}:")
    with aws_in_words():
        for kind, identifier in _kept(cloudformation, storage):
            try:
                output.line(f"  {_described(client, kind, identifier)}")
            except ClientError as error:
                if not _is_gone(error):
                    raise


def _described(client: Clients, kind: str, identifier: str) -> str:
    if kind == TABLE:
        table = client("dynamodb").describe_table(TableName=identifier)["Table"]
        if table.get("DeletionProtectionEnabled"):
            raise OperatorError(
                f"the table {identifier} is protected from deletion: end that with `aws dynamodb update-table "
                f"--table-name {identifier} --no-deletion-protection-enabled`, then run this again."
            )
        return f"table {identifier}: about {table['ItemCount']} items, {table['TableSizeBytes']} bytes"
    if kind == QUEUE:
        asked = {"QueueUrl": identifier, "AttributeNames": ["ApproximateNumberOfMessages"]}
        count = client("sqs").get_queue_attributes(**asked)["Attributes"]["ApproximateNumberOfMessages"]
        return f"queue {identifier.rpartition('/')[2]}: {count} messages"
    if kind == BUS and (rules := client("events").list_rules(EventBusName=identifier)["Rules"]):
        raise OperatorError(
            f"the event bus {identifier} has rules of your own ({', '.join(rule['Name'] for rule in rules)}), and AWS "
            "deletes no bus with rules: delete them, then run this again."
        )
    return f"{kind.rpartition('::')[2]} {identifier}"


def _is_gone(error: ClientError) -> bool:
    """A secret that is deleted already, but can be restored yet, is an invalid request."""
    return any(word in code_of(error) for word in ("NotFound", "NonExistent", "InvalidRequest"))


def _delete_storage(client: Clients, cloudformation: Any, storage: Storage) -> None:
    """What the stack keeps, thing by thing, and the stacks at last: until then a second run finds what is left."""
    deletions: dict[str, Callable[[str], Any]] = {
        TABLE: lambda name: client("dynamodb").delete_table(TableName=name),
        QUEUE: lambda url: client("sqs").delete_queue(QueueUrl=url),
        BUS: lambda name: client("events").delete_event_bus(Name=name),
        SECRET: lambda arn: client("secretsmanager").delete_secret(SecretId=arn, RecoveryWindowInDays=DAYS_TO_RESTORE),
    }
    for kind, identifier in _kept(cloudformation, storage.name):
        try:
            deletions[kind](identifier)
        except ClientError as error:
            if not _is_gone(error):
                raise
    for name in (*storage.passing_on, storage.name):  # AWS deletes no stack whose names another one passes on
        _delete_stack(cloudformation, name)
