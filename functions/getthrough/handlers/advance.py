"""AdvanceFunction handles the queue of timers. A timer belongs to a dispatch, a schedule or a batch."""

from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from getthrough.adapters import timers
from getthrough.adapters.contact_hash import hash_of
from getthrough.adapters.dynamo_batches import DynamoBatches, DynamoRecipientLists, DynamoTallies
from getthrough.adapters.dynamo_contacts import DynamoAliases
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_schedules import DynamoSchedules
from getthrough.adapters.secrets import contact_key
from getthrough.adapters.system import new_id, utc_now
from getthrough.adapters.throughput import DynamoThroughput
from getthrough.config import AdvanceConfig
from getthrough.domain.dispatch.dispatch import Dispatch, Limited
from getthrough.domain.ports import Timer
from getthrough.domain.values.identifiers import is_batch_uuid, is_erasure_uuid, is_schedule_uuid
from getthrough.handlers._init import during_init
from getthrough.handlers._limits import client_limits
from getthrough.handlers._sending import load_key, report, sending
from getthrough.observability import Context, count, describe, logger, observed
from getthrough.usecases.advance_dispatch import Finished, advance_dispatch
from getthrough.usecases.ports import Advancing, Erasing, RunningBatches, RunningSchedules
from getthrough.usecases.run_schedule import run_schedule
from getthrough.usecases.send_step import Sent


@observed
def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Act on each timer. Only those that fail come back, after the visibility time-out."""
    failed = []
    for record in event["Records"]:
        try:
            _fire(timers.from_body(record["body"]))
        except Exception as error:  # noqa: BLE001 - one bad timer must not take the others back to the queue
            logger.error("timer failed", extra=describe(error))
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _fire(timer: Timer) -> None:
    lateness = max(0.0, (utc_now() - timer.at).total_seconds())
    if is_schedule_uuid(timer.uuid):
        _run_schedule(timer)
    elif is_batch_uuid(timer.uuid):
        _run_batch(timer)
    elif is_erasure_uuid(timer.uuid):
        _run_sweep(timer)
    else:
        _advance_dispatch(timer)
    count("TimerLateness", lateness, MetricUnit.Seconds)


# A dispatch: send the next step, or end it


@cache
def _composed() -> Advancing:
    config = AdvanceConfig.from_env()
    to_send = sending(config)
    return Advancing(
        **{port.name: getattr(to_send, port.name) for port in fields(to_send)},
        batches=DynamoBatches(config.table_name, config.retention),
        throughput=DynamoThroughput(config.table_name, config.messages_per_second),
    )


def _advance_dispatch(timer: Timer) -> None:
    match advance_dispatch(_composed(), timer):
        case Sent() as sent:
            report(sent)
        case Dispatch(texts_removed_at=datetime()):
            logger.info("texts removed", extra={"dispatch_uuid": timer.uuid})
        case Finished(dispatch):
            logger.info("finished", extra={"dispatch_uuid": timer.uuid, "outcome": dispatch.outcome})
        case Dispatch(limited=(*_, Limited(until=datetime() as until))) as waiting if waiting.slot_at == until:
            count("LimitReached")
            logger.info("waits for a limit", extra={"dispatch_uuid": timer.uuid, "limit": waiting.limited[-1].limit})
        case Dispatch(slot_at=datetime()):
            count("SlotGiven")
            logger.info("waits for its slot", extra={"dispatch_uuid": timer.uuid})
        case unchanged:
            logger.info("nothing to do", extra={"dispatch_uuid": timer.uuid, "found": unchanged is not None})


# A schedule: create the dispatches or batches that are due


@cache
def _schedule_ports() -> RunningSchedules:
    config = AdvanceConfig.from_env()
    return RunningSchedules(
        schedules=DynamoSchedules(config.table_name, config.retention),
        dispatches=DynamoDispatches(config.table_name, config.retention, texts=config.text_retention),
        batches=DynamoBatches(config.table_name, config.retention),
        lists=DynamoRecipientLists(config.table_name, config.text_retention or config.retention),
        timers=timers.SqsTimers(config.queue_url, utc_now),
        clock=utc_now,
        client_limits=client_limits(config),
    )


def _run_schedule(timer: Timer) -> None:
    ran = run_schedule(_schedule_ports(), timer)
    if ran is None:
        logger.info("nothing to do", extra={"schedule_uuid": timer.uuid, "found": False})
        return
    count("ScheduleRun", len(ran.made))
    extra = {"schedule_uuid": timer.uuid, "made": ran.made, "state": ran.schedule.state}
    logger.info("schedule run", extra=extra)


# A batch: create the dispatches of its next recipients


@cache
def _batch_ports() -> RunningBatches:
    config = AdvanceConfig.from_env()
    return RunningBatches(
        batches=DynamoBatches(config.table_name, config.retention),
        lists=DynamoRecipientLists(config.table_name, config.text_retention or config.retention),
        dispatches=DynamoDispatches(config.table_name, config.retention, texts=config.text_retention),
        tallies=DynamoTallies(config.table_name, config.retention),
        throughput=DynamoThroughput(config.table_name, config.messages_per_second),
        timers=timers.SqsTimers(config.queue_url, utc_now),
        clock=utc_now,
        client_limits=client_limits(config),
    )


def _run_batch(timer: Timer) -> None:
    from getthrough.usecases.run_batch import run_batch  # noqa: PLC0415 - loads the checks of messages

    progressed = run_batch(_batch_ports(), timer)
    if progressed is None:
        logger.info("nothing to do", extra={"batch_uuid": timer.uuid, "found": False})
        return
    count("BatchDispatches", progressed.made)
    if progressed.unsendable:
        count("RecipientUnsendable", len(progressed.unsendable))
    extra = {"batch_uuid": timer.uuid, "made": progressed.made, "unsendable": progressed.unsendable}
    logger.info("batch run", extra={**extra, "state": progressed.batch.state})


# An erasure: search the next part of the table


@cache
def _sweep_ports() -> Erasing:
    from getthrough.adapters.dead_letters import SqsDeadLetters  # noqa: PLC0415 - only an erasure needs these
    from getthrough.adapters.dynamo_erasures import DynamoErasures  # noqa: PLC0415
    from getthrough.domain.recovery.dead_letter import Kind  # noqa: PLC0415

    config = AdvanceConfig.from_env()
    letters = SqsDeadLetters("callbacks", config.callback_dead_letter_queue_url, "", Kind.CALLBACK, utc_now)
    return Erasing(
        aliases=DynamoAliases(config.table_name),
        erasures=DynamoErasures(config.table_name, config.retention, hash_of(contact_key(config.secret_id))),
        timers=timers.SqsTimers(config.queue_url, utc_now),
        clock=utc_now,
        new_id=new_id,
        dead_letters=(letters,),
    )


def _run_sweep(timer: Timer) -> None:
    from getthrough.usecases.erase_contact import run_sweep  # noqa: PLC0415 - loads what only an erasure needs

    swept = run_sweep(_sweep_ports(), timer)
    if swept is None:
        logger.info("nothing to do", extra={"erasure": True})
        return
    if swept.done:
        count("ErasureDone", len(swept.done))
    logger.info("searched", extra={"erased": swept.erased, "done": swept.done})


during_init("dynamodb", "sqs", "secretsmanager", also=(_composed, lambda: load_key(AdvanceConfig.from_env())))
