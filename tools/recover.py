"""Lists quarantined webhooks and dead letters, and releases them, over the API.

    python -m tools.recover --api https://YOUR-API --client shop quarantine list
    python -m tools.recover ... quarantine show ID
    python -m tools.recover ... quarantine release ID ...
    python -m tools.recover ... quarantine release --reason "forged: signature" --since 2026-11-23T09:00Z
    python -m tools.recover ... quarantine delete ID ...
    python -m tools.recover ... dead-letters list
    python -m tools.recover ... dead-letters release [--queue timers]

The client's secret is asked for, or read from GETTHROUGH_SECRET, since a command line stays in the shell's history;
GETTHROUGH_API and GETTHROUGH_CLIENT spare the two options. `--local` is the stack of `make run`. All of it may be done
again: what was released is not released a second time. The exit code is 1 if something could not be released.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from getpass import getpass
from pathlib import Path
from typing import Any

import requests

from local.stack.stack_file import read_running

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 35
"""API Gateway gives up after 30."""

Json = dict[str, Any]
Call = Callable[..., tuple[int, Any]]
"""`call(method, path, body=None, query=None)`: status and decoded body (None if there is none) of an answer."""


class RefusedError(Exception):
    """The API did not do it; the text says what it answered."""


def over_http(api: str, client: str, secret: str) -> Call:
    session = requests.Session()
    session.auth = (client, secret)

    def call(method: str, path: str, body: Json | None = None, query: Json | None = None) -> tuple[int, Any]:
        try:
            answer = session.request(method, api.rstrip("/") + path, json=body, params=query, timeout=SECONDS)
            return answer.status_code, answer.json() if answer.content else None
        except requests.RequestException as error:
            raise RefusedError(f"{method} {path}: no answer that is JSON ({type(error).__name__})") from None

    return call


def done(answer: tuple[int, Any]) -> Any:
    """The body of an answer; RefusedError unless its status is a success."""
    status, body = answer
    if status >= 300:
        violations = (f" {violation['name']} {violation['reason']}" for violation in body.get("invalid_parameters", []))
        raise RefusedError(f"{status} {body.get('detail') or body.get('message')}{''.join(violations)}")
    return body


def quarantined(call: Call, reason: str | None, since: datetime | None, before: datetime | None) -> Iterator[Json]:
    """What is in quarantine, for a reason and from a time if they are given, newest first."""
    query = {"limit": "100"}
    while True:
        page = done(call("GET", "/v1/quarantine", None, query))
        for webhook in page["webhooks"]:
            received_at = datetime.fromisoformat(webhook["received_at"])
            if since is not None and received_at < since:
                return
            if reason in (None, webhook["reason"]) and (before is None or received_at < before):
                yield webhook
        if page["cursor"] is None:
            return
        query["cursor"] = page["cursor"]


def list_quarantine(call: Call, given: argparse.Namespace) -> int:
    for webhook in quarantined(call, given.reason, given.since, given.before):
        size = f"{webhook['size']} bytes{'' if webhook['whole'] else ' (only the beginning was kept)'}"
        print(webhook["id"], webhook["received_at"], webhook["route"], f"{webhook['reason']},", size)
    return 0


def show_quarantined(call: Call, given: argparse.Namespace) -> int:
    """In ASCII: anybody can send us a body, and it must not command the terminal."""
    for identifier in given.ids:
        print(json.dumps(done(call("GET", f"/v1/quarantine/{identifier}")), indent=2))
    return 0


def release_quarantined(call: Call, given: argparse.Namespace) -> int:
    """Those that are named, or all for one reason; oldest first, as they came."""
    found = [] if given.ids else list(quarantined(call, given.reason, given.since, given.before))
    identifiers = given.ids or [webhook["id"] for webhook in reversed(found)]
    released = 0
    for identifier in identifiers:
        try:
            query = {"force": "true"} if given.force else {}
            came_of = done(call("POST", f"/v1/quarantine/{identifier}/release", None, query))
        except RefusedError as error:
            print(f"{identifier} not released: {error}")
            continue
        released += 1
        print(f"{identifier} released: {_reported(came_of)}")
    print(f"{released} of {len(identifiers)} released")
    return 0 if released == len(identifiers) else 1


def delete_quarantined(call: Call, given: argparse.Namespace) -> int:
    for identifier in given.ids:
        done(call("DELETE", f"/v1/quarantine/{identifier}"))
        print(f"{identifier} deleted")
    return 0


def list_dead_letters(call: Call, given: argparse.Namespace) -> int:
    for queue in done(call("GET", "/v1/dead-letters"))["queues"]:
        print(f"{queue['queue']}: {queue['messages']} messages")
        for letter in queue["shown"]:
            about = letter["event_id"] or letter["dispatch_uuid"] or letter["id"]
            print(f"  {letter['kind']} {about} since {letter['since']}, taken {letter['received']} times")
    return 0


def release_dead_letters(call: Call, given: argparse.Namespace) -> int:
    """Until nothing is left of what was there when the first call began: what fails at once would go round for ever."""
    body: Json = {"queue": given.queue} if given.queue else {}
    while True:
        answer = done(call("POST", "/v1/dead-letters/release", body))
        body["before"], queues = answer["before"], answer["queues"]
        for queue in queues:
            print(
                f"{queue['queue']}: {queue['released']} released, {queue['dropped']} dropped, {queue['kept']} kept"
                f"{', more to come' if queue['more'] else ''}"
            )
        progress = any(queue["released"] or queue["dropped"] for queue in queues)
        if not progress or not any(queue["more"] for queue in queues):
            return 1 if any(queue["kept"] or queue["more"] for queue in queues) else 0


def _reported(came_of: Json) -> str:
    """What a webhook was, without an address: terminals are logged too."""
    known = "" if came_of["new"] else ", which was known already"
    if came_of["kind"] == "status":
        of = came_of["dispatch_uuid"] or "no dispatch that is known"
        return f"status {came_of['status'] or 'unknown'} of {of}{known}"
    consents = {True: ", opts out", False: ", opts in"}
    return f"{came_of['channel']} message{consents.get(came_of['opted_out'], '')}{known}"


def moment(text: str) -> datetime:
    """A time such as 2026-11-23T09:00Z; without an offset it is UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2026-11-23T09:00Z") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.recover", description="Release webhooks and dead letters.")
    parser.add_argument("--api", metavar="URL", default=os.environ.get("GETTHROUGH_API"), help="the stack's ApiUrl")
    parser.add_argument("--client", metavar="NAME", default=os.environ.get("GETTHROUGH_CLIENT"))
    parser.add_argument("--local", action="store_true", help="the stack of `make run`")
    things = parser.add_subparsers(required=True, metavar="quarantine | dead-letters")

    webhooks = things.add_parser("quarantine", help="webhooks that were forged or not understood")
    verbs = webhooks.add_subparsers(required=True, metavar="list | show | release | delete")
    for name, do, ids in (
        ("list", list_quarantine, None),
        ("show", show_quarantined, "+"),
        ("release", release_quarantined, "*"),
        ("delete", delete_quarantined, "+"),
    ):
        verb = verbs.add_parser(name)
        verb.set_defaults(do=do)
        if ids:
            verb.add_argument("ids", metavar="ID", nargs=ids)
        if ids != "+":
            verb.add_argument("--reason", metavar="TEXT", help='only those, such as "forged: signature"')
            verb.add_argument("--since", metavar="TIME", type=moment)
            verb.add_argument("--before", metavar="TIME", type=moment)

        if name == "release":
            verb.add_argument("--force", action="store_true", help="although the token is still not Vonage's; IDs only")

    letters = things.add_parser("dead-letters", help="timers and webhooks to your own systems that were given up")
    verbs = letters.add_subparsers(required=True, metavar="list | release")
    verbs.add_parser("list").set_defaults(do=list_dead_letters)
    release = verbs.add_parser("release")
    release.set_defaults(do=release_dead_letters)
    release.add_argument("--queue", metavar="NAME", help="only this one, such as timers")

    given = parser.parse_args(argv)
    if given.do is release_quarantined and bool(given.ids) == bool(given.reason):
        parser.error("quarantine release needs either IDs or a --reason")
    if given.do is release_quarantined and given.force and not given.ids:
        parser.error("--force releases only webhooks that are named by ID")
    return given


def connected(given: argparse.Namespace) -> Call:
    if given.local:
        stack = read_running(ROOT / os.environ.get("LOCAL_DIR", ".local"))
        if stack is None:
            raise RefusedError("no local stack runs: `make run` starts one")
        return over_http(stack["api_url"], stack["client_name"], stack["client_secret"])
    if not given.api or not given.client:
        raise RefusedError("name the stack's --api and a --client, or --local")
    return over_http(
        given.api, given.client, os.environ.get("GETTHROUGH_SECRET") or getpass(f"Secret of {given.client}: ")
    )


def main(argv: Sequence[str], connect: Callable[[argparse.Namespace], Call] = connected) -> int:
    given = arguments(argv)
    try:
        code: int = given.do(connect(given), given)
    except RefusedError as error:
        print(error, file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
