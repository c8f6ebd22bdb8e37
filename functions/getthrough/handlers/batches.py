"""BatchesFunction: send one message to many; show how far that is, and what became of it; cancel it."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from typing import Any, NamedTuple

from aws_lambda_powertools.utilities.typing import LambdaContext

from getthrough.adapters.client_credentials import authenticate
from getthrough.adapters.dynamo_batches import DynamoBatches, DynamoRecipientLists, DynamoTallies
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.secrets import SecretsManagerSecret
from getthrough.adapters.system import new_id, utc_now
from getthrough.adapters.timers import SqsTimers
from getthrough.config import BatchesConfig
from getthrough.domain.batch.batch import Batch
from getthrough.domain.batch.batch_view import describe
from getthrough.domain.dispatch.timeline import summarize
from getthrough.domain.values.errors import NotFoundError
from getthrough.handlers._http import (
    MAX_LIST_BODY,
    MAX_LIST_VALUES,
    Event,
    Response,
    answers_problems,
    body_bytes,
    header,
    idempotency_key,
    parse_json,
    respond,
)
from getthrough.handlers._parameters import opaque, page
from getthrough.observability import count, logger
from getthrough.usecases.change_batch import Accepted, cancel_batch, create_batch
from getthrough.usecases.read_batches import Counted, list_batches, list_dispatches, read_batch


class _Composed(NamedTuple):
    secret: SecretsManagerSecret
    create: Callable[..., Accepted]
    cancel: Callable[[str], Batch]
    reading: dict[str, Any]
    dispatches: DynamoDispatches


@cache
def _composed() -> _Composed:
    config = BatchesConfig.from_env()
    retention = timedelta(days=config.retention_days)
    batches = DynamoBatches(config.table_name, retention)
    create = partial(
        create_batch,
        most_a_second=config.messages_per_second,
        batches=batches,
        lists=DynamoRecipientLists(config.table_name, retention),
        timers=SqsTimers(config.queue_url, utc_now),
        clock=utc_now,
        new_id=new_id,
    )
    return _Composed(
        SecretsManagerSecret(config.secret_id),
        create,
        partial(cancel_batch, batches=batches, clock=utc_now),
        {"batches": batches, "tallies": DynamoTallies(config.table_name)},
        DynamoDispatches(config.table_name),
    )


@answers_problems
def handler(event: Event, context: LambdaContext) -> Response:
    """202 once a batch and everybody it is for is durably stored; 200 for what is shown or was cancelled."""
    composed = _composed()
    body = body_bytes(event, MAX_LIST_BODY)
    client_name = authenticate(header(event, "authorization"), composed.secret.get())
    batch_uuid = (event.get("pathParameters") or {}).get("batch_uuid", "")
    query = event.get("queryStringParameters") or {}
    match event["routeKey"]:
        case "POST /v1/batches":
            accepted = composed.create(parse_json(body, MAX_LIST_VALUES), client_name, idempotency_key(event))
            return _accepted(accepted, composed)
        case "GET /v1/batches":
            found = list_batches(*page(query), **composed.reading)
            shown = [_described(counted) for counted in found.batches]
            return respond(200, {"batches": shown, "cursor": opaque(found.cursor)})
        case "GET /v1/batches/{batch_uuid}":
            return respond(200, _described(read_batch(batch_uuid, **composed.reading)))
        case "GET /v1/batches/{batch_uuid}/dispatches":
            batches = composed.reading["batches"]
            listed = list_dispatches(batch_uuid, *page(query), batches=batches, dispatches=composed.dispatches)
            summaries = [summarize(dispatch) for dispatch in listed.dispatches]
            return respond(200, {"dispatches": summaries, "cursor": opaque(listed.cursor)})
        case "DELETE /v1/batches/{batch_uuid}":
            composed.cancel(batch_uuid)
            logger.info("batch cancelled", extra={"batch_uuid": batch_uuid})
            return respond(200, _described(read_batch(batch_uuid, **composed.reading)))
        case _:
            raise NotFoundError


def _accepted(accepted: Accepted, composed: _Composed) -> Response:
    batch_uuid, total = accepted.batch.batch_uuid, accepted.batch.mailing.total
    shown = _described(read_batch(batch_uuid, **composed.reading))
    if accepted.replayed:
        return respond(202, shown, idempotent_replayed="true")
    count("BatchAccepted")
    logger.info("batch accepted", extra={"batch_uuid": batch_uuid, "recipients": total})
    return respond(202, shown)


def _described(counted: Counted) -> Any:
    return describe(counted.batch, counted.tally, utc_now())
