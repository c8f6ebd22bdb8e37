"""One burst: a day is lived, its backlog played by several processes at once, and the table compared."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

from bench.webhooks import worker
from bench.webhooks.backlog import Stretch, backlog
from bench.webhooks.day import RETENTION, live
from bench.webhooks.expected import differences, expected, scan, unarmed
from bench.webhooks.worker import Answered, Played
from getthrough.adapters.table_keys import EVENT_PREFIX, RECEIVED_PREFIX


class Burst(NamedTuple):
    """What came of a burst: how many of its events were new, how many items the table then had, and
    what is wrong with them or with an answer, a line each. `seconds` is from the first webhook to the last answer."""

    dispatches: int
    events: int
    workers: int
    answered: Sequence[Answered]
    seconds: float
    secret_reads: int
    items: int
    faults: Sequence[str]


def run(
    table_name: str, *, dispatches: int, seed: int, workers: int, rotate: bool = False, failing: float = 0
) -> Burst:
    """Play a burst on an empty table, to which AWS's usual variables lead; `failing` is the share of its calls that
    fail."""
    day = live(table_name, dispatches, seed)
    before = scan(table_name)
    stretches = backlog(day, seed, rotate=rotate)
    webhooks = [webhook for stretch in stretches for webhook in stretch.webhooks]
    played = _play(table_name, stretches, workers, failing)
    after, must = scan(table_name), expected(before, day, webhooks)
    events = sum(sk.startswith((EVENT_PREFIX, RECEIVED_PREFIX)) for _, sk in must.keys() - before.keys())
    answered = [seen for one in played for seen in one.answered]
    armed = set[str]().union(*(one.armed for one in played))
    return Burst(
        dispatches=dispatches,
        events=events,
        workers=workers,
        answered=answered,
        seconds=max(one.ended for one in played) - min(one.began for one in played),
        secret_reads=sum(one.secret_reads for one in played),
        items=len(after),
        faults=[
            *differences(must, after),
            *unarmed(after, armed),
            *(f"answered wrongly: {webhook}" for one in played for webhook in one.lost),
            *_stored_again(answered, events),
        ],
    )


def _play(table_name: str, stretches: Sequence[Stretch], workers: int, failing: float) -> list[Played]:
    settings = {
        "TABLE_NAME": table_name,
        "QUEUE_URL": "https://sqs.invalid/timers",
        "SECRET_ID": "getthrough",
        "RETENTION_DAYS": str(RETENTION.days),
        "POWERTOOLS_SERVICE_NAME": "bench",
        "POWERTOOLS_METRICS_NAMESPACE": "Getthrough",
    }
    processes = get_context("spawn")
    shared = settings, processes.Barrier(workers), processes.Value("i", 0), failing
    with ProcessPoolExecutor(workers, processes, worker.prepare, shared) as pool:
        return list(pool.map(worker.play, [stretches] * workers))


def _stored_again(answered: Sequence[Answered], events: int) -> Iterator[str]:
    """Fewer may count as new: one that was stored before something failed is a copy when it comes again."""
    new = sum(seen.kind.startswith("new") for seen in answered)
    if new > events:
        yield f"{new} webhooks were stored as new, but there are {events} events"
