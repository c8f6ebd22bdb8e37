"""AdvanceFunction: the queue of timers."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from getthrough.adapters import timers
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.adapters.secrets import SecretsManagerSecret
from getthrough.adapters.system import new_id, utc_now
from getthrough.adapters.tokens import Tokens
from getthrough.adapters.vonage import VonageGateway
from getthrough.config import AdvanceConfig
from getthrough.domain.dispatch import Dispatch
from getthrough.domain.ports import Due
from getthrough.handlers._sent import report
from getthrough.observability import count, describe, logger, observed
from getthrough.usecases.advance_dispatch import Finished, advance_dispatch
from getthrough.usecases.send_step import Sent


@cache
def _composed() -> Callable[[Due], Sent | Finished | Dispatch | None]:
    config = AdvanceConfig.from_env()
    retention = timedelta(days=config.retention_days)
    return partial(
        advance_dispatch,
        dispatches=DynamoDispatches(config.table_name, retention),
        events=DynamoStatusEvents(config.table_name, retention),
        timers=timers.SqsTimers(config.queue_url, utc_now),
        gateway=VonageGateway(config.vonage_api_url, Tokens(SecretsManagerSecret(config.secret_id))),
        clock=utc_now,
        new_id=new_id,
    )


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Advance the dispatch of each timer. Those that fail, and only those, come back after the visibility time-out."""
    failed = []
    for record in event["Records"]:
        try:
            _ring(record["body"])
        except Exception as error:  # noqa: BLE001 - one bad timer must not take the others back to the queue
            logger.error("timer failed", extra=describe(error))
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _ring(body: str) -> None:
    due = timers.from_body(body)
    lateness = max(0.0, (utc_now() - due.at).total_seconds())
    result = _composed()(due)
    count("TimerLateness", lateness, MetricUnit.Seconds)
    match result:
        case Sent():
            report(result)
        case Finished(dispatch):
            logger.info("finished", extra={"dispatch_uuid": due.dispatch_uuid, "outcome": dispatch.outcome})
        case _:
            logger.info("nothing to do", extra={"dispatch_uuid": due.dispatch_uuid, "found": result is not None})
