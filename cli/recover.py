"""The command `getthrough recover`: what was given up, and releasing it, over the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import click

from cli.api import Api, RefusedError, body_of
from cli.output import Output
from cli.target import Target, as_json_option, dry_run_option, with_target

Json = dict[str, Any]


class Moment(click.ParamType[datetime]):
    """A time such as 2026-11-23T09:00Z; without an offset it is UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time such as 2026-11-23T09:00Z", param, ctx)
        return at if at.tzinfo else at.replace(tzinfo=UTC)


@click.group()
def recover() -> None:
    """List quarantined webhooks and dead letters, and release them.

    All of it may be done again: what was released is not released a second time. The exit code is 1 if something could
    not be released.
    """


@recover.group()
def quarantine() -> None:
    """Webhooks that were forged or not understood."""


@recover.group(name="dead-letters")
def dead_letters() -> None:
    """Timers and webhooks to your own systems that were given up."""


_reason = click.option("--reason", metavar="TEXT", help='Only those, such as "forged: signature".')
_since = click.option("--since", metavar="TIME", type=Moment())
_before = click.option("--before", metavar="TIME", type=Moment())


@quarantine.command(name="list")
@_reason
@_since
@_before
@with_target
@as_json_option
def list_quarantine(
    target: Target, reason: str | None, since: datetime | None, before: datetime | None, as_json: bool
) -> None:
    """Newest first."""
    output, shown = Output(as_json), []
    for webhook in _quarantined(target.api(), reason, since, before):
        size = f"{webhook['size']} bytes{'' if webhook['whole'] else ' (only the beginning was kept)'}"
        output.line(f"{webhook['id']} {webhook['received_at']} {webhook['route']} {webhook['reason']}, {size}")
        shown.append(webhook)
    output.json(shown)


@quarantine.command(name="show")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@with_target
def show_quarantined(target: Target, ids: tuple[str, ...]) -> None:
    """All that was kept, in ASCII: anybody can send us a body, and it must not command the terminal."""
    api = target.api()
    for identifier in ids:
        click.echo(json.dumps(body_of(api.call("GET", f"/v1/quarantine/{identifier}")), indent=2))


@quarantine.command(name="release")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@_reason
@_since
@_before
@click.option("--force", is_flag=True, help="Although the token is still not Vonage's; IDs only.")
@with_target
@dry_run_option
@as_json_option
def release_quarantined(
    target: Target,
    ids: tuple[str, ...],
    reason: str | None,
    since: datetime | None,
    before: datetime | None,
    force: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Those that are named, or all for one reason, oldest first, as they came."""
    if bool(ids) == bool(reason):
        raise click.UsageError("name either IDs or a --reason")
    if force and not ids:
        raise click.UsageError("--force releases only webhooks that are named by ID")
    results: list[Json] = []
    api, output = target.api(), Output(as_json)
    found = [] if ids else [webhook["id"] for webhook in _quarantined(api, reason, since, before)]
    for identifier in ids or reversed(found):
        if dry_run:
            output.line(f"{identifier} would be released")
            results.append({"id": identifier, "released": False})
            continue
        try:
            path = f"/v1/quarantine/{identifier}/release{'?force=true' if force else ''}"
            came_of = body_of(api.call("POST", path))
        except RefusedError as error:
            output.line(f"{identifier} not released: {error}")
            results.append({"id": identifier, "released": False, "reason": str(error)})
            continue
        output.line(f"{identifier} released: {_reported(came_of)}")
        results.append({"id": identifier, "released": True, **came_of})
    released = sum(bool(result["released"]) for result in results)
    if not dry_run:
        output.line(f"{released} of {len(results)} released")
    output.json(results)
    return 0 if dry_run or released == len(results) else 1


@quarantine.command(name="delete")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@with_target
@dry_run_option
def delete_quarantined(target: Target, ids: tuple[str, ...], dry_run: bool) -> None:
    """For good."""
    api = target.api()
    for identifier in ids:
        body_of(api.call("GET" if dry_run else "DELETE", f"/v1/quarantine/{identifier}"))
        click.echo(f"{identifier} {'would be deleted' if dry_run else 'deleted'}")


@dead_letters.command(name="list")
@with_target
@as_json_option
def list_dead_letters(target: Target, as_json: bool) -> None:
    """Up to ten of each queue, with ids and nothing of their content."""
    output, queues = Output(as_json), body_of(target.api().call("GET", "/v1/dead-letters"))["queues"]
    for queue in queues:
        waiting = f", {queue['waiting']} more wait for another attempt" if queue.get("waiting") else ""
        output.line(f"{queue['queue']}: {queue['messages']} messages{waiting}")
        for letter in queue["shown"]:
            about = letter["event_id"] or letter["dispatch_uuid"] or letter["id"]
            output.line(f"  {letter['kind']} {about} since {letter['since']}, taken {letter['received']} times")
    output.json(queues)


@dead_letters.command(name="release")
@click.option("--queue", metavar="NAME", help="Only this one, such as timers.")
@with_target
@dry_run_option
@as_json_option
def release_dead_letters(target: Target, queue: str | None, dry_run: bool, as_json: bool) -> int:
    """Until nothing is left of what was there when the first call began."""
    api, output = target.api(), Output(as_json)
    if dry_run:
        waiting = body_of(api.call("GET", "/v1/dead-letters"))["queues"]
        for one in waiting:
            if queue in (None, one["queue"]):
                output.line(f"{one['queue']}: {one['messages']} would be looked at")
        output.json(waiting)
        return 0
    body: Json = {"queue": queue} if queue else {}
    rounds = []
    while True:  # what fails at once would go round for ever, so only what was there before the first call is taken
        answer = body_of(api.call("POST", "/v1/dead-letters/release", body))
        body["before"], queues = answer["before"], answer["queues"]
        rounds.append(queues)
        for one in queues:
            output.line(
                f"{one['queue']}: {one['released']} released, {one['dropped']} dropped, {one['kept']} kept"
                f"{', more to come' if one['more'] else ''}"
            )
        progress = any(one["released"] or one["dropped"] for one in queues)
        if not progress or not any(one["more"] for one in queues):
            output.json(rounds)
            return 1 if any(one["kept"] or one["more"] for one in queues) else 0


def _quarantined(api: Api, reason: str | None, since: datetime | None, before: datetime | None) -> Iterator[Json]:
    """What is in quarantine, for a reason and from a time if they are given, newest first."""
    query = {"limit": "100"}
    while True:
        page = body_of(api.call("GET", f"/v1/quarantine?{urlencode(query)}"))
        for webhook in page["webhooks"]:
            received_at = datetime.fromisoformat(webhook["received_at"])
            if since is not None and received_at < since:
                return
            if reason in (None, webhook["reason"]) and (before is None or received_at < before):
                yield webhook
        if page["cursor"] is None:
            return
        query["cursor"] = page["cursor"]


def _reported(came_of: Json) -> str:
    """What a webhook was, without an address: terminals are logged too."""
    known = "" if came_of["new"] else ", which was known already"
    if came_of["kind"] == "status":
        of = came_of["dispatch_uuid"] or "no dispatch that is known"
        return f"status {came_of['status'] or 'unknown'} of {of}{known}"
    consents = {True: ", opts out", False: ", opts in"}
    return f"{came_of['channel']} message{consents.get(came_of['opted_out'], '')}{known}"
