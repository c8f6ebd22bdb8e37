"""The command `getthrough send`: one message with its fallbacks, followed until it is over."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from cli.api import Api, NoAnswerError
from cli.dispatches.entries import line
from cli.dispatches.follow import EXIT_CODES, Clock, Following, Reader, follow, refused
from cli.errors import OperatorError
from cli.output import printable
from cli.target import Target, as_json_option, with_target

DEFAULT_SENDER = "Getthrough"

TRIES = 4
"""A request with its key can be repeated: it sends nothing twice."""

CHANNEL = re.compile(r"(?P<channel>[a-z_]{1,30}):(?P<address>.+)")

Json = dict[str, Any]


@click.command()
@click.option("--to", metavar="[CHANNEL:]ADDRESS", help="Whom to tell; by SMS unless a channel is named.")
@click.option("--text", metavar="TEXT", help="What to say.")
@click.option("--from", "senders", multiple=True, metavar="[CHANNEL:]SENDER", help="Whom it is from, on a channel.")
@click.option("--then", multiple=True, metavar="[CHANNEL:]ADDRESS", help="The next contact to try; may be repeated.")
@click.option("--window", type=click.IntRange(1, 604_800), metavar="SECONDS", help="After which the next one is tried.")
@click.option("--until", type=click.Choice(["delivered", "read", "replied"]), help="What counts as success.")
@click.option("--file", type=click.File("r", encoding="utf-8"), help="The whole request as JSON; - for standard input.")
@click.option("--key", metavar="TEXT", help="Idempotency key: the same one sends nothing a second time.")
@click.option("--wait", type=click.FloatRange(0), metavar="SECONDS", help="Follow it so long; 0 not at all.")
@click.option("--dry-run", is_flag=True, help="Print the request, and send nothing.")
@with_target
@as_json_option
def send(
    to: str | None,
    text: str | None,
    senders: Sequence[str],
    then: Sequence[str],
    window: int | None,
    until: str | None,
    file: Any,
    key: str | None,
    wait: float | None,
    dry_run: bool,
    target: Target,
    as_json: bool,
) -> int:
    """Send a message with its fallbacks, and follow it live.

    \b
    getthrough send --local --to 447700900001 --then whatsapp:447700900002 --window 15 --text "Cupcakes!"
        --from Bakery --from whatsapp:447700900000

    The exit code is the outcome: 0 succeeded, 1 exhausted, 3 cancelled, 4 stopped by an opt-out, 5 still open after
    --wait; and 2 if nothing was sent. With --wait 0 it is 0 once the message is stored.
    """
    if file is not None:
        if to or text or senders or then or window or until:
            raise OperatorError("--file is the whole request: leave out the options that describe one.")
        body = _read(file)
    else:
        body = request_body(Contacts(to, then, senders), text, window, until)
    if dry_run:
        click.echo(json.dumps(body, indent=2, ensure_ascii=False))
        return 0
    api = target.api()
    clock = Clock()
    accepted = submit(api, body, key or f"cli-{uuid.uuid4()}", clock)
    dispatch_uuid = accepted["workflow_id"]
    if wait == 0:
        click.echo(json.dumps(accepted) if as_json else dispatch_uuid)
        return 0
    if not as_json:
        click.echo(dispatch_uuid)

    def report(entry: Json, dispatch: Json) -> None:
        if not as_json:
            click.echo(printable(line(entry, dispatch)))

    dispatch = follow(Reader(api, clock), dispatch_uuid, report, Following(wait))
    if as_json:
        click.echo(json.dumps(dispatch))
    return EXIT_CODES.get(dispatch["outcome"], 1)


@dataclass(frozen=True)
class Contacts:
    """As they are typed: `[CHANNEL:]ADDRESS`. A sender without a channel is the one of every other channel."""

    to: str | None
    then: Sequence[str] = ()
    senders: Sequence[str] = ()


def request_body(contacts: Contacts, text: str | None, window: int | None, until: str | None) -> Json:
    """The request that the options describe; OperatorError if something is missing."""
    if not contacts.to or not text:
        raise OperatorError("say whom to tell with --to and what with --text, or give the whole request with --file.")
    channel, address = _contact(contacts.to, "sms")
    senders = dict(_contact(sender, "") for sender in contacts.senders)
    steps = [
        {
            "channel": channel,
            "message_type": "text",
            "from": senders.get(channel, senders.get("", DEFAULT_SENDER)),
            "to": address,
            "text": text,
        }
        for channel, address in ((channel, address), *(_contact(other, channel) for other in contacts.then))
    ]
    waits = {**({"expiry_time": window} if window else {}), **({"condition_status": until} if until else {})}
    first, *others = steps
    # The last fallback keeps its long window: no one comes after it.
    fallbacks = [*({**step, **waits} for step in others[:-1]), *others[-1:]]
    return {**first, **waits, **({"failover": fallbacks} if fallbacks else {})}


def _contact(typed: str, channel: str) -> tuple[str, str]:
    if found := CHANNEL.fullmatch(typed):
        return found["channel"], found["address"]
    return channel, typed


def _read(file: Any) -> Json:
    try:
        body = json.load(file)
    except ValueError as error:
        raise OperatorError(f"{file.name} is no JSON ({error}): see docs/api.md for a request.") from None
    if not isinstance(body, dict):
        raise OperatorError(f"{file.name} holds no JSON object: see docs/api.md for a request.")
    return body


def submit(api: Api, body: Json, key: str, clock: Clock) -> Json:
    """POST it, again while there is no answer: the key keeps it to one dispatch."""
    why = ""
    for again in range(TRIES):
        clock.wait(2.0**again - 1)
        try:
            answer = api.call("POST", "/v1/messages", body, headers={"idempotency-key": key})
        except NoAnswerError as error:
            why = str(error)
            continue
        if answer.status == 202:
            accepted: Json = answer.body
            return accepted
        if answer.status < 500 and answer.status != 429:
            raise refused(answer)
        why = f"the API answered {answer.status}"
    raise OperatorError(
        f"{why}, {TRIES} times: the message may be stored or not; run this again with --key {key}, which sends it "
        "at most once."
    )
