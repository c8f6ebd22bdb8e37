"""Compares a policy with what was done, over the dispatches of a table.

    python -m tools.lab --table NAME --since 2026-11-01T00:00:00Z --policy '{"windows": {"*": 600}}' [--json]

It only reads: the index of the newest dispatches, the dispatches, and the webhooks of some. `getthrough what-if` starts
it. What it has to keep of each dispatch has no address and no text; it is in a file that has no name.
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from random import Random
from tempfile import TemporaryFile
from typing import IO

from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.domain.dispatch.canary import is_counted
from getthrough.domain.message.status import Condition
from getthrough.domain.ports import Dispatches, StatusEvents
from getthrough.domain.values.local_time import zones
from tools.lab.compare import SETS, Comparison, Lab
from tools.lab.fates import Known
from tools.lab.past import Past, needs_events, past_of
from tools.lab.policy import Policy, policy_of
from tools.lab.report import as_json, as_lines

MANY, FEWER_SETS = 10_000, 4
"""With more dispatches the draws differ so little from set to set that fewer sets will do."""


def read(
    dispatches: Dispatches, events: StatusEvents, since: datetime, now: datetime, policy: Policy
) -> Iterator[Past]:
    """What is known of each dispatch that was created since then and sent, newest first."""
    reads = policy.condition is Condition.READ
    for dispatch in dispatches.created(since, now):
        if not is_counted(dispatch):
            continue
        own = events.of(dispatch.dispatch_uuid) if needs_events(dispatch, reads=reads) else []
        if (past := past_of(dispatch, own, now)) is not None:
            yield past


def compare(pasts: Iterable[Past], policy: Policy, seed: int) -> Comparison:
    """Learn from all of them, then play each. Only one is in memory at a time."""
    known = Known(Random(f"{seed} known"))
    with TemporaryFile() as kept:
        count = 0
        for past in pasts:
            known.add(past)
            pickle.dump(past, kept, pickle.HIGHEST_PROTOCOL)
            count += 1
        kept.seek(0)
        sets = SETS if count <= MANY else FEWER_SETS
        return Lab(policy, known, seed=seed, sets=sets).compare(_again(kept, count))


def _again(kept: IO[bytes], count: int) -> Iterator[Past]:
    for _ in range(count):
        yield pickle.load(kept)


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.lab", description="Compare a policy with what was done.")
    parser.add_argument("--table", metavar="NAME", required=True)
    parser.add_argument("--since", metavar="TIME", required=True, type=datetime.fromisoformat)
    parser.add_argument("--policy", metavar="JSON", required=True, type=json.loads)
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="of the draws")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    policy, now = policy_of(given.policy), datetime.now(UTC)
    if policy.quiet_hours and (zone := policy.quiet_hours.time_zone) not in zones():
        return refused(f"{zone} is no time zone: name one such as Europe/London")
    pasts = read(DynamoDispatches(given.table), DynamoStatusEvents(given.table), given.since, now, policy)
    found = compare(pasts, policy, given.seed)
    if not found.today.dispatches:
        return refused("no dispatch was sent since then: look further back with --since", 1)
    print(json.dumps(as_json(found)) if given.json else "\n".join(as_lines(found)))
    return 0


def refused(sentence: str, code: int = 2) -> int:
    print(f"getthrough: {sentence}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
