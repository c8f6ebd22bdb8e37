"""All that the handlers know of HTTP: bodies in, answers out, and each error's status, in one table.

Events are API Gateway's HTTP API, payload format 2.0. Errors are RFC 9457 problem bodies in Vonage's shape.
"""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Annotated, Any, TypedDict

from getthrough.domain.values import strict_json
from getthrough.domain.values.errors import (
    MOST_VIOLATIONS,
    CancelledError,
    IdempotencyConflictError,
    InvalidRequestError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
    VersionConflictError,
    Violation,
)
from getthrough.domain.values.view_types import Keywords
from getthrough.observability import Context, describe, logger, observed

MAX_BODY = 128 * 1024
"""Bytes. Ten steps of the longest text fit in, and all of it into an item of the table, which holds 400 KB."""

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


class ViolationView(TypedDict):
    name: str
    """The field, for example `failover[0].to`."""
    reason: str
    """What is wrong with it. The sentence starts with the field's name."""


class InvalidParametersView(ProblemView):
    """An error that lists every invalid field."""

    invalid_parameters: Annotated[list[ViolationView], Keywords(minItems=1, maxItems=MOST_VIOLATIONS)]


MAX_LIST_BODY = 4 * 1024 * 1024
"""Bytes of a body with a list of recipients. Lambda takes events of 6 MB, in which every quotation mark takes two."""

MAX_LIST_VALUES = 600_000
"""Values in such a body: ten thousand recipients with fifty variables."""


class BodyTooLargeError(Exception):
    def __init__(self, most: int) -> None:
        super().__init__(f"The body must have at most {most} bytes.")


class InvalidJsonError(Exception):
    pass


class UnsupportedMediaTypeError(Exception):
    """The body is not declared as JSON, or has an encoding that we do not read."""


class CrossSiteError(Exception):
    """A page of another site made a browser send a request that changes something."""


_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "iso-8859-1": "latin-1",
    "iso-8859-15": "iso8859-15",
    "windows-1252": "cp1252",
}
"""The encodings of JSON bodies that we read, by the names that HTTP has for them."""

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
    """A problem body: `type` names the kind of error, `instance` the request in our logs."""
    kind = more.pop("type", f"{ERRORS_URL}#{title.lower().replace(' ', '-')}")
    headers = more.pop("headers", {})
    body: ProblemView = {"type": kind, "title": title, "detail": detail, "instance": instance}
    return respond(status, {**body, **more}, content_type="application/problem+json", **headers)


def header(event: Event, name: str) -> str | None:
    """A header by its name in small letters. API Gateway sends small letters; `sam local` does not."""
    headers: Mapping[str, str] = event.get("headers") or {}
    return next((value for key, value in headers.items() if key.lower() == name), None)


def body_bytes(event: Event, most: int = MAX_BODY) -> bytes:
    """The body as it came over the wire. BodyTooLargeError above so many bytes."""
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
    """The Idempotency-Key of a request, or None."""
    key = header(event, "idempotency-key")
    if key is not None and not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise InvalidRequestError(Violation("Idempotency-Key", "must have 1 to 255 printable ASCII characters."))
    return key


def codec_of(event: Event) -> str:
    """The codec of a JSON body as it is declared. UnsupportedMediaTypeError for a body that is declared as something
    else, or in an encoding that we do not read. A body without a declaration is JSON in UTF-8."""
    declared = (header(event, "content-type") or "application/json")[:200]
    if not _MEDIA_TYPE.fullmatch(declared.partition(";")[0].strip().lower()):
        raise UnsupportedMediaTypeError("The body must be JSON, with content-type application/json.")
    charset = _CHARSET.search(declared)
    codec = _CODECS.get(charset[1].lower()) if charset else "utf-8"
    if codec is None:
        raise UnsupportedMediaTypeError(f"The body must be in one of these encodings: {', '.join(_CODECS)}.")
    if event.get("isBase64Encoded"):
        return codec
    # API Gateway has made a text of it, perhaps as UTF-8, whatever was declared.
    if codec != "utf-8" and "\ufffd" in event["body"]:
        raise UnsupportedMediaTypeError("The body did not arrive intact in this encoding. Send it in UTF-8.")
    return "utf-8"


def refuse_cross_site(event: Event) -> None:
    """CrossSiteError for a change that a page of another site makes a browser ask for, with the user's credentials.
    Programs send no such header."""
    method = event["routeKey"].partition(" ")[0]
    if method != "GET" and header(event, "sec-fetch-site") == "cross-site":
        raise CrossSiteError


def parse_json(body: bytes, most_values: int = strict_json.MAX_VALUES, codec: str = "utf-8") -> Any:
    """The JSON in a body. InvalidJsonError says where it goes wrong, never what stands there."""
    try:
        return strict_json.parse(body if codec == "utf-8" else body.decode(codec), most_values)
    except UnicodeDecodeError:
        raise InvalidJsonError("the body is not in the encoding that its content-type declares") from None
    except ValueError as error:
        raise InvalidJsonError(str(error)) from None


def parse_webhook(body: bytes) -> Any:
    """The JSON in a webhook's body, with what is unreadable in a text replaced. Errors are those of `parse_json`."""
    try:
        return strict_json.parse_repaired(body)
    except ValueError as error:
        raise InvalidJsonError(str(error)) from None


def answers_problems(handle: Handler) -> Handler:
    """Make a handler of the API: every error becomes a problem body, an unexpected one a constant 500."""

    @observed
    @wraps(handle)
    def wrapper(event: Event, context: Context) -> Response:
        try:
            return handle(event, context)
        except Exception as error:  # noqa: BLE001 - the one place where everything ends
            return _problem_of(error, event, instance=context.aws_request_id)

    return wrapper


def _problem_of(error: Exception, event: Event, instance: str) -> Response:
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
        case CrossSiteError():
            detail = "A page of another site must not make this request."
            return problem(403, "Forbidden", detail, instance=instance)
        case UnauthenticatedError():
            # Of Basic, a browser makes a window of its own, and then sends the secret along with every request.
            by_browser = header(event, "sec-fetch-mode") is not None
            challenge = "Bearer" if by_browser else 'Basic realm="getthrough", Bearer'
            detail, headers = str(error), {"www_authenticate": challenge}
            return problem(401, "Unauthorised", detail, instance=instance, headers=headers)
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


def invalid_parameters(violations: tuple[Violation, ...], instance: str, status: int = 422, **headers: str) -> Response:
    """One entry for each violation. The status is 422 in v1 and 400 in v0.1."""
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
