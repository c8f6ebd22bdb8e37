"""The command `getthrough replay`.

What a dispatch should be is what the functions' own code makes of its webhooks. So a program beside that code compares,
`tools/replay.py`. It runs in a process of its own: the command line does not import what runs in a stack.
"""

from __future__ import annotations

import os
import subprocess
import sys

import click

from cli.release import ROOT, only_in_a_clone
from cli.stack import Names
from cli.target import Target, with_target


@click.command()
@click.argument("dispatch_uuids", metavar="[DISPATCH_UUID]...", nargs=-1, type=click.UUID)
@click.option("--repair", is_flag=True, help="Store what was rebuilt. Without it nothing is changed.")
@with_target
def replay(target: Target, dispatch_uuids: tuple[object, ...], repair: bool) -> int:
    """Rebuild dispatches from their stored webhooks, and compare.

    The whole table, or the dispatches that are named. It prints a line for each step that differs, with ids and
    statuses and nothing personal. The exit code is 1 if anything differs, repaired or not.
    """
    only_in_a_clone("replay")
    stack = target.stack()
    command = [sys.executable, "-m", "tools.replay", "--table", stack.outputs[Names.TABLE_NAME]]
    if repair:
        texts = stack.parameters.get(Names.TEXT_RETENTION_DAYS, "0")
        command += ["--repair", "--retention-days", stack.parameters[Names.RETENTION_DAYS]]
        command += ["--text-retention-days", texts]
    environ = {**os.environ, **stack.environ, "PYTHONPATH": f"{ROOT / 'functions'}{os.pathsep}{ROOT}"}
    done = subprocess.run([*command, *map(str, dispatch_uuids)], cwd=ROOT, env=environ, check=False)
    return done.returncode
