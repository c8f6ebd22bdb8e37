"""The routes that are about batches."""

from getthrough.domain.batch.batch import State
from getthrough.domain.batch.batch_body import (
    BODY,
    LONGEST_RECIPIENT,
    MAILING,
    RECIPIENT,
    VARIABLE_NAME,
    VARIABLES,
)
from getthrough.domain.values.identifiers import MAX_STEPS
from getthrough.openapi import message_examples
from getthrough.openapi.parameters import BATCH_UUID, PAGE
from getthrough.openapi.parts import (
    BEGINNING,
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

_TAG = "Batches"
_UUID = [parameter("BatchUuid")]


def _count(description: str) -> Json:
    return {"type": "integer", "minimum": 0, "description": description}


SCHEMAS: Json = {
    "BatchRequest": fields(
        {"message": schema("BatchMessage"), "recipients": schema("Recipients")},
        {"rate": schema("Rate"), **{name: BODY["properties"][name] for name in ("send_at", "time_zone")}},
        additionalProperties=False,
        description="One message, to whom, how fast and from when on.",
    ),
    "BatchMessage": {
        "type": "object",
        "minProperties": 1,
        "properties": {"failover": {"type": "array", "maxItems": MAX_STEPS - 1}, "send_at": False},
        "description": "The body of `POST /v1/messages`, without a time of its own. Each text in it may have "
        "variables, as in `Hello {{ name }}`; a step without `to` goes to the recipient's. It is filled in and checked "
        "for every recipient before anything is stored.",
    },
    "Recipients": {**MAILING["recipients"], "items": schema("Recipient")},
    "Recipient": {
        **RECIPIENT,
        "additionalProperties": False,
        "properties": {
            **RECIPIENT["properties"],
            "variables": {**VARIABLES, "propertyNames": {"pattern": VARIABLE_NAME}},
        },
        "description": f"At most {LONGEST_RECIPIENT:,} bytes of JSON. No two get the same message.",
    },
    "Rate": {
        **MAILING["rate"],
        "description": "Messages a second, at most. What the stack sends in all (`MessagesPerSecond`) is the default, "
        "and the most that is taken.",
    },
    "Batch": fields(
        {
            "batch_uuid": UUID,
            "schedule_uuid": nullable({**UUID, "description": "The schedule whose occurrence it is."}),
            "created_at": TIME,
            "state": {
                "type": "string",
                "enum": [*State],
                "description": "`sent`: everybody has had their turn.",
            },
            "send_at": nullable({**TIME, "description": "Nothing is sent before."}),
            "cancelled_at": nullable(TIME),
            "estimated_end_at": nullable(
                {**TIME, "description": "When the last recipient has their turn, if nothing else is sent."}
            ),
            "accepted": {"type": "integer", "minimum": 1, "description": "How many recipients it has."},
            "sent": _count("To how many something was sent."),
            "delivered": _count("How many of the dispatches succeeded."),
            "failed": _count("How many ended otherwise."),
            "cost": {"type": "array", "items": schema("Usage"), "description": "The sum in each currency."},
            "rate": {"type": "integer", "minimum": 1},
            "steps": {
                "type": "array",
                "items": fields({"channel": TEXT, "message_type": TEXT, "text": BEGINNING}),
                "minItems": 1,
                "maxItems": MAX_STEPS,
            },
        },
        description="A batch and how far it is. The numbers follow what happens within a few seconds.",
    ),
    "BatchPage": page_of("batches", schema("Batch")),
}

_TEXT = 'Hello {{ name | default("customer") }}, your {{ count }} cupcakes are ready!'
_REQUESTS: Json = {
    "Two customers, each by name": {
        "message": {"channel": "sms", "message_type": "text", "from": "Bakery", "text": _TEXT},
        "recipients": [
            {"to": "447700900001", "variables": {"name": "Ann", "count": 12}},
            {"to": "447700900002", "variables": {"count": 6}},
        ],
        "rate": 10,
    },
    "In the morning, by everybody's own clocks": {
        "message": {
            "channel": "whatsapp",
            "message_type": "text",
            "from": "447700900000",
            "text": "Fresh bread, {{ name }}!",
            "condition_status": "read",
            "expiry_time": 600,
            "failover": [
                {"channel": "sms", "message_type": "text", "from": "Bakery", "text": "Fresh bread, {{ name }}!"}
            ],
            "quiet_hours": {"from": "21:00", "to": "08:00"},
        },
        "recipients": [
            {"to": "447700900001", "variables": {"name": "Ann"}, "time_zone": "Europe/London"},
            {"to": "447700900002", "variables": {"name": "Ben"}, "time_zone": "America/New_York"},
        ],
        "send_at": "2026-12-24T09:00",
        "time_zone": "Europe/London",
    },
    "The same to all": {
        "message": {name: value for name, value in message_examples.message("sms", "text").items() if name != "to"},
        "recipients": [{"to": "447700900001"}, {"to": "447700900002"}],
    },
}
_BATCH: Json = {
    "batch_uuid": BATCH_UUID,
    "schedule_uuid": None,
    "created_at": "2026-11-23T12:00:00.000Z",
    "state": "waiting",
    "send_at": None,
    "cancelled_at": None,
    "estimated_end_at": "2026-11-23T12:00:00.200Z",
    "accepted": 2,
    "sent": 0,
    "delivered": 0,
    "failed": 0,
    "cost": [],
    "rate": 10,
    "steps": [{"channel": "sms", "message_type": "text", "text": "Hello {{ name }}, your order is ready."}],
}
_CANCELLED: Json = {
    "state": "cancelled",
    "cancelled_at": "2026-11-23T12:00:01.000Z",
    "estimated_end_at": None,
    "sent": 1,
    "delivered": 1,
    "cost": [{"currency": "EUR", "price": "0.0333"}],
}


def _described(description: str, **changed: object) -> Json:
    return {"description": description, "content": content(schema("Batch"), {"So it is": {**_BATCH, **changed}})}


PATHS: Json = {
    "/v1/batches": {
        "post": operation(
            "createBatch",
            _TAG,
            "Send one message to many",
            {
                "202": {
                    **_described("It is stored with everybody it is for, and will be sent."),
                    "headers": {"Idempotent-Replayed": header("Idempotent-Replayed")},
                },
                **problems(401, 409),
                **LIST_TOO_LARGE,
                **WRONG_BODY,
            },
            description="Each recipient gets one dispatch, whatever fails meanwhile, and no more messages leave in a "
            "second than `rate` and the stack allow. All faults are told before anything is stored, under the names of "
            "those whom they concern, as in `recipients[3].variables.name`.",
            parameters=[parameter("IdempotencyKey")],
            requestBody={"required": True, "content": content(schema("BatchRequest"), _REQUESTS)},
        ),
        "get": read(
            "listBatches", _TAG, "Batches, newest first, page by page", "BatchPage", 422, parameters=PAGE, etag=False
        ),
    },
    "/v1/batches/{batch_uuid}": {
        "get": read("readBatch", _TAG, "One batch, and how far it is", "Batch", 404, parameters=_UUID, etag=False),
        "delete": operation(
            "cancelBatch",
            _TAG,
            "Send nothing more of a batch",
            {
                "200": _described("Nothing more of it will be sent.", **_CANCELLED),
                **problems(401, 404),
                **LIST_TOO_LARGE,
            },
            description="Nobody else gets a dispatch, and those that are under way send no further message, not even a "
            "fallback. What is out is not called back. Doing it again changes nothing.",
            parameters=_UUID,
        ),
    },
    "/v1/batches/{batch_uuid}/dispatches": {
        "get": read(
            "listDispatchesOfBatch",
            _TAG,
            "The dispatches of a batch, in the order of its recipients",
            "DispatchPage",
            404,
            422,
            parameters=[*_UUID, *PAGE],
            etag=False,
            description="Those that have been made by now. A page may have fewer than `limit` before the end.",
        )
    },
}
