"""The command `getthrough doctor`: what is set up wrong between a stack and Vonage, each in a sentence with its cure.

It reads the application, the account, the stack's secret, its quarantine and its logs, and changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import click
from botocore.exceptions import BotoCoreError, ClientError

from cli.api import Api, NoAnswerError
from cli.errors import OperatorError, sentence_of
from cli.output import Output
from cli.secret.command import held, stored
from cli.secret.parts import Secret, lacking, whole
from cli.smoke.finding import Finding, State, failed, for_machines, not_checked, passed
from cli.stack import Names, Stack
from cli.target import Target, as_json_option, with_target
from cli.vonage import application as app
from cli.vonage.account import VonageAccount, from_operator
from cli.vonage.application import Application, Urls

LOW_BALANCE = 1.0
LOOKS_BACK = timedelta(hours=1)
MOST_LOG_PAGES = 10
MARKS = {State.PASSED: "✓", State.FAILED: "✗", State.NOT_CHECKED: "-"}

UP = "Run `getthrough up`: it sets both URLs and the version, and leaves everything else as it is."
SMS_SETTINGS = "In Vonage's dashboard, API settings, SMS settings, choose Messages API."


@dataclass(frozen=True)
class Case:
    """Everything that the checks look at; what several of them need is read once."""

    stack: Stack
    account: VonageAccount
    api: Api
    since: datetime

    @cached_property
    def parts(self) -> dict[str, Secret]:
        return held(self.stack)

    @property
    def secret(self) -> Secret:
        return whole(self.parts)

    @cached_property
    def application(self) -> Application | None:
        return self.account.application(self.secret["application_id"])

    @cached_property
    def logs(self) -> list[dict[str, Any]]:
        """What the functions logged since then and what tells of a wrong set-up, decoded."""
        group = self.stack.resources["AWS::Logs::LogGroup"][Names.LOG_GROUP]
        pages = self.stack.client("logs").get_paginator("filter_log_events")
        start = int(self.since.timestamp() * 1000)
        found = []
        for term in ('"unsigned webhook"', '"step sent"'):
            given = {"logGroupName": group, "startTime": start, "filterPattern": term}
            for page in pages.paginate(**given, PaginationConfig={"MaxItems": 1000 * MOST_LOG_PAGES}):
                found += [line for event in page["events"] if (line := _decoded(event["message"]))]
        return found


def _decoded(text: str) -> dict[str, Any] | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def secret(case: Case) -> Finding:
    """Each part of the stack's secret has what its functions need."""
    if missing := lacking(case.parts):
        return failed(f"The stack's secret lacks {', '.join(missing)}.", "Run `getthrough up`: it fills the secret.")
    return passed("The stack's secret is complete.")


def application(case: Case) -> Finding:
    """The application exists, and has the key with which the stack signs."""
    if case.application is None:
        return failed(
            f"Your Vonage account {case.account.api_key} has no application {case.secret['application_id']}.",
            "Check that VONAGE_API_KEY is the account's, or name another application with `getthrough up "
            "--application`.",
        )
    if not app.has_key(case.application, case.secret["private_key"]):
        return failed(
            "The application's public key does not belong to the stack's private key, so every message gets 401.",
            "Run `getthrough rotate application-key`: it gives both a new pair.",
        )
    return passed("The application exists and has the stack's key.")


def capability(case: Case) -> Finding:
    """The application takes messages, in the version that the stack reads."""
    messages = app.messages_of(case.application or {})
    if messages is None:
        return failed("The application has no messages capability, so it cannot send and reports nothing.", UP)
    if messages.get("version") != app.VERSION:
        return failed(f"The application's messages have version {messages.get('version', 'v0.1')}, not v1.", UP)
    return passed("The application has the messages capability, version v1.")


def urls(case: Case) -> Finding:
    """Webhooks come to this stack."""
    wanted = Urls(case.stack.outputs[Names.STATUS_URL], case.stack.outputs[Names.INBOUND_URL])
    found = app.addresses(case.application or {})
    if found == wanted:
        return passed("The application's status and inbound URLs are the stack's.")
    if found == Urls(wanted.inbound, wanted.status):
        return failed("The application's status URL and inbound URL are swapped.", UP)
    if found.status == found.inbound == wanted.status or found.status == found.inbound == wanted.inbound:
        return failed("The application's status URL and inbound URL are the same.", UP)
    names = [name for name in ("status", "inbound") if getattr(found, name) != getattr(wanted, name)]
    return failed(f"The application's {' and '.join(names)} URL is not this stack's.", UP)


def balance(case: Case) -> Finding:
    """There is money for messages."""
    euros = case.account.balance()
    if euros < LOW_BALANCE:
        return failed(
            f"The balance of your Vonage account is {euros:.2f} EUR, so messages are refused with 402.",
            "Top it up in Vonage's dashboard; messages whose window is still open are then sent.",
        )
    return passed(f"The balance of your Vonage account is {euros:.2f} EUR.")


def rate(case: Case) -> Finding:
    """Batches send no faster than the account may."""
    allowed, set_to = case.account.messages_per_second(), int(case.stack.parameters[Names.MESSAGES_PER_SECOND])
    if allowed is None:
        return not_checked("Vonage does not tell the account's send rate.", "Ask Vonage's support.")
    if set_to > allowed:
        return failed(
            f"MessagesPerSecond is {set_to}, and your Vonage account may send {allowed} a second.",
            f'Run `make deploy PARAMETERS="MessagesPerSecond={allowed}"`.',
        )
    return passed(f"MessagesPerSecond is {set_to}; your Vonage account may send {allowed} a second.")


def unsigned(case: Case) -> Finding:
    """Webhooks are signed."""
    found = [line.get("looks_like") for line in case.logs if line.get("message") == "unsigned webhook"]
    if "SMS API" in found:
        return failed("Webhooks come unsigned in the SMS API's shape: the account is set to the SMS API.", SMS_SETTINGS)
    if "Messages API" in found:  # anything else is a stranger's, or a smoke test's
        return failed(
            "Webhooks come unsigned, so none of them is believed.",
            "Switch signed webhooks on in Vonage's dashboard, API settings. Vonage sends them again for 24 hours.",
        )
    return passed("No unsigned webhook came.")


def signatures(case: Case) -> Finding:
    """Signed webhooks verify, and are understood."""
    reasons = _quarantined(case)
    if any(reason.startswith("forged: signature") for reason in reasons):
        return failed(
            "Webhooks are signed with another secret than the one that the stack knows.",
            "Copy the signature secret from Vonage's dashboard, API settings, into `getthrough rotate "
            "signature-secret`. Then `getthrough recover quarantine release` takes what came meanwhile.",
        )
    if any("SMS API" in reason or "by GET" in reason for reason in reasons):
        return failed("Webhooks come in the SMS API's shape: the account is set to the SMS API.", SMS_SETTINGS)
    if any("not an inbound message" in reason or "not a status" in reason for reason in reasons):
        return failed("Statuses came to the inbound URL or replies to the status URL: they were swapped.", UP)
    if reasons:
        return failed(f"A webhook was not understood ({reasons[0][:100]}).", "See docs/runbook.md, quarantine.")
    return passed("No webhook was forged or not understood.")


def region(case: Case) -> Finding:
    """The host that the stack sends to knows the application."""
    answers = [line.get("http_status") for line in case.logs if line.get("message") == "step sent"]
    host = case.stack.parameters[Names.VONAGE_API_URL]
    if answers and answers[-1] == 401 and application(case).state is State.PASSED:
        return failed(
            f"{host} refuses the application (401), although its key is right: it is another region's host.",
            'Run `make deploy PARAMETERS="VonageApiUrl=https://api.nexmo.com"`, or name your account\'s own region.',
        )
    return passed(f"{host} was not seen to refuse the application.")


def _quarantined(case: Case) -> list[str]:
    found = case.api.call("GET", "/v1/quarantine?limit=20")
    webhooks = found.body.get("webhooks", []) if found.status == 200 and isinstance(found.body, dict) else []
    return [
        str(webhook["reason"]) for webhook in webhooks if datetime.fromisoformat(webhook["received_at"]) >= case.since
    ]


CHECKS: Mapping[str, Callable[[Case], Finding]] = {
    "secret": secret,
    "application": application,
    "messages": capability,
    "urls": urls,
    "balance": balance,
    "rate": rate,
    "unsigned": unsigned,
    "signatures": signatures,
    "region": region,
}
NEEDS_SECRET = ("application", "messages", "urls", "region")
NEEDS_APPLICATION = ("messages", "urls")


def examine(case: Case) -> Iterator[tuple[str, Finding]]:
    """Each check's name and what it found. What cannot be looked at does not hold up the others."""
    incomplete = absent = False
    for name, check in CHECKS.items():
        if (incomplete and name in NEEDS_SECRET) or (absent and name in NEEDS_APPLICATION):
            yield name, not_checked("This needs what is missing above.")
            continue
        found = _look(case, check)
        incomplete = incomplete or (name == "secret" and found.state is not State.PASSED)
        absent = absent or (name == "application" and "has no application" in found.sentence)
        yield name, found


def _look(case: Case, check: Callable[[Case], Finding]) -> Finding:
    try:
        return check(case)
    except (BotoCoreError, ClientError) as error:
        return not_checked(f"This could not be checked: {sentence_of(error)}", "Run this with a role that may look.")
    except NoAnswerError as error:
        return failed(f"{error}.", "Check the network, and that the stack is still there.")
    except OperatorError as error:
        return not_checked(f"This could not be checked: {error}")


@click.command()
@with_target
@as_json_option
def doctor(target: Target, as_json: bool) -> int:
    """Say what is set up wrong at Vonage, and the cure.

    It changes nothing and sends nothing. It needs VONAGE_API_KEY and VONAGE_API_SECRET, or asks for them. What came in
    the last hour counts. The exit code is 1 if something is wrong.
    """
    stack = target.stack()
    account = from_operator(stored(stack).get("api_key"))
    case = Case(stack, account, target.api(), datetime.now(UTC) - LOOKS_BACK)
    output, findings = Output(as_json), {}
    for name, finding in examine(case):
        findings[name] = finding
        output.line(line_of(name, finding))
    output.json(for_machines(findings))
    return 1 if any(finding.state is State.FAILED for finding in findings.values()) else 0


def line_of(name: str, finding: Finding) -> str:
    return f"{MARKS[finding.state]} {name:<16} {finding.sentence} {finding.next_step}".rstrip()
