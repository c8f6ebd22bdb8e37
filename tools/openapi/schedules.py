"""The routes for schedules."""

from getthrough.domain.batch.batch_body import MAILING
from getthrough.domain.schedule.schedule_body import BOUNDS, CHANGE, TIMES
from getthrough.domain.schedule.schedule_view import ScheduleView
from tools.openapi import message_examples, views
from tools.openapi.answers import NAMED
from tools.openapi.parameters import PAGE, SCHEDULE_UUID
from tools.openapi.parts import (
    PROBLEM,
    Json,
    content,
    fields,
    header,
    nullable,
    operation,
    page_of,
    parameter,
    schema,
)
from tools.openapi.problems import LIST_TOO_LARGE, WRONG_BODY, problems
from tools.openapi.reading import read

_TAG = "Schedules"
_UUID = [parameter("ScheduleUuid")]

_ONCE, _AGAIN = ("send_at",), ("cron", "starts_at", "ends_at", "max_runs", "missed")

_TO_MANY: Json = {
    "recipients": schema("Recipients"),
    "rate": schema("Rate"),
    "default_country": MAILING["default_country"],
}
_TO_WHOM: Json = {
    "oneOf": [
        {
            "title": "one recipient",
            "properties": {"message": schema("ScheduledMessage"), **dict.fromkeys(_TO_MANY, False)},
        },
        {
            "title": "many recipients: each run creates a batch",
            "required": ["message", "recipients"],
            "properties": {"message": schema("BatchMessage")},
        },
    ]
}

SCHEMAS: Json = {
    "ScheduleRequest": fields(
        {"message": {"type": "object"}},
        {**_TO_MANY, **TIMES},
        additionalProperties=False,
        allOf=[_TO_WHOM],
        oneOf=[
            {"title": "once", "required": ["send_at"], "properties": dict.fromkeys(_AGAIN, False)},
            {
                "title": "repeatedly",
                "required": ["cron", "time_zone"],
                "properties": dict.fromkeys(_ONCE, False),
            },
        ],
        description="What to send, and when.",
    ),
    "ScheduledMessage": {
        "allOf": [schema("MessageRequest"), {"properties": {"send_at": False}}],
        "description": "The body of `POST /v1/messages`, without `send_at`.",
    },
    "ScheduleChange": fields(
        {},
        {
            **CHANGE["properties"],
            **_TO_MANY,
            **{name: nullable(TIMES[name]) for name in BOUNDS},
        },
        additionalProperties=False,
        minProperties=1,
        allOf=[_TO_WHOM],
        description="The fields to change. Null removes `starts_at`, `ends_at` or `max_runs`. A schedule with "
        "recipients needs `message` and `recipients` together.",
    ),
    **views.components(ScheduleView, named=NAMED),
    "SchedulePage": page_of("schedules", "Schedule"),
}

_REQUESTS: Json = {
    "On working days at nine": {
        "message": message_examples.READ_OR_SMS,
        "cron": "0 9 * * MON-FRI",
        "time_zone": "Europe/London",
        "max_runs": 10,
    },
    "To many recipients, on the first of each month": {
        "message": {"channel": "sms", "message_type": "text", "from": "Bakery", "text": "Hello {{ name }}!"},
        "recipients": [
            {"to": "447700900001", "variables": {"name": "Ann"}},
            {"to": "447700900002", "variables": {"name": "Ben"}},
        ],
        "rate": 10,
        "cron": "0 9 1 * *",
        "time_zone": "Europe/London",
    },
    "Once, at a local time": {
        "message": message_examples.message("sms", "text"),
        "send_at": "2026-12-24T09:00",
        "time_zone": "Europe/London",
    },
}
_SCHEDULE: Json = {
    "schedule_uuid": SCHEDULE_UUID,
    "created_at": "2026-11-23T12:00:00.000Z",
    "state": "active",
    "cron": "0 9 * * MON-FRI",
    "time_zone": "Europe/London",
    "starts_at": None,
    "ends_at": None,
    "next_at": "2026-11-24T09:00:00.000Z",
    "last_at": None,
    "max_runs": 10,
    "runs": 0,
    "missed": "latest",
    "quiet_hours": None,
    "next_runs": ["2026-11-24T09:00:00.000Z", "2026-11-25T09:00:00.000Z"],
    "recipients": None,
    "rate": None,
    "steps": [{"channel": "sms", "to": "447700900001", "message_type": "text", "text": "Fresh bread!"}],
}
_CANCELLED: Json = {
    "409": {
        "description": "The schedule was cancelled and cannot be changed.",
        "content": content(schema("Problem"), media_type=PROBLEM),
    }
}


def _stored(description: str, **changed: object) -> Json:
    return {"description": description, "content": content(schema("Schedule"), {"Stored": {**_SCHEDULE, **changed}})}


PATHS: Json = {
    "/v1/schedules": {
        "post": operation(
            "createSchedule",
            _TAG,
            "Create a schedule: send later, once or repeatedly",
            {
                "201": {
                    **_stored("The schedule is stored and will run."),
                    "headers": {"Idempotent-Replayed": header("Idempotent-Replayed")},
                },
                **problems(401, 409, 415),
                **LIST_TOO_LARGE,
                **WRONG_BODY,
            },
            description="Each run creates exactly one dispatch, even after failures. With `recipients` it creates a "
            "batch. "
            "If a clock change skips a local time, the run takes place right after the change. If a local time occurs "
            "twice, there is only one run.",
            parameters=[parameter("IdempotencyKey")],
            requestBody={"required": True, "content": content(schema("ScheduleRequest"), _REQUESTS)},
        ),
        "get": read(
            "listSchedules",
            _TAG,
            "List schedules, newest first",
            "SchedulePage",
            422,
            parameters=PAGE,
            etag=False,
        ),
    },
    "/v1/schedules/{schedule_uuid}": {
        "get": read(
            "readSchedule", _TAG, "Read a schedule with its next runs", "Schedule", 404, parameters=_UUID, etag=False
        ),
        "patch": operation(
            "changeSchedule",
            _TAG,
            "Change, pause or resume a schedule",
            {
                "200": _stored("The changed schedule."),
                **problems(401, 404, 415),
                **LIST_TOO_LARGE,
                **WRONG_BODY,
                **_CANCELLED,
            },
            description="You cannot turn a schedule that runs once into one that repeats, or the reverse. Runs during "
            "a pause are skipped. Dispatches that already exist do not change. Some clients have limits of their own, "
            "or may send only to listed recipients. They can pause another client's schedule, and change nothing else "
            "of it.",
            parameters=_UUID,
            requestBody={
                "required": True,
                "content": content(
                    schema("ScheduleChange"),
                    {
                        "Pause": {"paused": True},
                        "An hour earlier, without an end": {"cron": "0 8 * * *", "ends_at": None},
                    },
                ),
            },
        ),
        "delete": operation(
            "cancelSchedule",
            _TAG,
            "Cancel a schedule",
            {
                "200": _stored("The schedule will not run again.", state="cancelled", next_runs=[]),
                **problems(401, 404),
                **LIST_TOO_LARGE,
            },
            description="Dispatches and batches that already exist continue. You can repeat this request safely.",
            parameters=_UUID,
        ),
    },
}
