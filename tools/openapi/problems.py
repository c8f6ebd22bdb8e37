"""Error responses: RFC 9457 problem details in Vonage's shape, or messages of API Gateway."""

from typing import Any

from getthrough.handlers._http import InvalidParametersView, LimitReachedView, ProblemView
from tools.openapi import views
from tools.openapi.parts import JSON, PROBLEM, Json, content, fields, header, schema

_ERRORS_URL = "https://developer.vonage.com/api-errors"
_INSTANCE = "0d6c1b0e-5d5b-4b6e-9d5e-2f6f3a8b7c1d"

SCHEMAS: Json = {
    **views.components(ProblemView, InvalidParametersView, LimitReachedView),
    "VonagesProblem": {
        "type": "object",
        "minProperties": 1,
        "description": "Vonage's problem details, unchanged.",
        "properties": {name: {} for name in ("type", "title", "detail", "instance", "invalid_parameters")},
    },
    "GatewayMessage": fields(
        {"message": {"type": "string"}}, description="API Gateway's own error body, if no function responded."
    ),
}


def _example(title: str, detail: str, **more: Any) -> Json:
    kind = f"{_ERRORS_URL}#{title.lower().replace(' ', '-')}"
    return {"type": kind, "title": title, "detail": detail, "instance": _INSTANCE, **more}


def _problem(description: str, title: str, detail: str, **headers: Json) -> Json:
    answer = {
        "description": description,
        "content": content(schema("Problem"), {title: _example(title, detail)}, PROBLEM),
    }
    return {**answer, "headers": headers} if headers else answer


def _of_the_gateway(message: str) -> Json:
    return content(schema("GatewayMessage"), {"API Gateway": {"message": message}}, JSON)


INVALID_PARAMETERS = _example(
    "Invalid params",
    "The value of one or more parameters is invalid.",
    type=f"{_ERRORS_URL}/messages#1150",
    invalid_parameters=[{"name": "failover[0].to", "reason": "is required."}],
)
INVALID_JSON = _example(
    "The request body did not contain valid JSON",
    "Expecting ',' delimiter at line 2, column 28.",
    type=f"{_ERRORS_URL}#invalid-json",
)

_LIMIT_REACHED = _example(
    "Limit Reached",
    "Nothing was sent: messages_per_day is limited to 500. It is free again at 2026-03-03T00:00:00.000Z.",
    limit="messages_per_day",
    most="500",
    free_at="2026-03-03T00:00:00.000Z",
)

_UNAVAILABLE = _problem(
    "Getthrough did nothing. Repeat the request, with the same `Idempotency-Key` if you sent one.",
    "Service Unavailable",
    "The service is temporarily unavailable. Try again in a moment.",
)
_FAILED = _problem(
    "An internal error occurred.",
    "Internal Server Error",
    "An internal error occurred. The log has details under this instance.",
)

RESPONSES: Json = {
    "Unauthorized": _problem(
        "The credentials are missing or wrong.",
        "Unauthorized",
        "The client name or the secret is wrong.",
        **{"WWW-Authenticate": header("WWW-Authenticate")},
    ),
    "NotFound": _problem("Nothing has this id.", "Not Found", "Nothing has this id."),
    "Conflict": _problem(
        "The `Idempotency-Key` was used for another request.",
        "Conflict",
        "This Idempotency-Key was used for another request. Use a new key.",
    ),
    "ContentTooLarge": _problem(
        "The body is larger than 128 KB.", "Content Too Large", "The body must have at most 131072 bytes."
    ),
    "ListTooLarge": _problem(
        "The body is larger than 4 MB.", "Content Too Large", "The body must have at most 4194304 bytes."
    ),
    "Forbidden": {
        "description": "The client lacks the scope that the route needs. Or it has limits of its own and tried to "
        "change another client's schedule. Or a page of another site made a browser send the request (`Sec-Fetch-Site: "
        "cross-site`).",
        "content": content(
            schema("Problem"),
            {
                "Scope": _example("Forbidden", "This request needs a client with the scope 'operate'."),
                "Another site": _example("Forbidden", "A page of another site must not make this request."),
            },
            PROBLEM,
        ),
    },
    "UnsupportedMediaType": _problem(
        "The body is not declared as JSON, or has an encoding that Getthrough does not read.",
        "Unsupported Media Type",
        "The body must be JSON, with content-type application/json.",
    ),
    "InvalidParameters": {
        "description": "Parameters are invalid. The response lists all of them, or the first 100.",
        "content": content(schema("InvalidParameters"), {"Invalid params": INVALID_PARAMETERS}, PROBLEM),
    },
    "WrongBody": {
        "description": "The body is not valid JSON, or parameters are invalid. The response lists all of them, or the "
        "first 100.",
        "content": content(
            {"anyOf": [schema("InvalidParameters"), schema("Problem")]},
            {"Invalid params": INVALID_PARAMETERS, "Invalid JSON": INVALID_JSON},
            PROBLEM,
        ),
    },
    "TooManyRequests": {
        "description": "You sent more requests per second than the API allows (API Gateway's throttle).",
        "content": _of_the_gateway("Too Many Requests"),
    },
    "LimitReached": {
        "description": "The message would exceed a limit of the stack or of the client, and nothing was stored. "
        "Or you sent more requests per second than the API allows (API Gateway's throttle).",
        "headers": {"Retry-After": header("Retry-After")},
        "content": {
            **content(schema("LimitReached"), {"Limit Reached": _LIMIT_REACHED}, PROBLEM),
            **_of_the_gateway("Too Many Requests"),
        },
    },
    "Failed": {**_FAILED, "content": {**_FAILED["content"], **_of_the_gateway("Internal Server Error")}},
    "Unavailable": {
        **_UNAVAILABLE,
        "headers": {"Retry-After": header("Retry-After")},
        "content": {**_UNAVAILABLE["content"], **_of_the_gateway("Service Unavailable")},
    },
}

_NAMES = {
    "401": "Unauthorized",
    "403": "Forbidden",
    "404": "NotFound",
    "409": "Conflict",
    "413": "ContentTooLarge",
    "415": "UnsupportedMediaType",
    "422": "InvalidParameters",
    "429": "TooManyRequests",
    "500": "Failed",
    "503": "Unavailable",
}


LIMIT_REACHED: Json = {"429": {"$ref": "#/components/responses/LimitReached"}}
"""For routes that send."""

LIST_TOO_LARGE: Json = {"413": {"$ref": "#/components/responses/ListTooLarge"}}
"""For routes that accept recipients."""

WRONG_BODY: Json = {"422": {"$ref": "#/components/responses/WrongBody"}}


def problems(*statuses: int) -> Json:
    """The responses with these statuses, and those that every route can give."""
    return {
        status: {"$ref": f"#/components/responses/{_NAMES[status]}"}
        for status in sorted({*map(str, statuses), "429", "500", "503"})
    }
