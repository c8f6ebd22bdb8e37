"""Bodies in, answers out, and the problem details of each error."""

import json
from typing import Any

import pytest

from getthrough.domain.values.errors import (
    ForbiddenError,
    ForgedWebhookError,
    InvalidRequestError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
    VersionConflictError,
    Violation,
)
from getthrough.handlers._http import (
    MAX_BODY,
    BodyTooLargeError,
    InvalidJsonError,
    UnsupportedMediaTypeError,
    answers_problems,
    body_bytes,
    codec_of,
    header,
    parse_json,
    refuse_cross_site,
    respond,
)
from tests.builders import api_event

TELLTALE = "The cupcakes are ready!"


class Context:
    """What Lambda hands to a handler, as far as it is read."""

    aws_request_id = "request-1"
    function_name = "function"
    memory_limit_in_mb = 128
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:function"


def answer_to(error: Exception, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """What a handler that fails so answers: status, headers and the decoded body."""

    @answers_problems
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        raise error

    context: Any = Context()
    answer = handler(api_event("POST /v1/messages", headers=headers), context)
    return {**answer, "body": json.loads(answer["body"])}


# Errors

SAFE = {"x-content-type-options": "nosniff", "strict-transport-security": "max-age=31536000"}
HEADERS = {"content-type": "application/problem+json", "cache-control": "no-store", **SAFE}
ERRORS = "https://developer.vonage.com/api-errors"

PROBLEMS: list[tuple[Exception, int, dict[str, str], dict[str, Any]]] = [
    (
        InvalidRequestError(Violation("text", "is required."), Violation("failover[0].to", "must be a string.")),
        422,
        {},
        {
            "type": f"{ERRORS}/messages#1150",
            "title": "Invalid params",
            "detail": "The value of one or more parameters is invalid.",
            "invalid_parameters": [
                {"name": "text", "reason": "is required."},
                {"name": "failover[0].to", "reason": "must be a string."},
            ],
        },
    ),
    (
        InvalidJsonError("Expecting value at line 1, column 1"),
        422,
        {},
        {
            "type": f"{ERRORS}#invalid-json",
            "title": "The request body did not contain valid JSON",
            "detail": "Expecting value at line 1, column 1.",
        },
    ),
    (
        BodyTooLargeError(MAX_BODY),
        413,
        {},
        {
            "type": f"{ERRORS}#content-too-large",
            "title": "Content Too Large",
            "detail": "The body must have at most 131072 bytes.",
        },
    ),
    (
        UnsupportedMediaTypeError("The body must be JSON, with content-type application/json."),
        415,
        {},
        {
            "type": f"{ERRORS}#unsupported-media-type",
            "title": "Unsupported Media Type",
            "detail": "The body must be JSON, with content-type application/json.",
        },
    ),
    (
        ForbiddenError("A page of another site must not make this request."),
        403,
        {},
        {
            "type": f"{ERRORS}#forbidden",
            "title": "Forbidden",
            "detail": "A page of another site must not make this request.",
        },
    ),
    (
        UnauthenticatedError("The client name or the secret is wrong."),
        401,
        {"www-authenticate": 'Basic realm="getthrough", Bearer'},
        {
            "type": f"{ERRORS}#unauthorized",
            "title": "Unauthorized",
            "detail": "The client name or the secret is wrong.",
        },
    ),
    (
        NotFoundError(),
        404,
        {},
        {"type": f"{ERRORS}#not-found", "title": "Not Found", "detail": "Nothing has this id."},
    ),
    *(
        (
            error,
            503,
            {"retry-after": "1"},
            {
                "type": f"{ERRORS}#service-unavailable",
                "title": "Service Unavailable",
                "detail": "The service is temporarily unavailable. Try again in a moment.",
            },
        )
        for error in (UnavailableError("dynamodb: ThrottlingException"), VersionConflictError("kept changing"))
    ),
    *(
        (
            error,
            500,
            {},
            {
                "type": f"{ERRORS}#internal-server-error",
                "title": "Internal Server Error",
                "detail": "An internal error occurred. The log has details under this instance.",
            },
        )
        for error in (ValueError(TELLTALE), KeyError(TELLTALE), ForgedWebhookError("iss"), RecursionError())
    ),
]


@pytest.mark.parametrize(
    ("error", "status", "headers", "body"), PROBLEMS, ids=[type(case[0]).__name__ for case in PROBLEMS]
)
def test_each_error_has_its_problem_details(
    error: Exception, status: int, headers: dict[str, str], body: dict[str, Any]
) -> None:
    assert answer_to(error) == {
        "statusCode": status,
        "headers": {**HEADERS, **headers},
        "body": {**body, "instance": "request-1"},
    }


def test_a_browser_is_not_asked_for_a_password_in_a_window_of_its_own() -> None:
    answer = answer_to(UnauthenticatedError("Who are you?"), {"Sec-Fetch-Mode": "cors"})
    assert (answer["statusCode"], answer["headers"]["www-authenticate"]) == (401, "Bearer")


def test_an_unexpected_error_is_logged_with_its_place_but_not_its_words(caplog: pytest.LogCaptureFixture) -> None:
    answer_to(ValueError(TELLTALE))
    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert record.__dict__["error"] == "ValueError"
    assert any(place.startswith("test_http.py:") for place in record.__dict__["at"])
    assert TELLTALE not in str(record.__dict__)


def test_an_answer_that_went_well_is_passed_on() -> None:
    @answers_problems
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        return respond(202, {"a": 1}, retry_after="1", cache_control="private")

    context: Any = Context()
    assert handler(api_event("GET /"), context) == {
        "statusCode": 202,
        "headers": {"content-type": "application/json", "cache-control": "private", **SAFE, "retry-after": "1"},
        "body": '{"a": 1}',
    }


# Headers


@pytest.mark.parametrize("name", ["authorization", "Authorization", "AUTHORIZATION"])
def test_a_header_is_found_however_it_is_spelled(name: str) -> None:
    assert header(api_event("GET /", headers={name: "x", "other": "y"}), "authorization") == "x"


@pytest.mark.parametrize("event", [{}, {"headers": None}, {"headers": {}}, {"headers": {"x": "y"}}])
def test_a_header_that_is_not_there_is_none(event: dict[str, Any]) -> None:
    assert header(event, "authorization") is None


# Bodies


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\x00\n", "Ünïcödé 🧁".encode()])
def test_a_body_in_base64_is_what_came_over_the_wire(body: bytes) -> None:
    assert body_bytes(api_event("POST /status", body=body)) == body


@pytest.mark.parametrize(("text", "body"), [("{}", b"{}"), ("é🧁", "é🧁".encode()), ("\ud800", b"\xed\xa0\x80")])
def test_a_body_as_text_is_utf_8(text: str, body: bytes) -> None:
    assert body_bytes(api_event("POST /status", body=text)) == body


@pytest.mark.parametrize("event", [{}, {"body": None}, {"body": ""}, {"body": None, "isBase64Encoded": True}])
def test_no_body_is_empty(event: dict[str, Any]) -> None:
    assert body_bytes(event) == b""


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        ("x" * MAX_BODY, True),
        ("x" * (MAX_BODY + 1), False),
        (b"x" * MAX_BODY, True),
        (b"x" * (MAX_BODY + 1), False),
        ("é" * (MAX_BODY // 2), True),
        ("é" * (MAX_BODY // 2) + "x", False),
        ("x" * (MAX_BODY * 2 + 1), False),
    ],
    ids=["text", "text+1", "base64", "base64+1", "two bytes each", "two bytes each+1", "far too long"],
)
def test_a_body_is_measured_in_bytes(body: bytes | str, fits: bool) -> None:
    event = api_event("POST /v1/messages", body=body)
    if fits:
        assert len(body_bytes(event)) == MAX_BODY
        return
    with pytest.raises(BodyTooLargeError):
        body_bytes(event)


@pytest.mark.parametrize("text", ["!", "YQ", "Y Q==", "é", "\ud800"])
def test_a_body_that_is_not_base64_is_refused(text: str) -> None:
    with pytest.raises(InvalidJsonError, match="the body is not base64"):
        body_bytes({"body": text, "isBase64Encoded": True})


# Declarations


def declared(content_type: str | None, body: bytes | str = b"{}") -> dict[str, Any]:
    return api_event("POST /v1/messages", headers={"Content-Type": content_type} if content_type else {}, body=body)


@pytest.mark.parametrize(
    ("content_type", "codec"),
    [
        (None, "utf-8"),
        ("application/json", "utf-8"),
        ("Application/JSON; charset=UTF-8", "utf-8"),
        ('application/json;charset="utf-8"', "utf-8"),
        ("application/vnd.api+json", "utf-8"),
        ("application/json; charset=iso-8859-1", "latin-1"),
        ("application/json; profile=x; charset=Windows-1252", "cp1252"),
    ],
)
def test_a_body_is_read_in_the_encoding_that_it_declares(content_type: str | None, codec: str) -> None:
    assert codec_of(declared(content_type)) == codec


def test_an_umlaut_in_latin_1_arrives() -> None:
    event = declared("application/json; charset=iso-8859-1", '"café"'.encode("latin-1"))
    assert parse_json(body_bytes(event), codec=codec_of(event)) == "café"


def test_a_body_that_is_not_in_its_encoding_is_no_json() -> None:
    with pytest.raises(InvalidJsonError, match="not in the encoding that its content-type declares"):
        parse_json('"café"'.encode(), codec="ascii")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/json; charset=utf-16",
        "application/json; charset=x",
        "json",
    ],
)
def test_a_body_that_is_declared_as_something_else_is_refused(content_type: str) -> None:
    with pytest.raises(UnsupportedMediaTypeError):
        codec_of(declared(content_type))


@pytest.mark.parametrize("sent_by", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Mode": "no-cors"}], ids=str)
def test_a_browser_has_to_declare_json(sent_by: dict[str, str]) -> None:
    """Any page can send a body without a content-type: a Blob without a type."""
    with pytest.raises(UnsupportedMediaTypeError):
        codec_of(api_event("POST /v1/messages", body=b"{}", headers=sent_by))
    declaring = {**sent_by, "Content-Type": "application/json"}
    assert codec_of(api_event("POST /v1/messages", body=b"{}", headers=declaring)) == "utf-8"


def test_a_text_that_the_gateway_has_read_already_is_taken_unless_something_is_lost() -> None:
    latin = "application/json; charset=iso-8859-1"
    assert codec_of(declared(latin, '"café"')) == "utf-8"
    with pytest.raises(UnsupportedMediaTypeError, match="did not arrive intact"):
        codec_of(declared(latin, '"caf\ufffd"'))


@pytest.mark.parametrize("route", ["POST /v1/messages", "PUT /v1/x", "PATCH /v1/x", "DELETE /v1/x"])
def test_a_page_of_another_site_changes_nothing(route: str) -> None:
    with pytest.raises(ForbiddenError, match="another site"):
        refuse_cross_site(api_event(route, headers={"Sec-Fetch-Site": "cross-site"}))
    for site in ("same-origin", "same-site", "none"):
        refuse_cross_site(api_event(route, headers={"Sec-Fetch-Site": site}))
    refuse_cross_site(api_event(route))


def test_a_page_of_another_site_may_read_as_far_as_the_browser_lets_it() -> None:
    refuse_cross_site(api_event("GET /v1/dispatches", headers={"Sec-Fetch-Site": "cross-site"}))


# JSON


@pytest.mark.parametrize(("text", "value"), [("{}", {}), ("[1, 2.5]", [1, 2.5]), ('"é"', "é"), (" null ", None)])
def test_json_is_read(text: str, value: object) -> None:
    assert parse_json(text.encode()) == value


def test_an_error_of_json_says_where() -> None:
    with pytest.raises(InvalidJsonError) as error:
        parse_json(f'{{"text":\n "{TELLTALE}" oops}}'.encode())
    assert str(error.value) == "Expecting ',' delimiter at line 2, column 28"
    assert error.value.__cause__ is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": -1e999}',
        b"[" + b"1" * 5000 + b"]",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\xff\xfe\xfd",
        b"\x00",
    ],
    ids=lambda body: body[:16].decode("latin-1"),
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidJsonError):
        parse_json(body)


@pytest.mark.parametrize(
    "error", [case[0] for case in PROBLEMS if case[1] < 500], ids=lambda error: type(error).__name__
)
def test_violations_of_the_client_are_not_logged(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    answer_to(error)
    assert caplog.records == []
