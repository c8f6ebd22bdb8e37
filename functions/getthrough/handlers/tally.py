"""TallyFunction counts the results of batches and days, and how long messages take, from the table's stream."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from getthrough.adapters.dynamo_arrivals import DynamoArrivals
from getthrough.adapters.dynamo_batches import DynamoTallies
from getthrough.adapters.dynamo_figures import DynamoFigures
from getthrough.adapters.system import utc_now
from getthrough.adapters.table_stream import Record, dispatch_of, sequence_number
from getthrough.config import TallyConfig
from getthrough.domain.batch.batch import Note, note_of
from getthrough.domain.dispatch import auto_window, figures
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


class _Counted(NamedTuple):
    """What one change of a dispatch counts."""

    note: Note | None
    quarter: datetime
    figures: figures.Figures
    arrivals: auto_window.Counts


@observed
def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Note the records' results, and add to the figures of days. If that fails, Lambda delivers all of them again. To
    note a result twice does no harm, and the same records add to figures once.

    How long messages took is not counted again if that fails, since a part of it may be counted. Automatic windows can
    do without a few messages, and not with many that count often."""
    records: list[Record] = event["Records"]
    counted = [found for record in records if (found := _counted(record)) is not None]
    notes = [found.note for found in counted if found.note is not None]
    try:
        _tallies().note(notes)
        _figures().add(_of_quarters(counted), once=" ".join(map(sequence_number, records)))
    except UnavailableError as error:
        logger.error("not noted yet", extra={"reason": str(error)})
        return {"batchItemFailures": [{"itemIdentifier": sequence_number(records[0])}]}
    _add_arrivals(counted)
    if notes:
        logger.info("noted", extra={"dispatches": len(notes)})
    return {"batchItemFailures": []}


def _of_quarters(counted: Iterable[_Counted]) -> dict[datetime, figures.Figures]:
    added = defaultdict[datetime, list[figures.Figures]](list)
    for found in counted:
        added[found.quarter].append(found.figures)
    return {quarter: figures.total(parts) for quarter, parts in added.items()}


def _add_arrivals(counted: Iterable[_Counted]) -> None:
    added = auto_window.Counts()
    for found in counted:
        added.update(found.arrivals)
    try:
        _arrivals().add(added, utc_now())
    except UnavailableError as error:
        count("ArrivalsNotCounted")
        logger.error("arrivals not counted", extra={"reason": str(error)})


def _counted(record: Record) -> _Counted | None:
    """None if the record has no dispatch, or one that can't be parsed: a retry wouldn't help, and the others must not
    wait."""
    try:
        before, after = dispatch_of(record, "OldImage"), dispatch_of(record)
        if after is None:
            return None
        quarter = figures.quarter_of(after.created_at)
        added = figures.added_by(before, after)
        return _Counted(note_of(after), quarter, added, auto_window.added_by(before, after))
    except Exception as error:  # noqa: BLE001 - stored items may be wrong in any way
        count("TallyUnreadable")
        logger.error("dispatch not understood", extra=describe(error))
        return None
