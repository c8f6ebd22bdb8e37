"""The command `getthrough client`: who may call the API, what each may do, and how much."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from cli.client import records
from cli.client.records import APPLICATION, COUNTRIES, MONEY, SCOPES, Record, checked_name
from cli.errors import OperatorError
from cli.output import Output
from cli.secret.command import store, stored
from cli.secret.parts import Secret
from cli.target import Target, as_json_option, dry_run_option, with_target

OLD_SECRET_HOURS = 24
MOST_HOURS = 31 * 24

Command = Callable[..., Any]


class Name(click.ParamType[str]):
    """The name of a client."""

    name = "name"

    def convert(self, value: Any, _: click.Parameter | None, __: click.Context | None) -> str:
        return checked_name(value)


class Countries(click.ParamType[str]):
    """Calling codes with commas between them."""

    name = "codes"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = value.replace(" ", "")
        if not COUNTRIES.fullmatch(text):
            self.fail(f"{value!r} are no calling codes such as 44,353", param, ctx)
        return str(text)


class Money(click.ParamType[str]):
    """An amount with its currency; 0 for none."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value != "0" and not MONEY.fullmatch(value):
            self.fail(f"{value!r} is no amount with a currency such as 50EUR", param, ctx)
        return str(value)


def _what_it_may(command: Command) -> Command:
    for option in (
        click.option("--budget", type=Money(), help="Money a month, such as 50EUR; 0: only the stack's."),
        click.option("--budget-per-day", type=Money(), help="Money a day, such as 5EUR; 0: only the stack's."),
        click.option("--countries", type=Countries(), help="Calling codes such as 44,353; all: only the stack's."),
        click.option("--per-minute", type=click.IntRange(0, 60_000), help="Messages a minute; 0: only the stack's."),
        click.option("--per-day", type=click.IntRange(0, 10_000_000), help="Messages a day; 0: only the stack's."),
    ):
        command = option(command)
    return command


def _scope(*, required: bool) -> Callable[[Command], Command]:
    return click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=required)


@click.group()
def client() -> None:
    """Who may call the API, what each may do, and how much.

    Functions take a change within five minutes.
    """


@client.command()
@click.argument("name", type=Name())
@_scope(required=True)
@_what_it_may
@with_target
@dry_run_option
@as_json_option
def add(target: Target, name: str, scopes: tuple[str, ...], dry_run: bool, as_json: bool, **limits: Any) -> None:
    """Add a client. Its secret is printed once; only a hash of it is stored."""
    stack, output = target.stack(), Output(as_json)
    content, made = records.added(stored(stack), name, _fields(scopes, limits))
    if not dry_run:
        store(stack, content)
    _report(output, content, name, "added", dry_run=dry_run, made=made)


@client.command(name="list")
@with_target
@as_json_option
def list_clients(target: Target, as_json: bool) -> None:
    """All clients, and what callers with a token of the application's key may do."""
    output, found = Output(as_json), records.every(stored(target.stack()))
    for each in found:
        output.line(records.in_words(each))
    output.json(found)


@client.command()
@click.argument("name")
@with_target
@as_json_option
def show(target: Target, name: str, as_json: bool) -> None:
    """One client."""
    output, found = Output(as_json), records.one(stored(target.stack()), _known_name(name))
    output.line(records.in_words(found))
    output.json(found)


@client.command()
@click.argument("name")
@_scope(required=False)
@_what_it_may
@with_target
@dry_run_option
@as_json_option
def change(target: Target, name: str, scopes: tuple[str, ...], dry_run: bool, as_json: bool, **limits: Any) -> None:
    """Change scopes or limits; what is not named keeps its value.

    The client `application` is every caller with a token of the application's key.
    """
    fields = _fields(scopes, limits)
    if not fields:
        raise click.UsageError("name a --scope or a limit")
    if _known_name(name) == APPLICATION and fields.keys() != {"scopes"}:
        raise OperatorError(f"{APPLICATION!r} has scopes only: the limits of the stack bind it.")
    stack, output = target.stack(), Output(as_json)
    content = records.changed(stored(stack), name, fields)
    if not dry_run:
        store(stack, content)
    _report(output, content, name, "changed", dry_run=dry_run)


@client.command()
@click.argument("name", type=Name())
@click.option(
    "--old-hours",
    type=click.IntRange(0, MOST_HOURS),
    default=OLD_SECRET_HOURS,
    show_default=True,
    help="So long the last secret stays valid; 0 if it may be in other hands.",
)
@with_target
@dry_run_option
@as_json_option
def secret(target: Target, name: str, old_hours: int, dry_run: bool, as_json: bool) -> None:
    """Make a new secret. The last one stays valid for a day, so that no request is refused meanwhile."""
    stack, output = target.stack(), Output(as_json)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=old_hours) if old_hours else None
    content, made = records.renewed(stored(stack), name, until)
    if not dry_run:
        store(stack, content)
    _report(output, content, name, "given a new secret", dry_run=dry_run, made=made)


@client.command()
@click.argument("name", type=Name())
@with_target
@dry_run_option
@as_json_option
def remove(target: Target, name: str, dry_run: bool, as_json: bool) -> None:
    """Remove a client. What it sent stays, and goes on."""
    stack, output = target.stack(), Output(as_json)
    content = stored(stack)
    before = records.one(content, name)
    after = records.removed(content, name)
    if not dry_run:
        store(stack, after)
    output.line(f"client {name!r} {'would be' if dry_run else 'was'} removed")
    output.json({"client": before, "dry_run": dry_run})


def _known_name(name: str) -> str:
    return name if name == APPLICATION else checked_name(name)


def _fields(scopes: tuple[str, ...], given: dict[str, Any]) -> Record:
    """What a record gets of the options. Options that were not given are None."""
    names = {
        "per_day": "messages_per_day",
        "per_minute": "messages_per_minute",
        "countries": "countries",
        "budget": "spending_per_month",
        "budget_per_day": "spending_per_day",
    }
    limits = {names[name]: value for name, value in given.items() if value is not None}
    in_order = [scope for scope in SCOPES if scope in scopes]
    return ({"scopes": in_order} if in_order else {}) | ({"limits": limits} if limits else {})


def _report(output: Output, content: Secret, name: str, done: str, *, dry_run: bool, made: str | None = None) -> None:
    after = records.one(content, name)
    output.line(f"client {name!r} {'would be' if dry_run else 'was'} {done}: {records.in_words(after)}")
    if made and not dry_run:
        output.line(f"it signs in with this secret, which is not shown again: {made}")
    output.json({"client": after, "dry_run": dry_run} | ({"secret": made} if made and not dry_run else {}))
