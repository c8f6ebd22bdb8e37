"""The command `getthrough smoke`."""

from __future__ import annotations

import json
import re
import time
from collections import Counter

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.api import Api, api_of
from cli.errors import OperatorError
from cli.output import printable
from cli.smoke.finding import Finding, State, for_machines
from cli.smoke.run import phases, run
from cli.smoke.sending import SIMULATED, Phone
from cli.stack import Stack
from cli.target import Target, as_json_option, with_target

MARKS = {State.PASSED: "[green]✓[/]", State.FAILED: "[red]✗[/]", State.NOT_CHECKED: "[yellow]-[/]"}
DEFAULT_SENDER = "Getthrough"


@click.command()
@click.option("--to", metavar="NUMBER", help="Your own phone: one real message is sent to it, at its price.")
@click.option("--from", "sender", metavar="NUMBER", default=DEFAULT_SENDER, help="Whom that message is from.")
@with_target
@as_json_option
def smoke(target: Target, to: str | None, sender: str, as_json: bool) -> int:
    """Check a stack from outside, and say what is wrong.

    It takes less than three minutes. The API is called with GETTHROUGH_CLIENT and GETTHROUGH_SECRET, or else as
    the operator of the stack's secret. Nothing is sent without --to. The exit code is 0 if no check failed, 1
    if one did, and 2 if the stack could not be looked at.
    """
    phone = phone_of(to, sender)
    found = target.stack()
    if found.simulated_provider and phone is None:
        phone = Phone(SIMULATED, sender)
    api = api_of(found)
    started = time.monotonic()
    findings = _print_as_found(found, api, phone, Console(quiet=as_json, highlight=False))
    seconds = time.monotonic() - started
    failures = sum(finding.state is State.FAILED for finding in findings.values())
    if as_json:
        click.echo(json.dumps(_as_json(found, findings, seconds), indent=2))
    return 1 if failures else 0


def phone_of(to: str | None, sender: str) -> Phone | None:
    """The number in digits, in the form that Vonage accepts; OperatorError if it cannot be one."""
    if to is None:
        return None
    number = re.sub(r"[\s().+-]", "", to)
    if not re.fullmatch(r"[1-9][0-9]{6,14}", number):
        raise OperatorError(
            "--to is no phone number in international form, such as 447700900001: give it with its country."
        )
    return Phone(number, sender)


def _print_as_found(stack: Stack, api: Api, phone: Phone | None, console: Console) -> dict[str, Finding]:
    findings: dict[str, Finding] = {}
    started = time.monotonic()
    console.print(f"[bold]{stack.name}[/]  {stack.api_url}")
    with console.status("checking …"):
        for name, finding in run(stack, phases(stack, api, phone)):
            findings[name] = finding
            row = Table.grid(padding=(0, 1))
            row.add_column(width=1)
            row.add_column(width=16, no_wrap=True)
            row.add_column()
            row.add_row(MARKS[finding.state], name, _printable(finding))
            console.print(row)
    counts = Counter(finding.state for finding in findings.values())
    summary = ", ".join(f"{counts[state]} {state}" for state in State if counts[state])
    console.print(f"{summary}, in {time.monotonic() - started:.0f} s")
    return findings


def _printable(finding: Finding) -> Text:
    """Both sentences. What others answered is quoted in them: it is no markup, and cannot command the terminal."""
    return Text(printable(f"{finding.sentence} {finding.next_step}".rstrip()))


def _as_json(stack: Stack, findings: dict[str, Finding], seconds: float) -> dict[str, object]:
    return {
        "stack": stack.name,
        "api_url": stack.api_url,
        "passed": not any(finding.state is State.FAILED for finding in findings.values()),
        "seconds": round(seconds, 1),
        "checks": for_machines(findings),
    }
