"""The routes for batches."""

from getthrough.domain.batch.batch_body import (
    BODY,
    LONGEST_RECIPIENT,
    MAILING,
    RECIPIENT,
    VARIABLE_NAME,
    VARIABLES,
)
from getthrough.domain.batch.batch_view import BatchView
from getthrough.domain.values.identifiers import MAX_STEPS
from tools.openapi import message_examples, views
from tools.openapi.answers import NAMED
from tools.openapi.parameters import BATCH_UUID, PAGE
from tools.openapi.parts import (
    Json,
    content,
    fields,
    header,
    operation,
    page_of,
    parameter,
    schema,
)
from tools.openapi.problems import LIST_TOO_LARGE, WRONG_BODY, problems
from tools.openapi.reading import read

_TAG = "Batches"
_UUID = [parameter("BatchUuid")]


SCHEMAS: Json = {
    "BatchRequest": fields(
        {"message": schema("BatchMessage"), "recipients": schema("Recipients")},
        {
            "rate": schema("Rate"),
            **{name: BODY["properties"][name] for name in ("default_country", "send_at", "time_zone")},
        },
        additionalProperties=False,
        description="A message, its recipients, the rate, and when to start.",
    ),
    "BatchMessage": {
        "type": "object",
        "minProperties": 1,
        "properties": {"failover": {"type": "array", "maxItems": MAX_STEPS - 1}, "send_at": False},
        "description": "The body of `POST /v1/messages`, without `send_at`. Its texts can contain variables, for "
        "example "
        "`Hello {{ name }}`. A step without `to` is sent to the recipient's `to`. Getthrough fills in and checks the "
        "message for every recipient before it stores anything.",
    },
    "Recipients": {**MAILING["recipients"], "items": schema("Recipient")},
    "Recipient": {
        **RECIPIENT,
        "additionalProperties": False,
        "properties": {
            **RECIPIENT["properties"],
            "variables": {**VARIABLES, "propertyNames": {"pattern": VARIABLE_NAME}},
        },
        "description": f"At most {LONGEST_RECIPIENT:,} bytes of JSON. Two recipients must not get the same message.",
    },
    "Rate": {
        **MAILING["rate"],
        "description": "Maximum messages per second. The stack's setting `MessagesPerSecond` is both the default and "
        "the maximum.",
    },
    **views.components(BatchView, named=NAMED),
    "BatchPage": page_of("batches", "Batch"),
}

_TEXT = 'Hello {{ name | default("customer") }}, your {{ count }} cupcakes are ready!'
_REQUESTS: Json = {
    "Two customers, each addressed by name": {
        "message": {"channel": "sms", "message_type": "text", "from": "Bakery", "text": _TEXT},
        "recipients": [
            {"to": "447700900001", "variables": {"name": "Ann", "count": 12}},
            {"to": "447700900002", "variables": {"count": 6}},
        ],
        "rate": 10,
    },
    "In the morning, with quiet hours in each customer's time zone": {
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
    "The same text for every recipient": {
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
    return {"description": description, "content": content(schema("Batch"), {"Batch": {**_BATCH, **changed}})}


PATHS: Json = {
    "/v1/batches": {
        "post": operation(
            "createBatch",
            _TAG,
            "Send a message to many recipients",
            {
                "202": {
                    **_described("The batch and all its recipients are stored. They will be sent."),
                    "headers": {"Idempotent-Replayed": header("Idempotent-Replayed")},
                },
                **problems(401, 409, 415),
                **LIST_TOO_LARGE,
                **WRONG_BODY,
            },
            description="Each recipient gets exactly one dispatch, even after failures. Getthrough sends at most "
            "`rate` "
            "messages per second, and never more than the stack's own limit. If the request is invalid, the response "
            "lists all errors, or the first 100, and nothing is stored. An error names its recipient, for example "
            "`recipients[3].variables.name`.",
            parameters=[parameter("IdempotencyKey")],
            requestBody={"required": True, "content": content(schema("BatchRequest"), _REQUESTS)},
        ),
        "get": read("listBatches", _TAG, "List batches, newest first", "BatchPage", 422, parameters=PAGE, etag=False),
    },
    "/v1/batches/{batch_uuid}": {
        "get": read("readBatch", _TAG, "Read a batch and its progress", "Batch", 404, parameters=_UUID, etag=False),
        "delete": operation(
            "cancelBatch",
            _TAG,
            "Cancel a batch",
            {
                "200": _described("Getthrough sends nothing more of this batch.", **_CANCELLED),
                **problems(401, 404),
                **LIST_TOO_LARGE,
            },
            description="The remaining recipients get no dispatch. Open dispatches send no further message, not even a "
            "fallback. Messages that were already sent cannot be recalled. You can repeat this request safely.",
            parameters=_UUID,
        ),
    },
    "/v1/batches/{batch_uuid}/dispatches": {
        "get": read(
            "listDispatchesOfBatch",
            _TAG,
            "List the dispatches of a batch, in the order of its recipients",
            "DispatchPage",
            404,
            422,
            parameters=[*_UUID, *PAGE],
            etag=False,
            description="The list has the dispatches that exist so far. A page can have fewer than `limit` entries "
            "before the last page.",
        )
    },
}
