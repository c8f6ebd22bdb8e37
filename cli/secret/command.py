"""The command `getthrough secret`."""

from __future__ import annotations

import os
import sys
from getpass import getpass
from pathlib import Path
from typing import Any

import click

from cli.errors import OperatorError, aws_in_words
from cli.output import Output
from cli.secret import parts
from cli.secret.content import Changes, changed, public_key
from cli.secret.parts import Secret
from cli.secret.trail import noted
from cli.stack import Names, Stack
from cli.target import Target, as_json_option, dry_run_option, with_target


@click.command()
@click.option("--application-id", metavar="UUID", help="The Vonage application.")
@click.option("--private-key", metavar="FILE", type=Path, help="Its key: the file that Vonage's dashboard gave you.")
@click.option("--api-key", metavar="KEY", help="The Vonage account.")
@click.option("--signature-secret", "asked_for", is_flag=True, help="Ask for a new one; the last one is valid too.")
@click.option("--callback-secret", "new_callback", is_flag=True, help="Make a new one; the last one signs too.")
@with_target
@dry_run_option
@as_json_option
def secret(
    target: Target,
    application_id: str | None,
    private_key: Path | None,
    api_key: str | None,
    asked_for: bool,
    new_callback: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Fill a stack's secret, or change it.

    It holds the Vonage application's keys, and the clients that may call the API, which `getthrough client` manages.
    What is not named keeps its value.
    The signature secret is asked for, or read from VONAGE_SIGNATURE_SECRET. Secrets that are made here are printed
    once.
    """
    pem = None if private_key is None else text_of(private_key)
    stack = target.stack()
    current = stored(stack)
    may_make_contact_key(stack, current)
    signature_secret = os.environ.get("VONAGE_SIGNATURE_SECRET")
    if not signature_secret and (asked_for or not current.get("signature_secrets")):
        signature_secret = _asked("Vonage signature secret (dashboard, API settings): ")
    changes = Changes(
        application_id=application_id,
        private_key=pem,
        api_key=api_key,
        signature_secret=signature_secret or None,
        new_callback_secret=new_callback,
    )
    new, _ = changed(current, changes)
    output = Output(as_json)
    names = sorted(name for name in new if new[name] != current.get(name))
    about: dict[str, Any] = {"secret_id": stack.outputs[Names.SECRET_ID], "changed": names}
    if dry_run:
        output.line(f"Would change {', '.join(names) or 'nothing'} in {about['secret_id']}.")
        output.json({**about, "dry_run": True})
        return
    fresh_callback = new["callback_secrets"] != current.get("callback_secrets")
    # Said before they are stored: none is valid that no one has seen.
    output.json({**about, **({"callback_secret": new["callback_secrets"][0]} if fresh_callback else {})})
    if fresh_callback:
        output.line(f"Webhooks to your own systems are signed with: {new['callback_secrets'][0]}")
    store(stack, current, new)
    output.line(f"Stored in {about['secret_id']}.")


def stored(stack: Stack) -> Secret:
    """What the stack's secret holds; nothing yet when the stack is new and its secret has no value."""
    return parts.whole(held(stack))


def held(stack: Stack) -> dict[str, Secret]:
    """What each part of it holds."""
    with aws_in_words():
        return parts.read(stack.client("secretsmanager"), stack.outputs[Names.SECRET_ID])


def store(stack: Stack, before: Secret, after: Secret) -> None:
    """Store what differs from what was read, and the public half of the private key, which verifies tokens. The audit
    trail names who did it.
    OperatorError as of `may_make_contact_key`."""
    if after.get("contact_key"):
        may_make_contact_key(stack, before)
    if "private_key" in after:
        after = {**after, "public_key": public_key(after["private_key"])}
    with noted(stack, before, after), aws_in_words():
        parts.write(stack.client("secretsmanager"), stack.outputs[Names.SECRET_ID], before, after)


def may_make_contact_key(stack: Stack, content: Secret) -> None:
    """OperatorError if the secret has no `contact_key`, and the table has items, which an earlier one has named.
    Entries of the audit trail name no contact: the first steps of `up` have written some."""
    if content.get("contact_key"):
        return
    table, secret_id = stack.outputs[Names.TABLE_NAME], stack.outputs[Names.SECRET_ID]
    others = {"TableName": table, "Select": "COUNT", "FilterExpression": "NOT begins_with(pk, :audit)"}
    page: dict[str, Any] = {"ExpressionAttributeValues": {":audit": {"S": "AUDIT#"}}}
    with aws_in_words():
        while not (found := stack.client("dynamodb").scan(**others, **page))["Count"]:
            if "LastEvaluatedKey" not in found:
                return
            page["ExclusiveStartKey"] = found["LastEvaluatedKey"]
    raise OperatorError(
        f"the table {table} has items, and the secret {secret_id} has no contact_key: with a new one, no opt-out in it "
        "would be found. Put back the one that the stack had (docs/deploy.md, If something goes wrong)."
    )


def text_of(path: Path) -> str:
    """A key file's text."""
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        raise OperatorError(f"there is no key in {path}: name the file that Vonage's dashboard gave you.") from None


def _asked(question: str) -> str:
    if not sys.stdin.isatty():
        raise OperatorError("the signature secret is needed: set VONAGE_SIGNATURE_SECRET.")
    return getpass(question).strip()
