"""AdvanceFunction: the queue of timers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, NamedTuple

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from getthrough.adapters import timers
from getthrough.adapters.dynamo_batches import DynamoBatches, DynamoRecipientLists, DynamoTallies
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_schedules import DynamoSchedules
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.adapters.secrets import SecretsManagerSecret
from getthrough.adapters.system import new_id, utc_now
from getthrough.adapters.throughput import DynamoThroughput
from getthrough.adapters.tokens import Tokens
from getthrough.adapters.vonage import VonageGateway
from getthrough.config import AdvanceConfig
from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.ports import Timer
from getthrough.domain.values.identifiers import is_batch_uuid, is_schedule_uuid
from getthrough.handlers._sent import report
from getthrough.observability import count, describe, logger, observed
from getthrough.usecases.advance_dispatch import Finished, advance_dispatch
from getthrough.usecases.run_schedule import Ran, run_schedule
from getthrough.usecases.send_step import Sent


class _Composed(NamedTuple):
    advance: Callable[[Timer], Sent | Finished | Dispatch | None]
    run_schedule: Callable[[Timer], Ran | None]
    batch_ports: dict[str, Any]


@cache
def _composed() -> _Composed:
    config = AdvanceConfig.from_env()
    retention = timedelta(days=config.retention_days)
    dispatches = DynamoDispatches(config.table_name, retention)
    queue = timers.SqsTimers(config.queue_url, utc_now)
    making: dict[str, Any] = {
        "dispatches": dispatches,
        "batches": DynamoBatches(config.table_name, retention),
        "lists": DynamoRecipientLists(config.table_name, retention),
        "timers": queue,
        "clock": utc_now,
    }
    throughput = DynamoThroughput(config.table_name, config.messages_per_second)
    advance = partial(
        advance_dispatch,
        dispatches=dispatches,
        batches=making["batches"],
        throughput=throughput,
        events=DynamoStatusEvents(config.table_name, retention),
        timers=queue,
        gateway=VonageGateway(config.vonage_api_url, Tokens(SecretsManagerSecret(config.secret_id))),
        clock=utc_now,
        new_id=new_id,
    )
    run = partial(run_schedule, schedules=DynamoSchedules(config.table_name, retention), **making)
    tallies = DynamoTallies(config.table_name, retention)
    return _Composed(advance, run, {**making, "tallies": tallies, "throughput": throughput})


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Advance the dispatch of each timer. Those that fail, and only those, come back after the visibility time-out."""
    failed = []
    for record in event["Records"]:
        try:
            _fire(record["body"])
        except Exception as error:  # noqa: BLE001 - one bad timer must not take the others back to the queue
            logger.error("timer failed", extra=describe(error))
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _look_at(due: Timer) -> Any:
    composed = _composed()
    if is_schedule_uuid(due.uuid):
        return composed.run_schedule(due)
    return _run_batch(due) if is_batch_uuid(due.uuid) else composed.advance(due)


def _run_batch(due: Timer) -> object:
    from getthrough.usecases.run_batch import run_batch  # noqa: PLC0415 - loads all that messages are checked with

    progressed = run_batch(due, **_composed().batch_ports)
    if progressed is not None:
        count("BatchDispatches", progressed.made)
        if progressed.unsendable:
            count("RecipientUnsendable", len(progressed.unsendable))
        extra = {"batch_uuid": due.uuid, "made": progressed.made, "unsendable": progressed.unsendable}
        logger.info("batch run", extra={**extra, "state": progressed.batch.state})
    return progressed


def _fire(body: str) -> None:
    due = timers.from_body(body)
    lateness = max(0.0, (utc_now() - due.at).total_seconds())
    result = _look_at(due)
    count("TimerLateness", lateness, MetricUnit.Seconds)
    match result:
        case Sent():
            report(result)
        case Ran(schedule, made):
            count("ScheduleRun", len(made))
            logger.info("schedule run", extra={"schedule_uuid": due.uuid, "made": made, "state": schedule.state})
        case Dispatch(slot_at=datetime()):
            count("SlotGiven")
            logger.info("waits for its turn", extra={"dispatch_uuid": due.uuid})
        case Finished(dispatch):
            logger.info("finished", extra={"dispatch_uuid": due.uuid, "outcome": dispatch.outcome})
        case _:
            logger.info("nothing to do", extra={"dispatch_uuid": due.uuid, "found": result is not None})
