"""Rebuilds dispatches from their stored webhooks, and compares with what is stored.

    python -m tools.replay --table NAME                      the whole table
    python -m tools.replay --table NAME DISPATCH_UUID ...    these only
    python -m tools.replay --table NAME --repair --retention-days 90      and store what was rebuilt

One line for each step that differs (ids and statuses, nothing personal), then a summary; the exit code is 1 if anything
differs, repaired or not. A webhook that is being recorded at this moment may show as a difference once: its event is
stored before its dispatch. A repaired item lives as long as the stack's parameter RetentionDays says, so that is asked
for; if the stack has TextRetentionDays, give --text-retention-days too. AWS's usual variables tell where the table is
(AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.adapters.limit_counters import DynamoCounters
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Attempt, Dispatch
from getthrough.domain.ports import Counters, Dispatches, StatusEvents
from getthrough.domain.values import identifiers
from getthrough.domain.values.errors import NotFoundError, VersionConflictError
from getthrough.domain.values.rfc3339 import to_text
from getthrough.usecases.count_spending import save_counting

PAGE = 100
TRIES = 5


class Result(NamedTuple):
    """A dispatch that is not what its webhooks make of it; `repaired` tells whether it is now."""

    stored: Dispatch
    rebuilt: Dispatch
    repaired: bool

    def lines(self) -> Iterator[str]:
        done = "repaired" if self.repaired else "differs"
        for number, (stored, rebuilt) in enumerate(zip(self.stored.attempts, self.rebuilt.attempts, strict=True)):
            if stored != rebuilt:
                both = f"stored {_reported(stored)}, rebuilt {_reported(rebuilt)}"
                yield f"{done}: {self.stored.message_uuid(number)} {both}"


def replay(
    dispatch_uuid: str, dispatches: Dispatches, events: StatusEvents, *, repair: Counters | None
) -> Result | None:
    """Compare one dispatch. If it differs, store what was rebuilt, if counters are given to repair it with: they count
    a price that was lost. None if all is well.

    NotFoundError if there is no such dispatch; VersionConflictError if it kept changing meanwhile.
    """
    for _ in range(TRIES):
        stored = _existing(dispatch_uuid, dispatches)
        rebuilt = failover.rebuild(stored, events.of(dispatch_uuid))
        if rebuilt == stored:
            return None
        try:
            if repair:
                return Result(stored, save_counting(dispatches, repair, stored, rebuilt), repaired=True)
        except VersionConflictError:
            continue
        if _existing(dispatch_uuid, dispatches).version == stored.version:
            return Result(stored, rebuilt, repaired=False)
    raise VersionConflictError("the dispatch kept changing")


def _existing(dispatch_uuid: str, dispatches: Dispatches) -> Dispatch:
    dispatch = dispatches.get(dispatch_uuid)
    if dispatch is None:
        raise NotFoundError
    return dispatch


def everything(dispatches: Dispatches) -> Iterator[str]:
    """Every dispatch_uuid of the table, newest first."""
    cursor = None
    while True:
        page = dispatches.newest(PAGE, cursor)
        yield from (dispatch.dispatch_uuid for dispatch in page.items)
        cursor = page.cursor
        if cursor is None:
            return


def _reported(attempt: Attempt) -> str:
    usage, arrived_at = attempt.usage, attempt.arrived_at
    price = f" ({usage.price} {usage.currency})" if usage else ""
    return f"{attempt.status or 'nothing'}{price}{f' at {to_text(arrived_at)}' if arrived_at else ''}"


def _uuid(text: str) -> str:
    if not identifiers.is_dispatch_uuid(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no dispatch_uuid")
    return text


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.replay", description="Rebuild dispatches from their stored webhooks, and compare."
    )
    add = parser.add_argument
    add("dispatch_uuids", metavar="DISPATCH_UUID", nargs="*", type=_uuid, help="these only (default: the whole table)")
    add("--table", metavar="NAME", required=True)
    add("--repair", action="store_true", help="store what was rebuilt")
    add("--retention-days", metavar="DAYS", type=int, help="the stack's RetentionDays, needed for --repair")
    add("--text-retention-days", metavar="DAYS", type=int, default=0, help="the stack's TextRetentionDays (default: 0)")
    given = parser.parse_args(argv)
    if given.repair and given.retention_days is None:
        parser.error("--repair needs --retention-days: the stack's RetentionDays")
    return given


def main(argv: Sequence[str]) -> int:
    given = arguments(argv)
    retention, texts = timedelta(days=given.retention_days or 0), timedelta(days=given.text_retention_days)
    dispatches = DynamoDispatches(given.table, retention, texts=texts if timedelta(0) < texts < retention else None)
    events, counters = DynamoStatusEvents(given.table), DynamoCounters(given.table)
    seen = missing = differing = repaired = 0
    for dispatch_uuid in given.dispatch_uuids or everything(dispatches):
        seen += 1
        try:
            result = replay(dispatch_uuid, dispatches, events, repair=counters if given.repair else None)
        except NotFoundError:
            missing += 1
            print(f"missing: {dispatch_uuid}")
            continue
        if result is not None:
            differing += 1
            repaired += result.repaired
            print(*result.lines(), sep="\n")
    print(f"{seen} dispatches, {differing} differ, {repaired} repaired, {missing} missing")
    return 1 if differing or missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
