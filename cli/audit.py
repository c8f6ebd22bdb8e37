"""The command `getthrough audit`: who changed what, over the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import click

from cli.api import body_of
from cli.output import Output
from cli.recover import Moment
from cli.target import Target, as_json_option, with_target


@click.command()
@click.option("--who", metavar="NAME", help="Only this client, or the ARN of an operator.")
@click.option("--what", metavar="KIND", help="Only this, such as client.add or dispatch.cancel.")
@click.option("--subject", metavar="ID", help="Only what was done to this.")
@click.option("--since", metavar="TIME", type=Moment())
@click.option("--before", metavar="TIME", type=Moment())
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@with_target
@as_json_option
def audit(target: Target, limit: int, as_json: bool, **only: str | datetime | None) -> None:
    """Who changed what, newest first: clients over the API, and operators with this tool."""
    given = {name: value for name, value in only.items() if value is not None}
    texts = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in given.items()}
    api, output, cursor = target.api(), Output(as_json), None
    entries: list[dict[str, Any]] = []
    while len(entries) < limit:
        query = {**texts, "limit": limit - len(entries)} | ({"cursor": cursor} if cursor else {})
        page = body_of(api.call("GET", f"/v1/audit?{urlencode(query)}"))
        for entry in page["entries"]:
            status = "no answer" if entry["status"] is None else entry["status"]
            output.line(f"{entry['at']} {entry['who']} {entry['what']} {entry['subject'] or '-'} ({status})")
        entries, cursor = [*entries, *page["entries"]], page["cursor"]
        if cursor is None:
            break
    output.json(entries)
