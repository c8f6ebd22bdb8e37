"""What the API answers when something is wrong: RFC 9457 problem bodies in Vonage's shape, or API Gateway's words."""

from typing import Any

from getthrough.openapi.parts import JSON, PROBLEM, Json, content, fields, header, schema

_ERRORS_URL = "https://developer.vonage.com/api-errors"
_INSTANCE = "0d6c1b0e-5d5b-4b6e-9d5e-2f6f3a8b7c1d"

_FIELDS: Json = {
    "type": {"type": "string", "format": "uri", "description": "The kind of problem."},
    "title": {"type": "string"},
    "detail": {"type": "string", "description": "What is wrong, or what to do."},
    "instance": {"type": "string", "description": "The request in our log."},
}

SCHEMAS: Json = {
    "Problem": fields(_FIELDS, description="RFC 9457, in the shape of Vonage's errors."),
    "InvalidParameters": fields(
        {
            **_FIELDS,
            "invalid_parameters": {"type": "array", "minItems": 1, "maxItems": 100, "items": schema("Violation")},
        },
        description="A problem that lists every field that is wrong.",
    ),
    "Violation": fields(
        {
            "name": {"type": "string", "description": "The field, as in `failover[0].to`."},
            "reason": {"type": "string"},
        }
    ),
    "VonagesProblem": {
        "type": "object",
        "minProperties": 1,
        "description": "Vonage's own words for its refusal, passed on as they came.",
        "properties": {name: {} for name in ("type", "title", "detail", "instance", "invalid_parameters")},
    },
    "GatewayMessage": fields(
        {"message": {"type": "string"}}, description="What API Gateway says when no function has answered."
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

_UNAVAILABLE = _problem(
    "Nothing was done. Send it again, where there is a body with the same `Idempotency-Key`.",
    "Service Unavailable",
    "It could not be done just now. Try again in a moment.",
)
_FAILED = _problem(
    "Something went wrong on our side.",
    "Internal Server Error",
    "Something went wrong on our side; the log has more under this instance.",
)

RESPONSES: Json = {
    "Unauthorised": _problem(
        "The credentials are missing or wrong.",
        "Unauthorised",
        "The client name or the secret is wrong.",
        **{"WWW-Authenticate": header("WWW-Authenticate")},
    ),
    "NotFound": _problem("There is no such thing.", "Not Found", "There is nothing with this id."),
    "Conflict": _problem(
        "The `Idempotency-Key` was used before, for another request.",
        "Conflict",
        "This Idempotency-Key was used before, for another request. Use a new key.",
    ),
    "ContentTooLarge": _problem(
        "The body has more than 128 KB.", "Content Too Large", "The body may have at most 131072 bytes."
    ),
    "ListTooLarge": _problem(
        "The body has more than 4 MB.", "Content Too Large", "The body may have at most 4194304 bytes."
    ),
    "InvalidParameters": {
        "description": "Parameters are wrong: all of them are listed, or the first hundred.",
        "content": content(schema("InvalidParameters"), {"Invalid params": INVALID_PARAMETERS}, PROBLEM),
    },
    "WrongBody": {
        "description": "The body is not JSON that we take, or parameters are wrong: the first hundred are listed.",
        "content": content(
            {"anyOf": [schema("InvalidParameters"), schema("Problem")]},
            {"Invalid params": INVALID_PARAMETERS, "Invalid JSON": INVALID_JSON},
            PROBLEM,
        ),
    },
    "TooManyRequests": {
        "description": "The API's own limit of requests per second (API Gateway's throttle).",
        "content": _of_the_gateway("Too Many Requests"),
    },
    "Failed": {**_FAILED, "content": {**_FAILED["content"], **_of_the_gateway("Internal Server Error")}},
    "Unavailable": {
        **_UNAVAILABLE,
        "headers": {"Retry-After": header("Retry-After")},
        "content": {**_UNAVAILABLE["content"], **_of_the_gateway("Service Unavailable")},
    },
}

_NAMES = {
    "401": "Unauthorised",
    "404": "NotFound",
    "409": "Conflict",
    "413": "ContentTooLarge",
    "422": "InvalidParameters",
    "429": "TooManyRequests",
    "500": "Failed",
    "503": "Unavailable",
}


LIST_TOO_LARGE: Json = {"413": {"$ref": "#/components/responses/ListTooLarge"}}
"""Of the routes that take recipients."""

WRONG_BODY: Json = {"422": {"$ref": "#/components/responses/WrongBody"}}


def problems(*statuses: int) -> Json:
    """The answers of these statuses, and those that every route may give."""
    return {
        status: {"$ref": f"#/components/responses/{_NAMES[status]}"}
        for status in sorted({*map(str, statuses), "429", "500", "503"})
    }
