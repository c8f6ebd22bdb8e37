"""The command `getthrough watch`: see what happens, as it happens."""

from __future__ import annotations

import json
from typing import Any

import click

from cli.dispatches.entries import line, line_among_others
from cli.dispatches.follow import EXIT_CODES, Clock, Following, Reader, follow, follow_all
from cli.output import printable
from cli.target import Target, as_json_option, with_target


@click.command()
@click.argument("dispatch_uuid", required=False, type=click.UUID, metavar="[DISPATCH_UUID]")
@click.option("--wait", type=click.FloatRange(0), metavar="SECONDS", help="Follow the dispatch so long.")
@with_target
@as_json_option
def watch(dispatch_uuid: Any, wait: float | None, target: Target, as_json: bool) -> int:
    """Follow one dispatch until it is over, or everything that happens until Ctrl-C.

    The exit code is the outcome: 0 succeeded, 1 exhausted, 3 cancelled, 4 stopped by an opt-out, 5 still open after
    --wait. With --json each event is one line.
    """
    reader = Reader(target.api(), Clock())
    words = line if dispatch_uuid else line_among_others

    def report(entry: dict[str, Any], dispatch: dict[str, Any]) -> None:
        if as_json:
            click.echo(json.dumps({"dispatch_uuid": dispatch["dispatch_uuid"], **entry}))
        else:
            click.echo(printable(words(entry, dispatch)))

    if dispatch_uuid:
        return EXIT_CODES.get(follow(reader, str(dispatch_uuid), report, Following(wait))["outcome"], 1)
    follow_all(reader, report, note=lambda words: click.echo(words, err=True))
    return 0
