"""The routes for dispatches."""

from getthrough.domain.dispatch.dispatch import Outcome
from getthrough.domain.dispatch.request_body import SUCCESS
from tools.openapi.parameters import ADDRESS, CHANNEL, DISPATCH_UUID, PAGE, in_query
from tools.openapi.parts import Json, content, operation, parameter, schema
from tools.openapi.problems import WRONG_BODY, problems
from tools.openapi.reading import read

_FILTER = [
    in_query(
        "channel",
        "Only dispatches to one customer, on any channel. `channel` and `address` together name the "
        "customer by one of their addresses.",
        **CHANNEL,
    ),
    in_query("address", "The contact's address on `channel`.", **ADDRESS),
    in_query(
        "outcome", "Only dispatches with this outcome. `open` means without an outcome yet.", enum=["open", *Outcome]
    ),
    in_query(
        "since",
        "Only dispatches created at this time or later. With `channel`, a batch's dispatch can count as created when "
        "its first message is sent.",
        type="string",
        format="date-time",
    ),
    in_query(
        "before",
        "Only dispatches created before this time. With `channel`, a batch's dispatch can count as created when its "
        "first message is sent.",
        type="string",
        format="date-time",
    ),
]

_CANCEL = operation(
    "cancelDispatch",
    "Dispatches",
    "Cancel a dispatch",
    {
        "200": {
            "description": "Getthrough sends no further step.",
            "content": content(
                schema("Ended"),
                {"One step stopped": {"dispatch_uuid": DISPATCH_UUID, "outcome": "cancelled", "steps_stopped": [1]}},
            ),
        },
        **problems(401, 404, 413),
    },
    description="Messages that were already sent cannot be recalled. If one of them still meets its condition, the "
    "dispatch succeeds. You can repeat this request safely.",
    parameters=[parameter("DispatchUuid")],
)

_SUCCEED = operation(
    "succeedDispatch",
    "Dispatches",
    "Report that the customer has acted",
    {
        "200": {
            "description": "The dispatch has succeeded. Getthrough sends no further step.",
            "content": content(
                schema("Ended"),
                {"One step not needed": {"dispatch_uuid": DISPATCH_UUID, "outcome": "succeeded", "steps_stopped": [1]}},
            ),
        },
        **problems(401, 404, 413, 415),
        **WRONG_BODY,
    },
    description="Use this if your own system knows that the customer has paid, logged in, or come to the shop. "
    "Messages that were already sent cannot be recalled. You can repeat this request safely: the first reason is kept.",
    parameters=[parameter("DispatchUuid")],
    requestBody={"content": content(SUCCESS, {"Paid": {"reason": "paid"}})},
)

PATHS: Json = {
    "/v1/dispatches": {
        "get": read(
            "listDispatches",
            "Dispatches",
            "List dispatches, newest first",
            "DispatchPage",
            422,
            parameters=[*PAGE, *_FILTER],
            description="A page can have fewer than `limit` entries before the last page. Continue until `cursor` is "
            "null.",
        )
    },
    "/v1/dispatches/{dispatch_uuid}": {
        "get": read(
            "readDispatch",
            "Dispatches",
            "Read a dispatch with its steps, outcome, cost and timeline",
            "Dispatch",
            404,
            parameters=[parameter("DispatchUuid")],
        ),
        "delete": _CANCEL,
    },
    "/v1/dispatches/{dispatch_uuid}/succeed": {"post": _SUCCEED},
}
