"""The command `getthrough client`: who may call the API, what each may do, and how much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from cli.client import records
from cli.client.records import COUNTRIES, GUESTS, MONEY, SIMULATED, Record
from cli.errors import OperatorError
from cli.output import Output
from cli.secret.command import store, stored
from cli.secret.content import APPLICATION, SCOPES, checked_name
from cli.secret.parts import Secret
from cli.stack import Stack
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


class Guests(click.ParamType[str]):
    """Numbers and email addresses with commas between them; all for anyone."""

    name = "addresses"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        parts = value.replace(" ", "").split(",")
        text = ",".join(part if "@" in part else part.removeprefix("+") for part in parts)
        if text != "all" and not GUESTS.fullmatch(text):
            self.fail(f"{value!r} are no phone numbers or email addresses with commas between them", param, ctx)
        return str(text)


def _what_it_may(command: Command) -> Command:
    for option in (
        click.option("--budget", type=Money(), help="Money a month, such as 50EUR; 0: only the stack's."),
        click.option("--budget-per-day", type=Money(), help="Money a day, such as 5EUR; 0: only the stack's."),
        click.option("--countries", type=Countries(), help="Calling codes such as 44,353; all: only the stack's."),
        click.option("--per-minute", type=click.IntRange(0, 60_000), help="Messages a minute; 0: only the stack's."),
        click.option("--per-day", type=click.IntRange(0, 10_000_000), help="Messages a day; 0: only the stack's."),
        click.option("--test", is_flag=True, help="A test client: it sends to simulated numbers and guests only."),
        click.option("--guests", type=Guests(), help="Numbers of its guests, such as yours; all: no test client."),
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
    fields = _fields(scopes, limits)
    begun = _begin(target, name, as_json=as_json, dry_run=dry_run)
    after, made = records.added(begun.before, name, fields)
    _end(begun, after, "added", made)


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
    begun = _begin(target, name, as_json=as_json, dry_run=dry_run)
    _end(begun, records.changed(begun.before, name, fields), "changed")


@client.command()
@click.argument("name", type=Name())
@click.option(
    "--old-hours",
    type=click.IntRange(0, MOST_HOURS),
    default=OLD_SECRET_HOURS,
    show_default=True,
    help="So long the last secret stays valid; 0 if it may be in other hands.",
)
@click.option("--lost", is_flag=True, help="The last one got lost unused: this one takes its place.")
@with_target
@dry_run_option
@as_json_option
def secret(target: Target, name: str, old_hours: int, lost: bool, dry_run: bool, as_json: bool) -> None:
    """Make a new secret. The last one stays valid for a day, so that no request is refused meanwhile."""
    begun, now = _begin(target, name, as_json=as_json, dry_run=dry_run), datetime.now(UTC).replace(microsecond=0)
    if lost:
        after, made = records.remade(begun.before, name)
    elif old_hours and (until := records.two_until(begun.before, name, now)):
        raise OperatorError(
            f"client {name!r} has two secrets until {until}, and a third would end the older one now: wait until then. "
            "If the newer one got lost unused, give --lost; to end both, give --old-hours 0."
        )
    else:
        after, made = records.renewed(begun.before, name, now + timedelta(hours=old_hours) if old_hours else None)
    _end(begun, after, "given a new secret", made)


@client.command()
@click.argument("name", type=Name())
@with_target
@dry_run_option
@as_json_option
def remove(target: Target, name: str, dry_run: bool, as_json: bool) -> None:
    """Remove a client. What it planned goes on, within its limits."""
    begun = _begin(target, name, as_json=as_json, dry_run=dry_run)
    before, after = records.one(begun.before, name), records.removed(begun.before, name)
    if not dry_run:
        store(begun.stack, begun.before, after)
    begun.output.line(f"client {name!r} {begun.was} removed")
    if not dry_run:
        begun.output.line("Its schedules and batches go on, within its limits, until you cancel them in the console.")
    begun.output.json({"client": before, "dry_run": dry_run})


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
        "guests": "guests",
    }
    if given.pop("test"):
        if given["guests"] == "all":
            raise click.UsageError("--guests all makes no test client: leave out --test, or name its guests")
        given["guests"] = given["guests"] or SIMULATED
    limits = {names[name]: value for name, value in given.items() if value is not None}
    in_order = [scope for scope in SCOPES if scope in scopes]
    return ({"scopes": in_order} if in_order else {}) | ({"limits": limits} if limits else {})


@dataclass(frozen=True)
class _Begun:
    """A change of a client: on which stack, and what its secret holds before."""

    stack: Stack
    name: str
    before: Secret
    output: Output
    dry_run: bool

    @property
    def was(self) -> str:
        return "would be" if self.dry_run else "was"


def _begin(target: Target, name: str, *, as_json: bool, dry_run: bool) -> _Begun:
    stack = target.stack()
    return _Begun(stack, name, stored(stack), Output(as_json), dry_run)


def _end(begun: _Begun, after: Secret, done: str, made: str | None = None) -> None:
    """Store it and say so. A client's secret is said first: none is valid that no one has seen."""
    record, shows = records.one(after, begun.name), made and not begun.dry_run
    begun.output.json({"client": record, "dry_run": begun.dry_run} | ({"secret": made} if shows else {}))
    if shows:
        begun.output.line(f"client {begun.name!r} signs in with this secret, which is not shown again: {made}")
    if not begun.dry_run:
        store(begun.stack, begun.before, after)
    begun.output.line(f"client {begun.name!r} {begun.was} {done}: {records.in_words(record)}")
