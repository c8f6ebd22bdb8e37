"""TallyFunction counts the results of batches and days, and how long messages take, from the table's stream."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from getthrough.adapters.dynamo_arrivals import DynamoArrivals
from getthrough.adapters.dynamo_batches import DynamoTallies
from getthrough.adapters.dynamo_figures import DynamoFigures
from getthrough.adapters.system import utc_now
from getthrough.adapters.table_stream import Record, dispatch_of, sequence_number
from getthrough.config import TallyConfig
from getthrough.domain.batch.batch import note_of
from getthrough.domain.dispatch import figures
from getthrough.domain.dispatch.auto_window import Counts, added_by
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.values.errors import UnavailableError
from getthrough.observability import Context, count, describe, logger, observed


@cache
def _tallies() -> DynamoTallies:
    config = TallyConfig.from_env()
    return DynamoTallies(config.table_name, timedelta(days=config.retention_days))


@cache
def _figures() -> DynamoFigures:
    config = TallyConfig.from_env()
    return DynamoFigures(config.table_name, timedelta(days=config.retention_days))


@cache
def _arrivals() -> DynamoArrivals:
    return DynamoArrivals(TallyConfig.from_env().table_name)


@observed
def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Note the records' results, and add to the figures of days. If that fails, Lambda delivers all of them again. To
    note a result twice does no harm, and the same records add to figures once.

    How long messages took is not counted again if that fails, since a part of it may be counted. Automatic windows can
    do without a few messages, and not with many that count often."""
    records: list[Record] = event["Records"]
    changes = [change for record in records if (change := _understood(record)) is not None]
    notes = [note for _, dispatch in changes if (note := note_of(dispatch)) is not None]
    try:
        _tallies().note(notes)
        _figures().add(_of_quarters(changes), _once(records))
    except UnavailableError as error:
        logger.error("not noted yet", extra={"reason": str(error)})
        return {"batchItemFailures": [{"itemIdentifier": sequence_number(records[0])}]}
    _count_arrivals(changes)
    if notes:
        logger.info("noted", extra={"dispatches": len(notes)})
    return {"batchItemFailures": []}


def _of_quarters(changes: Iterable[tuple[Dispatch | None, Dispatch]]) -> dict[datetime, figures.Figures]:
    added = defaultdict[datetime, list[figures.Figures]](list)
    for before, after in changes:
        added[figures.quarter_of(after.created_at)].append(figures.added_by(before, after))
    return {quarter: figures.total(parts) for quarter, parts in added.items()}


def _once(records: list[Record]) -> str:
    """The same for the same records."""
    return " ".join(map(sequence_number, records))


def _count_arrivals(changes: Iterable[tuple[Dispatch | None, Dispatch]]) -> None:
    added = Counts()
    for before, after in changes:
        added.update(added_by(before, after))
    try:
        _arrivals().add(added, utc_now())
    except UnavailableError as error:
        count("ArrivalsNotCounted")
        logger.error("arrivals not counted", extra={"reason": str(error)})


def _understood(record: Record) -> tuple[Dispatch | None, Dispatch] | None:
    """The dispatch in a record, before and after. None if it can't be parsed: a retry wouldn't help, and the others
    must not wait."""
    try:
        after = dispatch_of(record)
        return None if after is None else (dispatch_of(record, "OldImage"), after)
    except Exception as error:  # noqa: BLE001 - stored items may be wrong in any way
        count("TallyUnreadable")
        logger.error("dispatch not understood", extra=describe(error))
        return None
