"""TallyFunction: the table's stream, for what becomes of the dispatches of batches."""

from datetime import timedelta
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from getthrough.adapters.dynamo_batches import DynamoTallies
from getthrough.adapters.table_stream import Record, dispatch_of, sequence_number
from getthrough.config import TallyConfig
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.values.errors import UnavailableError
from getthrough.observability import count, describe, logger, observed
from getthrough.usecases.read_batches import tally_dispatches


@cache
def _tallies() -> DynamoTallies:
    config = TallyConfig.from_env()
    return DynamoTallies(config.table_name, timedelta(days=config.retention_days))


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Note what the records tell. Where that fails, Lambda hands all of them over again; noting twice does no harm."""
    records: list[Record] = event["Records"]
    dispatches = [dispatch for record in records if (dispatch := _understood(record)) is not None]
    try:
        noted = tally_dispatches(dispatches, tallies=_tallies())
    except UnavailableError as error:
        logger.error("not noted yet", extra={"reason": str(error)})
        return {"batchItemFailures": [{"itemIdentifier": sequence_number(records[0])}]}
    logger.info("noted", extra={"dispatches": noted})
    return {"batchItemFailures": []}


def _understood(record: Record) -> Dispatch | None:
    """One that makes no sense would make none the next time, and the others must not wait for it."""
    try:
        return dispatch_of(record)
    except Exception as error:  # noqa: BLE001 - stored items may be wrong in any way
        count("TallyUnreadable")
        logger.error("dispatch not understood", extra=describe(error))
        return None
