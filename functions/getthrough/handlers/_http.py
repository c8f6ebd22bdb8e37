"""HTTP for the handlers: read requests, write responses, and map each error to its status.

Events have the payload format 2.0 of API Gateway's HTTP API. Errors are RFC 9457 problem details in Vonage's shape.
"""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from math import ceil
from typing import Annotated, Any, TypedDict

from getthrough.adapters.system import utc_now
from getthrough.domain.limit.limits import LimitReachedError
from getthrough.domain.values import strict_json
from getthrough.domain.values.errors import (
    MOST_VIOLATIONS,
    CancelledError,
    ForbiddenError,
    IdempotencyConflictError,
    InvalidRequestError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
    VersionConflictError,
    Violation,
)
from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.view_types import Keywords, Time
from getthrough.observability import Context, count, describe, logger, observed

MAX_BODY = 128 * 1024
"""Bytes. Ten steps with the longest text fit, and all of them fit into an item of the table, which holds 400 KB."""

ERRORS_URL = "https://developer.vonage.com/api-errors"

Event = dict[str, Any]
Response = dict[str, Any]
Handler = Callable[[Event, Context], Response]


class ProblemView(TypedDict):
    """An error, as RFC 9457 describes it, in the shape of Vonage's errors."""

    type: Annotated[str, Keywords(format="uri")]
    """The kind of error."""
    title: str
    detail: str
    """What is wrong, or what to do."""
    instance: str
    """The id of the request in the log."""


class LimitReachedView(ProblemView):
    """The message would exceed a limit."""

    limit: Annotated[str, Keywords(examples=["messages_per_day"])]
    """The limit's name."""
    most: str
    """The limit's value."""
    free_at: Time
    """When the limit may allow a message again."""


class ViolationView(TypedDict):
    name: str
    """The field, for example `failover[0].to`."""
    reason: str
    """What is wrong with it. The sentence starts with the field's name."""


class InvalidParametersView(ProblemView):
    """An error that lists every invalid field."""

    invalid_parameters: Annotated[list[ViolationView], Keywords(minItems=1, maxItems=MOST_VIOLATIONS)]


MAX_LIST_BODY = 4 * 1024 * 1024
"""Bytes of a body with a list of recipients. Lambda accepts events of 6 MB, in which every quotation mark takes two."""

MAX_LIST_VALUES = 600_000
"""JSON values in such a body: ten thousand recipients with fifty variables each."""


class BodyTooLargeError(Exception):
    def __init__(self, most: int) -> None:
        super().__init__(f"The body must have at most {most} bytes.")


class InvalidJsonError(Exception):
    pass


class UnsupportedMediaTypeError(Exception):
    """The body isn't declared as JSON, or its encoding isn't supported."""


_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "iso-8859-1": "latin-1",
    "iso-8859-15": "iso8859-15",
    "windows-1252": "cp1252",
}
"""The supported encodings of JSON bodies, by their names in HTTP."""

_MEDIA_TYPE = re.compile(r"application/(?:[a-z0-9.-]{1,60}\+)?json")
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([a-z0-9_-]{1,40})"?', re.IGNORECASE)


def respond(status: int, body: Mapping[str, Any], **headers: str) -> Response:
    content = {
        "content-type": "application/json",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "strict-transport-security": "max-age=31536000",
    }
    return {
        "statusCode": status,
        "headers": {**content, **{name.replace("_", "-"): value for name, value in headers.items()}},
        "body": json.dumps(body, ensure_ascii=False),
    }


def problem(status: int, title: str, detail: str, *, instance: str, **more: Any) -> Response:
    """Problem details. `type` identifies the kind of error, `instance` the request in the logs."""
    kind = more.pop("type", f"{ERRORS_URL}#{title.lower().replace(' ', '-')}")
    headers = more.pop("headers", {})
    body: ProblemView = {"type": kind, "title": title, "detail": detail, "instance": instance}
    return respond(status, {**body, **more}, content_type="application/problem+json", **headers)


def header(event: Event, name: str) -> str | None:
    """A header by its lower-case name. API Gateway sends lower case; `sam local` does not."""
    headers: Mapping[str, str] = event.get("headers") or {}
    return next((value for key, value in headers.items() if key.lower() == name), None)


def body_bytes(event: Event, most: int = MAX_BODY) -> bytes:
    """The body's bytes as received. Raises BodyTooLargeError if there are more than `most`."""
    text: str = event.get("body") or ""
    if len(text) > most * 2:
        raise BodyTooLargeError(most)
    if event.get("isBase64Encoded"):
        try:
            body = b64decode(text, validate=True)
        except ValueError:
            raise InvalidJsonError("the body is not base64") from None
    else:
        body = text.encode("utf-8", "surrogatepass")
    if len(body) > most:
        raise BodyTooLargeError(most)
    return body


def idempotency_key(event: Event) -> str | None:
    """The request's Idempotency-Key, or None."""
    key = header(event, "idempotency-key")
    if key is not None and not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise InvalidRequestError(Violation("Idempotency-Key", "must have 1 to 255 printable ASCII characters."))
    return key


def codec_of(event: Event) -> str:
    """The codec that a JSON body declares. A program may leave the declaration out: then it is JSON in UTF-8. A page in
    a browser may not, because any page can send a body without one. Raises UnsupportedMediaTypeError for another media
    type and for encodings that Getthrough doesn't read."""
    by_browser = header(event, "origin") is not None or header(event, "sec-fetch-mode") is not None
    declared = (header(event, "content-type") or ("" if by_browser else "application/json"))[:200]
    if not _MEDIA_TYPE.fullmatch(declared.partition(";")[0].strip().lower()):
        raise UnsupportedMediaTypeError("The body must be JSON, with content-type application/json.")
    charset = _CHARSET.search(declared)
    codec = _CODECS.get(charset[1].lower()) if charset else "utf-8"
    if codec is None:
        raise UnsupportedMediaTypeError(f"The body must be in one of these encodings: {', '.join(_CODECS)}.")
    if event.get("isBase64Encoded"):
        return codec
    # API Gateway has converted the body to a text, perhaps as UTF-8, whatever was declared.
    if codec != "utf-8" and "\ufffd" in event["body"]:
        raise UnsupportedMediaTypeError("The body did not arrive intact in this encoding. Send it in UTF-8.")
    return "utf-8"


def refuse_cross_site(event: Event) -> None:
    """Raise ForbiddenError if a page of another site made a browser send this request with the user's credentials. Only
    browsers send the header, and GET requests are always allowed."""
    method = event["routeKey"].partition(" ")[0]
    if method != "GET" and header(event, "sec-fetch-site") == "cross-site":
        raise ForbiddenError("A page of another site must not make this request.")


def parse_json(body: bytes, most_values: int = strict_json.MAX_VALUES, codec: str = "utf-8") -> Any:
    """Parse a JSON body. InvalidJsonError says where the error is, never what the body holds there."""
    try:
        return strict_json.parse(body if codec == "utf-8" else body.decode(codec), most_values)
    except UnicodeDecodeError:
        raise InvalidJsonError("the body is not in the encoding that its content-type declares") from None
    except ValueError as error:
        raise InvalidJsonError(str(error)) from None


def parse_webhook(body: bytes) -> Any:
    """Parse a webhook's JSON body, replacing unreadable characters in texts. Raises the same errors as `parse_json`."""
    try:
        return strict_json.parse_repaired(body)
    except ValueError as error:
        raise InvalidJsonError(str(error)) from None


def answers_problems(handle: Handler) -> Handler:
    """Wrap a handler of the API. Every known error becomes problem details, an unexpected one a fixed 500."""

    @observed
    @wraps(handle)
    def wrapper(event: Event, context: Context) -> Response:
        try:
            return handle(event, context)
        except Exception as error:  # noqa: BLE001 - the one place where everything ends
            return problem_of(error, event, instance=context.aws_request_id)

    return wrapper


def problem_of(error: Exception, event: Event, instance: str) -> Response:
    """The answer to an error: every known one has its status, an unexpected one a fixed 500."""
    match error:
        case InvalidRequestError(violations=violations):
            return invalid_parameters(violations, instance)
        case InvalidJsonError():
            title = "The request body did not contain valid JSON"
            return problem(422, title, f"{error}.", instance=instance, type=f"{ERRORS_URL}#invalid-json")
        case BodyTooLargeError():
            return problem(413, "Content Too Large", str(error), instance=instance)
        case UnsupportedMediaTypeError():
            return problem(415, "Unsupported Media Type", str(error), instance=instance)
        case LimitReachedError(free_at=datetime() as free_at):
            return _limited(error, free_at, instance)
        case ForbiddenError():
            return problem(403, "Forbidden", str(error), instance=instance)
        case UnauthenticatedError():
            # A browser answers a Basic challenge with its own login window, then sends the secret with every request.
            by_browser = header(event, "sec-fetch-mode") is not None
            challenge = "Bearer" if by_browser else 'Basic realm="getthrough", Bearer'
            detail, headers = str(error), {"www_authenticate": challenge}
            return problem(401, "Unauthorized", detail, instance=instance, headers=headers)
        case IdempotencyConflictError():
            detail = "This Idempotency-Key was used for another request. Use a new key."
            return problem(409, "Conflict", detail, instance=instance)
        case CancelledError():
            return problem(409, "Conflict", "It was cancelled and cannot be changed.", instance=instance)
        case NotFoundError():
            return problem(404, "Not Found", "Nothing has this id.", instance=instance)
        case UnavailableError() | VersionConflictError():
            logger.warning("unavailable", extra={"reason": str(error)})
            detail = "The service is temporarily unavailable. Try again in a moment."
            headers = {"retry_after": "1"}
            return problem(503, "Service Unavailable", detail, instance=instance, headers=headers)
        case _:
            logger.error("unexpected error", extra=describe(error))
            detail = "An internal error occurred. The log has details under this instance."
            return problem(500, "Internal Server Error", detail, instance=instance)


def _limited(error: LimitReachedError, free_at: datetime, instance: str) -> Response:
    """429 with the limit, and when it is free again."""
    logger.info("limit reached", extra={"limit": error.limit, "most": error.most})
    count("LimitReached")
    until = to_text(free_at)
    return problem(
        429,
        "Limit Reached",
        f"Nothing was sent: {error.limit} is limited to {error.most}. It is free again at {until}.",
        instance=instance,
        headers={"retry_after": str(max(1, ceil((free_at - utc_now()).total_seconds())))},
        limit=error.limit,
        most=error.most,
        free_at=until,
    )


def invalid_parameters(violations: tuple[Violation, ...], instance: str, status: int = 422, **headers: str) -> Response:
    """A problem with one entry for each violation. The status is 422 in v1 and 400 in v0.1."""
    listed: list[ViolationView] = [{"name": name, "reason": reason} for name, reason in violations]
    return problem(
        status,
        "Invalid params",
        "The value of one or more parameters is invalid.",
        instance=instance,
        type=f"{ERRORS_URL}/messages#1150",
        invalid_parameters=listed,
        headers=headers,
    )
