"""The command `getthrough listen`."""

from __future__ import annotations

import platform
import time
import uuid
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import click
from botocore.exceptions import BotoCoreError, ClientError

from cli.errors import OperatorError, aws_in_words
from cli.listen.events import Forwarding, forwarding
from cli.listen.passing import Listening, poster
from cli.listen.relay import STACK_NAME, Relay, exists, find_or_create
from cli.output import printable
from cli.stack import local, local_api_url, local_folder, session_of
from cli.target import dry_run_option

COSTS = "It costs nothing while no webhook comes, and less than a cent for a thousand of them."


@click.command()
@click.option("--relay", metavar="NAME", default=STACK_NAME, help="The relay's stack; it is created if there is none.")
@click.option("--forward", metavar="URL", help="Where the local stack's events go, such as http://127.0.0.1:8001.")
@click.option("--region", metavar="REGION", help="AWS region, instead of the one of your AWS configuration.")
@click.option("--profile", metavar="NAME", help="Profile of your AWS configuration.")
@click.option("--remove", is_flag=True, help="Delete the relay, with the webhooks that wait in it.")
@dry_run_option
def listen(
    relay: str, forward: str | None, region: str | None, profile: str | None, remove: bool, dry_run: bool
) -> int:
    """Get Vonage's webhooks from AWS to the stack on this computer, until Ctrl-C.

    They wait on a queue of yours while this does not run, for 25 hours. The relay is one small stack in your AWS
    account. What it keeps is posted unchanged to /status and /inbound of `make run`, which verifies it.
    """
    if forward is not None and urlsplit(forward).scheme not in ("http", "https"):
        raise OperatorError("--forward is no URL: give one such as http://127.0.0.1:8001/events.")
    with aws_in_words():
        session = session_of(region, profile)

        def client(service: str) -> Any:
            return session.client(service)  # type: ignore[call-overload]

        if remove or dry_run:
            return _remove_or_plan(client, relay, remove=remove, dry_run=dry_run)
        if not exists(client, relay):
            click.echo(f"Creating the relay {relay} in {session.region_name}. {COSTS}")
        outputs = find_or_create(client, relay)
        taken = Relay(outputs, client, me=str(uuid.uuid4()), host=platform.node() or "another computer")
        listening = Listening(taken, lambda: local_api_url(local_folder()), poster(), _say)
        listening.hold()
        click.echo(how_to_start(outputs["StatusUrl"], outputs["InboundUrl"]))
        _run(listening, taken, forward)
    return 0


def _run(listening: Listening, relay: Relay, forward: str | None) -> None:
    events: Forwarding | None = None
    try:
        while True:
            listening.round()
            if forward and events is None and listening.api_url():
                events = forwarding(local(local_folder()), forward, _say, time.time)
            if events and listening.api_url():
                events.round()
    finally:
        # What cannot be tidied up now ends by itself, or is used again by the next run.
        with suppress(BotoCoreError, ClientError):
            relay.let_go()
        with suppress(BotoCoreError, ClientError):
            if events:
                events.stop()


def _remove_or_plan(client: Any, relay: str, *, remove: bool, dry_run: bool) -> int:
    there = exists(client, relay)
    if remove and there and not dry_run:
        client("cloudformation").delete_stack(StackName=relay)
    deed = {
        (True, True): f"The relay {relay} is deleted, with the webhooks that wait in it.",
        (True, False): f"There is no relay {relay}.",
        (False, True): f"The relay {relay} is there, and would be listened to.",
        (False, False): f"The relay {relay} would be created. {COSTS}",
    }[remove, there]
    click.echo(deed.replace("is deleted", "would be deleted") if dry_run else deed)
    return 0


def how_to_start(status_url: str, inbound_url: str) -> str:
    return f"""
Start the stack on this computer with your Vonage application, in another terminal:

export VONAGE_API_URL=https://api.nexmo.com STATUS_WEBHOOK_URL={status_url}
export VONAGE_APPLICATION_ID=... VONAGE_PRIVATE_KEY=path/to/private.key VONAGE_API_KEY=... VONAGE_SIGNATURE_SECRET=...
make run

For customers' answers, set the application's Inbound URL to {inbound_url}
Ctrl-C ends this. The webhooks then wait for 25 hours.
"""


def _say(words: str) -> None:
    click.echo(f"{time.strftime('%H:%M:%S')}  {printable(words)}")
