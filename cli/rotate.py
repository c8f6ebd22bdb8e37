"""The command `getthrough rotate`: change a key or a secret without losing a webhook or a message."""

from __future__ import annotations

import os

import click

from cli.errors import OperatorError
from cli.output import Output
from cli.secret.command import store, stored
from cli.secret.content import Changes, changed
from cli.target import Target, dry_run_option, with_target
from cli.up.wiring import keep
from cli.vonage import application as app
from cli.vonage.account import from_operator, needed

NEXT_KEY = "next_private_key"
"""The secret's field with the key that Vonage may know already, until the functions sign with it."""


@click.group()
def rotate() -> None:
    """Change a key or a secret without losing a webhook or a message.

    A client's secret is changed by `getthrough client secret`.
    """


@rotate.command(name="application-key")
@with_target
@dry_run_option
def application_key(target: Target, dry_run: bool) -> None:
    """A new key pair for the Vonage application.

    An application has one public key. For the second between the two writes Vonage answers 401. The functions then read
    the secret again and repeat the message, so none is lost. A run that was killed goes on with the same key.
    """
    stack, output = target.stack(), Output(as_json=False)
    content = stored(stack)
    if not content.get("application_id"):
        raise OperatorError("the stack's secret names no application yet: run `getthrough up` first.")
    if dry_run:
        output.line(f"would give the application {content['application_id']} a new key pair")
        return
    account = from_operator(content.get("api_key"))
    application = account.application(content["application_id"])
    if application is None:
        raise OperatorError(
            f"there is no application {content['application_id']} in this account: check VONAGE_API_KEY."
        )
    key = content.get(NEXT_KEY) or app.new_private_key()
    if NEXT_KEY not in content:
        before, content = content, {**content, NEXT_KEY: key}
        store(stack, before, content)
    if not app.has_key(application, key):
        path = keep(application)
        body = app.writable(application)
        account.replace(application["id"], {**body, "keys": {**body.get("keys", {}), **app.keys_of(key)}})
        output.line(f"Vonage has the new public key; the application as it was is kept in {path}")
    after = {name: value for name, value in content.items() if name != NEXT_KEY} | {"private_key": key}
    store(stack, content, after)
    output.line("the functions sign with the new key from now on")


@rotate.command(name="signature-secret")
@with_target
@dry_run_option
def signature_secret(target: Target, dry_run: bool) -> None:
    """The secret with which Vonage signs webhooks; the one before it stays valid.

    Choose the new one, give it here first, and only then change it in Vonage's dashboard. It is asked for, or read from
    VONAGE_SIGNATURE_SECRET.
    """
    stack, output = target.stack(), Output(as_json=False)
    content = stored(stack)
    if dry_run:
        output.line("would add the new signature secret; the last one would stay valid")
        return
    new = os.environ.get("VONAGE_SIGNATURE_SECRET") or needed("VONAGE_SIGNATURE_SECRET", "New signature secret: ")
    filled, _ = changed(content, Changes(signature_secret=new))
    if filled["signature_secrets"] == content.get("signature_secrets"):
        output.line("this signature secret is the stack's already; nothing was changed")
        return
    store(stack, content, filled)
    output.line("both are valid now. Wait five seconds, then change it in Vonage's dashboard, API settings.")


@rotate.command(name="callback-secret")
@with_target
@dry_run_option
def callback_secret(target: Target, dry_run: bool) -> None:
    """The secret that signs webhooks to your own systems; the one before it signs too."""
    stack, output = target.stack(), Output(as_json=False)
    if dry_run:
        output.line("would make a new callback secret; the last one would sign too")
        return
    content = stored(stack)
    filled, _ = changed(content, Changes(new_callback_secret=True))
    output.line(f"webhooks to your own systems are signed with: {filled['callback_secrets'][0]}")
    store(stack, content, filled)
    output.line("the last one signs too: give the new one to every receiver before you make the next one")
