"""TallyFunction counts the results of batches from the table's stream."""

from datetime import timedelta
from functools import cache
from typing import Any

from getthrough.adapters.dynamo_batches import DynamoTallies
from getthrough.adapters.table_stream import Record, dispatch_of, sequence_number
from getthrough.config import TallyConfig
from getthrough.domain.batch.batch import note_of
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.values.errors import UnavailableError
from getthrough.observability import Context, count, describe, logger, observed


@cache
def _tallies() -> DynamoTallies:
    config = TallyConfig.from_env()
    return DynamoTallies(config.table_name, timedelta(days=config.retention_days))


@observed
def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Note the records' results. If that fails, Lambda delivers all of them again, and noting twice does no harm."""
    records: list[Record] = event["Records"]
    dispatches = [dispatch for record in records if (dispatch := _understood(record)) is not None]
    notes = [note for dispatch in dispatches if (note := note_of(dispatch)) is not None]
    try:
        _tallies().note(notes)
    except UnavailableError as error:
        logger.error("not noted yet", extra={"reason": str(error)})
        return {"batchItemFailures": [{"itemIdentifier": sequence_number(records[0])}]}
    logger.info("noted", extra={"dispatches": len(notes)})
    return {"batchItemFailures": []}


def _understood(record: Record) -> Dispatch | None:
    """The dispatch in a record. None if it can't be parsed: a retry wouldn't help, and the others must not wait."""
    try:
        return dispatch_of(record)
    except Exception as error:  # noqa: BLE001 - stored items may be wrong in any way
        count("TallyUnreadable")
        logger.error("dispatch not understood", extra=describe(error))
        return None
