"""The routes that are about dispatches."""

from getthrough.domain.dispatch.dispatch import Outcome
from getthrough.openapi.answers import STEP
from getthrough.openapi.parameters import ADDRESS, CHANNEL, DISPATCH_UUID, PAGE, in_query
from getthrough.openapi.parts import UUID, Json, content, fields, nullable, operation, parameter, schema
from getthrough.openapi.problems import problems
from getthrough.openapi.reading import read

SCHEMAS: Json = {
    "Cancelled": fields(
        {
            "dispatch_uuid": UUID,
            "outcome": nullable(schema("Outcome")),
            "steps_stopped": {
                "type": "array",
                "items": STEP,
                "description": "The steps that will never be sent; none if the dispatch had ended before.",
            },
        }
    ),
}

_FILTER = [
    in_query("channel", "Only those that were sent to this contact: give `address` too.", **CHANNEL),
    in_query("address", "The contact's address on the `channel`.", **ADDRESS),
    in_query("outcome", "Only those that ended so; `open` are those under way.", enum=["open", *Outcome]),
    in_query("since", "Not older than this.", type="string", format="date-time"),
    in_query("before", "Older than this.", type="string", format="date-time"),
]

_CANCEL = operation(
    "cancelDispatch",
    "Dispatches",
    "Stop what has not been sent yet",
    {
        "200": {
            "description": "No further step will be sent.",
            "content": content(
                schema("Cancelled"),
                {"One step stopped": {"dispatch_uuid": DISPATCH_UUID, "outcome": "cancelled", "steps_stopped": [1]}},
            ),
        },
        **problems(401, 404, 413),
    },
    description="What is out is not called back; if it arrives all the same, the dispatch has succeeded. Doing it "
    "again changes nothing.",
    parameters=[parameter("DispatchUuid")],
)

PATHS: Json = {
    "/v1/dispatches": {
        "get": read(
            "listDispatches",
            "Dispatches",
            "Dispatches, newest first, page by page",
            "DispatchPage",
            422,
            parameters=[*PAGE, *_FILTER],
            description="A page may have fewer than `limit` before the end: go on until `cursor` is null.",
        )
    },
    "/v1/dispatches/{dispatch_uuid}": {
        "get": read(
            "readDispatch",
            "Dispatches",
            "One dispatch: its steps, outcome, cost, whole timeline",
            "Dispatch",
            404,
            parameters=[parameter("DispatchUuid")],
        ),
        "delete": _CANCEL,
    },
}
