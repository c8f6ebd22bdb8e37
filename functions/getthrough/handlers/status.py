"""StatusFunction: POST /status, Vonage's status webhooks."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from getthrough.adapters.dynamo import DynamoDispatches, DynamoQuarantine, DynamoStatusEvents
from getthrough.adapters.secrets import SecretsManagerSecret
from getthrough.adapters.system import utc_now
from getthrough.adapters.timers import SqsTimers
from getthrough.config import StatusConfig
from getthrough.domain.dispatch import Outcome
from getthrough.domain.webhook import parse_status
from getthrough.handlers._http import Event, Response, answers_problems
from getthrough.handlers._webhook import receive
from getthrough.observability import count, logger
from getthrough.usecases.record_status import Recorded, record_status


@cache
def _composed() -> tuple[Callable[..., Response], Callable[..., Recorded]]:
    config = StatusConfig.from_env()
    retention = timedelta(days=config.retention_days)
    verify_and = partial(
        receive,
        secret=SecretsManagerSecret(config.secret_id),
        quarantine=DynamoQuarantine(config.table_name),
    )
    record = partial(
        record_status,
        dispatches=DynamoDispatches(config.table_name, retention),
        events=DynamoStatusEvents(config.table_name, retention),
        timers=SqsTimers(config.queue_url, utc_now),
        clock=utc_now,
    )
    return verify_and, record


@answers_problems
def handler(event: Event, context: LambdaContext) -> Response:
    """Store a status event and fold it into its dispatch: 200 once both are durable."""
    verify_and, record = _composed()

    def record_payload(payload: Any, now: datetime) -> None:
        _report(record(parse_status(payload, received_at=now)))

    return verify_and(event, record_payload, now=utc_now(), instance=context.aws_request_id)


def _report(recorded: Recorded) -> None:
    event, before, after = recorded.event, recorded.before, recorded.after
    if not recorded.new:
        count("StatusDuplicate")
    if event.status is None:
        count("StatusUnknown")
    if after is None or before is None:
        count("StatusUnmatched")
    elif after.outcome != before.outcome:
        count("DispatchSucceeded" if after.outcome is Outcome.SUCCEEDED else "DispatchExhausted")
    if before is not None and after is not None and after.double_messages > before.double_messages:
        count("DoubleMessage")
    logger.info(
        "status recorded",
        extra={
            "dispatch_uuid": event.dispatch_uuid,
            "step": event.step,
            "status": event.status,
            "error_code": event.error.code if event.error else None,
            "new": recorded.new,
            "matched": after is not None,
            "outcome": after.outcome if after else None,
        },
    )
