"""The command `getthrough up`."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from cli.api import Api, NoAnswerError
from cli.doctor import Case, examine, line_of
from cli.errors import OperatorError, aws_in_words
from cli.output import Output
from cli.secret.command import stored, text_of
from cli.secret.content import private_key as pkcs8
from cli.smoke import edge, sending
from cli.smoke.command import DEFAULT_SENDER, phone_of
from cli.smoke.finding import Finding, State
from cli.smoke.run import Check, run
from cli.smoke.sending import Phone
from cli.stack import Names, Stack, environ_of, session_of
from cli.target import Target, as_json_option, dry_run_option, with_target
from cli.up import preflight
from cli.up.deploy import deploy
from cli.up.wiring import WIRING, Wiring, fill, the_application, unwire, wire
from cli.vonage import application as app
from cli.vonage.account import from_operator, needed

PARAMETER = re.compile(r"(?P<name>[A-Za-z0-9]{1,255})=(?P<value>[A-Za-z0-9.,:/@+_%=-]*)")
"""What may stand in a command line of make without quotes."""


@click.command()
@click.option("--to", metavar="NUMBER", help="Your own phone: one real message is sent to it, at its price.")
@click.option("--from", "sender", metavar="NUMBER", default=DEFAULT_SENDER, help="Whom that message is from.")
@click.option("--application", "application_id", metavar="UUID", help="A Vonage application that exists.")
@click.option("--private-key", metavar="FILE", type=Path, help="The key of that application.")
@click.option("--client", metavar="NAME", help="A client of the API to add (default: shop, if there is none).")
@click.option("--number", "numbers", metavar="NUMBER", multiple=True, help="A number of yours to link to it.")
@click.option("--parameter", "given", metavar="NAME=VALUE", multiple=True, help="A parameter of the template.")
@click.option("--no-deploy", is_flag=True, help="The stack is deployed by other means: only wire it.")
@with_target
@dry_run_option
@as_json_option
def up(
    target: Target,
    to: str | None,
    sender: str,
    application_id: str | None,
    private_key: Path | None,
    client: str | None,
    numbers: tuple[str, ...],
    given: tuple[str, ...],
    no_deploy: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Deploy a stack, wire a Vonage application to it, and try it.

    It prints the plan and its cost first. It can be stopped anywhere and run again: it does what is missing. It asks
    for VONAGE_API_KEY, VONAGE_API_SECRET and VONAGE_SIGNATURE_SECRET unless the environment has them. If the message to
    your phone does not arrive, it says why and puts the application's old URLs back.
    """
    for number in numbers:
        if not re.fullmatch(r"[1-9][0-9]{6,14}", number):
            raise OperatorError(f"--number {number} is no number in digits with its country, such as 447700900001.")
    parameters = parameters_of(given)
    phone, key = phone_of(to, sender), None if private_key is None else pkcs8(text_of(private_key))
    output = Output(as_json)
    session = None if target.is_local or no_deploy else _session(target)
    account, signature_secret = from_operator(), cache(_signature_secret)
    if session is not None:
        plan = preflight.look(target, session.client, account, parameters)
        for line in plan.lines(target.name):
            output.line(line)
        if dry_run:
            output.json({"stack": target.name, "parameters": dict(plan.parameters), "exists": plan.status is not None})
            return 0
        if plan.is_new:
            signature_secret()  # asked for while the person is still there: the deployment takes minutes
        deploy(target.name, plan.parameters, environ_of(session.region_name, target.profile))
    stack = target.stack()
    wiring = Wiring(stack, account, output.line)
    resolved(stack)
    if dry_run:
        output.line(f"would wire {stack.name}: {wiring.urls.status}")
        return 0
    application = the_application(wiring, application_id, key)
    made = fill(wiring, signature_secret, client)
    api = target.api()
    leads_here(stack, api)
    changes = [*sorted(made), *(["wiring"] if wire(wiring, application) else [])]
    for number in numbers:
        if account.link(number, application["id"]):
            output.line(f"the number {number} is linked to the application")
            changes.append(f"number {number}")
    return _try(wiring, api, phone, output, {"stack": stack.name, "changed": changes, "made": made})


def _signature_secret() -> str:
    question = "Vonage signature secret (in the dashboard, API settings): "
    return os.environ.get("VONAGE_SIGNATURE_SECRET") or needed("VONAGE_SIGNATURE_SECRET", question)


def parameters_of(given: Iterable[str]) -> dict[str, str]:
    """What `--parameter` named. A parameter that no template has is AWS's to refuse, before it changes anything."""
    parameters = {}
    for text in given:
        found = PARAMETER.fullmatch(text)
        if found is None:
            raise OperatorError(
                f"--parameter {text!r} is not like RetentionDays=30: set a value with spaces or other signs with "
                "`make deploy PARAMETERS=...`."
            )
        parameters[found["name"]] = found["value"]
    return parameters


def resolved(stack: Stack) -> None:
    """OperatorError if the stack has a domain of its own that leads nowhere yet: webhooks to it would be lost."""
    target, host = stack.outputs.get(Names.DOMAIN_TARGET), urlsplit(stack.api_url).hostname
    if target is None:
        return
    try:
        socket.getaddrinfo(host, 443)
    except OSError:
        raise OperatorError(
            f"{host} leads nowhere yet: make a CNAME record from it to {target}, then run this again."
        ) from None


def leads_here(stack: Stack, api: Api) -> None:
    """OperatorError if a domain of the stack's own leads to something else: only this stack knows its operator."""
    target, host = stack.outputs.get(Names.DOMAIN_TARGET), urlsplit(stack.api_url).hostname
    if target is None:
        return
    try:
        answer = api.call("GET", "/v1/me")
    except NoAnswerError as error:
        reason = str(error)
    else:
        if answer.status == 200:
            return
        reason = f"GET /v1/me was answered with {answer.status}"
    raise OperatorError(
        f"{host} does not lead to this stack ({reason}): make its CNAME record point to {target}, wait until the old "
        "record has expired, then run this again. No URL at Vonage was changed."
    )


def _session(target: Target) -> Any:
    """The session, once AWS knows who asks: without a region or credentials, nothing else is asked for."""
    with aws_in_words():
        session = session_of(target.region, target.profile)
        session.client("cloudformation")  # refuses at once without a region, which the next call does not need
        session.client("sts").get_caller_identity()
        return session


def _try(wiring: Wiring, api: Api, phone: Phone | None, output: Output, about: dict[str, Any]) -> int:
    """Look at the stack from outside, and send the message. If that fails, say why and put the old wiring back."""
    started = datetime.now(UTC)
    findings: dict[str, Finding] = {}
    for name, finding in run(wiring.stack, _checks(wiring.stack, api, phone)):
        findings[name] = finding
        output.line(line_of(name, finding))
    wrong = [name for name, finding in findings.items() if finding.state is State.FAILED]
    for name, finding in examine(Case(wiring.stack, wiring.account, api, started)):
        if finding.state is State.FAILED:
            findings[f"doctor: {name}"] = finding
            output.line(line_of(name, finding))
    restored = "message" in wrong and _put_back(wiring)
    output.line(f"{wiring.stack.name} is {'not ' if wrong else ''}up: {wiring.stack.api_url}")
    failures = {name: found for name, found in findings.items() if found.state is State.FAILED}
    reasons = {name: f"{found.sentence} {found.next_step}" for name, found in failures.items()}
    output.json({**about, "api_url": wiring.stack.api_url, "up": not wrong, "wrong": reasons, "restored": restored})
    return 1 if wrong else 0


def _put_back(wiring: Wiring) -> bool:
    """The old wiring, if there was one: an application that worked before `up` works after it failed."""
    before = stored(wiring.stack).get(WIRING, {}).get("messages")
    if before is None or app.addresses({"capabilities": {"messages": before}}).status in ("", wiring.urls.status):
        return False
    return unwire(wiring)


def _checks(stack: Stack, api: Api, phone: Phone | None) -> list[list[Check]]:
    """Of the smoke test what takes seconds. The whole of it is `getthrough smoke`."""
    quick: list[tuple[str, Callable[[], Finding]]] = [
        ("console", partial(edge.console, api)),
        ("unsigned webhook", partial(edge.unsigned_webhook, api)),
        ("forged webhook", partial(edge.forged_webhook, api)),
        ("opt-out", partial(sending.opt_out, api)),
    ]
    real = [[Check("message", partial(sending.message, api, stack, phone))]] if phone else []
    return [[Check(name, check) for name, check in quick], *real]
