"""SchedulesFunction: set up what is sent later, or again and again; show it, pause it, resume it, end it."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from typing import NamedTuple

from aws_lambda_powertools.utilities.typing import LambdaContext

from getthrough.adapters.client_credentials import authenticate
from getthrough.adapters.dynamo_batches import DynamoRecipientLists
from getthrough.adapters.dynamo_schedules import DynamoSchedules
from getthrough.adapters.secrets import SecretsManagerSecret
from getthrough.adapters.system import new_id, utc_now
from getthrough.adapters.timers import SqsTimers
from getthrough.config import SchedulesConfig
from getthrough.domain.schedule import schedule_view
from getthrough.domain.schedule.schedule import Schedule
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
from getthrough.usecases.change_schedule import Created, cancel, change_schedule, create_schedule, revise


class _Composed(NamedTuple):
    secret: SecretsManagerSecret
    schedules: DynamoSchedules
    create: Callable[..., Created]
    change: Callable[..., Schedule]
    revise: Callable[..., Schedule]


@cache
def _composed() -> _Composed:
    config = SchedulesConfig.from_env()
    retention, most_a_second = timedelta(days=config.retention_days), config.messages_per_second
    schedules = DynamoSchedules(config.table_name, retention)
    lists = DynamoRecipientLists(config.table_name, retention)
    timers = SqsTimers(config.queue_url, utc_now)
    change = partial(change_schedule, schedules=schedules, lists=lists, timers=timers, clock=utc_now)
    create = partial(create_schedule, **change.keywords, most_a_second=most_a_second, new_id=new_id)
    revised = partial(revise, most_a_second=most_a_second, lists=lists, clock=utc_now)
    return _Composed(SecretsManagerSecret(config.secret_id), schedules, create, change, revised)


@answers_problems
def handler(event: Event, context: LambdaContext) -> Response:
    """201 once a schedule is durably stored; 200 for what is shown or was changed."""
    composed, now = _composed(), utc_now()
    body = body_bytes(event, MAX_LIST_BODY)
    client_name = authenticate(header(event, "authorization"), composed.secret.get())
    schedule_uuid = (event.get("pathParameters") or {}).get("schedule_uuid", "")
    match event["routeKey"]:
        case "POST /v1/schedules":
            return _created(composed.create(parse_json(body, MAX_LIST_VALUES), client_name, idempotency_key(event)))
        case "GET /v1/schedules":
            found = composed.schedules.newest(*page(event.get("queryStringParameters") or {}))
            described = [schedule_view.describe(schedule, now) for schedule in found.schedules]
            return respond(200, {"schedules": described, "cursor": opaque(found.cursor)})
        case "GET /v1/schedules/{schedule_uuid}":
            return _answer(composed.change(schedule_uuid, lambda schedule: schedule))
        case "PATCH /v1/schedules/{schedule_uuid}":
            change = parse_json(body, MAX_LIST_VALUES)
            return _answer(composed.change(schedule_uuid, partial(composed.revise, change=change)))
        case "DELETE /v1/schedules/{schedule_uuid}":
            return _answer(composed.change(schedule_uuid, partial(cancel, clock=utc_now)))
        case _:
            raise NotFoundError


def _created(created: Created) -> Response:
    if created.replayed:
        return respond(201, schedule_view.describe(created.schedule, utc_now()), idempotent_replayed="true")
    count("ScheduleCreated")
    logger.info("schedule created", extra={"schedule_uuid": created.schedule.schedule_uuid})
    return respond(201, schedule_view.describe(created.schedule, utc_now()))


def _answer(schedule: Schedule) -> Response:
    logger.info("schedule", extra={"schedule_uuid": schedule.schedule_uuid, "state": schedule.state})
    return respond(200, schedule_view.describe(schedule, utc_now()))
