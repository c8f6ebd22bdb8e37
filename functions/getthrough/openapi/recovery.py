"""The routes for whoever keeps the system running: quarantined webhooks and dead letters."""

from getthrough.domain.message.status import Status
from getthrough.openapi.parameters import PAGE
from getthrough.openapi.parts import (
    FLAG,
    PROBLEM,
    TEXT,
    TIME,
    UUID,
    Json,
    content,
    fields,
    nullable,
    operation,
    page_of,
    schema,
)
from getthrough.openapi.problems import WRONG_BODY, problems
from getthrough.openapi.reading import read

_TAG = "Mending"
_DIGEST: Json = {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "The SHA-256 of its body."}
_COUNT: Json = {"type": "integer", "minimum": 0}
_QUEUE: Json = {"type": "string", "enum": ["timers", "callbacks"]}
_BEFORE: Json = {
    **TIME,
    "description": "Only what was given up before is released. The time of the call, unless an earlier one is named: "
    "name that of the first call where a release takes several.",
}
_ID = "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"

PARAMETERS: Json = {
    "QuarantineId": {
        "name": "id",
        "in": "path",
        "required": True,
        "description": "The `id` of a quarantined webhook.",
        "schema": {"type": "string"},
        "example": _ID,
    }
}
_WITH_ID = [{"$ref": "#/components/parameters/QuarantineId"}]

_QUARANTINED: Json = {
    "id": _DIGEST,
    "route": {"type": "string", "enum": ["POST /status", "POST /inbound"]},
    "reason": {"type": "string", "examples": ["forged: signature", "malformed: no status"]},
    "received_at": TIME,
    "size": {**_COUNT, "description": "Bytes of the whole body."},
    "whole": {"type": "boolean", "description": "false if only the beginning was kept."},
}
_RELEASED: Json = {"id": _DIGEST, "new": FLAG}

SCHEMAS: Json = {
    "Quarantined": fields(_QUARANTINED, description="A webhook that was not believed or not understood."),
    "QuarantinePage": page_of("webhooks", schema("Quarantined")),
    "QuarantinedBody": fields(
        {**_QUARANTINED, "body": TEXT, "encoding": {"type": "string", "enum": ["text", "base64"]}},
        description="A quarantined webhook with its body.",
    ),
    "ReleasedStatus": fields(
        {
            **_RELEASED,
            "kind": {"const": "status", "type": "string"},
            "dispatch_uuid": nullable(UUID),
            "step": {"type": ["integer", "null"]},
            "status": nullable({"type": "string", "examples": [*Status]}),
            "outcome": nullable(schema("Outcome")),
        },
        title="status",
    ),
    "ReleasedInbound": fields(
        {
            **_RELEASED,
            "kind": {"const": "inbound", "type": "string"},
            "channel": TEXT,
            "address": TEXT,
            "opted_out": {"type": ["boolean", "null"]},
            "answered": {"type": "array", "items": UUID, "description": "The dispatches whose condition it met."},
        },
        title="inbound",
    ),
    "DeadLetters": fields({"queues": {"type": "array", "items": schema("DeadLetterQueue")}}),
    "DeadLetterQueue": fields(
        {
            "queue": _QUEUE,
            "messages": {**_COUNT, "description": "An estimate."},
            "shown": {"type": "array", "items": schema("DeadLetter"), "maxItems": 10},
        }
    ),
    "DeadLetter": fields(
        {
            "id": TEXT,
            "kind": {"type": "string", "enum": ["timer", "tick", "callback", "changes", "other"]},
            "dispatch_uuid": nullable({**UUID, "description": "Of a schedule's timer: its `schedule_uuid`."}),
            "event_id": {"type": ["string", "null"]},
            "since": TIME,
            "received": _COUNT,
        }
    ),
    "DeadLetterRelease": fields({}, {"queue": _QUEUE, "before": _BEFORE}, additionalProperties=False),
    "DeadLettersReleased": fields(
        {
            "before": _BEFORE,
            "queues": {
                "type": "array",
                "items": fields(
                    {
                        "queue": _QUEUE,
                        "released": {**_COUNT, "description": "Sent back to where they came from."},
                        "dropped": {**_COUNT, "description": "Deleted, since nothing was left to do."},
                        "kept": {**_COUNT, "description": "They cannot be sent back, or came after `before`."},
                        "more": {"type": "boolean", "description": "The time was up before the queue was empty."},
                    }
                ),
            },
        }
    ),
}

_NOT_UNDERSTOOD = {
    "description": "It cannot be understood, as `detail` says, and stays in quarantine.",
    "content": content(schema("Problem"), media_type=PROBLEM),
}
_NOT_WHOLE = {"description": "Only its beginning was kept.", "content": content(schema("Problem"), media_type=PROBLEM)}

PATHS: Json = {
    "/v1/quarantine": {
        "get": read(
            "listQuarantine",
            _TAG,
            "Webhooks in quarantine, newest first",
            "QuarantinePage",
            422,
            parameters=PAGE,
            etag=False,
        )
    },
    "/v1/quarantine/{id}": {
        "get": read(
            "readQuarantined",
            _TAG,
            "One of them, with its body",
            "QuarantinedBody",
            404,
            parameters=_WITH_ID,
            etag=False,
        ),
        "delete": operation(
            "dropQuarantined",
            _TAG,
            "Forget one",
            {"204": {"description": "It is not there any more."}, **problems(401, 404, 413)},
            parameters=_WITH_ID,
        ),
    },
    "/v1/quarantine/{id}/release": {
        "post": operation(
            "releaseQuarantined",
            _TAG,
            "Believe one, and do all that follows from it",
            {
                "200": {
                    "description": "It is stored, and out of quarantine.",
                    "content": content({"oneOf": [schema("ReleasedStatus"), schema("ReleasedInbound")]}),
                },
                **problems(401, 404, 413),
                "409": _NOT_WHOLE,
                "422": _NOT_UNDERSTOOD,
            },
            parameters=_WITH_ID,
        )
    },
    "/v1/dead-letters": {
        "get": read(
            "listDeadLetters",
            _TAG,
            "What lies in the dead-letter queues",
            "DeadLetters",
            parameters=[],
            etag=False,
            description="Looking consumes nothing, but hides what it shows for a second.",
        )
    },
    "/v1/dead-letters/release": {
        "post": operation(
            "releaseDeadLetters",
            _TAG,
            "Send them back to where they came from",
            {
                "200": {"description": "What became of them.", "content": content(schema("DeadLettersReleased"))},
                **problems(401, 413),
                **WRONG_BODY,
            },
            requestBody={
                "required": False,
                "content": content(schema("DeadLetterRelease"), {"Only timers": {"queue": "timers"}}),
            },
        )
    },
}
