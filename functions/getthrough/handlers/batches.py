"""BatchesFunction: send one message to many recipients, show progress and results, cancel."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from getthrough.adapters.dynamo_batches import DynamoBatches, DynamoRecipientLists, DynamoTallies
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.system import new_id, utc_now
from getthrough.adapters.timers import SqsTimers
from getthrough.config import AcceptConfig
from getthrough.domain.batch import batch_view
from getthrough.domain.batch.batch import Batch
from getthrough.domain.dispatch.description import summarize
from getthrough.domain.values.errors import NotFoundError, found
from getthrough.domain.values.identifiers import is_batch_uuid
from getthrough.handlers._clients import ClientRequest, for_clients
from getthrough.handlers._http import MAX_LIST_BODY, MAX_LIST_VALUES, Response, idempotency_key, respond
from getthrough.handlers._limits import defaults, defaults_of
from getthrough.handlers._parameters import listed, page
from getthrough.observability import count, logger
from getthrough.usecases.change_batch import cancel_batch, create_batch, list_dispatches
from getthrough.usecases.ports import Batching
from getthrough.usecases.retrying import Origin

_settings = cache(AcceptConfig.from_env)


@cache
def _composed() -> Batching:
    config = _settings()
    return Batching(
        batches=DynamoBatches(config.table_name, config.retention),
        lists=DynamoRecipientLists(config.table_name, config.text_retention or config.retention),
        tallies=DynamoTallies(config.table_name),
        dispatches=DynamoDispatches(config.table_name),
        timers=SqsTimers(config.queue_url, utc_now),
        clock=utc_now,
        new_id=new_id,
        messages_per_second=config.messages_per_second,
        defaults=defaults(config),
    )


@for_clients(AcceptConfig, longest_body=MAX_LIST_BODY)
def handler(request: ClientRequest) -> Response:
    """202 once a batch and all its recipients are durably stored; 200 for reads and cancellation."""
    ports, batch_uuid = _composed(), request.path.get("batch_uuid", "")
    match request.route:
        case "POST /v1/batches":
            return _create(request)
        case "GET /v1/batches":
            return respond(200, listed("batches", ports.batches.newest(*page(request.query)), _describe))
        case "GET /v1/batches/{batch_uuid}":
            return respond(200, _describe(found(ports.batches.get(batch_uuid) if is_batch_uuid(batch_uuid) else None)))
        case "GET /v1/batches/{batch_uuid}/dispatches":
            dispatches = list_dispatches(ports, batch_uuid, page(request.query))
            return respond(200, listed("dispatches", dispatches, summarize))
        case "DELETE /v1/batches/{batch_uuid}":
            cancelled = cancel_batch(ports, batch_uuid)
            logger.info("batch cancelled", extra={"batch_uuid": batch_uuid})
            return respond(200, _describe(cancelled))
        case _:
            raise NotFoundError


def _create(request: ClientRequest) -> Response:
    origin = Origin(request.client_name, idempotency_key(request.event))
    ports = replace(_composed(), defaults=defaults_of(request.client_name, _settings()))
    batch, replayed = create_batch(ports, request.json(MAX_LIST_VALUES), origin)
    if replayed:
        return respond(202, _describe(batch), idempotent_replayed="true")
    count("BatchAccepted")
    logger.info("batch accepted", extra={"batch_uuid": batch.batch_uuid, "recipients": batch.mailing.total})
    return respond(202, _describe(batch))


def _describe(batch: Batch) -> Mapping[str, Any]:
    return batch_view.describe(batch, _composed().tallies.of(batch.batch_uuid), utc_now())
