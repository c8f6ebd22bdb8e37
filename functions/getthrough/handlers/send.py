"""SendFunction: POST and PATCH /v1/messages, POST /v0.1/dispatch, DELETE /v1/dispatches/{dispatch_uuid}."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache, partial
from typing import NamedTuple

from aws_lambda_powertools.utilities.typing import LambdaContext

from getthrough.adapters.client_credentials import authenticate
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.adapters.secrets import SecretsManagerSecret
from getthrough.adapters.system import new_id, utc_now
from getthrough.adapters.timers import SqsTimers
from getthrough.adapters.tokens import Tokens
from getthrough.adapters.vonage import VonageGateway
from getthrough.config import SendConfig
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Dispatch
from getthrough.domain.dispatch.dispatch_v0_1 import parse_dispatch_request
from getthrough.domain.dispatch.request import Request, parse_messages_request
from getthrough.domain.dispatch.timeline import describe_accepted, describe_accepted_v0_1, describe_cancelled
from getthrough.domain.values.errors import InvalidRequestError, Violation
from getthrough.handlers._http import (
    Event,
    Response,
    answers_problems,
    body_bytes,
    header,
    idempotency_key,
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
from getthrough.usecases.start_dispatch import Scheduled
from getthrough.usecases.update_message import update_message


class _Dialect(NamedTuple):
    """What differs between the two APIs of Vonage's that we speak: the status of a wrong request, the name of the
    field that says to whom, and what is answered to a request that was accepted."""

    parse: Callable[[object], Request]
    invalid: int
    to: str
    accepted: Callable[[Dispatch], Mapping[str, object]]


_DIALECTS = {
    "POST /v1/messages": _Dialect(
        parse_messages_request,
        422,
        "to",
        describe_accepted,
    ),
    "POST /v0.1/dispatch": _Dialect(
        parse_dispatch_request,
        400,
        "workflow[0].to",
        describe_accepted_v0_1,
    ),
}


class _Composed(NamedTuple):
    secret: SecretsManagerSecret
    send: Callable[..., Sent | Scheduled | Replayed]
    cancel: Callable[[str], Dispatch]
    update: Callable[[str, object], Answer]


@cache
def _composed() -> _Composed:
    config = SendConfig.from_env()
    secret = SecretsManagerSecret(config.secret_id)
    retention = timedelta(days=config.retention_days)
    dispatches = DynamoDispatches(config.table_name, retention)
    timers = SqsTimers(config.queue_url, utc_now)
    gateway = VonageGateway(config.vonage_api_url, Tokens(secret))
    send = partial(
        send_dispatch,
        dispatches=dispatches,
        events=DynamoStatusEvents(config.table_name, retention),
        timers=timers,
        gateway=gateway,
        clock=utc_now,
        new_id=new_id,
    )
    cancel = partial(cancel_dispatch, dispatches=dispatches, timers=timers, clock=utc_now)
    update = partial(update_message, dispatches=dispatches, gateway=gateway)
    return _Composed(secret, send, cancel, update)


@answers_problems
def handler(event: Event, context: LambdaContext) -> Response:
    """Accept a message with its fallbacks, or cancel those of its steps that are not out yet."""
    composed = _composed()
    body = body_bytes(event)
    client_name = authenticate(header(event, "authorization"), composed.secret.get())
    if event["routeKey"] == "DELETE /v1/dispatches/{dispatch_uuid}":
        return _cancelled(composed.cancel(event["pathParameters"]["dispatch_uuid"]))
    if event["routeKey"] == "PATCH /v1/messages/{message_uuid}":
        answer = composed.update(event["pathParameters"]["message_uuid"], parse_json(body))
        return _updated(answer, context.aws_request_id)
    dialect = _DIALECTS[event["routeKey"]]
    try:
        request, key = dialect.parse(parse_json(body)), idempotency_key(event)
        result = composed.send(request, client_name, key)
    except InvalidRequestError as error:
        return invalid_parameters(error.violations, context.aws_request_id, dialect.invalid)
    if isinstance(result, Replayed):
        count("DispatchReplayed")
        logger.info("replayed", extra={"dispatch_uuid": result.dispatch.dispatch_uuid})
        return _answer(result.dispatch, dialect, context.aws_request_id, idempotent_replayed="true")
    count("DispatchAccepted")
    if isinstance(result, Sent):
        report(result)
    return _answer(result.dispatch, dialect, context.aws_request_id)


def _answer(dispatch: Dispatch, dialect: _Dialect, instance: str, **headers: str) -> Response:
    """202, unless a message without fallback was refused, or its contact has opted out."""
    answer = dispatch.attempts[0].answer if dispatch.attempts and len(dispatch.steps) == 1 else None
    if answer is not None and answer.kind is AnswerKind.OPTED_OUT:
        violation = Violation(dialect.to, "has opted out of messages; nothing was sent.")
        return invalid_parameters((violation,), instance, dialect.invalid, **headers)
    if answer is not None and answer.kind is AnswerKind.REFUSED:
        return _refused(answer, instance, **headers)
    return respond(202, dialect.accepted(dispatch), **headers)


def _updated(answer: Answer, instance: str) -> Response:
    """Vonage's own answer, where it gave one."""
    logger.info("message updated", extra={"answer": answer.kind, "http_status": answer.http_status})
    if answer.kind is AnswerKind.ACCEPTED:
        return respond(202, {})
    if answer.kind is AnswerKind.REFUSED:
        return _refused(answer, instance)
    detail = "Vonage did not take the change, or nobody knows whether it did. Ask for it again."
    return problem(503, "Service Unavailable", detail, instance=instance, headers={"retry_after": "1"})


def _refused(answer: Answer, instance: str, **headers: str) -> Response:
    status = answer.http_status or 422
    if answer.problem is None:
        return problem(status, "Refused", "Vonage refused it, and did not say why.", instance=instance, headers=headers)
    return respond(status, answer.problem, content_type="application/problem+json", **headers)


def _cancelled(dispatch: Dispatch) -> Response:
    logger.info("cancelled", extra={"dispatch_uuid": dispatch.dispatch_uuid, "outcome": dispatch.outcome})
    return respond(200, describe_cancelled(dispatch))
