"""InboundFunction: POST /inbound, messages from customers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from getthrough.adapters.dynamo import DynamoInboundMessages, DynamoOptOuts, DynamoQuarantine
from getthrough.adapters.secrets import SecretsManagerSecret
from getthrough.adapters.system import utc_now
from getthrough.config import InboundConfig
from getthrough.domain.webhook import InboundMessage, parse_inbound
from getthrough.handlers._http import Event, Response, answers_problems
from getthrough.handlers._webhook import receive
from getthrough.observability import count, logger
from getthrough.usecases.receive_inbound import Received, receive_inbound


@cache
def _composed() -> tuple[Callable[..., Response], Callable[[InboundMessage], Received]]:
    config = InboundConfig.from_env()
    verify_and = partial(
        receive,
        secret=SecretsManagerSecret(config.secret_id),
        quarantine=DynamoQuarantine(config.table_name),
    )
    record = partial(
        receive_inbound,
        messages=DynamoInboundMessages(config.table_name, timedelta(days=config.retention_days)),
        opt_outs=DynamoOptOuts(config.table_name),
    )
    return verify_and, record


@answers_problems
def handler(event: Event, context: LambdaContext) -> Response:
    """Store a message under its contact, and obey a stop: 200 once both are durable."""
    verify_and, record = _composed()

    def record_payload(payload: Any, now: datetime) -> None:
        message = parse_inbound(payload, received_at=now)
        received = record(message)
        count("InboundStored" if received.new else "InboundDuplicate")
        if received.opted_out is not None:
            count("OptedOut" if received.opted_out else "OptedIn")
        logger.info("inbound message stored", extra={"channel": message.contact.channel, **received._asdict()})

    return verify_and(event, record_payload, now=utc_now(), instance=context.aws_request_id)
