"""OptOutsFunction: who wants no messages; opt a contact out, or in again."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from typing import NamedTuple

from aws_lambda_powertools.utilities.typing import LambdaContext

from getthrough.adapters.client_credentials import authenticate
from getthrough.adapters.dynamo_conversations import DynamoConversations, DynamoOptOuts
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.secrets import SecretsManagerSecret
from getthrough.adapters.system import utc_now
from getthrough.adapters.timers import SqsTimers
from getthrough.config import OptOutsConfig
from getthrough.domain.contact.consent import OptOut, describe_opt_out
from getthrough.domain.contact.contact import Contact
from getthrough.domain.values.errors import InvalidRequestError, NotFoundError, Violation
from getthrough.handlers._http import Event, Response, answers_problems, body_bytes, header, parse_json, respond
from getthrough.handlers._parameters import addressee, contact, opaque, page
from getthrough.observability import count, logger
from getthrough.usecases.read_opt_outs import list_opt_outs, read_opt_out
from getthrough.usecases.set_opt_out import set_opt_out

LONGEST_WHY = 200
"""Characters of a reason."""

NO_REASON = "no reason given"


class _Composed(NamedTuple):
    secret: SecretsManagerSecret
    opt_outs: DynamoOptOuts
    set: Callable[[Contact, bool, str, str], tuple[OptOut, bool]]


@cache
def _composed() -> _Composed:
    config = OptOutsConfig.from_env()
    opt_outs = DynamoOptOuts(config.table_name)
    set_ = partial(
        set_opt_out,
        opt_outs=opt_outs,
        conversations=DynamoConversations(config.table_name),
        dispatches=DynamoDispatches(config.table_name, timedelta(days=config.retention_days)),
        timers=SqsTimers(config.queue_url, utc_now),
        clock=utc_now,
    )
    return _Composed(SecretsManagerSecret(config.secret_id), opt_outs, set_)


@answers_problems
def handler(event: Event, context: LambdaContext) -> Response:
    """Answer a question about opt-outs, or change one: 200 once it is obeyed."""
    composed = _composed()
    body = body_bytes(event)
    client_name = authenticate(header(event, "authorization"), composed.secret.get())
    path = event.get("pathParameters") or {}
    match event["routeKey"]:
        case "GET /v1/opt-outs":
            found = list_opt_outs(page(event.get("queryStringParameters") or {}), opt_outs=composed.opt_outs)
            return respond(200, {**found, "cursor": opaque(found["cursor"])})
        case "GET /v1/opt-outs/{channel}/{address}":
            return respond(200, read_opt_out(contact(path), opt_outs=composed.opt_outs))
        case "PUT /v1/opt-outs/{channel}/{address}":
            return _answer(*composed.set(addressee(path), True, _why(body), client_name), client_name)
        case "DELETE /v1/opt-outs/{channel}/{address}":
            return _answer(*composed.set(addressee(path), False, NO_REASON, client_name), client_name)
        case _:
            raise NotFoundError


def _why(body: bytes) -> str:
    """The reason in a body, which may be empty."""
    fields = parse_json(body) if body else {}
    if not isinstance(fields, dict):
        raise InvalidRequestError(Violation("body", "must be a JSON object."))
    violations = [Violation(name, "is not a field of this request.") for name in fields if name != "why"]
    why = fields.get("why", NO_REASON)
    if not isinstance(why, str) or not 1 <= len(why) <= LONGEST_WHY or not why.isprintable():
        violations.append(Violation("why", f"must have 1 to {LONGEST_WHY} printable characters."))
    if violations:
        raise InvalidRequestError(*violations)
    return str(why)


def _answer(opt_out: OptOut, changed: bool, client_name: str) -> Response:
    if changed:
        count("OptedOut" if opt_out.opted_out else "OptedIn")
    logger.info(
        "opt-out set",
        extra={
            "client": client_name,
            "channel": opt_out.contact.channel,
            "opted_out": opt_out.opted_out,
            "changed": changed,
        },
    )
    return respond(200, describe_opt_out(opt_out))
