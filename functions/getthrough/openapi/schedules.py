"""The routes that are about schedules."""

from getthrough.domain.schedule.schedule_body import BOUNDS, CHANGE, MISSED, TIMES
from getthrough.domain.values.identifiers import MAX_STEPS
from getthrough.openapi import message_examples
from getthrough.openapi.parameters import PAGE, SCHEDULE_UUID
from getthrough.openapi.parts import (
    BEGINNING,
    PROBLEM,
    TEXT,
    TIME,
    UUID,
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
from getthrough.openapi.problems import LIST_TOO_LARGE, WRONG_BODY, problems
from getthrough.openapi.reading import read

_TAG = "Schedules"
_UUID = [parameter("ScheduleUuid")]
_RUNS: Json = {"type": "integer", "minimum": 0}

_ONCE, _AGAIN = ("send_at",), ("cron", "starts_at", "ends_at", "max_runs", "missed")

_TO_MANY: Json = {"recipients": schema("Recipients"), "rate": schema("Rate")}
_TO_WHOM: Json = {
    "oneOf": [
        {"title": "to one", "properties": {"message": schema("ScheduledMessage"), **dict.fromkeys(_TO_MANY, False)}},
        {
            "title": "to many: each occurrence is a batch",
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
                "title": "again and again",
                "required": ["cron", "time_zone"],
                "properties": dict.fromkeys(_ONCE, False),
            },
        ],
        description="What shall be sent, and when.",
    ),
    "ScheduledMessage": {
        "allOf": [schema("MessageRequest"), {"properties": {"send_at": False}}],
        "description": "The body of `POST /v1/messages`, without a time of its own.",
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
        description="What shall be another than it is. Null takes a bound away. Message and recipients are changed "
        "together.",
    ),
    "Schedule": fields(
        {
            "schedule_uuid": UUID,
            "created_at": TIME,
            "state": {
                "type": "string",
                "enum": ["active", "paused", "cancelled", "finished"],
                "description": "`finished`: there is no occurrence any more.",
            },
            "cron": nullable({**TEXT, "description": "null for what occurs once."}),
            "time_zone": nullable(TEXT),
            "starts_at": nullable(TIME),
            "ends_at": nullable(TIME),
            "next_at": nullable({**TIME, "description": "The first occurrence that is not done."}),
            "last_at": nullable({**TIME, "description": "The last occurrence that was made a dispatch, or a batch."}),
            "max_runs": {"type": ["integer", "null"], "minimum": 1},
            "runs": {**_RUNS, "description": "How many dispatches, or batches, were made."},
            "missed": {"type": "string", "enum": [*MISSED]},
            "quiet_hours": nullable({**schema("QuietHours"), "description": "Those of its message."}),
            "next_runs": {
                "type": "array",
                "items": TIME,
                "maxItems": 5,
                "description": "The next occurrences; none while it is not active.",
            },
            "recipients": {
                "type": ["integer", "null"],
                "minimum": 1,
                "description": "How many each of its batches has; null for what goes to one.",
            },
            "rate": {"type": ["integer", "null"], "minimum": 1, "description": "Of each of its batches."},
            "steps": {
                "type": "array",
                "items": fields({"channel": TEXT, "to": nullable(TEXT), "message_type": TEXT, "text": BEGINNING}),
                "minItems": 1,
                "maxItems": MAX_STEPS,
            },
        }
    ),
    "SchedulePage": page_of("schedules", schema("Schedule")),
}

_REQUESTS: Json = {
    "Working days at nine": {
        "message": message_examples.READ_OR_SMS,
        "cron": "0 9 * * MON-FRI",
        "time_zone": "Europe/London",
        "max_runs": 10,
    },
    "To many, on the first of each month": {
        "message": {"channel": "sms", "message_type": "text", "from": "Bakery", "text": "Hello {{ name }}!"},
        "recipients": [
            {"to": "447700900001", "variables": {"name": "Ann"}},
            {"to": "447700900002", "variables": {"name": "Ben"}},
        ],
        "rate": 10,
        "cron": "0 9 1 * *",
        "time_zone": "Europe/London",
    },
    "Once, by the clock on the wall": {
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
    "409": {"description": "It was cancelled, and stays so.", "content": content(schema("Problem"), media_type=PROBLEM)}
}


def _stored(description: str, **changed: object) -> Json:
    return {"description": description, "content": content(schema("Schedule"), {"Stored": {**_SCHEDULE, **changed}})}


PATHS: Json = {
    "/v1/schedules": {
        "post": operation(
            "createSchedule",
            _TAG,
            "Send something later, or again and again",
            {
                "201": {
                    **_stored("It is stored, and will run."),
                    "headers": {"Idempotent-Replayed": header("Idempotent-Replayed")},
                },
                **problems(401, 409),
                **LIST_TOO_LARGE,
                **WRONG_BODY,
            },
            description="Each occurrence becomes a dispatch, once, whatever fails meanwhile; with `recipients` it "
            "becomes a batch. Where clocks change, a time that they jump over comes right after the jump, one that "
            "comes twice comes once.",
            parameters=[parameter("IdempotencyKey")],
            requestBody={"required": True, "content": content(schema("ScheduleRequest"), _REQUESTS)},
        ),
        "get": read(
            "listSchedules",
            _TAG,
            "Schedules, newest first, page by page",
            "SchedulePage",
            422,
            parameters=PAGE,
            etag=False,
        ),
    },
    "/v1/schedules/{schedule_uuid}": {
        "get": read(
            "readSchedule", _TAG, "One schedule, with its next runs", "Schedule", 404, parameters=_UUID, etag=False
        ),
        "patch": operation(
            "changeSchedule",
            _TAG,
            "Pause a schedule, resume it, change it",
            {
                "200": _stored("It is so from now on."),
                **problems(401, 404),
                **LIST_TOO_LARGE,
                **WRONG_BODY,
                **_CANCELLED,
            },
            description="What it is, once or again and again, it stays. A pause is not made up for. What was made a "
            "dispatch already is not changed.",
            parameters=_UUID,
            requestBody={
                "required": True,
                "content": content(
                    schema("ScheduleChange"),
                    {"Pause": {"paused": True}, "An hour earlier, with no end": {"cron": "0 8 * * *", "ends_at": None}},
                ),
            },
        ),
        "delete": operation(
            "cancelSchedule",
            _TAG,
            "Make no more dispatches of a schedule",
            {
                "200": _stored("It will not run again.", state="cancelled", next_runs=[]),
                **problems(401, 404),
                **LIST_TOO_LARGE,
            },
            description="What was made a dispatch, or a batch, already goes on. Doing it again changes nothing.",
            parameters=_UUID,
        ),
    },
}
