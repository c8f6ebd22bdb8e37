"""The command `getthrough what-if`.

What another policy would have done is what the functions' own failover rules make of it. So a program beside that code
plays the dispatches, `tools/lab`. It runs in a process of its own: the command line does not import what runs in a
stack.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from cli.errors import OperatorError
from cli.release import ROOT, only_in_a_clone
from cli.stack import Names
from cli.target import Target, as_json_option, with_target

UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
LONGEST_WINDOW = 7 * 86_400
LONGEST = 3_650 * 86_400

_DURATION = re.compile(r"([0-9]{1,6})([smhd]?)")
_QUIET = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]")
CHANNELS = ("sms", "mms", "rcs", "whatsapp", "messenger", "viber_service", "email")


@click.command("what-if")
@click.option(
    "--window",
    "windows",
    metavar="[CHANNEL=]TIME",
    multiple=True,
    help="The window of messages with a fallback, such as 10m or sms=30. May be repeated.",
)
@click.option("--order", metavar="CHANNELS", help="Try the channels in this order, such as whatsapp,sms.")
@click.option("--condition", type=click.Choice(["delivered", "read", "replied"]), help="What counts as success.")
@click.option("--ttl", metavar="TIME", help="The time to live of messages with a fallback. 0 means none.")
@click.option("--quiet-hours", metavar="HH:MM-HH:MM", help="Send nothing at these hours. It needs --time-zone.")
@click.option("--time-zone", metavar="ZONE", help="Such as Europe/London.")
@click.option("--since", metavar="TIME", default="30d", show_default=True, help="How far back to look.")
@click.option("--seed", metavar="N", type=int, default=1, help="For the fates that have to be drawn.", hidden=True)
@with_target
@as_json_option
def what_if(
    target: Target,
    windows: tuple[str, ...],
    order: str | None,
    condition: str | None,
    ttl: str | None,
    quiet_hours: str | None,
    time_zone: str | None,
    since: str,
    seed: int,
    as_json: bool,
) -> int:
    """Compare another policy with what was done, on the dispatches that are stored. Nothing is sent.

    It reads the table with your AWS credentials, and changes nothing. docs/policy-lab.md explains the figures.
    """
    policy: dict[str, Any] = {
        "windows": dict(map(_window, windows)),
        "order": _channels(order) if order else [],
        "condition": condition,
        "ttl": None if ttl is None else seconds_of(ttl, "--ttl", least=0),
        "quiet_hours": _quiet(quiet_hours, time_zone) if quiet_hours else None,
    }
    if not any(policy[name] or policy[name] == 0 for name in policy):
        raise OperatorError("no policy is named: say what would be different, such as --window 10m.")
    from_ = datetime.now(UTC) - timedelta(seconds=seconds_of(since, "--since"))
    only_in_a_clone("what-if")
    stack = target.stack()
    given = {"--table": stack.outputs[Names.TABLE_NAME], "--since": from_.isoformat(), "--seed": str(seed)}
    options = [word for pair in given.items() for word in pair]
    command = [sys.executable, "-m", "tools.lab", *options, "--policy", json.dumps(policy)]
    environ = {**os.environ, **stack.environ, "PYTHONPATH": f"{ROOT / 'functions'}{os.pathsep}{ROOT}"}
    done = subprocess.run([*command, *(["--json"] if as_json else [])], cwd=ROOT, env=environ, check=False)
    return done.returncode


def seconds_of(text: str, option: str, least: int = 1) -> int:
    """The seconds in `90`, `90s`, `10m`, `2h` or `30d`; OperatorError for another text."""
    found = _DURATION.fullmatch(text)
    seconds = int(found[1]) * UNITS[found[2] or "s"] if found else -1
    if seconds < least:
        raise OperatorError(f"{option} {text!r} is no time: write it as 90, 10m, 2h or 30d.")
    if seconds > LONGEST:
        raise OperatorError(f"{option} {text!r} is too long: the longest time is 3650d.")
    return seconds


def _window(text: str) -> tuple[str, int]:
    channel, equals, time = text.rpartition("=")
    if equals:
        _channels(channel)
    window = seconds_of(time, "--window")
    if window > LONGEST_WINDOW:
        raise OperatorError(f"--window {text!r} is too long: the longest window is 7d.")
    return channel or "*", window


def _channels(text: str) -> list[str]:
    channels = text.split(",")
    if not {*channels} <= {*CHANNELS} or len({*channels}) < len(channels):
        raise OperatorError(f"{text!r} is no list of channels: name some of {','.join(CHANNELS)}, each once.")
    return channels


def _quiet(text: str, time_zone: str | None) -> dict[str, str]:
    if not _QUIET.fullmatch(text):
        raise OperatorError(f"--quiet-hours {text!r} must be two times of day, such as 21:00-08:00.")
    if time_zone is None:
        raise OperatorError("--quiet-hours needs --time-zone: name one, such as Europe/London.")
    start, end = text.split("-")
    if start == end:
        raise OperatorError(f"--quiet-hours {text!r} would be the whole day.")
    return {"from": start, "to": end, "time_zone": time_zone}
