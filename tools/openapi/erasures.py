"""The routes that erase a customer and export what is stored about one."""

from getthrough.domain.erasure.erasure import ErasedView, ErasureView
from tools.openapi import views
from tools.openapi.parts import Json, content, operation, parameter, schema
from tools.openapi.problems import problems
from tools.openapi.reading import read

_TAG = "Contacts"
_CONTACT = [parameter("Channel"), parameter("Address")]

SCHEMAS: Json = {
    **views.components(ErasedView, ErasureView),
    "ExportedLine": {
        "type": "object",
        "description": "One stored record; its other fields depend on its kind.",
        "properties": {
            "kind": {
                "type": "string",
                "enum": [name for name in ErasedView.__annotations__ if name != "dead_letters"],
            },
            "id": {"type": "string", "description": "Where it is stored."},
        },
        "required": ["kind", "id"],
        "additionalProperties": True,
    },
}

_RECEIPT: Json = {
    "erasure_uuid": "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e5fd",
    "asked_at": "2026-03-02T12:00:00.000Z",
    "by": "bakery",
    "done_at": None,
    "erased": {
        "dispatches": 3,
        "events": 9,
        "messages": 2,
        "notes": 5,
        "consents": 1,
        "aliases": 0,
        "recipients": 1,
        "schedules": 0,
        "batches": 0,
        "quarantined": 0,
        "dead_letters": 0,
    },
}

ERASE = operation(
    "eraseContact",
    _TAG,
    "Erase everything that is stored about a customer",
    {
        "202": {
            "description": "The erasure is accepted and takes at least 20 minutes. This is the receipt so far.",
            "content": content(schema("Erasure"), {"Asked": _RECEIPT}),
        },
        **problems(401, 403, 409, 413, 422, 503),
    },
    description="Erases the conversation, the addresses and texts of dispatches, and whatever else names the "
    "customer. An opt-out stays in force: only a keyed hash of the address is kept. Counts and costs stay. "
    "If an erasure of this customer is under way and still finds everything, the response is its receipt.",
    parameters=_CONTACT,
)
"""A method of the contact's own path."""

PATHS: Json = {
    "/v1/contacts/{channel}/{address}/export": {
        "get": operation(
            "exportContact",
            _TAG,
            "Export everything that is stored about a customer, as JSON lines",
            {
                "200": {
                    "description": "One page. A page may be empty and still not be the last one.",
                    "headers": {
                        "x-next-cursor": {
                            "description": "Send it as `cursor` to get the next page. Missing on the last page.",
                            "schema": {"type": "string"},
                        }
                    },
                    "content": content(schema("ExportedLine"), media_type="application/x-ndjson"),
                },
                **problems(401, 403, 422),
            },
            description="Exactly what an erasure would remove, except dead letters.",
            parameters=[*_CONTACT, parameter("Cursor")],
        ),
    },
    "/v1/erasures/{erasure_uuid}": {
        "get": read(
            "readErasure",
            _TAG,
            "Read the receipt of an erasure",
            "Erasure",
            404,
            parameters=[
                {
                    "name": "erasure_uuid",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string", "format": "uuid"},
                }
            ],
            etag=False,
            description="The receipt names no customer. It is kept as long as dispatches are.",
        )
    },
}
