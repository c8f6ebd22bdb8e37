"""QueryFunction: GET /v1/dispatches, /v1/dispatches/{dispatch_uuid} and /v1/messages/{message_uuid}."""

import hashlib
import re
from functools import cache
from typing import NamedTuple

from aws_lambda_powertools.utilities.typing import LambdaContext

from getthrough.adapters.client_credentials import authenticate
from getthrough.adapters.dynamo import DynamoDispatches, DynamoStatusEvents
from getthrough.adapters.secrets import SecretsManagerSecret
from getthrough.config import QueryConfig
from getthrough.domain import timeline
from getthrough.domain.errors import Fault, InvalidRequestError, NotFoundError
from getthrough.domain.timeline import Json
from getthrough.handlers._http import Event, Response, answers_problems, header, respond
from getthrough.observability import logger
from getthrough.usecases.read_dispatches import read_dispatch, read_message

DEFAULT_LIMIT = 20
MAX_LIMIT = 100

_CURSOR = re.compile(r"[0-9]{4}-[0-9T:.-]{1,30}Z#[0-9a-f-]{36}")


class _Composed(NamedTuple):
    secret: SecretsManagerSecret
    dispatches: DynamoDispatches
    events: DynamoStatusEvents


@cache
def _composed() -> _Composed:
    config = QueryConfig.from_env()
    return _Composed(
        SecretsManagerSecret(config.secret_id),
        DynamoDispatches(config.table_name),
        DynamoStatusEvents(config.table_name),
    )


@answers_problems
def handler(event: Event, context: LambdaContext) -> Response:
    """Answer with JSON and an ETag; 304 if the client has it already."""
    composed = _composed()
    client_name = authenticate(header(event, "authorization"), composed.secret.get())
    answer = respond(200, _read(event, composed), cache_control="private, no-cache")
    etag = f'"{hashlib.sha256(answer["body"].encode()).hexdigest()[:32]}"'
    answer["headers"]["etag"] = etag
    if header(event, "if-none-match") == etag:
        answer = {"statusCode": 304, "headers": {"etag": etag, "cache-control": "private, no-cache"}}
    logger.info("read", extra={"route": event["routeKey"], "client": client_name, "status": answer["statusCode"]})
    return answer


def _read(event: Event, composed: _Composed) -> Json:
    parameters = event.get("pathParameters") or {}
    match event["routeKey"]:
        case "GET /v1/dispatches":
            return _list(event.get("queryStringParameters") or {}, composed.dispatches)
        case "GET /v1/dispatches/{dispatch_uuid}":
            return read_dispatch(parameters["dispatch_uuid"], dispatches=composed.dispatches, events=composed.events)
        case "GET /v1/messages/{message_uuid}":
            return read_message(parameters["message_uuid"], dispatches=composed.dispatches)
        case _:
            raise NotFoundError


def _list(query: dict[str, str], dispatches: DynamoDispatches) -> Json:
    text = query.get("limit", str(DEFAULT_LIMIT))
    limit = int(text) if re.fullmatch("[0-9]{1,4}", text) else 0
    cursor = query.get("cursor")
    faults = [Fault(name, "is not a parameter of this route.") for name in sorted(set(query) - {"limit", "cursor"})]
    if not 1 <= limit <= MAX_LIMIT:
        faults.append(Fault("limit", f"must be a whole number from 1 to {MAX_LIMIT}."))
    if cursor is not None and not _CURSOR.fullmatch(cursor):
        faults.append(Fault("cursor", "must be the cursor of another page."))
    if faults:
        raise InvalidRequestError(*faults)
    page = dispatches.newest(limit, cursor)
    return {"dispatches": [timeline.summarize(dispatch) for dispatch in page.dispatches], "cursor": page.cursor}
