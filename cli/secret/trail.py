"""Who changed a client or a key with this tool: entries of the stack's audit trail, in the form in which its functions
keep theirs."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import click
from botocore.exceptions import BotoCoreError, ClientError

from cli.errors import sentence_of
from cli.secret.content import has_ended
from cli.secret.parts import Secret
from cli.stack import Names, Stack

SHARDS = 4
LONGEST_SUBJECT = 300


class Change(NamedTuple):
    """`subject` is a client's name, or the names of fields: never what is in them."""

    what: str
    subject: str


def changes(before: Secret, after: Secret) -> Iterator[Change]:
    """What differs: each client by itself, and everything else as one."""
    had, has = (_known(content.get("clients", {})) for content in (before, after))
    for name in sorted(had.keys() | has.keys()):
        if had.get(name) != has.get(name):
            yield Change(f"client.{'add' if name not in had else 'change' if name in has else 'remove'}", name)
    fields = sorted(name for name in {*before, *after} - {"clients"} if before.get(name) != after.get(name))
    if fields:
        yield Change("secret.change", ", ".join(fields)[:LONGEST_SUBJECT])


def _known(clients: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {name: record for name, record in clients.items() if not has_ended(record)}


@contextmanager
def noted(stack: Stack, before: Secret, after: Secret) -> Iterator[None]:
    """Note a change before it is made, and that it was made after it. A key that must be changed now does not wait for
    the trail: if that can't be written, a warning says so, and AWS CloudTrail still knows."""
    entries = [(str(uuid4()), change) for change in changes(before, after)]
    if not entries:
        yield
        return
    who = None
    with _warning():
        caller = stack.client("sts").get_caller_identity()["Arn"]
        _write(stack, caller, entries, None)
        who = caller
    yield
    if who is not None:
        with _warning():
            _write(stack, who, entries, 200)


@contextmanager
def _warning() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        click.echo(f"getthrough: this change is not in the stack's audit trail: {sentence_of(error)}", err=True)


def _write(stack: Stack, who: str, entries: list[tuple[str, Change]], status: int | None) -> None:
    table = stack.client("dynamodb")
    for identifier, change in entries:
        table.put_item(TableName=stack.outputs[Names.TABLE_NAME], Item=_item(stack, who, identifier, change, status))


def _item(stack: Stack, who: str, identifier: str, change: Change, status: int | None) -> dict[str, Any]:
    now = datetime.now(UTC)
    at = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    kept = timedelta(days=int(stack.parameters.get(Names.AUDIT_DAYS, 365)))
    texts = {
        "pk": f"AUDIT#{identifier}",
        "sk": "AUDIT",
        "newest_shard": f"AUDIT#{zlib.crc32(identifier.encode()) % SHARDS}",
        "newest_at": f"{at}#{identifier}",
        "at": at,
        "who": who,
        "what": change.what,
        "subject": change.subject,
    }
    return {
        **{name: {"S": text} for name, text in texts.items()},
        "status": {"NULL": True} if status is None else {"N": str(status)},
        Names.TTL_ATTRIBUTE: {"N": str(int((now + kept).timestamp()))},
    }
