"""SendFunction: POST /v1/messages."""

from datetime import timedelta
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from getthrough.adapters.client_credentials import authenticate
from getthrough.adapters.dynamo import DynamoDispatches
from getthrough.adapters.secrets import SecretsManagerSecret
from getthrough.adapters.system import new_id, utc_now
from getthrough.adapters.timers import SqsTimers
from getthrough.adapters.tokens import Tokens
from getthrough.adapters.vonage import VonageGateway
from getthrough.config import SendConfig
from getthrough.domain.dispatch import AnswerKind
from getthrough.domain.message import parse_messages_request
from getthrough.handlers._http import (
    Event,
    Response,
    answers_problems,
    body_bytes,
    header,
    parse_json,
    problem,
    respond,
)
from getthrough.handlers._sent import report
from getthrough.observability import count
from getthrough.usecases.send_dispatch import send_dispatch
from getthrough.usecases.send_step import Sent


@cache
def _composed() -> tuple[SecretsManagerSecret, Any]:
    config = SendConfig.from_env()
    secret = SecretsManagerSecret(config.secret_id)
    send = partial(
        send_dispatch,
        dispatches=DynamoDispatches(config.table_name, timedelta(days=config.retention_days)),
        timers=SqsTimers(config.queue_url, utc_now),
        gateway=VonageGateway(config.vonage_api_url, Tokens(secret)),
        clock=utc_now,
        new_id=new_id,
    )
    return secret, send


@answers_problems
def handler(event: Event, context: LambdaContext) -> Response:
    """Accept a message with its fallbacks: 202 once it is stored for good and the first step was tried."""
    secret, send = _composed()
    body = body_bytes(event)
    client_name = authenticate(header(event, "authorization"), secret.get())
    steps, on_unknown = parse_messages_request(parse_json(body))
    sent = send(steps, on_unknown, client_name)
    count("DispatchAccepted")
    report(sent)
    return _answer(sent, context.aws_request_id)


def _answer(sent: Sent, instance: str) -> Response:
    dispatch, answer = sent.dispatch, sent.answer
    if answer.kind is AnswerKind.REFUSED and len(dispatch.steps) == 1:
        status = answer.http_status or 422
        if answer.problem is None:
            return problem(status, "Refused", "The provider refused the message.", instance=instance)
        return respond(status, answer.problem, content_type="application/problem+json")
    message_uuid = dispatch.message_uuid(0)
    return respond(202, {"message_uuid": message_uuid, "workflow_id": dispatch.dispatch_uuid})
