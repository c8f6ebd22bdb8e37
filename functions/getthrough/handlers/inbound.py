"""InboundFunction: POST /inbound, messages from customers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from getthrough.adapters.dynamo import DynamoInboundMessages, DynamoQuarantine
from getthrough.adapters.secrets import SecretsManagerSecret
from getthrough.adapters.system import utc_now
from getthrough.config import InboundConfig
from getthrough.domain.webhook import parse_inbound
from getthrough.handlers._http import Event, Response, answers_problems
from getthrough.handlers._webhook import receive
from getthrough.observability import count, logger


@cache
def _composed() -> tuple[Callable[..., Response], DynamoInboundMessages]:
    config = InboundConfig.from_env()
    verify_and = partial(
        receive,
        secret=SecretsManagerSecret(config.secret_id),
        quarantine=DynamoQuarantine(config.table_name),
    )
    return verify_and, DynamoInboundMessages(config.table_name, timedelta(days=config.retention_days))


@answers_problems
def handler(event: Event, context: LambdaContext) -> Response:
    """Store a message under its contact: 200 once it is durable."""
    verify_and, messages = _composed()

    def record_payload(payload: Any, now: datetime) -> None:
        message = parse_inbound(payload, received_at=now)
        new = messages.add(message)
        count("InboundStored" if new else "InboundDuplicate")
        logger.info("inbound message stored", extra={"channel": message.channel, "new": new})

    return verify_and(event, record_payload, now=utc_now(), instance=context.aws_request_id)
