"""AdvanceFunction: the queue of timers."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from getthrough.adapters import timers
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_schedules import DynamoSchedules
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.adapters.secrets import SecretsManagerSecret
from getthrough.adapters.system import new_id, utc_now
from getthrough.adapters.tokens import Tokens
from getthrough.adapters.vonage import VonageGateway
from getthrough.config import AdvanceConfig
from getthrough.domain.dispatch import Dispatch
from getthrough.domain.identifiers import is_schedule_uuid
from getthrough.domain.ports import Due
from getthrough.handlers._sent import report
from getthrough.observability import count, describe, logger, observed
from getthrough.usecases.advance_dispatch import Finished, advance_dispatch
from getthrough.usecases.run_schedule import Ran, run_schedule
from getthrough.usecases.send_step import Sent


@cache
def _composed() -> tuple[Callable[[Due], Sent | Finished | Dispatch | None], Callable[[Due], Ran | None]]:
    config = AdvanceConfig.from_env()
    retention = timedelta(days=config.retention_days)
    dispatches = DynamoDispatches(config.table_name, retention)
    queue = timers.SqsTimers(config.queue_url, utc_now)
    advance = partial(
        advance_dispatch,
        dispatches=dispatches,
        events=DynamoStatusEvents(config.table_name, retention),
        timers=queue,
        gateway=VonageGateway(config.vonage_api_url, Tokens(SecretsManagerSecret(config.secret_id))),
        clock=utc_now,
        new_id=new_id,
    )
    run = partial(
        run_schedule,
        schedules=DynamoSchedules(config.table_name, retention),
        dispatches=dispatches,
        timers=queue,
        clock=utc_now,
    )
    return advance, run


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
    advance, run = _composed()
    result = run(due) if is_schedule_uuid(due.uuid) else advance(due)
    count("TimerLateness", lateness, MetricUnit.Seconds)
    match result:
        case Sent():
            report(result)
        case Ran(schedule, made):
            count("ScheduleRun", len(made))
            logger.info("schedule run", extra={"schedule_uuid": due.uuid, "dispatches": made, "state": schedule.state})
        case Finished(dispatch):
            logger.info("finished", extra={"dispatch_uuid": due.uuid, "outcome": dispatch.outcome})
        case _:
            logger.info("nothing to do", extra={"dispatch_uuid": due.uuid, "found": result is not None})
