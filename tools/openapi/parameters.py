"""Parameters and headers of several routes."""

from getthrough.domain.message.field_rules import UNSEEN
from tools.openapi.parts import UUID, Json

DISPATCH_UUID = "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e500"
SCHEDULE_UUID = "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e5ff"
BATCH_UUID = "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e5fe"
MESSAGE_UUID = "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e501"

_ANY_ID: Json = {"type": "string", "minLength": 1, "maxLength": 320}
CHANNEL: Json = {"type": "string", "pattern": "^[a-z][a-z_]{1,49}$"}
ADDRESS: Json = {"type": "string", "pattern": rf"^[^\s{UNSEEN}]{{1,320}}$"}


def _in_path(name: str, description: str, example: str, **rules: object) -> Json:
    described: Json = {"name": name, "in": "path", "required": True, "description": description}
    return {**described, "schema": rules, "example": example}


def in_query(name: str, description: str, **rules: object) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": rules}


PARAMETERS: Json = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Repeat a request with the same key and the same body, and you get the same response.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
        "example": "order-4711-ready",
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The `ETag` of your copy. If nothing has changed, the response is 304.",
        "schema": {"type": "string"},
    },
    "DispatchUuid": _in_path(
        "dispatch_uuid", "The dispatch: the `workflow_id` that `POST /v1/messages` returned.", DISPATCH_UUID, **UUID
    ),
    "ScheduleUuid": _in_path("schedule_uuid", "The schedule.", SCHEDULE_UUID, **UUID),
    "BatchUuid": _in_path("batch_uuid", "The batch.", BATCH_UUID, **UUID),
    "Date": _in_path("date", "A day.", "2026-11-23", type="string", format="date"),
    "MessageUuid": _in_path("message_uuid", "The message: Getthrough's id or Vonage's.", MESSAGE_UUID, **_ANY_ID),
    "Channel": _in_path("channel", "The contact's channel, for example `sms`.", "sms", **CHANNEL),
    "Address": _in_path(
        "address",
        "The contact's address on the channel. You can write a phone number in any usual form.",
        "447700900001",
        **ADDRESS,
    ),
    "Limit": in_query("limit", "Maximum entries per page.", type="integer", minimum=1, maximum=100, default=20),
    "Cursor": in_query("cursor", "The `cursor` of the previous page.", type="string", minLength=1, maxLength=600),
}

PAGE = [{"$ref": "#/components/parameters/Limit"}, {"$ref": "#/components/parameters/Cursor"}]

HEADERS: Json = {
    "ETag": {
        "description": "The version of this response, for `If-None-Match`.",
        "schema": {"type": "string"},
        "required": True,
    },
    "Idempotent-Replayed": {
        "description": "Present if this is the response to an earlier request with the same `Idempotency-Key`.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Retry-After": {"description": "How many seconds to wait.", "schema": {"type": "string", "pattern": "^[0-9]+$"}},
    "WWW-Authenticate": {"description": "The two ways to authenticate.", "schema": {"type": "string"}},
}
