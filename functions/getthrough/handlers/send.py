"""SendFunction: POST and PATCH /v1/messages, POST /v0.1/dispatch, DELETE /v1/dispatches/{dispatch_uuid} and its
`succeed`."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

from getthrough.config import AcceptOneConfig
from getthrough.domain.dispatch.defaults import Defaults
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Dispatch
from getthrough.domain.dispatch.dispatch_v0_1 import parse_dispatch_request
from getthrough.domain.dispatch.request import Request, parse_messages_request, parse_success
from getthrough.domain.dispatch.responses import describe_accepted, describe_accepted_v0_1, describe_ended
from getthrough.domain.limit.limits import LimitReachedError, never
from getthrough.domain.values.errors import InvalidRequestError, NotFoundError, Violation
from getthrough.handlers._clients import ClientRequest, for_clients
from getthrough.handlers._http import Response, idempotency_key, invalid_parameters, problem, respond
from getthrough.handlers._init import during_init
from getthrough.handlers._limits import defaults_of
from getthrough.handlers._sending import load_key, report, sending
from getthrough.observability import count, logger
from getthrough.usecases.change_dispatch import cancel_dispatch, succeed_dispatch, update_message
from getthrough.usecases.ports import Sending
from getthrough.usecases.retrying import Origin
from getthrough.usecases.send_dispatch import Replayed, send_dispatch
from getthrough.usecases.send_step import Sent


class _Dialect(NamedTuple):
    """The differences between Vonage's two APIs: the status of an invalid request, the name of the recipient's field,
    and the body of the response to an accepted request."""

    parse: Callable[[object, Defaults], Request]
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


_MUST_NOT = {
    AnswerKind.OPTED_OUT: "has opted out of messages. Nothing was sent.",
    AnswerKind.CLOSED: "has not written to this sender in the last 24 hours, so the channel takes only templates. "
    "Nothing was sent.",
}
"""Why nothing was sent, after the name of the recipient's field."""


_settings = cache(AcceptOneConfig.from_env)


@cache
def _composed() -> Sending:
    return sending(_settings())


@for_clients(AcceptOneConfig)
def handler(request: ClientRequest) -> Response:
    """202 once a dispatch is durably stored or a change was forwarded; 200 for what the client ended."""
    match request.route:
        case "DELETE /v1/dispatches/{dispatch_uuid}":
            return _ended(cancel_dispatch(_composed(), request.path["dispatch_uuid"]))
        case "POST /v1/dispatches/{dispatch_uuid}/succeed":
            reason = parse_success(request.json() if request.body else {})
            return _ended(succeed_dispatch(_composed(), request.path["dispatch_uuid"], reason))
        case "PATCH /v1/messages/{message_uuid}":
            answer = update_message(_composed(), request.path["message_uuid"], request.json(), request.client)
            return _updated(answer, request.instance)
        case route if dialect := _DIALECTS.get(route):
            return _send(request, dialect)
        case _:
            raise NotFoundError


def _send(request: ClientRequest, dialect: _Dialect) -> Response:
    try:
        asked = dialect.parse(request.json(), defaults_of(request.client_name, _settings()))
        origin = Origin(request.client_name, idempotency_key(request.event), request.instance)
        result = send_dispatch(_composed(), asked, origin)
    except InvalidRequestError as error:
        return invalid_parameters(error.violations, request.instance, dialect.invalid)
    except LimitReachedError as reached:
        if reached.free_at is not None:
            raise
        count("LimitReached")
        logger.info("limit reached", extra={"limit": reached.limit, "most": reached.most})
        return invalid_parameters((Violation(dialect.to, never(reached)),), request.instance, dialect.invalid)
    if isinstance(result, Replayed):
        count("DispatchReplayed")
        logger.info("replayed", extra={"dispatch_uuid": result.dispatch.dispatch_uuid})
        return _answer(result.dispatch, dialect, request.instance, idempotent_replayed="true")
    count("DispatchAccepted")
    if isinstance(result, Sent):
        report(result)
    return _answer(result.dispatch, dialect, request.instance)


def _answer(dispatch: Dispatch, dialect: _Dialect, instance: str, **headers: str) -> Response:
    """202, unless the message has no fallback and was refused, or must not be sent to its contact."""
    answer = dispatch.attempts[0].answer if dispatch.attempts and len(dispatch.steps) == 1 else None
    if answer is not None and answer.kind in _MUST_NOT:
        violation = Violation(dialect.to, _MUST_NOT[answer.kind])
        return invalid_parameters((violation,), instance, dialect.invalid, **headers)
    if answer is not None and answer.kind is AnswerKind.REFUSED:
        return _refused(answer, instance, **headers)
    return respond(202, dialect.accepted(dispatch), **headers)


def _updated(answer: Answer, instance: str) -> Response:
    """Vonage's own answer, if it gave one."""
    logger.info("message updated", extra={"answer": answer.kind, "http_status": answer.http_status})
    if answer.kind is AnswerKind.ACCEPTED:
        return respond(202, {})
    if answer.kind is AnswerKind.REFUSED:
        return _refused(answer, instance)
    detail = "Vonage did not accept the update, or its answer was lost. Send the update again."
    return problem(503, "Service Unavailable", detail, instance=instance, headers={"retry_after": "1"})


def _refused(answer: Answer, instance: str, **headers: str) -> Response:
    status = answer.http_status or 422
    if answer.problem is None:
        return problem(status, "Refused", "Vonage refused it and gave no reason.", instance=instance, headers=headers)
    return respond(status, answer.problem, content_type="application/problem+json", **headers)


def _ended(dispatch: Dispatch) -> Response:
    logger.info("ended by the client", extra={"dispatch_uuid": dispatch.dispatch_uuid, "outcome": dispatch.outcome})
    return respond(200, describe_ended(dispatch))


during_init(
    "dynamodb",
    "sqs",
    "secretsmanager",
    also=(
        _composed,
        lambda: load_key(_settings()),
    ),
)
