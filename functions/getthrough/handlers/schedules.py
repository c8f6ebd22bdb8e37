"""SchedulesFunction: create, show, change, pause, resume and cancel schedules."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any

from getthrough.adapters.dynamo_batches import DynamoRecipientLists
from getthrough.adapters.dynamo_schedules import DynamoSchedules
from getthrough.adapters.system import new_id, utc_now
from getthrough.adapters.timers import SqsTimers
from getthrough.config import AcceptConfig
from getthrough.domain.schedule import schedule_view
from getthrough.domain.schedule.schedule import Schedule
from getthrough.domain.values.errors import NotFoundError, found
from getthrough.domain.values.identifiers import is_schedule_uuid
from getthrough.handlers._clients import ClientRequest, for_clients
from getthrough.handlers._http import MAX_LIST_BODY, MAX_LIST_VALUES, Response, idempotency_key, respond
from getthrough.handlers._limits import client_limits, defaults, defaults_of
from getthrough.handlers._parameters import listed, page
from getthrough.observability import count, logger
from getthrough.usecases.change_schedule import cancel, change_schedule, create_schedule, revise
from getthrough.usecases.ports import Scheduling
from getthrough.usecases.retrying import Origin

_settings = cache(AcceptConfig.from_env)


@cache
def _composed() -> Scheduling:
    config = _settings()
    return Scheduling(
        schedules=DynamoSchedules(config.table_name, config.retention),
        lists=DynamoRecipientLists(config.table_name, config.text_retention or config.retention),
        timers=SqsTimers(config.queue_url, utc_now),
        clock=utc_now,
        new_id=new_id,
        messages_per_second=config.messages_per_second,
        defaults=defaults(config),
        client_limits=client_limits(config),
    )


def _of(client_name: str) -> Scheduling:
    return replace(_composed(), defaults=defaults_of(client_name, _settings()))


@for_clients(AcceptConfig, longest_body=MAX_LIST_BODY)
def handler(request: ClientRequest) -> Response:
    """201 once a schedule is durably stored; 200 for reads and changes."""
    ports, schedule_uuid = _of(request.client_name), request.path.get("schedule_uuid", "")
    match request.route:
        case "POST /v1/schedules":
            return _create(ports, request)
        case "GET /v1/schedules":
            return respond(200, listed("schedules", ports.schedules.newest(*page(request.query)), _describe))
        case "GET /v1/schedules/{schedule_uuid}":
            return _answer(found(ports.schedules.get(schedule_uuid) if is_schedule_uuid(schedule_uuid) else None))
        case "PATCH /v1/schedules/{schedule_uuid}":
            change = partial(revise, ports, change=request.json(MAX_LIST_VALUES), client_name=request.client_name)
            return _answer(change_schedule(ports, schedule_uuid, change))
        case "DELETE /v1/schedules/{schedule_uuid}":
            return _answer(change_schedule(ports, schedule_uuid, partial(cancel, clock=utc_now)))
        case _:
            raise NotFoundError


def _create(ports: Scheduling, request: ClientRequest) -> Response:
    origin = Origin(request.client_name, idempotency_key(request.event))
    schedule, replayed = create_schedule(ports, request.json(MAX_LIST_VALUES), origin)
    if replayed:
        return respond(201, _describe(schedule), idempotent_replayed="true")
    count("ScheduleCreated")
    logger.info("schedule created", extra={"schedule_uuid": schedule.schedule_uuid})
    return respond(201, _describe(schedule))


def _answer(schedule: Schedule) -> Response:
    logger.info("schedule", extra={"schedule_uuid": schedule.schedule_uuid, "state": schedule.state})
    return respond(200, _describe(schedule))


def _describe(schedule: Schedule) -> Mapping[str, Any]:
    return schedule_view.describe(schedule, utc_now())
