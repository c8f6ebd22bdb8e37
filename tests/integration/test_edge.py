"""The proxy in front of the functions does what API Gateway does, and never speaks the emulator's words."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.integration.scenes import until
from tests.running_stack import Stack, running_stack

LARGEST_BODY = 10 * 1024 * 1024

ECHO = """
import json

def handler(event, context):
    asked = json.loads(event.get("body") or "{}")
    if asked.get("crash"):
        raise ValueError("a secret of the handler")
    return {"statusCode": 200, "cookies": ["a=1", "b=2"], "body": json.dumps(event)}
"""


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose page function answers with the event that it got."""
    import io
    import zipfile

    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("echo.py", ECHO)
    with running_stack(tmp_path_factory.mktemp("echo")) as stack:
        functions = stack.aws("lambda")
        functions.update_function_code(FunctionName="ConsoleFunction", ZipFile=archive.getvalue())
        functions.update_function_configuration(FunctionName="ConsoleFunction", Handler="echo.handler")
        yield stack


def test_a_function_learns_who_asked_what(echo: Stack) -> None:
    address = urlsplit(echo.api_url)
    response = echo.api(
        "GET",
        "/assets/shell/app%20page.js?a=1&a=2",
        headers={"X-Forwarded-For": "203.0.113.9", "Cookie": "taste=sweet; size=large"},
    )
    event = response.json()

    assert response.status_code == 200
    assert event["headers"]["x-forwarded-for"] == "203.0.113.9, 127.0.0.1"
    assert event["headers"]["x-forwarded-port"] == str(address.port)
    assert event["headers"]["x-forwarded-proto"] == "http"
    assert event["headers"]["host"] == address.netloc
    assert event["cookies"] == ["taste=sweet", "size=large"]
    assert "cookie" not in event["headers"]
    assert event["routeKey"] == "GET /assets/{file+}"
    assert event["pathParameters"] == {"file": "shell/app page.js"}
    assert event["rawQueryString"] == "a=1&a=2"
    assert event["requestContext"]["http"]["sourceIp"] == "127.0.0.1"
    assert event["requestContext"]["domainName"] == address.netloc
    assert None not in event.values()


def test_a_path_with_a_line_break_in_it_passes(echo: Stack) -> None:
    assert echo.api("GET", "/assets/app%0Apage.js").json()["rawPath"] == "/assets/app\npage.js"


def test_each_cookie_of_an_answer_has_its_own_header(echo: Stack) -> None:
    # raw: requests would join them
    response = echo.api("GET", "/")
    assert response.raw.headers.getlist("set-cookie") == ["a=1", "b=2"]


@pytest.mark.parametrize("method", ["OPTIONS", "DELETE", "PATCH", "HEAD"])
def test_any_method_without_a_route_reaches_the_default_route(echo: Stack, method: str) -> None:
    response = echo.api(method, "/v1/messages")

    assert response.status_code == 200
    if method != "HEAD":
        assert response.json()["routeKey"] == "$default"
        assert response.json()["requestContext"]["http"]["method"] == method


def test_a_crash_is_answered_500_without_its_words_and_logged_with_them(echo: Stack) -> None:
    response = echo.api("POST", "/nowhere", {"crash": True})

    assert response.status_code == 500
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {"message": "Internal Server Error"}
    until(lambda: "ValueError: a secret of the handler" in echo.logs().get("ConsoleFunction", ""))
    assert echo.api("POST", "/nowhere", {}).status_code == 200


def test_a_body_of_ten_megabytes_passes_and_one_byte_more_does_not(echo: Stack) -> None:
    fits = echo.api("POST", "/nowhere", data=b" " * (LARGEST_BODY - 2) + b"{}")
    too_large = echo.api("POST", "/nowhere", data=b" " * (LARGEST_BODY - 1) + b"{}")
    in_chunks = echo.api("POST", "/nowhere", data=iter([b" " * LARGEST_BODY, b"{}"]))

    assert fits.status_code != 413
    for response in (too_large, in_chunks):
        assert response.status_code == 413
        assert response.headers["content-type"].startswith("application/problem+json")
        assert set(response.json()) == {"type", "title", "detail", "instance"}


def test_a_body_that_says_it_is_too_large_is_refused_unread(echo: Stack) -> None:
    address = urlsplit(echo.api_url)
    with socket.create_connection((str(address.hostname), address.port), timeout=5) as connection:
        head = f"POST /v1/messages HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: {LARGEST_BODY + 1}\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_a_dead_emulator_is_answered_503_in_api_gateways_words(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        unused_port = held.getsockname()[1]
    from local.stack.processes import running
    from local.stack.settings import from_env

    port = from_env({"HTTP_PORT": "0", "AWS_PORT": "0", "SIMULATOR_PORT": "0"}).http_port
    proxy = running(
        "proxy",
        "local.stack.proxy",
        str(port),
        f"http://127.0.0.1:{unused_port}",
        environ={},
        log=tmp_path / "proxy.log",
    )
    with proxy, requests.Session() as http:
        http.trust_env = False
        http.mount("http://", requests.adapters.HTTPAdapter(max_retries=_until_it_listens()))
        response = http.get(f"http://127.0.0.1:{port}/v1/dispatches", timeout=10)

    assert (response.status_code, response.json()) == (503, {"message": "Service Unavailable"})
    assert json.dumps(unused_port) not in response.text


def _until_it_listens() -> "requests.adapters.Retry":
    return requests.adapters.Retry(connect=20, backoff_factor=0.05)
