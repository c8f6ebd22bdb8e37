"""InboundFunction: POST /inbound, messages from customers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from getthrough.adapters.dynamo_conversations import DynamoConversations, DynamoOptOuts
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_quarantine import DynamoQuarantine
from getthrough.adapters.secrets import SecretsManagerSecret
from getthrough.adapters.system import utc_now
from getthrough.adapters.timers import SqsTimers
from getthrough.config import InboundConfig
from getthrough.domain.event.webhook import InboundMessage, parse_inbound
from getthrough.handlers._http import Event, Response, answers_problems
from getthrough.handlers._recorded import report_message
from getthrough.handlers._webhook import receive
from getthrough.usecases.receive_inbound import Received, receive_inbound


@cache
def _composed() -> tuple[Callable[..., Response], Callable[[InboundMessage], Received]]:
    config = InboundConfig.from_env()
    retention = timedelta(days=config.retention_days)
    verify_and = partial(
        receive,
        secret=SecretsManagerSecret(config.secret_id),
        quarantine=DynamoQuarantine(config.table_name),
    )
    record = partial(
        receive_inbound,
        dispatches=DynamoDispatches(config.table_name, retention),
        conversations=DynamoConversations(config.table_name, retention),
        opt_outs=DynamoOptOuts(config.table_name),
        timers=SqsTimers(config.queue_url, utc_now),
        clock=utc_now,
    )
    return verify_and, record


@answers_problems
def handler(event: Event, context: LambdaContext) -> Response:
    """Store a message under its contact, and obey a stop: 200 once both are durable."""
    verify_and, record = _composed()

    def record_payload(payload: Any, now: datetime, jti: str | None) -> None:
        message = parse_inbound(payload, received_at=now, jti=jti)
        report_message(message, record(message))

    return verify_and(event, record_payload, now=utc_now(), instance=context.aws_request_id)
