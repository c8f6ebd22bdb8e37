"""QueryFunction: everything that only reads: dispatches, messages, days, conversations."""

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from aws_lambda_powertools.utilities.typing import LambdaContext

from getthrough.adapters.client_credentials import authenticate
from getthrough.adapters.dynamo_conversations import DynamoConversations, DynamoOptOuts
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.adapters.secrets import SecretsManagerSecret
from getthrough.adapters.system import utc_now
from getthrough.config import QueryConfig
from getthrough.domain.values.errors import NotFoundError
from getthrough.handlers._http import Event, Response, answers_problems, header, respond
from getthrough.handlers._parameters import contact, day, dispatch_filter, opaque, page
from getthrough.observability import logger
from getthrough.usecases.read_conversation import list_conversations, read_conversation
from getthrough.usecases.read_day import read_day
from getthrough.usecases.read_dispatches import list_dispatches, read_dispatch, read_message


class _Composed(NamedTuple):
    secret: SecretsManagerSecret
    dispatches: DynamoDispatches
    events: DynamoStatusEvents
    conversations: DynamoConversations
    opt_outs: DynamoOptOuts


@cache
def _composed() -> _Composed:
    config = QueryConfig.from_env()
    return _Composed(
        SecretsManagerSecret(config.secret_id),
        DynamoDispatches(config.table_name),
        DynamoStatusEvents(config.table_name),
        DynamoConversations(config.table_name),
        DynamoOptOuts(config.table_name),
    )


@answers_problems
def handler(event: Event, context: LambdaContext) -> Response:
    """Answer with JSON and an ETag; 304 if the client has it already."""
    composed = _composed()
    client_name = authenticate(header(event, "authorization"), composed.secret.get())
    found = _read(event, composed)
    if isinstance(cursor := found.get("cursor"), str):
        found = {**found, "cursor": opaque(cursor)}
    answer = respond(200, found, cache_control="private, no-cache")
    etag = f'"{hashlib.sha256(answer["body"].encode()).hexdigest()[:32]}"'
    answer["headers"]["etag"] = etag
    if header(event, "if-none-match") == etag:
        answer = {"statusCode": 304, "headers": {"etag": etag, "cache-control": "private, no-cache"}}
    logger.info("read", extra={"route": event["routeKey"], "client": client_name, "status": answer["statusCode"]})
    return answer


def _read(event: Event, composed: _Composed) -> Mapping[str, object]:
    path = event.get("pathParameters") or {}
    query = event.get("queryStringParameters") or {}
    match event["routeKey"]:
        case "GET /v1/dispatches":
            return list_dispatches(*dispatch_filter(query), dispatches=composed.dispatches)
        case "GET /v1/dispatches/{dispatch_uuid}":
            return read_dispatch(path["dispatch_uuid"], dispatches=composed.dispatches, events=composed.events)
        case "GET /v1/messages/{message_uuid}":
            return read_message(path["message_uuid"], dispatches=composed.dispatches)
        case "GET /v1/days/{date}":
            return read_day(day(path, query), dispatches=composed.dispatches, clock=utc_now)
        case "GET /v1/conversations":
            return list_conversations(page(query), conversations=composed.conversations)
        case "GET /v1/conversations/{channel}/{address}":
            return read_conversation(
                contact(path),
                page(query),
                conversations=composed.conversations,
                dispatches=composed.dispatches,
                opt_outs=composed.opt_outs,
            )
        case _:
            raise NotFoundError
