"""SendFunction: POST /v1/messages, DELETE /v1/dispatches/{dispatch_uuid}."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from typing import NamedTuple

from aws_lambda_powertools.utilities.typing import LambdaContext

from getthrough.adapters.client_credentials import authenticate
from getthrough.adapters.dynamo import DynamoDispatches
from getthrough.adapters.secrets import SecretsManagerSecret
from getthrough.adapters.system import new_id, utc_now
from getthrough.adapters.timers import SqsTimers
from getthrough.adapters.tokens import Tokens
from getthrough.adapters.vonage import VonageGateway
from getthrough.config import SendConfig
from getthrough.domain.dispatch import AnswerKind, Dispatch, Outcome
from getthrough.domain.errors import Fault, InvalidRequestError
from getthrough.domain.message import parse_messages_request
from getthrough.handlers._http import (
    Event,
    Response,
    answers_problems,
    body_bytes,
    header,
    invalid_parameters,
    parse_json,
    problem,
    respond,
)
from getthrough.handlers._sent import report
from getthrough.observability import count, logger
from getthrough.usecases.cancel_dispatch import cancel_dispatch
from getthrough.usecases.send_dispatch import Replayed, send_dispatch
from getthrough.usecases.send_step import Sent


class _Composed(NamedTuple):
    secret: SecretsManagerSecret
    send: Callable[..., Sent | Replayed]
    cancel: Callable[[str], Dispatch]


@cache
def _composed() -> _Composed:
    config = SendConfig.from_env()
    secret = SecretsManagerSecret(config.secret_id)
    dispatches = DynamoDispatches(config.table_name, timedelta(days=config.retention_days))
    send = partial(
        send_dispatch,
        dispatches=dispatches,
        timers=SqsTimers(config.queue_url, utc_now),
        gateway=VonageGateway(config.vonage_api_url, Tokens(secret)),
        clock=utc_now,
        new_id=new_id,
    )
    return _Composed(secret, send, partial(cancel_dispatch, dispatches=dispatches, clock=utc_now))


@answers_problems
def handler(event: Event, context: LambdaContext) -> Response:
    """Accept a message with its fallbacks, or cancel those of its steps that are not out yet."""
    composed = _composed()
    body = body_bytes(event)
    client_name = authenticate(header(event, "authorization"), composed.secret.get())
    if event["routeKey"] == "DELETE /v1/dispatches/{dispatch_uuid}":
        return _cancelled(composed.cancel(event["pathParameters"]["dispatch_uuid"]))
    result = composed.send(parse_messages_request(parse_json(body)), client_name, _idempotency_key(event))
    if isinstance(result, Replayed):
        count("DispatchReplayed")
        logger.info("replayed", extra={"dispatch_uuid": result.dispatch.dispatch_uuid})
        return _answer(result.dispatch, context.aws_request_id, idempotent_replayed="true")
    count("DispatchAccepted")
    report(result)
    return _answer(result.dispatch, context.aws_request_id)


def _idempotency_key(event: Event) -> str | None:
    key = header(event, "idempotency-key")
    if key is not None and not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise InvalidRequestError(Fault("Idempotency-Key", "must have 1 to 255 printable ASCII characters."))
    return key


def _answer(dispatch: Dispatch, instance: str, **headers: str) -> Response:
    """202, unless a message without fallback was refused, or its contact has opted out."""
    answer = dispatch.attempts[0].answer if len(dispatch.steps) == 1 else None
    if answer is not None and answer.kind is AnswerKind.OPTED_OUT:
        fault = Fault("to", "has opted out of messages; nothing was sent.")
        return invalid_parameters((fault,), instance, **headers)
    if answer is not None and answer.kind is AnswerKind.REFUSED:
        status = answer.http_status or 422
        if answer.problem is None:
            return problem(status, "Refused", "Vonage refused the message.", instance=instance, headers=headers)
        return respond(status, answer.problem, content_type="application/problem+json", **headers)
    body = {"message_uuid": dispatch.message_uuid(0), "workflow_id": dispatch.dispatch_uuid}
    return respond(202, body, **headers)


def _cancelled(dispatch: Dispatch) -> Response:
    """What could still be stopped: the steps that had not been sent. None, if the dispatch had ended before."""
    sent = len(dispatch.attempts)
    stopped = range(sent, len(dispatch.steps)) if dispatch.outcome is Outcome.CANCELLED else range(0)
    body = {"dispatch_uuid": dispatch.dispatch_uuid, "outcome": dispatch.outcome, "steps_stopped": list(stopped)}
    logger.info("cancelled", extra={"dispatch_uuid": dispatch.dispatch_uuid, "outcome": dispatch.outcome})
    return respond(200, body)
