"""The routes for operations: webhooks in quarantine and dead letters."""

from getthrough.domain.recovery.dead_letter import DeadLettersReleasedView, DeadLettersView
from getthrough.domain.recovery.quarantine import (
    QuarantinedBodyView,
    QuarantinedView,
    ReleasedInboundView,
    ReleasedStatusView,
)
from tools.openapi import views
from tools.openapi.answers import NAMED
from tools.openapi.parameters import PAGE, in_query
from tools.openapi.parts import PROBLEM, TIME, Json, content, fields, operation, page_of, schema
from tools.openapi.problems import WRONG_BODY, problems
from tools.openapi.reading import read

_TAG = "Operations"
_QUEUE: Json = {"type": "string", "enum": ["timers", "callbacks"]}
_BEFORE: Json = {
    **TIME,
    "description": "Release only messages that failed before this time. The default is now. If you need several calls "
    "to "
    "empty a queue, send the `before` of the first response.",
}
_ID = "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"

PARAMETERS: Json = {
    "QuarantineId": {
        "name": "id",
        "in": "path",
        "required": True,
        "description": "The `id` of a webhook in quarantine.",
        "schema": {"type": "string"},
        "example": _ID,
    }
}
_FORCE = in_query(
    "force",
    "`true` releases the webhook even if its token is still not Vonage's. Use it only if you know who sent the "
    "webhook.",
    type="string",
    enum=["true", "false"],
)
_WITH_ID = [{"$ref": "#/components/parameters/QuarantineId"}]

SCHEMAS: Json = {
    **views.components(
        QuarantinedBodyView,
        QuarantinedView,
        ReleasedStatusView,
        ReleasedInboundView,
        DeadLettersView,
        DeadLettersReleasedView,
        named=NAMED,
    ),
    "QuarantinePage": page_of("webhooks", "Quarantined"),
    "DeadLetterRelease": fields({}, {"queue": _QUEUE, "before": _BEFORE}, additionalProperties=False),
}

_NOT_UNDERSTOOD = {
    "description": "The webhook is malformed and stays in quarantine. `detail` says why.",
    "content": content(schema("Problem"), media_type=PROBLEM),
}
_NOT_WHOLE = {
    "description": "Only the beginning of the webhook was kept, or its token is still not Vonage's.",
    "content": content(schema("Problem"), media_type=PROBLEM),
}

PATHS: Json = {
    "/v1/quarantine": {
        "get": read(
            "listQuarantine",
            _TAG,
            "List the webhooks in quarantine, newest first",
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
            "Read a webhook in quarantine with its body",
            "QuarantinedBody",
            404,
            parameters=_WITH_ID,
            etag=False,
        ),
        "delete": operation(
            "dropQuarantined",
            _TAG,
            "Delete a webhook from quarantine",
            {"204": {"description": "The webhook is deleted."}, **problems(401, 404, 413)},
            parameters=_WITH_ID,
        ),
    },
    "/v1/quarantine/{id}/release": {
        "post": operation(
            "releaseQuarantined",
            _TAG,
            "Release a webhook from quarantine: check it again, and process it",
            {
                "200": {
                    "description": "The webhook was processed and has left quarantine.",
                    "content": content({"oneOf": [schema("ReleasedStatus"), schema("ReleasedInbound")]}),
                },
                **problems(401, 404, 413, 415),
                "409": _NOT_WHOLE,
                "422": _NOT_UNDERSTOOD,
            },
            parameters=[*_WITH_ID, _FORCE],
            description="Getthrough first verifies a forged token again, with the secrets that it knows now. After a "
            "rotation, the webhook may turn out to be Vonage's.",
        )
    },
    "/v1/dead-letters": {
        "get": read(
            "listDeadLetters",
            _TAG,
            "List the messages in the dead-letter queues",
            "DeadLetters",
            parameters=[],
            etag=False,
            description="The request removes nothing. It hides the messages that it lists from other readers for one "
            "second.",
        )
    },
    "/v1/dead-letters/release": {
        "post": operation(
            "releaseDeadLetters",
            _TAG,
            "Return dead letters to their queues",
            {
                "200": {
                    "description": "What happened to the messages.",
                    "content": content(schema("DeadLettersReleased")),
                },
                **problems(401, 413, 415),
                **WRONG_BODY,
            },
            requestBody={
                "required": False,
                "content": content(schema("DeadLetterRelease"), {"Only timers": {"queue": "timers"}}),
            },
        )
    },
}
